"""Themes that show what a unit is, without an indicator: its mode, its year, its neighbours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.figure import Layers
from analysis.figures.indicator import Band, Theme
from analysis.policy import Policy
from geo.values.years import year_bounds

MODE_NAMES = {
    "professional": ("专业物业", "Professional"),
    "standard_grade": ("标准物业服务", "Standard grade"),
    "quasi": ("准物业", "Quasi"),
    "basic": ("基础物业", "Basic"),
    "community_custody": ("社区代管", "Neighbourhood custody"),
    "owner_self": ("业主自治", "Owners themselves"),
    "unit_self": ("产权单位自管", "Owner unit itself"),
    "emergency_only": ("应急托管", "Emergency only"),
    "none": ("无物业", "None"),
}


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
    band = mode.where(mode.isin(list(MODE_NAMES)), "no_data")
    return pd.DataFrame({"band": band, "value": np.nan, "estimated": False}, index=units.index)


def build_mode_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_mode`."""
    named = (Band(key, zh, en) for key, (zh, en) in MODE_NAMES.items())
    return (*named, Band("no_data", "无数据", "No data"))


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
        Band("old", f"≤ {old} (老旧)", f"≤ {old} (old)"),
        Band("middle", f"{old + 1}–{new - 1}", f"{old + 1}–{new - 1}"),
        Band("new", f"≥ {new} (新建)", f"≥ {new} (new)"),
        Band("no_data", "无数据", "No data"),
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
        Band("alone", "0 (孤立, 不能与任何单元连片)", "0 (alone: joins nobody)"),
        Band("one", "1", "1"),
        Band("few", "2–3", "2–3"),
        Band("many", "≥ 4", "≥ 4"),
        Band("no_data", "无数据 (未建相邻关系或未落图)", "No data"),
    )


_YEARS = ("unit.old_until_year", "indicator.new_since_year")

MODE_THEME = Theme(
    key="management_mode",
    indicator_key=None,
    zh="管理方式",
    en="Mode of management",
    bands=build_mode_bands,
    classify=classify_mode,
)
YEAR_THEME = Theme(
    key="built_year",
    indicator_key=None,
    zh="建成年份",
    en="Year of construction",
    bands=build_year_bands,
    classify=classify_year,
    step=1.0,
)
NEIGHBOURS_THEME = Theme(
    key="neighbours",
    indicator_key=None,
    zh="阻隔与相邻",
    en="Barriers and neighbours",
    bands=build_neighbour_bands,
    classify=classify_neighbours,
    step=1.0,
    kept=("alone", "no_data"),
)
