"""Geometries brought to the metric CRS, repaired where that is unambiguous, every change reported."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import GEOMETRY_KINDS, KEYS

say = load_catalogue(__file__)

Shapes = npt.NDArray[np.object_]

SLIVER_M2 = 1.0
"""Polygons smaller than this are slips of the pen."""
SLIVER_WIDTH_M = 0.5
"""Polygons thinner than this on average (area ÷ half the outline) are slips of the pen."""
OVERLAP_SHARE = 0.01
"""Administrative areas that share more than this of the smaller one overlap."""

_AREAS = ("boundary", "streets", "neighbourhoods")
_KINDS = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon", 7: "collection"}
_KINDS_ZH = {"point": "点", "line": "线", "polygon": "面", "collection": "混合图形"}
_NEEDS_PLACE = ("roads", "barriers", "crossings")
_COUNTED = ("households", "floor_area_m2")
_LUMP = 10
"""Rows of more parts than this are no buildings but classes of buildings."""


def clean_shapes(prepared: PreparedLayer, crs: CRS, metric_crs: str) -> PreparedLayer:
    """Bring geometries to the metric CRS, repair what is invalid, report every change.

    Parameters
    ----------
    prepared
        Rows with a column "geometry" in `crs`.
    crs
        Its CRS.
    metric_crs
        CRS of the dataset, metres.

    Returns
    -------
    The rows with valid two-dimensional geometries of a kind the layer takes, or none.
    """
    prepared = _explode_lumped_rows(prepared)
    series = gpd.GeoSeries(prepared.frame["geometry"].to_numpy(dtype=object), crs=crs)
    given = shapely.force_2d(series.to_crs(metric_crs).to_numpy().astype(object))
    shapes = given.copy()
    shapes[shapely.is_empty(shapes) | ~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None
    shapes, repaired = _repair(shapes, prepared.layer)
    kinds = np.array([_KINDS.get(i, "") for i in shapely.get_type_id(shapes)])
    misfit = (kinds != "") & ~np.isin(kinds, GEOMETRY_KINDS[prepared.layer])
    found = [*_repair_findings(prepared, given, shapes, repaired & ~misfit), *_misfit_findings(prepared, kinds, misfit)]
    shapes[misfit] = None
    found += [
        *_sliver_findings(prepared, shapes),
        *_part_findings(prepared, shapes),
        *_overlap_findings(prepared, shapes),
    ]
    lost = shapely.is_missing(shapes) & ~misfit
    if lost.any() and prepared.layer not in _NEEDS_PLACE:
        found.append(_lost_finding(prepared, lost))
    prepared = replace(prepared, frame=prepared.frame.assign(geometry=shapes)).found(*found)
    if prepared.layer in _NEEDS_PLACE:
        return prepared.without(shapely.is_missing(shapes), "geometry.missing", *say("geometry.missing"))
    return prepared


def _explode_lumped_rows(prepared: PreparedLayer) -> PreparedLayer:
    """Buildings of a layer that lumps many into one row (a height class) become rows of their own.

    Not where a row has a count, which would then stand in every part; a building that has an id or a
    name and a few parts stays one.
    """
    frame = prepared.frame
    if prepared.layer != "buildings" or frame.empty:
        return prepared
    shapes = frame["geometry"].to_numpy(dtype=object)
    n_parts = np.maximum(shapely.get_num_geometries(shapes), 1)
    is_named = any(c in frame and frame[c].notna().any() for c in ("building_id", "name"))
    has_counts = any(c in frame and frame[c].notna().any() for c in _COUNTED)
    if has_counts or n_parts.max() < 2 or (is_named and np.median(n_parts) <= _LUMP):
        return prepared
    parts = np.repeat(np.arange(len(frame)), n_parts)
    pieces = shapes[parts]
    place = np.arange(len(parts)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    several = n_parts[parts] > 1
    pieces[several] = shapely.get_geometry(pieces[several], place[several])
    rows = frame.iloc[parts].reset_index(drop=True).assign(geometry=pieces)
    if "building_id" in rows:
        ids = rows["building_id"].astype(object)
        rows["building_id"] = ids.where(
            ids.isna() | ~several, [f"{i}-{k + 1}" for i, k in zip(ids, place, strict=True)]
        )
    exploded = replace(
        prepared,
        frame=rows,
        source=prepared.source.iloc[parts].reset_index(drop=True),
        rows=prepared.rows[parts],
        sheets=None if prepared.sheets is None else prepared.sheets[parts],
    )
    return exploded.found(
        prepared.finding(
            "warning", "geometry.exploded", *say("geometry.exploded", n=int((n_parts > 1).sum()), n_2=len(parts))
        )
    )


def _repair(shapes: Shapes, layer: str) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Valid geometries, parts of the layer's kind only; and which ones were changed."""
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    fixed = shapes.copy()
    if broken.any():
        fixed[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    mixed = shapely.get_type_id(fixed) == 7
    for position in np.flatnonzero(mixed):
        fixed[position] = _extract_kind(fixed[position], GEOMETRY_KINDS[layer])
    empty = shapely.is_empty(fixed)
    fixed[empty] = None
    return fixed, broken | mixed


def _extract_kind(collection: shapely.Geometry, kinds: tuple[str, ...]) -> shapely.Geometry | None:
    """The parts of a collection of the most extended kind a layer takes; None if there are none."""
    parts = shapely.get_parts(shapely.get_parts(collection))
    for kind in ("polygon", "line", "point"):
        chosen = [p for p in parts if _KINDS.get(shapely.get_type_id(p).item()) == kind]
        if chosen and kind in kinds:
            return shapely.union_all(chosen)
    return None


def _repair_findings(
    prepared: PreparedLayer, given: Shapes, shapes: Shapes, changed: npt.NDArray[np.bool_]
) -> list[Finding]:
    before, after = shapely.area(given), shapely.area(shapes)
    found = []
    for position in np.flatnonzero(changed):
        if shapes[position] is None:
            continue
        reason = str(shapely.is_valid_reason(given[position])).split("[")[0]
        found.append(
            prepared.finding(
                "warning",
                "geometry.repaired",
                *say("geometry.repaired", reason=reason, before=before[position], after=after[position]),
                position=position,
            )
        )
    return found


def _kind(kind: str) -> Sentence:
    return Sentence(_KINDS_ZH[kind], kind)


def _misfit_findings(
    prepared: PreparedLayer, kinds: npt.NDArray[np.str_], misfit: npt.NDArray[np.bool_]
) -> list[Finding]:
    accepted = Sentence.join(map(_kind, GEOMETRY_KINDS[prepared.layer]), ("或", " or "))
    return [
        prepared.finding(
            "error",
            "geometry.wrong_kind",
            *say("geometry.wrong_kind", kind=_kind(kinds[position]), accepted=accepted),
            position=position,
        )
        for position in np.flatnonzero(misfit)
    ]


def _lost_finding(prepared: PreparedLayer, lost: npt.NDArray[np.bool_]) -> Finding:
    rows = "、".join(str(r) for r in prepared.rows[lost][:5]) + ("…" if lost.sum() > 5 else "")
    return prepared.finding("warning", "geometry.missing", *say("geometry.no_place", n=int(lost.sum()), rows=rows))


def _sliver_findings(prepared: PreparedLayer, shapes: Shapes) -> list[Finding]:
    """Polygons too small or too thin to be anything."""
    if prepared.layer == "barriers":  # rivers and walls are thin
        return []
    area, outline = shapely.area(shapes), shapely.length(shapes)
    is_area = np.isin(shapely.get_type_id(shapes), (3, 6))
    with np.errstate(invalid="ignore", divide="ignore"):
        thin = is_area & ((area < SLIVER_M2) | (2 * area / outline < SLIVER_WIDTH_M))
    return [
        prepared.finding(
            "warning",
            "geometry.sliver",
            *say("geometry.sliver", area=area[position], outline=outline[position]),
            position=position,
        )
        for position in np.flatnonzero(thin)[:20]
    ]


def _part_findings(prepared: PreparedLayer, shapes: Shapes) -> list[Finding]:
    """Things of several parts: allowed, and reported."""
    several = (shapely.get_type_id(shapes) == 6) & (shapely.get_num_geometries(shapes) > 1)
    if not several.any() or prepared.layer in ("barriers", "boundary"):
        return []
    rows = "、".join(str(r) for r in prepared.rows[several][:5]) + ("…" if several.sum() > 5 else "")
    return [
        prepared.finding(
            "info", "geometry.several_parts", *say("geometry.several_parts", n=int(several.sum()), rows=rows)
        )
    ]


def _overlap_findings(prepared: PreparedLayer, shapes: Shapes) -> list[Finding]:
    """Administrative areas that overlap, though each place belongs to one."""
    if prepared.layer not in _AREAS or KEYS[prepared.layer] not in prepared.frame:
        return []
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    area = shapely.area(shapes)
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = shared / np.minimum(area[a], area[b])
    order = np.argsort(-share, kind="stable")
    ratio = np.maximum(area[a], area[b]) / np.minimum(area[a], area[b])
    is_whole = (share > 0.95) & (ratio > 1.5)  # the outline of the city around its districts
    chosen = [k for k in order if share[k] > OVERLAP_SHARE and not is_whole[k]]
    if not chosen:
        return []
    names = prepared.frame.get("name", pd.Series(prepared.rows)).astype(str).tolist()
    pairs = "; ".join(f"{names[a[k]]} / {names[b[k]]} {share[k]:.0%}" for k in chosen[:5])
    return [
        prepared.finding(
            "warning",
            "geometry.overlap",
            *say("geometry.overlap", n=len(chosen)),
            value=pairs + (" …" if len(chosen) > 5 else ""),
        )
    ]
