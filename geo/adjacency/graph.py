"""The adjacency graph of the units: which are neighbours, why, and why not (R20, R22, R23)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from geo.adjacency.pairs import find_positions, gaps_m, repair_polygons
from geo.adjacency.tiles import MapTile, build_walks_layer, evaluate_tile, split_into_tiles
from geo.corrections.permits import NO_PERMITS, Permits, read_permits
from geo.errors import ChangedMeanwhileError, UsageError
from geo.messages import load_catalogue
from geo.rules import NeighbourRules
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset, graph_inputs_sha256, open_dataset, write_dataset
from geo.storage.layer_frames import shape_layer
from geo.tasks import run_tasks

say = load_catalogue(__file__)

_MAX_TRIES = 3  # a graph is built without keeping others waiting, that often
TILE_M = 10_000.0
"""Side of a tile on a cluster: large next to the margin of 4 km that each carries along."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class AdjacencyGraph:
    """Neighbours of n units, in the order of the `units` layer.

    Parameters
    ----------
    unit_ids
        (n,) text: the id of each position.
    indptr, indices
        CSR adjacency of the allowed pairs, both directions; neighbours sorted by position.
    gap_m, walk_m
        (2e,) metres for each entry of `indices`: polygon gap, and walk from gate to gate.
    walks
        (n, n) sparse, symmetric: walking distance in metres between units up to the limit
        (place to place: R26, costs). No entry = farther than the limit. The diagonal is empty.
    pairs
        Every candidate pair, accepted or not, and why: the `edges` layer.
    walks_estimated
        (n, n) sparse bool, symmetric: the walks estimated without roads; None where that is all of them.
    """

    unit_ids: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    gap_m: np.ndarray
    walk_m: np.ndarray
    walks: csr_array
    pairs: pd.DataFrame
    walks_estimated: csr_array | None = None

    @property
    def n_units(self) -> int:
        """Number of units, those without a place included."""
        return len(self.unit_ids)

    @property
    def n_edges(self) -> int:
        """Number of allowed pairs."""
        return len(self.indices) // 2


@dataclass(frozen=True)
class EdgeDecision:
    """Why two units are neighbours or not.

    Parameters
    ----------
    unit_a, unit_b
        Ids, `unit_a` < `unit_b`.
    gap_m
        Distance between the polygons, metres; None where it was not measured.
    facing_m
        Length along which the outlines run opposite each other, metres; None likewise.
    walk_m
        Walk from gate to gate, metres; None where no way was found.
    place_walk_m
        Walk from place to place, metres; None beyond the limit.
    allowed
        Whether they are neighbours.
    blocked_by
        None where allowed; "kind:barrier_id", "walk>500", "facing<3", "street", "neighbourhood",
        or, where the pair was no candidate, "gap>60" or "not_placed".
    crossing_id
        The crossing they are joined by, where one is needed.
    permit_id
        The permit that joins them across a border of streets, where one is needed.
    override_id
        The correction that somebody made of this pair.
    walk_estimated
        Whether `walk_m` is estimated without roads.
    """

    unit_a: str
    unit_b: str
    gap_m: float | None
    facing_m: float | None
    walk_m: float | None
    place_walk_m: float | None
    allowed: bool
    blocked_by: str | None
    crossing_id: str | None
    permit_id: str | None = None
    override_id: str | None = None
    walk_estimated: bool = True


def build_graph(
    units: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    rules: NeighbourRules,
    *,
    permits: Permits = NO_PERMITS,
    overrides: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
    tile_m: float | None = None,
    scheduler: str | None = None,
) -> AdjacencyGraph:
    """Find all neighbours of a map and the walking distances between its units.

    Every step looks at near things only and at units in the order of their ids: nothing depends
    on the extent of the map, on the order of rows, or on how work is cut into chunks.

    Parameters
    ----------
    units
        The `units` layer, n rows, metric CRS: `unit_id`, `street_code`, `neighbourhood_code` (or
        absent) and polygons; a unit without geometry has no neighbour and no walk.
    barriers, crossings
        The layers of these names, same CRS; may be empty.
    rules
        The thresholds.
    permits
        Who may go together across a border of streets.
    overrides
        The layer of this name: corrections that stand above the other layers.
    roads, gates
        The layers of these names, same CRS; without roads all walks are estimated.
    tile_m, scheduler
        See :func:`refresh_graph`.

    Returns
    -------
    The graph of the n units in the order given.

    Raises
    ------
    MissingCRSError, NotMetricError
        If a layer cannot be measured in metres.
    UsageError
        If layers differ in CRS, ids repeat, or `rules.within` is not in `WALLS`.

    Examples
    --------
    >>> from shapely import box
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["a", "b"]},
    ...     geometry=[box(0, 0, 90, 90), box(110, 0, 200, 90)],
    ...     crs="EPSG:4546",
    ... )
    >>> nothing = gpd.GeoDataFrame()
    >>> graph = build_graph(units, nothing, nothing, NeighbourRules())
    >>> graph.pairs[["unit_a", "unit_b", "gap_m", "walk_m", "allowed"]].values.tolist()
    [['a', 'b', 20.0, 26.0, True]]
    """
    began = perf_counter()
    nothing = gpd.GeoDataFrame()
    whole = MapTile(
        units,
        barriers,
        crossings,
        roads=nothing if roads is None else roads,
        gates=nothing if gates is None else gates,
        overrides=nothing if overrides is None else overrides,
        permits=permits,
    )
    parts = (whole,) if tile_m is None else split_into_tiles(whole, tile_m, rules)
    found = run_tasks(evaluate_tile, parts, rules, scheduler=scheduler)
    edges, table = (
        pd.concat(tables) if tables else pd.DataFrame() for tables in ([one[k] for one in found] for k in (0, 1))
    )
    graph = graph_from_layers(units, edges, table)
    logger.info(
        "graph: %d units, %d candidate pairs, %d allowed, %d walks, %.1f s",
        graph.n_units,
        len(graph.pairs),
        graph.n_edges,
        len(table),
        perf_counter() - began,
    )
    return graph


def label_components(graph: AdjacencyGraph) -> np.ndarray:
    """Label of the component of each unit: units joined by allowed pairs, directly or in turn.

    Returns
    -------
    (n,) int, numbered from 0 in the order in which their first units stand in the layer; a unit
    without neighbours is a component of its own.
    """
    ones = np.ones(len(graph.indices), dtype=np.int8)
    n = graph.n_units
    _, labels = connected_components(csr_array((ones, graph.indices, graph.indptr), shape=(n, n)), directed=False)
    _, first, of_unit = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[of_unit]


def explain_pair(
    graph: AdjacencyGraph,
    unit_a: str,
    unit_b: str,
    *,
    units: gpd.GeoDataFrame | None = None,
    rules: NeighbourRules | None = None,
) -> EdgeDecision:
    """Why two units are neighbours or not, also when they were never candidates.

    Parameters
    ----------
    graph
        Of the dataset.
    unit_a, unit_b
        Two ids, in any order.
    units
        The `units` layer, metric CRS: with it the gap of a pair that was no candidate is measured.
    rules
        The rules the graph was built with; the defaults when not given.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    UsageError
        If both ids are the same.
    """
    i, j = find_positions(graph.unit_ids, [unit_a, unit_b])
    if i == j:
        raise UsageError(*say("error.same_unit", unit_a=unit_a))
    unit_a, unit_b = sorted((unit_a, unit_b))
    place_walk_m = float(graph.walks[i, j]) or None  # no entry reads as 0
    row = graph.pairs[(graph.pairs["unit_a"] == unit_a) & (graph.pairs["unit_b"] == unit_b)]
    if len(row):
        one = row.iloc[0]
        gap_m, facing_m, walk_m = (_or_none(one[name]) for name in ("gap_m", "facing_m", "walk_m"))
        reasons = [
            _or_none(one[name]) for name in ("blocked_by", "crossing_id", "permit_id", "override_id", "walk_estimated")
        ]
        return EdgeDecision(unit_a, unit_b, gap_m, facing_m, walk_m, place_walk_m, bool(one["allowed"]), *reasons)
    far = f"gap>{(rules or NeighbourRules()).gap_m:g}"
    if units is None:
        return EdgeDecision(unit_a, unit_b, None, None, None, place_walk_m, False, far, None)
    shapes = repair_polygons(units)[find_positions(_unit_ids(units), [unit_a, unit_b])]
    gap_m = _or_none(gaps_m(shapes[:1], shapes[1:])[0])
    blocked_by = "not_placed" if gap_m is None else far
    return EdgeDecision(unit_a, unit_b, gap_m, None, None, place_walk_m, False, blocked_by, None)


def edges_layer(graph: AdjacencyGraph) -> pd.DataFrame:
    """The `edges` layer: every candidate pair, accepted or not, sorted by `unit_a`, `unit_b`."""
    return graph.pairs


def walks_layer(graph: AdjacencyGraph) -> pd.DataFrame:
    """The `walks` layer: each pair within the limit once, `unit_a` < `unit_b`, metres."""
    walks = coo_array(graph.walks)
    once = walks.row < walks.col
    i, j, metres = walks.row[once], walks.col[once], walks.data[once]
    is_estimated = np.ones(len(metres), dtype=bool)
    if graph.walks_estimated is not None and len(metres):
        is_estimated = np.asarray(csr_array(graph.walks_estimated)[i, j]).ravel()
    return build_walks_layer(graph.unit_ids, np.stack([i, j], axis=1), metres, is_estimated)


def graph_from_layers(units: pd.DataFrame, edges: pd.DataFrame, walks: pd.DataFrame) -> AdjacencyGraph:
    """The graph stored in a dataset.

    Parameters
    ----------
    units
        n rows with `unit_id`; their order is the graph's.
    edges, walks
        The layers of these names.

    Raises
    ------
    UnknownCodeError
        If a pair names a unit that is not there (the layers are not of one dataset).
    """
    ids = _unit_ids(units)
    pairs, walks = shape_layer("edges", edges, ""), shape_layer("walks", walks, "")
    allowed = pairs[pairs["allowed"].to_numpy(dtype=bool)]
    a, b = (find_positions(ids, allowed[name]) for name in ("unit_a", "unit_b"))
    rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((columns, rows))
    gap_m, walk_m = (np.tile(allowed[name].to_numpy(dtype=float), 2)[order] for name in ("gap_m", "walk_m"))
    i, j = (find_positions(ids, walks[name]) for name in ("unit_a", "unit_b"))
    metres = np.tile(walks["walk_m"].to_numpy(dtype=float), 2)
    guessed = np.tile(walks["walk_estimated"].fillna(value=True).to_numpy(dtype=bool), 2)
    both = np.stack([np.concatenate([i, j]), np.concatenate([j, i])])
    of_guessed = (guessed[guessed], tuple(both[:, guessed]))
    return AdjacencyGraph(
        unit_ids=ids,
        indptr=np.searchsorted(rows[order], np.arange(len(ids) + 1)),
        indices=columns[order],
        gap_m=gap_m,
        walk_m=walk_m,
        walks=csr_array(coo_array((metres, tuple(both)), shape=(len(ids), len(ids)))),
        pairs=pairs,
        walks_estimated=csr_array(coo_array(of_guessed, shape=(len(ids), len(ids)))),
    )


def refresh_graph(
    dataset: Dataset,
    rules: NeighbourRules,
    *,
    force: bool = False,
    tile_m: float | None = None,
    scheduler: str | None = None,
) -> tuple[Dataset, AdjacencyGraph]:
    """The graph of a dataset, built and stored again where it is missing or stale.

    Parameters
    ----------
    dataset
        With a `units` layer; may lack barriers and crossings. What others write meanwhile is kept,
        and the graph built anew where it rests on that.
    rules
        The thresholds.
    force
        Build it even when it is fresh; the same input gives the same bytes.
    tile_m
        Side of the tiles the map is cut into, metres; None = it is evaluated in one piece, on a
        cluster in tiles of `TILE_M`. The tiles change no byte.
    scheduler
        Address of a `distributed` scheduler whose workers evaluate the tiles; None = this process.

    Returns
    -------
    The dataset (a new version when something was written) and its graph.
    """
    for _ in range(_MAX_TRIES):
        try:
            inputs, graph, is_new = _load_or_build(dataset, rules, force, tile_m, scheduler)
            if not is_new:
                return dataset, graph
            with lock_dataset(dataset.folder):
                dataset = open_dataset(dataset.folder)
                if graph_inputs_sha256(dataset, rules) == inputs:
                    return _store_graph(dataset, graph, inputs), graph
        except ChangedMeanwhileError:
            dataset = open_dataset(dataset.folder)
    with lock_dataset(dataset.folder):  # others write all the time: now they wait
        dataset = open_dataset(dataset.folder)
        inputs, graph, _ = _load_or_build(dataset, rules, force, tile_m, scheduler)
        return _store_graph(dataset, graph, inputs), graph


def refresh_neighbours(dataset: Dataset, rules: NeighbourRules) -> Dataset:
    """As :func:`refresh_graph`, for whoever needs the layers alone: fresh ones are not read.

    Parameters
    ----------
    dataset, rules
        As there.
    """
    return dataset if has_fresh_graph(dataset, rules) else refresh_graph(dataset, rules)[0]


def has_fresh_graph(dataset: Dataset, rules: NeighbourRules) -> bool:
    """Whether the neighbours a dataset holds are those of its layers by these rules.

    Parameters
    ----------
    dataset, rules
        As of :func:`refresh_graph`.
    """
    return _is_fresh(dataset, graph_inputs_sha256(dataset, rules))


def _is_fresh(dataset: Dataset, inputs: str) -> bool:
    return dataset.manifest.graph_inputs == inputs and dataset.has("edges") and dataset.has("walks")


def _load_or_build(
    dataset: Dataset, rules: NeighbourRules, force: bool, tile_m: float | None, scheduler: str | None
) -> tuple[str, AdjacencyGraph, bool]:
    """What a graph is built from as a hash, the graph, and whether it was built just now."""
    inputs = graph_inputs_sha256(dataset, rules)
    units = dataset.layer("units")
    if not force and _is_fresh(dataset, inputs):
        kept = graph_from_layers(units, dataset.layer("edges"), dataset.layer("walks"))
        return inputs, kept, False
    graph = build_graph(
        units,
        dataset.layer("barriers"),
        dataset.layer("crossings"),
        rules,
        permits=read_permits(dataset.layer("permits")),
        overrides=dataset.layer("overrides"),
        roads=dataset.layer("roads"),
        gates=dataset.layer("gates"),
        tile_m=TILE_M if tile_m is None and scheduler is not None else tile_m,
        scheduler=scheduler,
    )
    return inputs, graph, True


def _store_graph(dataset: Dataset, graph: AdjacencyGraph, inputs: str) -> Dataset:
    return write_dataset(
        dataset.folder,
        replace(dataset.manifest, graph_inputs=inputs),
        {"edges": edges_layer(graph), "walks": walks_layer(graph)},
    )


def _or_none(value: Any) -> Any:
    """None for a missing value, else the plain Python value."""
    return None if pd.isna(value) else (value.item() if isinstance(value, np.generic) else value)


def _unit_ids(units: pd.DataFrame) -> np.ndarray:
    return units["unit_id"].to_numpy(dtype=object) if len(units) else np.empty(0, dtype=object)
