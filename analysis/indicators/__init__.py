"""Indicators of the action plan: pure functions from layers and policy to figures."""

from analysis.indicators.figure import Band, Basis, Figure, Indicator, Layers, Level, Theme
from analysis.indicators.registry import (
    REGISTRY,
    THEMES,
    compute,
    figure_record,
    layers_of,
    theme_values,
)

__all__ = [
    "REGISTRY",
    "THEMES",
    "Band",
    "Basis",
    "Figure",
    "Indicator",
    "Layers",
    "Level",
    "Theme",
    "compute",
    "figure_record",
    "layers_of",
    "theme_values",
]
