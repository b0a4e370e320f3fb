"""Indicators of the action plan: pure functions from layers and policy to figures."""

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Figure, Layers, Level
from analysis.figures.indicator import Band, Indicator, Theme
from analysis.indicators.registry import (
    HEADLINES,
    REGISTRY,
    THEMES,
    classify_units,
    compute_figures,
    compute_indicators,
    facts_by_roster,
    find_baseline_name,
    make_figure_record,
    read_layers,
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
    "classify_units",
    "compute_figures",
    "compute_indicators",
    "facts_by_roster",
    "find_baseline_name",
    "make_figure_record",
    "read_layers",
]
