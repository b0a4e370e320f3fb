"""The indicators there are, computed for every place of a level, and the themes of the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.indicators.charging import BIKES_PER_PORT, CHARGING_THEME, with_charging
from analysis.indicators.coverage import COVERAGE_THEME, PROFESSIONAL_COVERAGE
from analysis.indicators.figure import (
    CITY_CODE,
    LEVEL_COLUMNS,
    UNKNOWN_CODE,
    Band,
    Basis,
    Figure,
    Indicator,
    Layers,
    Level,
    Measured,
    Place,
    Theme,
)
from analysis.indicators.single_buildings import (
    SINGLE_BUILDINGS_THEME,
    UNMANAGED_SINGLE_BUILDINGS,
)
from analysis.policy import Policy
from geo.dataset import Dataset
from geo.errors import UnknownCodeError, UsageError

__all__ = [
    "REGISTRY",
    "THEMES",
    "Band",
    "Basis",
    "Figure",
    "Indicator",
    "Layers",
    "Level",
    "Measured",
    "Place",
    "Theme",
    "compute",
    "figure_record",
    "layers_of",
    "theme_values",
]

REGISTRY: tuple[Indicator, ...] = (
    PROFESSIONAL_COVERAGE,
    UNMANAGED_SINGLE_BUILDINGS,
    BIKES_PER_PORT,
)
"""All indicators, in the order of the action plan."""

THEMES: tuple[Theme, ...] = (COVERAGE_THEME, CHARGING_THEME, SINGLE_BUILDINGS_THEME)
"""The themes of the map, in the order of its list."""

_NEEDED_LAYERS = ("units", "ebike_stock", "ebike_sites")
_NEEDED_COLUMNS = (
    "unit_id", "kind", "district_code", "street_code", "neighbourhood_code", "management_mode",
    "households", "floor_area_m2", "households_quality", "floor_area_m2_quality",
)  # fmt: skip
_BASES = ("count", "households", "floor_area")


def layers_of(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """The layers the indicators read; an absent layer is an empty frame."""
    return {name: dataset.layer(name) for name in _NEEDED_LAYERS}


def compute(
    data: Dataset | Layers,
    policy: Policy,
    *,
    level: Level = "city",
    basis: Basis = "count",
    year: int | None = None,
) -> tuple[Figure, ...]:
    """Every indicator for every place of a level.

    Parameters
    ----------
    data
        A dataset, or its layers by name (`units`, `ebike_stock`, `ebike_sites`).
    policy
        Which modes count as professional, the targets.
    level
        "city", "district", "street" or "neighbourhood".
    basis
        What a unit counts for: 1, its households, its floor area.
    year
        Year of the targets; None = none.

    Returns
    -------
    Figures ordered by indicator, then by code. Units without a code are the place "unknown",
    so that the places of a level always add up to the city.

    Raises
    ------
    UsageError
        If level or basis is not one of those.
    """
    _check_choice("level", level, tuple(LEVEL_COLUMNS))
    _check_choice("basis", basis, _BASES)
    layers = layers_of(data) if isinstance(data, Dataset) else data
    places = list(_places(_counted_units(layers), level))
    return tuple(
        _figure(indicator, place, indicator.compute(units, layers, policy, basis, year), year)
        for indicator in REGISTRY
        for place, units in places
    )


def theme_values(data: Dataset | Layers, policy: Policy, theme: str) -> pd.DataFrame:
    """The class of every unit under a theme of the map.

    Returns
    -------
    DataFrame of n rows in the order of `units`: unit_id, band (a key of the theme's bands),
    value (float, missing = unknown), estimated (bool: the value rests on an estimate).

    Raises
    ------
    UnknownCodeError
        If there is no such theme.
    """
    for known in THEMES:
        if known.key == theme:
            layers = layers_of(data) if isinstance(data, Dataset) else data
            units = layers["units"]
            table = known.classify(units, layers, policy)
            table.insert(0, "unit_id", units["unit_id"])
            return table
    names = [known.key for known in THEMES]
    raise UnknownCodeError(
        f"没有名为“{theme}”的专题; 可用: {'、'.join(names)}。",
        f"There is no theme '{theme}'; known: {', '.join(names)}.",
    )


def figure_record(figure: Figure) -> dict[str, Any]:
    """A figure as the record `pianqu indicators --out F.json` writes (architecture §5)."""
    record = asdict(figure)
    record.pop("unit_ids")
    record["missing_columns"] = list(figure.missing_columns)
    record["document_no"] = None
    return record


def _counted_units(layers: Layers) -> pd.DataFrame:
    """The columns of units that formulas read, bikes and ports joined once for all places."""
    units = pd.DataFrame(layers["units"])[list(_NEEDED_COLUMNS)]
    return with_charging(units, layers)


def _places(units: pd.DataFrame, level: Level) -> Iterator[tuple[Place, pd.DataFrame]]:
    """Each place of a level with its units, by code, "unknown" last."""
    column = LEVEL_COLUMNS[level]
    if column is None:
        yield Place(level, CITY_CODE), units
        return
    for code, of_place in units.groupby(column, sort=True):
        yield Place(level, str(code)), of_place
    without = units[units[column].isna()]
    if not without.empty:
        yield Place(level, UNKNOWN_CODE), without


def _figure(indicator: Indicator, place: Place, found: Measured, year: int | None) -> Figure:
    return Figure(
        id=indicator.id,
        key=indicator.key,
        name_zh=indicator.name_zh,
        name_en=indicator.name_en,
        admin_code=place.admin_code,
        level=place.level,
        year=year,
        roster="current",
        formula_version=indicator.version,
        **_fields(found),
    )


def _fields(found: Measured) -> Mapping[str, Any]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(
            f"{name} 不能是“{value}”; 可用: {'、'.join(choices)}。",
            f"{name} cannot be '{value}'; use one of {', '.join(choices)}.",
        )
