"""Which units can be joined to each other at all, and which to none (R28)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.adjacency.graph import AdjacencyGraph, label_components
from geo.adjacency.pairs import find_positions, gaps_m, repair_polygons
from geo.errors import UsageError
from geo.messages import load_catalogue
from geo.rules import NeighbourRules

say = load_catalogue(__file__)

_COLUMNS = ["unit_id", "nearest_unit_id", "gap_m", "facing_m", "walk_m", "blocked_by"]


def find_reachable_units(graph: AdjacencyGraph, unit_id: str) -> list[str]:
    """Ids of the units one gets to from a unit over neighbours, itself included, in layer order.

    Parameters
    ----------
    graph
        Of the neighbours.
    unit_id
        Where one starts.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    """
    labels = label_components(graph)
    (at,) = find_positions(graph.unit_ids, [unit_id])
    return [str(one) for one in graph.unit_ids[labels == labels[at]]]


def find_isolated_units(graph: AdjacencyGraph, units: gpd.GeoDataFrame, rules: NeighbourRules) -> pd.DataFrame:
    """Units without any neighbour: the unit nearest to each, and why that one is out of reach.

    Parameters
    ----------
    graph
        Of these units.
    units
        The `units` layer, n rows, metric CRS.
    rules
        Those the graph was built with.

    Returns
    -------
    A row for each isolated unit, in the order of the layer: `unit_id`; `nearest_unit_id`, the unit
    with the smallest gap (the smaller id where equal), None for a unit without a place or alone on
    the map; `gap_m`, `shared_frontage_m` and `walk_m` of that pair, NaN where not measured; `blocked_by` as
    in the `edges` layer, "gap>60" where the nearest is no candidate, "not_placed", or "alone".

    Raises
    ------
    UsageError
        If the graph belongs to other units.

    Examples
    --------
    >>> from geo.adjacency.graph import build_graph
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["a", "b"]},
    ...     geometry=[shapely.box(0, 0, 90, 90), shapely.box(190, 0, 280, 90)],
    ...     crs="EPSG:4546",
    ... )
    >>> graph = build_graph(units, gpd.GeoDataFrame(), gpd.GeoDataFrame(), NeighbourRules())
    >>> find_isolated_units(graph, units, NeighbourRules())[["unit_id", "gap_m", "blocked_by"]].values
    array([['a', 100.0, 'gap>60'],
           ['b', 100.0, 'gap>60']], dtype=object)
    """
    if list(graph.unit_ids) != (list(units["unit_id"]) if len(units) else []):
        raise UsageError(*say("error.other_graph"))
    alone = np.flatnonzero(np.diff(graph.indptr) == 0)
    shapes = repair_polygons(units)
    placed = ~shapely.is_missing(shapes)
    nearest = _nearest_units(shapes, alone[placed[alone]], graph.unit_ids)
    at = np.array([nearest.get(int(i), -1) for i in alone], dtype=np.intp)  # −1: none
    gap_m = np.where(at >= 0, gaps_m(shapes[alone], shapes[at]), np.nan)
    table = pd.DataFrame(
        {
            "unit_id": pd.Series(graph.unit_ids[alone], dtype="str"),
            "nearest_unit_id": pd.Series(graph.unit_ids[at], dtype="str").where(at >= 0),
            "gap_m": gap_m,
        }
    )
    found = table.merge(_both_directions(graph.pairs), on=["unit_id", "nearest_unit_id"], how="left")
    unpaired = np.where(
        placed[alone], np.where(found["nearest_unit_id"].isna(), "alone", f"gap>{rules.gap_m:g}"), "not_placed"
    )
    blocked_by = found["blocked_by"].astype(object).where(found["blocked_by"].notna(), unpaired)
    return found.assign(blocked_by=blocked_by)[_COLUMNS]


def _nearest_units(shapes: np.ndarray, asked: np.ndarray, ids: np.ndarray) -> dict[int, int]:
    """Position of the unit nearest to each asked one; the smaller id where equally near."""
    tree = shapely.STRtree(shapes)
    best: dict[int, int] = {}
    touching = tree.query_nearest(shapes[asked], all_matches=True)
    others = tree.query_nearest(shapes[asked], all_matches=True, exclusive=True)
    for which, other in np.concatenate([touching, others], axis=1).T:
        one = int(asked[which])
        if other == one:
            continue
        if one not in best or _key(shapes, ids, one, other) < _key(shapes, ids, one, best[one]):
            best[one] = int(other)
    return best


def _key(shapes: np.ndarray, ids: np.ndarray, one: int, other: int) -> tuple[float, str]:
    return (round(float(shapely.distance(shapes[one], shapes[other])), 3), str(ids[other]))


def _both_directions(pairs: pd.DataFrame) -> pd.DataFrame:
    """The candidate pairs seen from either unit."""
    kept = pairs[["unit_a", "unit_b", "facing_m", "walk_m", "blocked_by"]]
    there = kept.rename(columns={"unit_a": "unit_id", "unit_b": "nearest_unit_id"})
    back = kept.rename(columns={"unit_b": "unit_id", "unit_a": "nearest_unit_id"})
    return pd.concat([there, back], ignore_index=True)
