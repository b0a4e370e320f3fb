"""Panels of indicators: cards, charts, tables."""
