"""Compiled inner loops of the search and of the proofs; numba, arrays in, arrays out."""
