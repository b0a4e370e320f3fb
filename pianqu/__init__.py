"""Pianqu as a library: neighbours on foot, contiguous areas with hard sizes, a bound, an independent check.

Everything a user may rely on is named here; all other packages may change.

Examples
--------
>>> import geopandas as gpd
>>> from shapely import box
>>> import pianqu
>>> yards = gpd.GeoDataFrame(
...     {"households": [300, 500, 400, 600]},
...     index=["a", "b", "c", "d"],
...     geometry=[box(110 * k, 0, 110 * k + 90, 90) for k in range(4)],
...     crs="EPSG:4546",
... )
>>> graph = pianqu.neighbours(yards)
>>> plan = pianqu.bundle(yards, graph, weight="households", lower=700, upper=1200, rounds=4)
>>> plan.labels.to_dict()
{'a': 0, 'b': 0, 'c': 1, 'd': 1}
>>> plan.status, plan.gap, plan.verify()
('optimal', 0.0, [])
"""

from geo.errors import PlanningError as PianquError
from geo.rules import NeighbourRules
from pianqu.areas import Areas, BrokenRule, bundle, verify
from pianqu.datasets import Layers, indicators, read
from pianqu.estimator import AreaClusterer
from pianqu.graph import Graph, neighbours
from pianqu.walking import WalkingNetwork, build_walking_network

__all__ = [
    "AreaClusterer",
    "Areas",
    "BrokenRule",
    "Graph",
    "Layers",
    "NeighbourRules",
    "PianquError",
    "WalkingNetwork",
    "build_walking_network",
    "bundle",
    "indicators",
    "neighbours",
    "read",
    "verify",
]
