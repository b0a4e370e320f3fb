"""Open ground inside the communities of the fictional city, and the service points people walk to."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.people import People, draw_by_kind
from geo.demo.spec import METRIC_CRS

_TRIES = 10
_CLEAR_M = 2.0
_WITH_GROUND = {"old": 0.45, "soe": 0.5, "mid": 0.65, "new": 0.8}
_KINDS = {
    "old": {"vacant": 0.4, "parking": 0.3, "green": 0.15, "playground": 0.15},
    "soe": {"vacant": 0.4, "parking": 0.25, "green": 0.2, "playground": 0.15},
    "mid": {"vacant": 0.15, "parking": 0.3, "plaza": 0.2, "green": 0.2, "playground": 0.15},
    "new": {"vacant": 0.05, "parking": 0.2, "plaza": 0.3, "green": 0.25, "playground": 0.2},
}
_GROUND_NAMES = {"vacant": "空地", "parking": "停车场", "plaza": "小广场", "green": "绿地", "playground": "健身场地"}
_POINT_NAMES = {
    "shop": "便民店",
    "repair_station": "维修站",
    "party_centre": "党群服务站",
    "property_office": "物业服务用房",
    "cleaning_room": "保洁班房",
}
_PER_COMMUNITY = {"shop": 0.14, "repair_station": 0.07, "cleaning_room": 0.10}


def generate_open_spaces(people: People, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """At most one piece of open ground in a community, clear of its buildings.

    Parameters
    ----------
    people
        Communities with `geometry` and `character`; buildings with `geometry`.
    rng
        Where every choice comes from.

    Returns
    -------
    k rows: space_id, unit_id, name, kind, area_m2 (as surveyed, whole m²), geometry (rectangles in
    EPSG:4546).
    """
    communities = people.communities
    n = len(communities)
    walls = np.asarray(people.buildings["geometry"], dtype=object)
    tree = shapely.STRtree(walls)
    outlines = np.asarray(communities["geometry"], dtype=object)
    shapes = np.full(n, None, dtype=object)
    wanted = rng.random(n) < np.array([_WITH_GROUND[kind] for kind in communities["character"]])
    for _ in range(_TRIES):
        tried = _rectangles(outlines, rng)
        inside = shapely.contains_properly(shapely.buffer(outlines, -_CLEAR_M), tried)
        hit = tree.query(tried, predicate="dwithin", distance=_CLEAR_M)[0]
        fits = wanted & inside & shapely.is_missing(shapes)
        fits[hit] = False
        shapes[fits] = tried[fits]
    found = np.flatnonzero(~shapely.is_missing(shapes))
    rows = communities.iloc[found].reset_index(drop=True)
    kinds = draw_by_kind(communities["character"], _KINDS, rng)[found]
    return gpd.GeoDataFrame(
        {
            "space_id": rows["unit_id"] + "K01",
            "unit_id": rows["unit_id"],
            "name": rows["name"] + pd.Series(kinds).map(_GROUND_NAMES),
            "kind": kinds,
            "area_m2": np.round(shapely.area(shapes[found])),
        },
        geometry=shapes[found],
        crs=METRIC_CRS,
    )


def generate_service_points(people: People, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Shops, repair stations, rooms of cleaners and of property companies, and party centres.

    Every neighbourhood has one party centre, every professionally managed community an office; the
    others are drawn. One in ten shops stands by the road and names no community.

    Parameters
    ----------
    people
        Communities with `geometry`, `neighbourhood_code` and `management_mode`.
    rng
        Where every choice comes from.

    Returns
    -------
    k rows: point_id, unit_id, name, kind, company_name, geometry (points in EPSG:4546).
    """
    communities = people.communities.reset_index(drop=True)
    n = len(communities)
    chosen = {kind: np.flatnonzero(rng.random(n) < share) for kind, share in _PER_COMMUNITY.items()}
    chosen["party_centre"] = communities.groupby("neighbourhood_code").head(1).index.to_numpy()
    chosen["property_office"] = np.flatnonzero(communities["management_mode"].eq("professional"))
    owner = np.concatenate(list(chosen.values()))
    kind = np.repeat(list(chosen), [len(rows) for rows in chosen.values()])
    rows = communities.iloc[owner].reset_index(drop=True)
    outside = (kind == "shop") & (rng.random(len(owner)) < 0.1)
    margin = np.where(outside, 4.0, -3.0)
    ring = shapely.get_exterior_ring(shapely.buffer(rows["geometry"].to_numpy(), margin, join_style="mitre"))
    points = shapely.line_interpolate_point(ring, rng.random(len(owner)), normalized=True)
    managed = np.isin(kind, ("property_office", "repair_station", "cleaning_room"))
    return gpd.GeoDataFrame(
        {
            "point_id": [f"F{k + 1:05d}" for k in range(len(owner))],
            "unit_id": rows["unit_id"].mask(outside),
            "name": rows["name"] + pd.Series(kind).map(_POINT_NAMES),
            "kind": kind,
            "company_name": rows["company_name"].where(managed),
        },
        geometry=points,
        crs=METRIC_CRS,
    )


def _rectangles(outlines: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """A rectangle somewhere in the bounds of each outline."""
    west, south, east, north = shapely.bounds(outlines).T
    n = len(outlines)
    wide, deep = rng.uniform(10.0, 30.0, n), rng.uniform(8.0, 18.0, n)
    x = west + (east - west) * rng.random(n)
    y = south + (north - south) * rng.random(n)
    return np.asarray(shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2), dtype=object)
