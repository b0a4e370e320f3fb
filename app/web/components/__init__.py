"""Dash components of our own; none needs a build step."""
