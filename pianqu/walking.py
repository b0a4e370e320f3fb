"""The network of roads one may walk on, as osmnx and networkx know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import networkx as nx
import pandas as pd
from pyproj import CRS

from geo.network.barriers import find_serving_crossings, select_hard_barriers
from geo.network.footways import FootwayNetwork, build_footways
from geo.rules import NeighbourRules
from pianqu.frames import to_metres
from pianqu.graph import to_layer


@dataclass(frozen=True, eq=False)
class WalkingNetwork:
    """Roads one may walk on: joined where they meet on one level, cut where a barrier has no crossing.

    Parameters
    ----------
    footways
        Nodes and edges.
    crs
        Of their coordinates, projected in metres.

    Examples
    --------
    >>> from shapely import LineString
    >>> roads = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (800, 0)])], crs="EPSG:4546")
    >>> network = build_walking_network(roads)
    >>> network.n_edges, network.length_m
    (1, 800.0)
    """

    footways: FootwayNetwork
    crs: Any

    @property
    def n_edges(self) -> int:
        """Number of edges between junctions."""
        return self.footways.n_edges

    @property
    def length_m(self) -> float:
        """Metres of all edges together."""
        return float(self.footways.length_m.sum())

    def to_networkx(self) -> nx.MultiDiGraph:
        """The network as osmnx makes it: nodes with x and y, both directions of each edge with length and geometry.

        `osmnx.plot_graph`, `osmnx.routing.shortest_path` and `osmnx.save_graph_geopackage` accept it.
        """
        ways = self.footways
        graph = nx.MultiDiGraph(crs=CRS.from_user_input(self.crs).to_string(), simplified=True)
        graph.add_nodes_from((k, {"x": float(x), "y": float(y)}) for k, (x, y) in enumerate(ways.xy))
        for k, (i, j) in enumerate(ways.ends.tolist()):
            road = int(ways.road[k])
            name = ways.road_names[road] if road >= 0 else None
            shared = {
                "osmid": k,
                "name": None if pd.isna(name) else str(name),
                "length": float(ways.length_m[k]),
                "highway": "footway",
                "oneway": False,
            }
            graph.add_edge(i, j, **shared, reversed=False, geometry=ways.shapes[k])
            graph.add_edge(j, i, **shared, reversed=True, geometry=ways.shapes[k].reverse())
        return graph


def build_walking_network(
    roads: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    crossings: gpd.GeoDataFrame | None = None,
    rules: NeighbourRules | None = None,
) -> WalkingNetwork:
    """Make the network one may walk on from lines of roads.

    Parameters
    ----------
    roads
        Lines with, where known, `road_class`, `is_bridge`, `is_tunnel`, `level`, `walkable`, `name`.
    barriers, crossings, rules
        As for `neighbours`.

    Raises
    ------
    MissingCRSError
        If a frame has no CRS.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (800, 0)]), LineString([(90, 0), (90, 90)])]
    >>> network = build_walking_network(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4546"))
    >>> network.n_edges, network.length_m, network.to_networkx().number_of_edges()
    (3, 890.0, 6)
    """
    rules = rules or NeighbourRules()
    crs = to_metres(roads).crs
    hard = select_hard_barriers(to_layer("barriers", barriers, crs, kind="railway"), rules.hard_kinds)
    serving = find_serving_crossings(to_layer("crossings", crossings, crs, kind="underpass"), hard)
    return WalkingNetwork(build_footways(to_layer("roads", roads, crs), hard, serving, rules), crs)
