"""What is to be known of a place before a unit is put there: street, neighbours, water, boundary."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.corrections.user_geometry import Remark, outline_remarks
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.schema import BARRIERS_ZH

say = load_catalogue(__file__)

_ON_LINE_M = 5.0
_LEAST_M2 = 1.0
_SHOWN = 4


def place_remarks(
    shape: BaseGeometry, unit_id: str, layers: Mapping[str, gpd.GeoDataFrame], radius_m: float
) -> tuple[Remark, ...]:
    """What is doubtful about the place somebody gives a unit.

    Parameters
    ----------
    shape
        A point, or an outline; metric CRS.
    unit_id
        Of the unit; its own present shape does not count.
    layers
        "units", "streets", "boundary" and "barriers"; any may be empty.
    radius_m
        Of the disc a unit is that has a point only.

    Returns
    -------
    Errors first; empty where all is well. A place in another street than the data say, on top of
    another unit, in water or on a track, or outside the city is a warning: it can be so, and
    somebody should look.
    """
    is_point = shape.geom_type == "Point"
    areas = _areas(layers)
    found: list[Remark] = []
    if is_point:
        found += [*_find_outside(shape, areas), *_find_overlapped(shape, unit_id, layers["units"], radius_m)]
    else:
        found += outline_remarks(shape, unit_id, layers["units"], areas.geometry)
    if not any(remark.severity == "error" for remark in found):
        found += [*street_remarks(shape, unit_id, layers), *_find_barriers(shape, layers["barriers"])]
    return tuple(sorted(found, key=lambda one: ("error", "warning", "info").index(one.severity)))


def street_remarks(
    shape: BaseGeometry, unit_id: str, layers: Mapping[str, gpd.GeoDataFrame], stated_code: str | None = None
) -> list[Remark]:
    """Whether a place lies in another street than the data, or `stated_code`, say of the unit.

    Parameters
    ----------
    shape
        The place, in the dataset's metric CRS.
    unit_id
        Of the unit.
    layers
        Units and streets of the dataset, by layer.
    stated_code
        Of the street a planner named; None = that of the data.
    """
    streets, units = layers["streets"], layers["units"]
    row = units[units["unit_id"].eq(unit_id)]
    if not len(streets) or not len(row):
        return []
    code = stated_code or row["street_code"].iloc[0]
    inside = streets[streets.geometry.notna() & streets.intersects(shape.representative_point())]
    if pd.isna(code) or not len(inside) or inside["street_code"].eq(code).any():
        return []
    names = dict(zip(streets["street_code"], streets["name"], strict=True))
    name, here = names.get(code, code), inside["name"].iloc[0]
    if name == here:
        return []
    if code not in names and str(code).startswith("N-"):  # a code made from a name
        return []
    return [Remark("warning", *say("remark.other_street", here=here, name=name))]


def _areas(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Polygons of the streets, else of the boundary."""
    for name in ("streets", "boundary"):
        frame = layers[name]
        if len(frame):
            kept = frame[shapely.get_dimensions(frame.geometry.to_numpy()) == 2]
            if len(kept):
                return gpd.GeoDataFrame(kept)
    return gpd.GeoDataFrame({"name": []}, geometry=[], crs=layers["units"].crs)


def _find_outside(point: BaseGeometry, areas: gpd.GeoDataFrame) -> list[Remark]:
    if not len(areas) or areas.intersects(point).any():
        return []
    away = float(areas.distance(point).min())
    return [Remark("warning", *say("remark.outside", away=away))]


def _find_overlapped(point: BaseGeometry, unit_id: str, units: gpd.GeoDataFrame, radius_m: float) -> list[Remark]:
    """Units whose outline the point, or the disc around it, lies on."""
    disc = shapely.buffer(point, radius_m, quad_segs=8)
    others = units[units["unit_id"].ne(unit_id) & units.geometry.notna()]
    others = others.iloc[others.sindex.query(disc, predicate="intersects")]
    shapes = others.geometry.to_numpy()
    shared = shapely.area(shapely.intersection(shapes, disc))
    over = (shared > _LEAST_M2) | shapely.intersects(shapes, point)
    if not over.any():
        return []
    parts = [
        f"“{name or uid}”({area:,.0f} ㎡)"
        for uid, name, area in sorted(
            zip(others["unit_id"][over], others["name"][over].fillna(""), shared[over], strict=True),
            key=lambda one: -one[2],
        )
    ]
    names = "、".join(parts[:_SHOWN]) + (f" … (+{len(parts) - _SHOWN})" if len(parts) > _SHOWN else "")
    inside = others[over & shapely.intersects(shapes, point)]
    on = say("overlapped.inside", name=inside["name"].iloc[0]) if len(inside) else EMPTY
    return [Remark("warning", *say("remark.overlapped", n=int(over.sum()), names=names, on=on))]


def _find_barriers(shape: BaseGeometry, barriers: gpd.GeoDataFrame) -> list[Remark]:
    """Water, tracks and walls the place lies in or on."""
    if not len(barriers):
        return []
    near = barriers[barriers.geometry.notna()]
    near = near.iloc[near.sindex.query(shape, predicate="dwithin", distance=_ON_LINE_M)]
    shapes = near.geometry.to_numpy()
    is_area = shapely.get_dimensions(shapes) == 2
    if shape.geom_type == "Point":
        hit = np.where(is_area, shapely.intersects(shapes, shape), True)
    else:
        crossed = shapely.intersection(np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes)), shape)
        hit = np.where(is_area, shapely.area(crossed) > _LEAST_M2, shapely.length(crossed) > 2 * _ON_LINE_M)
    hit &= ~near["kind"].isin(["closed_park", "arterial"]).to_numpy(dtype=bool)
    if not hit.any():
        return []
    rows = near[hit]
    described = dict.fromkeys(
        Sentence(f"{BARRIERS_ZH.get(kind, kind)}{name}", f"{str(kind).replace('_', ' ')} {name}".strip())
        for kind, name in zip(rows["kind"], rows["name"].fillna(""), strict=True)
    )
    barriers_there = Sentence.join([*described][:_SHOWN], ("、", ", "))
    return [Remark("warning", *say("remark.barrier", barriers=barriers_there))]
