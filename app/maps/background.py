"""What a map is oriented by: roads as whole lines with their names and ranks, and green spaces."""

from __future__ import annotations

import geopandas as gpd
import shapely

_RANKS = {"快速路": 0, "主干路": 1, "次干路": 2}
"""Classes of roads from the widest; all others come last."""


def join_roads(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pieces of one name and class joined, so that a name runs along the road and not along each block.

    Returns
    -------
    Lines with name, road_class, rank (0 = the widest), metric CRS.
    """
    known = roads.dropna(subset=["geometry"])
    if known.empty:
        return known.assign(rank=0)[["name", "road_class", "rank", "geometry"]]
    groups = known.groupby([known["name"].fillna(""), known["road_class"].fillna("")], sort=True)
    rows = [
        (name or None, kind or None, _RANKS.get(str(kind), len(_RANKS)), shapely.line_merge(shapely.union_all(own)))
        for (name, kind), own in groups.geometry
    ]
    columns = ["name", "road_class", "rank", "geometry"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=roads.crs)
    return frame.explode(ignore_index=True)


def pick_green(spaces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The green among the open spaces."""
    return spaces.loc[spaces["kind"] == "green", ["name", "geometry"]]
