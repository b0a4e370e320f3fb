"""The nouns of the indicators: what one is, where it is measured, the figure it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.policy import Policy

if TYPE_CHECKING:
    from analysis.indicators.facts import Facts

Basis = Literal["count", "households", "floor_area"]
Level = Literal["city", "district", "street", "neighbourhood"]
Layers = Mapping[str, pd.DataFrame]
Kind = Literal["N", "C", "M"]
Better = Literal["higher", "lower"]

CURRENT = "current"
BASELINE = "baseline"

EVERYWHERE: tuple[Level, ...] = ("city", "district", "street", "neighbourhood")
BY_DISTRICT: tuple[Level, ...] = ("city", "district")
CITY_ONLY: tuple[Level, ...] = ("city",)

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


@dataclass(frozen=True, eq=False)
class Tally:
    """What each row contributes to an indicator; sums over places come later, once for all.

    Parameters
    ----------
    rows
        n rows of what is counted (units, streets, contracts, companies), with those of the columns
        district_code, street_code, neighbourhood_code that say where a row is.
    ids
        (n,) the id of each row, for the reader who clicks on a number.
    top
        (n,) float, share of the numerator; read only where `known`.
    bottom
        (n,) float, share of the denominator; read only where `known`.
    in_scope
        (n,) bool, whether the indicator speaks of the row at all.
    known
        (n,) bool, in scope and with all data needed.
    counted
        (n,) bool, the rows behind the numerator.
    estimated
        (n,) bool, whether what the row counts for is an estimate.
    is_ratio
        The value is Σ top ÷ Σ bottom; otherwise Σ top, and Σ bottom is shown beside it.
    unit, basis
        Of the value, and what is counted.
    needs
        Columns needed this time beside those of the indicator, "layer.column".
    """

    rows: pd.DataFrame
    ids: NDArray[Any]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    in_scope: NDArray[np.bool_]
    known: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    estimated: NDArray[np.bool_]
    is_ratio: bool
    unit: str
    basis: Basis
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One entry of the registry: what an indicator is and the pure function that computes it.

    Parameters
    ----------
    id, key
        Of domain.md §1; several keys may share the id of one row of the action plan.
    formula
        In words, as printed beside the figure.
    unit
        Unit of the value on the basis "count".
    levels
        Where it is reported.
    kind
        "N" = numeric target in the action plan, "C" = countable without a number there,
        "M" = milestone: done or not, with date and document.
    clause
        Clause of the action plan.
    version
        Changes whenever the formula does.
    better
        Whether a higher or a lower value is the better one: how a target is met.
    columns
        The columns needed, "layer.column".
    tally
        (facts, basis) → what each row contributes. None: the figure is not computed from tables
        of the dataset but taken from `reported_figures`, with its document.
    per_roster
        Whether its denominator is the roster, so that merging units would move it (R65).
    claim_on_estimates
        Whether a value that rests on estimates may be called "target met" (R51: not for bikes).
    """

    id: str
    key: str
    name_zh: str
    name_en: str
    formula: str
    unit: str
    levels: tuple[Level, ...]
    kind: Kind
    clause: str
    version: str
    better: Better
    columns: tuple[str, ...]
    tally: Callable[[Facts, Basis], Tally] | None = None
    per_roster: bool = False
    claim_on_estimates: bool = True


@dataclass(frozen=True)
class Band:
    """One class of a map theme: its key in the data and what a legend calls it."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True)
class Theme:
    """A way to colour the units of the map by an indicator.

    Parameters
    ----------
    key
        Stable name, as in :func:`analysis.indicators.theme_values`.
    indicator_key
        The indicator whose figure belongs beside the map.
    bands
        policy → the classes in the order of the legend.
    classify
        (units, all layers, policy) → columns band, value, estimated; same index as units.
    """

    key: str
    indicator_key: str
    zh: str
    en: str
    bands: Callable[[Policy], tuple[Band, ...]]
    classify: Callable[[pd.DataFrame, Layers, Policy], pd.DataFrame]


def weights(units: pd.DataFrame, basis: Basis) -> pd.Series:
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


def estimated(units: pd.DataFrame, basis: Basis) -> pd.Series:
    """Whether what a unit counts for is an estimate; a count of units never is.

    Returns
    -------
    Series of n bools, same index.
    """
    column = {"households": "households_quality", "floor_area": "floor_area_m2_quality"}.get(basis)
    if column is None or column not in units:
        return pd.Series(False, index=units.index)
    return (units[column] == "estimated").fillna(False).astype(bool)


def share(part: int, whole: int) -> float | None:
    """Part of a whole, None where there is no whole.

    Examples
    --------
    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def empty_columns(frame: pd.DataFrame, layer: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Names "layer.column" of the columns that hold no value at all.

    Examples
    --------
    >>> empty_columns(pd.DataFrame({"ports": [None]}), "ebike_sites", ("ports",))
    ('ebike_sites.ports',)
    """
    return tuple(
        f"{layer}.{column}"
        for column in columns
        if column not in frame or not frame[column].notna().any()
    )
