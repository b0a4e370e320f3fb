"""Indicators of the action plan: pure functions from layers and policy to figures."""

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Figure, Layers, Level
from analysis.figures.indicator import Band, Indicator, Theme
from analysis.indicators.registry import (
    HEADLINES,
    REGISTRY,
    THEMES,
    baseline_name,
    compute,
    figure_record,
    figures,
    layers_of,
    scenes_of,
    theme_values,
)

__all__ = [
    "HEADLINES",
    "REGISTRY",
    "THEMES",
    "Band",
    "Basis",
    "Facts",
    "Figure",
    "Indicator",
    "Layers",
    "Level",
    "Theme",
    "baseline_name",
    "compute",
    "figure_record",
    "figures",
    "layers_of",
    "scenes_of",
    "theme_values",
]
