"""Whoever runs the server sees how it is."""
