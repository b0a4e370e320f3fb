"""Panels on which plans are asked for, edited and compared."""
