"""A figure: an indicator's value for one place, with all that an auditor asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Basis = Literal["count", "households", "floor_area"]
Level = Literal["city", "district", "street", "neighbourhood"]
Layers = Mapping[str, pd.DataFrame]

CURRENT = "current"
BASELINE = "baseline"


CITY_CODE = "all"
UNKNOWN_CODE = "unknown"
LEVEL_COLUMNS: Mapping[str, str | None] = {
    "city": None,
    "district": "district_code",
    "street": "street_code",
    "neighbourhood": "neighbourhood_code",
}


@dataclass(frozen=True)
class Place:
    """Where an indicator is measured.

    Parameters
    ----------
    level
        "city", "district", "street" or "neighbourhood".
    admin_code
        The code of the place; "all" for the city, "unknown" for units without a code.
    """

    level: Level
    admin_code: str


@dataclass(frozen=True)
class Figure:
    """An indicator's value for one place, with all that an auditor asks for.

    Parameters
    ----------
    id, key
        "G05", "professional_coverage_rate".
    admin_code, level
        Place and its level {city, district, street, neighbourhood}; the city's code is "all",
        and units without a code are the place "unknown".
    value
        None when there are no data: missing is missing, never zero.
    unit
        "ratio", "count", "households", "m2", "bikes/port".
    numerator, denominator
        As counted on `basis`; None where there are no data.
    basis
        What is counted: communities, households or floor area.
    roster
        "current", or "baseline": the frozen roster, so that merging cannot lift a rate (R65).
    target
        Policy target, None where the policy sets none.
    completeness
        Share 0-1 of the units in scope whose data are known; None where no unit is in scope.
    missing_columns
        Columns needed and without a single value.
    unit_ids
        The units behind the numerator.
    formula_version
        Changes whenever the formula does.
    unknown_units
        How many units in scope are not counted because their data are unknown.
    estimated_share
        Share 0-1 of the counted units whose figure is an estimate, not a count or a report.
    document_no
        The document a reported figure or a milestone rests on.
    period
        The period a reported figure speaks of.
    source
        "computed" from the tables, or "reported" by an office.
    """

    id: str
    key: str
    name_zh: str
    name_en: str
    admin_code: str
    level: str
    year: int | None
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    basis: Basis
    roster: str
    target: float | None
    completeness: float | None
    missing_columns: tuple[str, ...]
    unit_ids: tuple[str, ...]
    formula_version: str
    unknown_units: int = 0
    estimated_share: float | None = None
    document_no: str | None = None
    period: str | None = None
    source: Literal["computed", "reported"] = "computed"


def unit_weights(units: pd.DataFrame, basis: Basis) -> pd.Series:
    """What each unit counts for: 1, its households or its floor area (m²).

    Returns
    -------
    Series of n floats, same index; missing where the figure is missing.

    Examples
    --------
    >>> weights(pd.DataFrame({"households": [120, None]}), "households").tolist()
    [120.0, nan]
    """
    if basis == "count":
        return pd.Series(1.0, index=units.index)
    column = "households" if basis == "households" else "floor_area_m2"
    return units[column].astype("float64")


def has_estimated_weight(units: pd.DataFrame, basis: Basis) -> pd.Series:
    """Whether what a unit counts for is an estimate; a count of units never is.

    Returns
    -------
    Series of n bools, same index.
    """
    column = {"households": "households_quality", "floor_area": "floor_area_m2_quality"}.get(basis)
    if column is None or column not in units:
        return pd.Series(False, index=units.index)
    return (units[column] == "estimated").fillna(False).astype(bool)


def safe_ratio(part: int, whole: int) -> float | None:
    """Part of a whole, None where there is no whole.

    Examples
    --------
    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None
