"""Compiled inner loops of the search and of the bounds; numba, arrays in, arrays out."""
