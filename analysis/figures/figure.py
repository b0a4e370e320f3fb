"""A figure: an indicator's value for one place, with all that an auditor asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
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


NO_VALUE = "—"
"""What is shown where there is no value."""

Better = Literal["higher", "lower"]
"""Which values of an indicator are the good ones."""


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

    Parameters
    ----------
    units
        The n units.
    basis
        What a unit counts for.

    Returns
    -------
    Series of n floats, same index; missing where the figure is missing.

    Examples
    --------
    >>> unit_weights(pd.DataFrame({"households": [120, None]}), "households").tolist()
    [120.0, nan]
    """
    if basis == "count":
        return pd.Series(1.0, index=units.index)
    column = "households" if basis == "households" else "floor_area_m2"
    return units[column].astype("float64")


def has_estimated_weight(units: pd.DataFrame, basis: Basis) -> pd.Series:
    """Whether what a unit counts for is an estimate; a count of units never is.

    Parameters
    ----------
    units
        The n units.
    basis
        What a unit counts for.

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

    Parameters
    ----------
    part, whole
        Counts.

    Examples
    --------
    >>> safe_ratio(1, 4), safe_ratio(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def format_rate(value: float | None, *, target: float | None = None, decimals: int = 2) -> str:
    """A share as percent, rounded half up, but never up to a target it does not meet.

    Parameters
    ----------
    value
        Fraction 0-1; None = no data.
    target
        Fraction asked for; a value below it is never printed as equal to it.
    decimals
        Places after the point.

    Examples
    --------
    >>> format_rate(260 / 351), format_rate(0.79996, target=0.80), format_rate(None)
    ('74.07%', '79.99%', '—')
    """
    if value is None:
        return NO_VALUE
    percent = _as_percent(value)
    limit = None if target is None else _as_percent(target)
    return f"{_round_towards_limit(percent, limit, 'higher', decimals)}%"


def format_ratio(value: float | None, *, target: float | None = None, decimals: int = 2) -> str:
    """A ratio that should be low, rounded half up, but never down to a target it exceeds.

    Parameters
    ----------
    value
        None = no figure.
    target
        The highest it should be; None = none is set.
    decimals
        Digits after the point.

    Examples
    --------
    >>> format_ratio(3.0), format_ratio(3.004, target=3.0), format_ratio(3.004)
    ('3.00', '3.01', '3.00')
    """
    if value is None:
        return NO_VALUE
    limit = None if target is None else Decimal(repr(float(target)))
    return str(_round_towards_limit(Decimal(repr(float(value))), limit, "lower", decimals))


def format_figure(figure: Figure) -> str:
    """The value of a figure in its unit: "74.07%", "2.31", "1,204", or "—" without data."""
    if figure.value is None:
        return NO_VALUE
    if figure.unit == "ratio":
        return format_rate(figure.value, target=figure.target)
    if figure.unit == "bikes/port":
        return format_ratio(figure.value, target=figure.target)
    return f"{_round_towards_limit(Decimal(repr(float(figure.value))), None, 'lower', 0):,}"


def format_target(figure: Figure) -> str:
    """The target of a figure in its unit, "" without one."""
    if figure.target is None:
        return ""
    if figure.unit == "ratio":
        return format_rate(figure.target, decimals=0)
    return f"≤ {figure.target:g}" if figure.unit == "bikes/port" else f"{figure.target:g}"


def _round_towards_limit(value: Decimal, limit: Decimal | None, better: Better, decimals: int) -> Decimal:
    step = Decimal(1).scaleb(-decimals)
    half_up = value.quantize(step, ROUND_HALF_UP)
    if limit is None:
        return half_up
    if better == "higher" and value < limit <= half_up:
        return value.quantize(step, ROUND_FLOOR)
    if better == "lower" and value > limit >= half_up:
        return value.quantize(step, ROUND_CEILING)
    return half_up


def _as_percent(share: float) -> Decimal:
    return Decimal(repr(float(share))) * 100
