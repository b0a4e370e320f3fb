"""Layers, themes and pictures of the maps."""
