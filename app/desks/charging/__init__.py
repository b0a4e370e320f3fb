"""Charging sites are chosen."""
