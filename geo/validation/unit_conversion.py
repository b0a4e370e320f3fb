"""Whether figures can be meant as written: floor area by household, storeys by height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import Field
from geo.tables.headers import ColumnMatch
from geo.values.parsed_value import UnreadableValueError
from geo.values.parsing import parse_value

say = load_catalogue(__file__)

M2_PER_HOUSEHOLD = (15.0, 400.0)
"""Floor area of one household is between these, m²; outside, a unit or a figure is wrong."""
_TEN_THOUSAND = 1e4
_MAX_FINDINGS = 20


def convert_area_units(
    prepared: PreparedLayer, matches: Sequence[ColumnMatch], frame: pd.DataFrame
) -> tuple[tuple[ColumnMatch, ...], list[Finding]]:
    """Check 万㎡ against ㎡: a floor area column that is 10⁴ out in every row is converted.

    Parameters
    ----------
    prepared
        Says where the rows stood.
    matches
        Columns and fields; only sheets with both floor area and households are checked.
    frame
        The source's cells.

    Returns
    -------
    The matches, the area's factor corrected where all rows say so, and what was found: the
    conversion, a column of which only part is out, or single rows out of range.
    """
    by_field = {match.field: match for match in matches}
    area, homes = by_field.get("floor_area_m2"), by_field.get("households")
    if area is None or homes is None:
        return tuple(matches), []
    per_home, has_unit = _m2_per_household(frame, area, homes)
    known = np.isfinite(per_home)
    low, high = M2_PER_HOUSEHOLD
    fits = (per_home >= low) & (per_home <= high)
    for scale, zh in ((_TEN_THOUSAND, "万㎡"), (1 / _TEN_THOUSAND, "㎡")):
        scaled = (per_home * scale >= low) & (per_home * scale <= high)
        free = known & ~has_unit
        if free.sum() >= 3 and scaled[free].all():
            changed = tuple(replace(m, factor=m.factor * scale) if m is area else m for m in matches)
            return changed, [_convert(prepared, area, scale, zh, int(free.sum()))]
        n_out = int((free & scaled & ~fits).sum())
        if n_out >= 3 and n_out >= 0.2 * known.sum():
            return tuple(matches), [_mixed_finding(prepared, area, n_out, int(known.sum()), zh)]
    doubtful = np.flatnonzero(known & ~fits)
    return tuple(matches), _doubtful_finding(prepared, area, per_home, doubtful)


def estimate_floors(prepared: PreparedLayer, storey_m: float) -> PreparedLayer:
    """Estimate the storeys of buildings whose height is known, marked as estimated.

    Parameters
    ----------
    prepared
        Rows of any layer; those of `buildings` have heights.
    storey_m
        Height of one storey, metres.
    """
    frame = prepared.frame
    if "height_m" not in frame:
        return prepared
    height = pd.to_numeric(frame["height_m"], errors="coerce")
    given = frame.get("floors_above", pd.Series(None, index=frame.index, dtype=object))
    open_rows = given.isna() & height.notna()
    if not open_rows.any():
        return prepared
    estimate = np.maximum(np.floor(height / storey_m + 0.5), 1)
    floors = given.astype(object).where(~open_rows, estimate)
    told = frame.get("floors_quality", pd.Series(None, index=frame.index, dtype=object))
    quality = told.astype(object).where(told.notna() | given.isna(), "reported")
    quality[open_rows] = "estimated"
    n = int(open_rows.sum())
    return replace(prepared, frame=frame.assign(floors_above=floors, floors_quality=quality)).found(
        prepared.finding(
            "info", "buildings.floors_estimated", *say("buildings.floors_estimated", n=n, storey_m=storey_m)
        )
    )


def _m2_per_household(
    frame: pd.DataFrame, area: ColumnMatch, homes: ColumnMatch
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """(n,) m² per household as the header says, NaN where unknown; and cells with a unit of their own."""
    area_field = Field("floor_area_m2", "number", "建筑面积")
    home_field = Field("households", "integer", "户数")
    per_home = np.full(len(frame), np.nan)
    has_unit = np.zeros(len(frame), dtype=bool)
    for place, (cell, count) in enumerate(zip(frame[area.source].tolist(), frame[homes.source].tolist(), strict=True)):
        as_is, doubled = (_number(cell, area_field, f * area.factor) for f in (1.0, 2.0))
        n_homes = _number(count, home_field, 1.0)
        if as_is is None or not n_homes or as_is <= 0 or n_homes < 0:
            continue
        per_home[place] = as_is / n_homes
        has_unit[place] = as_is == doubled
    return per_home, has_unit


def _number(cell: object, field: Field, factor: float) -> float | None:
    try:
        value = parse_value(cell, field, factor).value
    except UnreadableValueError:
        return None
    return None if value is None else float(value)


def _convert(prepared: PreparedLayer, area: ColumnMatch, scale: float, unit: str, n: int) -> Finding:
    low, high = M2_PER_HOUSEHOLD
    return prepared.finding(
        "warning",
        "value.unit_converted",
        *say("value.multiplied" if scale > 1 else "value.divided", n=n, low=low, high=high, unit=Sentence(unit, "")),
        column=area.source,
    )


def _mixed_finding(prepared: PreparedLayer, area: ColumnMatch, n_out: int, n: int, unit: str) -> Finding:
    return prepared.finding(
        "warning", "value.unit_mixed", *say("value.unit_mixed", n=n, n_out=n_out, unit=unit), column=area.source
    )


def _doubtful_finding(
    prepared: PreparedLayer, area: ColumnMatch, per_home: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
) -> list[Finding]:
    low, high = M2_PER_HOUSEHOLD
    more = say("value.like_this", n=len(rows)) if len(rows) > _MAX_FINDINGS else EMPTY
    return [
        prepared.finding(
            "warning",
            "value.area_per_household",
            *say("value.area_per_household", m2=per_home[row], low=low, high=high, more=more),
            position=row,
            column=area.source,
        )
        for row in rows[:_MAX_FINDINGS]
    ]
