"""Themes that show what a unit is, without an indicator: its mode, its year, its neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.figure import Layers
from analysis.figures.indicator import Band, Theme
from analysis.indicators.catalogue import name_band, name_bands
from analysis.policy import Policy
from geo.messages import load_catalogue
from geo.schema import MANAGEMENT_MODES
from geo.values.years import year_bounds

say = load_catalogue(__file__)

MODES = tuple(mode for mode in MANAGEMENT_MODES if mode != "unknown")


def classify_mode(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """The way each unit is managed, as recorded; no value.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        Not used.
    """
    mode = units["management_mode"].astype(object)
    band = mode.where(mode.isin(MODES), "no_data")
    return pd.DataFrame({"band": band, "value": np.nan, "estimated": False}, index=units.index)


def build_mode_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_mode`."""
    return name_bands("management_mode", *MODES, "no_data")


def classify_year(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Year of construction, cut where the policy calls a community old, and new; value = year.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        The policy in force.
    """
    year = units["built_year"].astype("Float64").astype("float64")
    old, new = (float(policy.value(key)) for key in _YEARS)
    first, last = year_bounds(units)
    states = [last <= old, first >= new, (first > old) & (last < new)]
    band = np.select(states, ["old", "new", "middle"], "no_data")
    guessed = (units["built_year_quality"] == "estimated").fillna(False).astype(bool)
    return pd.DataFrame({"band": band, "value": year, "estimated": guessed}, index=units.index)


def build_year_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_year`."""
    old, new = (int(policy.value(key)) for key in _YEARS)
    return (
        name_band("built_year", "old", year=old),
        Band("middle", f"{old + 1}–{new - 1}", f"{old + 1}–{new - 1}"),
        name_band("built_year", "new", year=new),
        name_band("built_year", "no_data"),
    )


def classify_neighbours(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """With how many units each may share an area, its allowed neighbours; value = their number.

    Without the layer `edges` nobody's neighbours are known; nor are those of a unit without a
    place.

    Parameters
    ----------
    units
        The n units.
    layers
        Other layers of the dataset, by name.
    policy
        Not used.
    """
    edges = layers["edges"]
    if edges.empty:
        counts = pd.Series(np.nan, index=units.index)
    else:
        allowed = edges[edges["allowed"].fillna(False).astype(bool)]
        ends = pd.concat([allowed["unit_a"], allowed["unit_b"]]).value_counts()
        counts = units["unit_id"].map(ends).fillna(0).astype("float64")
        counts = counts.where(units["geom_quality"].ne("missing").fillna(False).astype(bool))
    band = np.select([counts.isna(), counts == 0, counts == 1, counts <= 3], ["no_data", "alone", "one", "few"], "many")
    return pd.DataFrame({"band": band, "value": counts, "estimated": False}, index=units.index)


def build_neighbour_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_neighbours`."""
    return (
        name_band("neighbours", "alone"),
        Band("one", "1", "1"),
        Band("few", "2–3", "2–3"),
        Band("many", "≥ 4", "≥ 4"),
        name_band("neighbours", "no_data"),
    )


_YEARS = ("unit.old_until_year", "indicator.new_since_year")

MODE_THEME = Theme(
    key="management_mode",
    indicator_key=None,
    **say("theme.management_mode")._asdict(),
    bands=build_mode_bands,
    classify=classify_mode,
)
YEAR_THEME = Theme(
    key="built_year",
    indicator_key=None,
    **say("theme.built_year")._asdict(),
    bands=build_year_bands,
    classify=classify_year,
    step=1.0,
)
NEIGHBOURS_THEME = Theme(
    key="neighbours",
    indicator_key=None,
    **say("theme.neighbours")._asdict(),
    bands=build_neighbour_bands,
    classify=classify_neighbours,
    step=1.0,
    kept=("alone", "no_data"),
)
