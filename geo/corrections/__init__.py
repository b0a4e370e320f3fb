"""Corrections people make to a dataset, kept beside it and applied when it is read."""
