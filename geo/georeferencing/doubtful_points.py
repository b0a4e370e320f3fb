"""Coordinates that are no place, or a doubtful one, judged row by row: zeros, halves, whole degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.prepared.prepared_layer import PreparedLayer

say = load_catalogue(__file__)

Shapes = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

MIN_STACKED = 5
"""So many communities on one identical point are a geocoder's fallback, no places."""
_SHOWN = 10
_POINTS = (0, 4)
_STACKED = ("communities", "buildings")


def find_half_coordinates(prepared: PreparedLayer, frame: pd.DataFrame) -> list[Finding]:
    """Rows, or a whole table, with one of two coordinates.

    Parameters
    ----------
    prepared
        The rows as they were read.
    frame
        The same rows with their coordinates as numbers.
    """
    found: list[Finding] = []
    pairs = (("lon", "lat"), ("x", "y"))
    whole = any({a, b} <= set(frame) for a, b in pairs)
    for one, other in pairs:
        there = [name for name in (one, other) if name in frame]
        if len(there) == 1 and not whole:
            has, lacks = (one, other) if there == [one] else (other, one)
            if frame[has].notna().any():
                found.append(
                    prepared.finding(
                        "error",
                        "geometry.half_coordinate",
                        *say("geometry.half_column", has=say(f"axis.{has}"), lacks=say(f"axis.{lacks}")),
                        column=_header(prepared, has),
                    )
                )
        if len(there) < 2:
            continue
        first, second = (pd.to_numeric(frame[c], errors="coerce") for c in (one, other))
        sides = ((other, first, second), (one, second, first))
        for lacks, known, missing in sides:
            half = (known.notna() & known.ne(0) & (missing.isna() | missing.eq(0))).to_numpy()
            found += [
                prepared.finding(
                    "error",
                    "geometry.half_coordinate",
                    *say("geometry.half_coordinate", axis=say(f"axis.{lacks}")),
                    position=position,
                    column=_header(prepared, lacks),
                    value=f"{known.iloc[position]:.8g}",
                )
                for position in np.flatnonzero(half)
            ]
    return found


def drop_doubtful_points(prepared: PreparedLayer, shapes: Shapes, *, in_degrees: bool) -> tuple[PreparedLayer, Shapes]:
    """Points that are no place are taken away, doubtful ones reported.

    Parameters
    ----------
    prepared
        n rows.
    shapes
        (n,) their geometries as the file has them, or None.
    in_degrees
        Whether they are degrees.

    Returns
    -------
    The rows with what was found, and the geometries without those that are no place: 0, 0; half of
    it 0; longitude equal to latitude; whole degrees; many communities on one identical point.
    """
    xy = np.full((len(shapes), 2), np.nan)
    points = np.isin(shapely.get_type_id(shapes), _POINTS) & ~shapely.is_empty(shapes)
    if points.any():
        xy[points] = shapely.get_coordinates(shapely.centroid(shapes[points]))
    x, y = xy.T
    zero = (np.abs(x) < 1e-9) & (np.abs(y) < 1e-9)
    half = ~zero & ((np.abs(x) < 1e-9) | (np.abs(y) < 1e-9))
    prepared, shapes = _drop_points(prepared, shapes, zero, xy, "geometry.zero", say("geometry.zero"))
    if in_degrees:
        table = prepared.frame.columns.isin(["lon", "lat", "x", "y"]).any()  # reported as halves already
        half &= (np.abs(x) > 20) | (np.abs(y) > 20)
        rule = say("geometry.half_zero")
        reported = np.zeros_like(half) if table else half
        prepared, shapes = _drop_points(prepared, shapes, reported, xy, "geometry.half_coordinate", rule)
        shapes[half] = None
        equal = (x == y) & ~zero
        prepared, shapes = _drop_points(prepared, shapes, equal, xy, "geometry.lon_is_lat", say("geometry.lon_is_lat"))
        whole = (x == np.round(x)) & (y == np.round(y)) & ~zero & ~half & ~equal
        prepared, shapes = _drop_points(
            prepared, shapes, whole, xy, "geometry.whole_degrees", say("geometry.whole_degrees")
        )
        prepared = prepared.found(*_find_rounded(prepared, shapes, xy))
    return _drop_stacked(prepared, shapes, xy)


def _drop_points(
    prepared: PreparedLayer,
    shapes: Shapes,
    bad: Mask,
    xy: npt.NDArray[np.float64],
    rule: str,
    sentences: tuple[str, str],
) -> tuple[PreparedLayer, Shapes]:
    found = [
        prepared.finding("error", rule, *sentences, position=p, value=f"{xy[p, 0]:.9g}, {xy[p, 1]:.9g}")
        for p in np.flatnonzero(bad)
    ]
    kept = shapes.copy()
    kept[bad] = None
    return prepared.found(*found), kept


def _find_rounded(prepared: PreparedLayer, shapes: Shapes, xy: npt.NDArray[np.float64]) -> list[Finding]:
    """Degrees of two decimals or fewer are half a kilometre off, or more."""
    there = ~shapely.is_missing(shapes) & np.isfinite(xy).all(axis=1)
    rough = there & (np.abs(xy - np.round(xy, 2)) < 1e-9).all(axis=1)
    if not rough.any():
        return []
    n = int(rough.sum())
    return [
        prepared.finding(
            "warning",
            "geometry.rounded",
            *say("geometry.rounded", n=n, rows=list_rows(prepared, rough)),
            value=f"{xy[rough][0, 0]:.9g}, {xy[rough][0, 1]:.9g}",
        )
    ]


def _drop_stacked(prepared: PreparedLayer, shapes: Shapes, xy: npt.NDArray[np.float64]) -> tuple[PreparedLayer, Shapes]:
    """Several communities on one identical point: a geocoder that found the town only."""
    if prepared.layer not in _STACKED:
        return prepared, shapes
    there = ~shapely.is_missing(shapes) & np.isfinite(xy).all(axis=1)
    names = _names(prepared)
    positions = np.flatnonzero(there)
    at = pd.Series(positions).groupby([xy[there, 0], xy[there, 1]], sort=False)
    found, kept = [], shapes.copy()
    for group in (members.to_numpy() for _, members in at if len(members) > 1):
        distinct = {names[p] for p in group}
        if len(distinct) < 2 or (prepared.layer == "buildings" and len(distinct) < 2 * MIN_STACKED):
            continue
        is_lump = prepared.layer == "communities" and len(distinct) >= MIN_STACKED
        mask = np.zeros(len(shapes), dtype=bool)
        mask[group] = True
        some = "、".join(list(dict.fromkeys(names[p] for p in group))[:4])
        more = "…" if len(distinct) > 4 else ""
        rows = list_rows(prepared, mask)
        where = f"{xy[group[0], 0]:.9g}, {xy[group[0], 1]:.9g}"
        end = say("same_point.fallback" if is_lump else "same_point.check")
        found.append(
            prepared.finding(
                "error" if is_lump else "warning",
                "geometry.same_point",
                *say("geometry.same_point", n=len(group), rows=rows, some=some, more=more, end=end),
                position=int(group[0]),
                value=where,
            )
        )
        if is_lump:
            kept[mask] = None
    return prepared.found(*found), kept


def list_rows(prepared: PreparedLayer, mask: Mask, most: int = _SHOWN) -> str:
    """Row numbers as a sentence names them.

    Parameters
    ----------
    prepared
        The rows.
    mask
        (n,) which of them.
    most
        Numbers that are written out.
    """
    rows: Sequence[int] = prepared.rows[mask].tolist()
    return "、".join(str(row) for row in rows[:most]) + ("…" if len(rows) > most else "")


def _names(prepared: PreparedLayer) -> list[str]:
    """What tells rows apart: name, else code, else the row itself."""
    frame = prepared.frame
    for column in ("name", "community_name", "external_code", "building_id"):
        if column in frame and frame[column].notna().any():
            return [
                f"({row})" if pd.isna(value) else str(value)
                for value, row in zip(frame[column], prepared.rows, strict=True)
            ]
    return [f"({row})" for row in prepared.rows]


def _header(prepared: PreparedLayer, field: str) -> str | None:
    """The source's header of a field."""
    columns = prepared.mapping.columns if prepared.mapping is not None else ()
    return next((str(header) for header, filled in columns if filled == field), None)
