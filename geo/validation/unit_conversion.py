"""Whether figures can be meant as written: floor area by household, storeys by height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import Field
from geo.tables.headers import ColumnMatch
from geo.values.parsed_value import UnreadableValueError
from geo.values.parsing import parse_value

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
            "info",
            "buildings.floors_estimated",
            f"{n} 栋楼没有层数, 按高度 ÷ {storey_m:g} 米估算, 已标为估算。",
            f"{n} buildings have no number of floors; it was estimated as height ÷ {storey_m:g} m and "
            "marked as estimated.",
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


def _convert(prepared: PreparedLayer, area: ColumnMatch, scale: float, zh: str, n: int) -> Finding:
    low, high = M2_PER_HOUSEHOLD
    factor_zh = "乘以一万" if scale > 1 else "除以一万"
    en = "multiplied" if scale > 1 else "divided"
    return prepared.finding(
        "warning",
        "value.unit_converted",
        f"建筑面积按表头的单位理解, 全部 {n} 行每户面积都不在 {low:g}–{high:g} ㎡之间; 按{zh}理解则全部合理, "
        f"已整列{factor_zh}。请在表头写明单位。",
        f"With the unit of the header, the floor area per household is outside {low:g}-{high:g} m² in "
        f"all {n} rows; {en} by 10,000 all are plausible, so the whole column was {en}. State the "
        "unit in the header.",
        column=area.source,
    )


def _mixed_finding(prepared: PreparedLayer, area: ColumnMatch, n_out: int, n: int, zh: str) -> Finding:
    return prepared.finding(
        "warning",
        "value.unit_mixed",
        f"{n} 行中有 {n_out} 行的建筑面积像是以{zh}为单位, 其余不是; 未作改动, 请统一单位后重新导入。",
        f"The floor area of {n_out} of {n} rows looks as if given in another unit ({zh}), the others do "
        "not; nothing was changed. Use one unit and import again.",
        column=area.source,
    )


def _doubtful_finding(
    prepared: PreparedLayer, area: ColumnMatch, per_home: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]
) -> list[Finding]:
    low, high = M2_PER_HOUSEHOLD
    more_zh = f"(这样的共 {len(rows)} 行)" if len(rows) > _MAX_FINDINGS else ""
    more_en = f" ({len(rows)} rows are like this)" if len(rows) > _MAX_FINDINGS else ""
    return [
        prepared.finding(
            "warning",
            "value.area_per_household",
            f"每户 {per_home[row]:.4g} ㎡, 不在 {low:g}–{high:g} ㎡之间, 面积或户数可能有误, 未改{more_zh}; 请核对。",
            f"{per_home[row]:.4g} m² per household is outside {low:g}-{high:g}; the area or the households may "
            f"be wrong. Stored as written{more_en}; check them.",
            position=row,
            column=area.source,
        )
        for row in rows[:_MAX_FINDINGS]
    ]
