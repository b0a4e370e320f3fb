"""Indicators of the action plan: pure functions from layers and policy to figures."""
