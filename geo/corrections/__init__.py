"""Corrections people make to a dataset, kept next to it and applied when it is read."""
