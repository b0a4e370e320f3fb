"""Building tallies, and summing them over the places of a level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.indicators.facts import Facts
from analysis.indicators.figure import (
    Basis,
    Figure,
    Level,
    empty_columns,
    estimated,
    share,
    weights,
)
from analysis.indicators.indicator import Indicator, Tally
from analysis.indicators.targets import target_of

UNITS_OF_MEASURE: dict[Basis, str] = {
    "count": "count",
    "households": "households",
    "floor_area": "m2",
}
_BASIS_COLUMNS = {"households": ("units.households",), "floor_area": ("units.floor_area_m2",)}
_Mask = NDArray[np.bool_]


def rate_of_units(
    units: pd.DataFrame, basis: Basis, *, scope: ArrayLike, known: ArrayLike, hit: ArrayLike
) -> Tally:
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
    return _of_units(units, basis, scope, known, hit, is_ratio=True, unit="ratio")


def stock_of_units(
    units: pd.DataFrame, basis: Basis, *, scope: ArrayLike, known: ArrayLike, hit: ArrayLike
) -> Tally:
    """Σ weight of the units hit; the denominator shown is that of all known units in scope."""
    unit = UNITS_OF_MEASURE[basis]
    return _of_units(units, basis, scope, known, hit, is_ratio=False, unit=unit)


def ratio_of_sums(
    rows: pd.DataFrame,
    ids: ArrayLike,
    top: ArrayLike,
    bottom: ArrayLike,
    *,
    scope: ArrayLike | None = None,
    guessed: ArrayLike | None = None,
    unit: str = "ratio",
) -> Tally:
    """Σ top ÷ Σ bottom over the rows of which both are known; never a mean of ratios."""
    upper, lower = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(upper) & ~np.isnan(lower)
    return Tally(
        rows, np.asarray(ids, object), upper, lower, in_scope, known, known,
        np.zeros(len(rows), bool) if guessed is None else np.asarray(guessed, bool),
        is_ratio=True, unit=unit, basis="count",
    )  # fmt: skip


def sum_of_rows(
    rows: pd.DataFrame,
    ids: ArrayLike,
    values: ArrayLike,
    *,
    scope: ArrayLike | None = None,
    guessed: ArrayLike | None = None,
    unit: str = "count",
) -> Tally:
    """Σ of values over the rows where they are known; the denominator is how many those are."""
    amount = np.asarray(values, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(amount)
    return Tally(
        rows, np.asarray(ids, object), amount, np.ones(len(rows)), in_scope, known,
        known & (amount > 0),
        np.zeros(len(rows), bool) if guessed is None else np.asarray(guessed, bool),
        is_ratio=False, unit=unit, basis="count",
    )  # fmt: skip


def share_of_rows(
    rows: pd.DataFrame, ids: ArrayLike, hit: ArrayLike, *, scope: ArrayLike | None = None
) -> Tally:
    """Share of rows with hit = 1 among those where it is known (0, 1 or missing)."""
    flags = np.asarray(hit, dtype=np.float64)
    in_scope = np.ones(len(rows), bool) if scope is None else np.asarray(scope, bool)
    known = in_scope & ~np.isnan(flags)
    return Tally(
        rows, np.asarray(ids, object), flags, np.ones(len(rows)), in_scope, known,
        known & (flags > 0), np.zeros(len(rows), bool),
        is_ratio=True, unit="ratio", basis="count",
    )  # fmt: skip


def figures_of(indicator: Indicator, facts: Facts, level: Level, basis: Basis) -> list[Figure]:
    """The figures of a computed indicator for every place of a level.

    Raises
    ------
    ValueError
        If the indicator is not computed from tables.
    """
    if indicator.tally is None:
        raise ValueError(f"{indicator.key} is not computed from tables")
    tally = indicator.tally(facts, basis)
    missing = missing_of((*indicator.columns, *tally.needs), facts, tally.basis)
    places = facts.places(level)
    at = facts.position(tally.rows, level)
    n = len(places)
    top = _sums(at, tally.known, tally.top, n)
    bottom = _sums(at, tally.known, tally.bottom, n)
    scope = _sums(at, tally.in_scope, None, n)
    known = _sums(at, tally.known, None, n)
    guessed = _sums(at, tally.known & tally.estimated, None, n)
    ids = _ids(at, tally, n)
    lacks = bool(missing)
    told = [not lacks and (known[i] > 0 or _is_none(tally, scope[i])) for i in range(n)]
    return [
        Figure(
            id=indicator.id, key=indicator.key, name_zh=indicator.name_zh,
            name_en=indicator.name_en, admin_code=code, level=level, year=facts.year,
            value=_value(tally, top[i], bottom[i]) if told[i] else None, unit=tally.unit,
            numerator=top[i] if told[i] else None, denominator=bottom[i] if told[i] else None,
            basis=tally.basis, roster=facts.roster,
            target=target_of(facts.policy, indicator, facts.year, level, code),
            completeness=0.0 if lacks else share(int(known[i]), int(scope[i])),
            missing_columns=missing, unit_ids=() if lacks else ids[i],
            formula_version=indicator.version,
            unknown_units=int(scope[i] if lacks else scope[i] - known[i]),
            estimated_share=None if lacks else share(int(guessed[i]), int(known[i])),
        )
        for i, code in enumerate(places)
    ]  # fmt: skip


def missing_of(columns: tuple[str, ...], facts: Facts, basis: Basis) -> tuple[str, ...]:
    """The needed columns that hold no value at all, "layer.column"."""
    needed = (*columns, *(_BASIS_COLUMNS.get(basis, ())))
    out: list[str] = []
    for name in needed:
        layer, column = name.split(".", 1)
        if layer == "plan":
            state = facts.units["in_area" if column == "areas" else "area_operates"]
            out.extend(() if state.notna().any() else (name,))
            continue
        frame = facts.units if layer == "units" else facts.layer(layer)
        out.extend(empty_columns(frame, layer, (column,)))
    return tuple(out)


def _of_units(
    units: pd.DataFrame,
    basis: Basis,
    scope: ArrayLike,
    known: ArrayLike,
    hit: ArrayLike,
    *,
    is_ratio: bool,
    unit: str,
) -> Tally:
    weight = weights(units, basis).to_numpy()
    in_scope = np.asarray(scope, bool)
    there = in_scope & np.asarray(known, bool) & ~np.isnan(weight)
    counted = there & np.asarray(hit, bool)
    return Tally(
        units, units["unit_id"].to_numpy(object), weight * counted, weight, in_scope, there,
        counted, estimated(units, basis).to_numpy(), is_ratio=is_ratio, unit=unit, basis=basis,
    )  # fmt: skip


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


def _is_none(tally: Tally, scope: float) -> bool:
    """Whether a stock is truly zero: nothing is in scope."""
    return not tally.is_ratio and scope == 0
