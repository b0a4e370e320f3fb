"""Panels on which data are corrected."""
