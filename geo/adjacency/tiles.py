"""A map cut into tiles, each with all that its own units depend on: evaluated apart, to the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.adjacency.pairs import (
    SpatialContext,
    build_access,
    build_context,
    estimate_neighbour_walks,
    evaluate_pairs,
    find_borders,
    find_candidate_pairs,
    find_positions,
)
from geo.corrections.permits import NO_PERMITS, Permits
from geo.corrections.store import (
    closed_crossings,
    correct_crossings,
    correct_edges,
    correct_gates,
    read_pair_corrections,
)
from geo.network.walking import measure_walks
from geo.rules import NeighbourRules
from geo.storage.layer_frames import shape_layer

_BEYOND_M = 1000.0  # a crossing passes a river this wide: what lies on its far side counts


@dataclass(frozen=True, eq=False)
class MapTile:
    """What is needed to evaluate some units: a whole map, or a tile with what lies around it.

    Parameters
    ----------
    units, barriers, crossings, roads, gates, overrides
        The layers of these names, one metric CRS; may be empty.
    permits
        Who may go together across a border of streets.
    own
        Ids of the units whose pairs are asked for (a pair belongs to its smaller id); None = all.
    """

    units: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    overrides: gpd.GeoDataFrame
    permits: Permits = NO_PERMITS
    own: tuple[str, ...] | None = None


def evaluate_tile(tile: MapTile, rules: NeighbourRules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Evaluate a tile: the candidate pairs of its own units, accepted or not, and their walks.

    Parameters
    ----------
    tile
        A whole map or one of its tiles.
    rules
        The thresholds.

    Returns
    -------
    Rows of the `edges` and of the `walks` layer.

    Raises
    ------
    MissingCRSError, NotMetricError
        If a layer cannot be measured in metres.
    UsageError
        If layers differ in CRS, ids repeat, or `rules.within` is not in `WALLS`.
    """
    corrections = read_pair_corrections(tile.overrides)
    crossings = correct_crossings(tile.crossings, tile.overrides)
    context = build_context(tile.units, tile.barriers, crossings, rules, tile.permits)
    gates = correct_gates(tile.gates, tile.overrides)
    closed = closed_crossings(tile.crossings, tile.overrides)
    access = build_access(context, tile.roads, gates, rules, closed=closed)
    a, b = _select_pairs(context, corrections, rules.gap_m)
    borders = find_borders(context, a, b, rules.within)
    edges = correct_edges(evaluate_pairs(context, access, a, b, rules), corrections, borders, rules.detour_factor)
    neighbour_walks = estimate_neighbour_walks(context, access, edges, rules)
    walks = measure_walks(
        context.places, context.barriers, context.crossings, access, rules, neighbour_walks=neighbour_walks
    )
    table = build_walks_layer(context.ids, walks.pairs, walks.metres, walks.is_estimated)
    if tile.own is None:
        return edges, table
    return tuple(one[one["unit_a"].isin(tile.own)] for one in (edges, table))  # type: ignore[return-value]


def split_into_tiles(whole: MapTile, tile_m: float, rules: NeighbourRules) -> tuple[MapTile, ...]:
    """Tiles that each hold everything their own units' pairs and walks depend on.

    A unit belongs to the tile in which its box begins (its lower left corner). A tile's layers are
    whatever meets the box of its own units with a margin of twice the longest walk and 1 km;
    shapes are kept whole. Units joined by a correction come along however far they are.

    Parameters
    ----------
    whole
        A map.
    tile_m
        Side of a tile, metres; it changes no result.
    rules
        The longest walks are used.

    Returns
    -------
    The tiles with units, from south to north, each row from west to east.
    """
    margin = 2 * max(rules.walk_limit_m, rules.walk_m) + rules.gap_m + _BEYOND_M
    bounds = _bounds(whole.units)
    placed = np.flatnonzero(~np.isnan(bounds[:, 0]))
    tile = np.floor(bounds[placed, :2] / tile_m).astype(np.int64)[:, ::-1]
    _, of_tile = np.unique(tile, axis=0, return_inverse=True)
    order = np.argsort(of_tile, kind="stable")
    groups = np.split(placed[order], np.flatnonzero(np.diff(of_tile[order])) + 1)
    layers = {
        name: (getattr(whole, name), _bounds(getattr(whole, name)))
        for name in ("units", "barriers", "crossings", "roads", "gates", "overrides")
    }
    corrections = read_pair_corrections(whole.overrides)
    return tuple(_cut_tile(whole, layers, group, bounds, margin, corrections) for group in groups if len(group))


def build_walks_layer(ids: np.ndarray, pairs: np.ndarray, metres: np.ndarray, is_estimated: np.ndarray) -> pd.DataFrame:
    """The `walks` layer of some pairs of units.

    Parameters
    ----------
    ids
        (n,) ids of the units.
    pairs
        (k, 2) positions of two units.
    metres, is_estimated
        (k,) length of each walk, and whether no road tells it.
    """
    i, j = pairs.T
    swap = ids[i] > ids[j]
    i, j = np.where(swap, j, i), np.where(swap, i, j)
    table = pd.DataFrame({"unit_a": ids[i], "unit_b": ids[j], "walk_m": metres, "walk_estimated": is_estimated})
    return shape_layer("walks", table, "")


def _cut_tile(
    whole: MapTile,
    layers: Mapping[str, tuple[gpd.GeoDataFrame, np.ndarray]],
    own: np.ndarray,
    bounds: np.ndarray,
    margin: float,
    corrections: Mapping[tuple[str, str], object],
) -> MapTile:
    """The part of a map around the units at positions `own`."""
    low, high = bounds[own, :2].min(axis=0) - margin, bounds[own, 2:].max(axis=0) + margin
    ids = whole.units["unit_id"].to_numpy(dtype=object)
    mine = set(ids[own])
    partners = {unit for pair in corrections if mine & set(pair) for unit in pair}
    kept = {}
    for name, (frame, box) in layers.items():
        meets = ((box[:, :2] <= high) & (box[:, 2:] >= low)).all(axis=1)
        if name == "units":
            meets |= np.isin(ids, list(partners))
        elif name == "overrides" or (name == "gates" and not len(frame)):
            meets |= np.isnan(box[:, 0])  # those about pairs or ids have no place
        kept[name] = frame[meets]
    return replace(whole, **kept, own=tuple(sorted(map(str, mine))))


def _bounds(frame: gpd.GeoDataFrame) -> np.ndarray:
    """(n, 4) box of each row, NaN without a geometry."""
    if not len(frame):
        return np.empty((0, 4))
    return np.asarray(shapely.bounds(frame.geometry.to_numpy()))


def _select_pairs(
    context: SpatialContext, corrections: Mapping[tuple[str, str], object], gap_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Positions a < b of the pairs to evaluate: those near each other, and those somebody corrected."""
    a, b = find_candidate_pairs(context.shapes, gap_m)
    placed = set(context.ids[~shapely.is_missing(context.shapes)])
    known = [pair for pair in corrections if placed >= set(pair)]
    if not known:
        return a, b
    named = np.stack([find_positions(context.ids, [pair[k] for pair in known]) for k in (0, 1)], axis=1)
    both = np.unique(np.concatenate([np.stack([a, b], axis=1), named]), axis=0)
    return both[:, 0], both[:, 1]
