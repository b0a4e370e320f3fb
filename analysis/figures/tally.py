"""Building tallies, and summing them over the places of a level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Figure, Level, has_estimated_weight, safe_ratio, unit_weights
from analysis.figures.indicator import Indicator, Tally, find_target

UNITS_OF_MEASURE: dict[Basis, str] = {"count": "count", "households": "households", "floor_area": "m2"}
_BASIS_COLUMNS = {"households": ("units.households",), "floor_area": ("units.floor_area_m2",)}
_Mask = NDArray[np.bool_]


def build_unit_rate(units: pd.DataFrame, basis: Basis, *, scope: ArrayLike, known: ArrayLike, hit: ArrayLike) -> Tally:
    """Σ weight of the units hit ÷ Σ weight of the known units in scope.

    Parameters
    ----------
    units
        n units.
    basis
        What a unit counts for; a unit without that figure is not known.
    scope, known, hit
        (n,) bools: spoken of at all; data there; in the numerator.
    """
    return _build_unit_tally(units, basis, scope, known, hit, is_ratio=True, unit="ratio")


def build_unit_stock(units: pd.DataFrame, basis: Basis, *, scope: ArrayLike, known: ArrayLike, hit: ArrayLike) -> Tally:
    """Σ weight of the units hit; the denominator shown is that of all known units in scope.

    Parameters
    ----------
    units
        n units.
    basis
        What a unit counts for; a unit without that figure is not known.
    scope, known, hit
        (n,) bools: spoken of at all; data there; counted.
    """
    unit = UNITS_OF_MEASURE[basis]
    return _build_unit_tally(units, basis, scope, known, hit, is_ratio=False, unit=unit)


def build_ratio_of_sums(
    rows: pd.DataFrame,
    ids: ArrayLike,
    top: ArrayLike,
    bottom: ArrayLike,
    *,
    scope: ArrayLike | None = None,
    guessed: ArrayLike | None = None,
    unit: str = "ratio",
) -> Tally:
    """Σ top ÷ Σ bottom over the rows of which both are known; never a mean of ratios.

    Parameters
    ----------
    rows
        n rows.
    ids
        (n,) id of each.
    top, bottom
        (n,) numbers, NaN where not known.
    scope
        (n,) bool, spoken of at all; None = all.
    guessed
        (n,) bool, rests on an estimate; None = none.
    unit
        Of the figure.
    """
    upper, lower = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(upper) & ~np.isnan(lower)
    return Tally(
        rows,
        np.asarray(ids, object),
        upper,
        lower,
        in_scope,
        known,
        known,
        np.zeros(len(rows), bool) if guessed is None else np.asarray(guessed, bool),
        is_ratio=True,
        unit=unit,
        basis="count",
    )


def build_row_sum(
    rows: pd.DataFrame,
    ids: ArrayLike,
    values: ArrayLike,
    *,
    scope: ArrayLike | None = None,
    guessed: ArrayLike | None = None,
    unit: str = "count",
) -> Tally:
    """Σ of values over the rows where they are known; the denominator is how many those are.

    Parameters
    ----------
    rows
        n rows.
    ids
        (n,) id of each.
    values
        (n,) numbers, NaN where not known.
    scope
        (n,) bool, spoken of at all; None = all.
    guessed
        (n,) bool, rests on an estimate; None = none.
    unit
        Of the figure.
    """
    amount = np.asarray(values, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(amount)
    return Tally(
        rows,
        np.asarray(ids, object),
        amount,
        np.ones(len(rows)),
        in_scope,
        known,
        known & (amount > 0),
        np.zeros(len(rows), bool) if guessed is None else np.asarray(guessed, bool),
        is_ratio=False,
        unit=unit,
        basis="count",
    )


def build_row_share(rows: pd.DataFrame, ids: ArrayLike, hit: ArrayLike, *, scope: ArrayLike | None = None) -> Tally:
    """Share of rows with hit = 1 among those where it is known (0, 1 or missing).

    Parameters
    ----------
    rows
        n rows.
    ids
        (n,) id of each.
    hit
        (n,) 0, 1 or missing.
    scope
        (n,) bool, spoken of at all; None = all.
    """
    flags = np.asarray(hit, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(flags)
    return Tally(
        rows,
        np.asarray(ids, object),
        flags,
        np.ones(len(rows)),
        in_scope,
        known,
        known & (flags > 0),
        np.zeros(len(rows), bool),
        is_ratio=True,
        unit="ratio",
        basis="count",
    )


def compute_tally(indicator: Indicator, facts: Facts, basis: Basis) -> Tally:
    """What each row contributes to a computed indicator.

    Parameters
    ----------
    indicator
        With how it is computed.
    facts
        Of one roster.
    basis
        What a unit counts for.

    Raises
    ------
    ValueError
        If the indicator is not computed from tables.
    """
    if indicator.tally is None:
        raise ValueError(f"{indicator.key} is not computed from tables")
    return indicator.tally(facts, basis)


def aggregate_tally(
    indicator: Indicator,
    facts: Facts,
    level: Level,
    tally: Tally,
    *,
    missing: tuple[str, ...],
    wanted: Sequence[int] | None = None,
) -> list[Figure]:
    """The figures of a computed indicator for the places of a level.

    Parameters
    ----------
    tally
        As :func:`compute_tally` gives it; summed here over each place.
    missing
        As :func:`find_missing_columns` gives it.
    wanted
        Positions of places, rising; None = all. A place's sums run over its rows in their order
        either way, so that a figure is the same to the last bit however it is asked for.
    """
    places = facts.places(level)
    at = facts.position(tally.rows, level)
    if wanted is not None:
        new_position = np.full(len(places) + 1, -1, dtype=np.intp)  # the last one stands for −1
        new_position[np.asarray(wanted, dtype=np.intp)] = np.arange(len(wanted))
        at, places = new_position[at], tuple(places[i] for i in wanted)
    sums = _sums_by_place(tally, at, len(places))
    return [
        _figure(indicator, facts, level, code, tally, missing, *mine) for code, mine in zip(places, sums, strict=True)
    ]


def _sums_by_place(
    tally: Tally, at: NDArray[np.intp], n: int
) -> Iterator[tuple[float, float, float, float, float, tuple[str, ...]]]:
    """Top, bottom, rows in scope, rows known, rows estimated and ids of each of n places."""
    return zip(
        _sums(at, tally.known, tally.top, n),
        _sums(at, tally.known, tally.bottom, n),
        _sums(at, tally.in_scope, None, n),
        _sums(at, tally.known, None, n),
        _sums(at, tally.known & tally.estimated, None, n),
        _ids(at, tally, n),
        strict=True,
    )


def _figure(
    indicator: Indicator,
    facts: Facts,
    level: Level,
    code: str,
    tally: Tally,
    missing: tuple[str, ...],
    top: float,
    bottom: float,
    scope: float,
    known: float,
    guessed: float,
    ids: tuple[str, ...],
) -> Figure:
    lacks = bool(missing)
    is_known = not lacks and (known > 0 or _is_zero_stock(tally, scope))
    return Figure(
        id=indicator.id,
        key=indicator.key,
        name_zh=indicator.name_zh,
        name_en=indicator.name_en,
        admin_code=code,
        level=level,
        year=facts.year,
        value=_value(tally, top, bottom) if is_known else None,
        unit=tally.unit,
        numerator=top if is_known else None,
        denominator=bottom if is_known else None,
        basis=tally.basis,
        roster=facts.roster,
        target=find_target(facts.policy, indicator, facts.year, level, code),
        completeness=0.0 if lacks else safe_ratio(int(known), int(scope)),
        missing_columns=missing,
        unit_ids=() if lacks else ids,
        formula_version=indicator.version,
        unknown_units=int(scope if lacks else scope - known),
        estimated_share=None if lacks else safe_ratio(int(guessed), int(known)),
    )


def find_missing_columns(indicator: Indicator, facts: Facts, tally: Tally) -> tuple[str, ...]:
    """The needed columns that hold no value at all, "layer.column".

    Parameters
    ----------
    indicator
        With the columns it needs.
    facts
        Of one roster.
    tally
        What was computed of it.
    """
    needed = (*indicator.columns, *tally.needs, *(_BASIS_COLUMNS.get(tally.basis, ())))
    return tuple(name for name in needed if not _has_values(name, facts))


def _has_values(name: str, facts: Facts) -> bool:
    layer, column = name.split(".", 1)
    if layer == "plan":
        return facts.has_values("units", "in_area" if column == "areas" else "area_operates")
    return facts.has_values(layer, column)


def _build_unit_tally(
    units: pd.DataFrame, basis: Basis, scope: ArrayLike, known: ArrayLike, hit: ArrayLike, *, is_ratio: bool, unit: str
) -> Tally:
    weight = unit_weights(units, basis).to_numpy()
    in_scope = np.asarray(scope, bool)
    there = in_scope & np.asarray(known, bool) & ~np.isnan(weight)
    counted = there & np.asarray(hit, bool)
    return Tally(
        units,
        units["unit_id"].to_numpy(object),
        weight * counted,
        weight,
        in_scope,
        there,
        counted,
        has_estimated_weight(units, basis).to_numpy(),
        is_ratio=is_ratio,
        unit=unit,
        basis=basis,
    )


def _sums(at: NDArray[np.intp], mask: _Mask, values: ArrayLike | None, n: int) -> Sequence[float]:
    chosen = mask & (at >= 0)
    amount = None if values is None else np.asarray(values, np.float64)[chosen]
    sums: Sequence[float] = np.bincount(at[chosen], amount, n).astype(np.float64).tolist()
    return sums


def _ids(at: NDArray[np.intp], tally: Tally, n: int) -> list[tuple[str, ...]]:
    rows = np.flatnonzero(tally.counted & (at >= 0))
    order = np.argsort(at[rows], kind="stable")
    ids = tally.ids[rows][order].tolist()
    ends = np.cumsum(np.bincount(at[rows], minlength=n)).tolist()
    return [tuple(ids[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _value(tally: Tally, top: float, bottom: float) -> float | None:
    if tally.is_ratio:
        return top / bottom if bottom > 0 else None
    return top


def _is_zero_stock(tally: Tally, scope: float) -> bool:
    """Whether a stock is truly zero: nothing is in scope."""
    return not tally.is_ratio and scope == 0
