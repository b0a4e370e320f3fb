"""A map cut into tiles that are judged by one function, wherever it runs, to the same bytes."""

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
    """What is needed to judge some units: a whole map, or a tile with what lies around it.

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


def evaluate_tile(part: MapTile, rules: NeighbourRules) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The candidate pairs of a part's own units with their fates, and their walks.

    Parameters
    ----------
    part
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
    told = read_pair_corrections(part.overrides)
    crossings = correct_crossings(part.crossings, part.overrides)
    ground = build_context(part.units, part.barriers, crossings, rules, part.permits)
    gates = correct_gates(part.gates, part.overrides)
    closed = closed_crossings(part.crossings, part.overrides)
    access = build_access(ground, part.roads, gates, rules, closed=closed)
    a, b = _select_pairs(ground, told, rules.gap_m)
    borders = find_borders(ground, a, b, rules.within)
    fates = correct_edges(evaluate_pairs(ground, access, a, b, rules), told, borders, rules.detour_factor)
    doors = estimate_neighbour_walks(ground, access, fates, rules)
    walks = measure_walks(ground.places, ground.barriers, ground.crossings, access, rules, doors=doors)
    table = build_walks_layer(ground.ids, walks.pairs, walks.metres, walks.is_estimated)
    if part.own is None:
        return fates, table
    return tuple(one[one["unit_a"].isin(part.own)] for one in (fates, table))  # type: ignore[return-value]


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
    told = read_pair_corrections(whole.overrides)
    return tuple(_cut_tile(whole, layers, group, bounds, margin, told) for group in groups if len(group))


def build_walks_layer(ids: np.ndarray, pairs: np.ndarray, metres: np.ndarray, is_estimated: np.ndarray) -> pd.DataFrame:
    """The `walks` layer of (k, 2) pairs of positions, (k,) metres and whether they are estimated."""
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
    told: Mapping[tuple[str, str], object],
) -> MapTile:
    """The part of a map around the units at positions `own`."""
    low, high = bounds[own, :2].min(axis=0) - margin, bounds[own, 2:].max(axis=0) + margin
    ids = whole.units["unit_id"].to_numpy(dtype=object)
    mine = set(ids[own])
    partners = {unit for pair in told if mine & set(pair) for unit in pair}
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
    ground: SpatialContext, told: Mapping[tuple[str, str], object], gap_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Positions a < b of the pairs to judge: those near each other, and those somebody corrected."""
    a, b = find_candidate_pairs(ground.shapes, gap_m)
    placed = set(ground.ids[~shapely.is_missing(ground.shapes)])
    known = [pair for pair in told if placed >= set(pair)]
    if not known:
        return a, b
    named = np.stack([find_positions(ground.ids, [pair[k] for pair in known]) for k in (0, 1)], axis=1)
    both = np.unique(np.concatenate([np.stack([a, b], axis=1), named]), axis=0)
    return both[:, 0], both[:, 1]
