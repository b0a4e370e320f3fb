"""Panels of the import wizard."""
