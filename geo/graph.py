"""Which units are neighbours, why, and why not (R20, R22, R23)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from geo.barriers import Barriers, Crossings, free_legs, hard_barriers, serving_crossings
from geo.connectors import first_barriers, inner_points
from geo.crs import require_metric
from geo.dataset import Dataset, graph_inputs_sha256, shape_layer, write_dataset
from geo.errors import UnknownCodeError, UsageError
from geo.rules import NeighbourRules
from geo.walking import walking_distances

logger = logging.getLogger(__name__)

WALLS = ("street", "neighbourhood", "none")
"""What `NeighbourRules.within` may be."""


@dataclass(frozen=True, eq=False)
class Graph:
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
        Every candidate pair with its fate: the `edges` layer.
    """

    unit_ids: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    gap_m: np.ndarray
    walk_m: np.ndarray
    walks: csr_array
    pairs: pd.DataFrame

    @property
    def n_units(self) -> int:
        """Number of units, those without a place included."""
        return len(self.unit_ids)

    @property
    def n_edges(self) -> int:
        """Number of allowed pairs."""
        return len(self.indices) // 2


@dataclass(frozen=True)
class PairFate:
    """Why two units are neighbours or not.

    Parameters
    ----------
    unit_a, unit_b
        Ids, `unit_a` < `unit_b`.
    gap_m
        Distance between the polygons, metres; None where it was not measured.
    walk_m
        Walk from gate to gate, metres; None where no way was found.
    place_walk_m
        Walk from place to place, metres; None beyond the limit.
    allowed
        Whether they are neighbours.
    blocked_by
        None where allowed; "kind:barrier_id", "walk>500", "street", "neighbourhood", or, where
        the pair was no candidate, "gap>60" or "not_placed".
    crossing_id
        The crossing they are joined by, where one is needed.
    """

    unit_a: str
    unit_b: str
    gap_m: float | None
    walk_m: float | None
    place_walk_m: float | None
    allowed: bool
    blocked_by: str | None
    crossing_id: str | None


def build_graph(
    units: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    rules: NeighbourRules,
) -> Graph:
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
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["a", "b"]},
    ...     geometry=[shapely.box(0, 0, 90, 90), shapely.box(110, 0, 200, 90)],
    ...     crs="EPSG:4546",
    ... )
    >>> nothing = gpd.GeoDataFrame()
    >>> graph = build_graph(units, nothing, nothing, NeighbourRules())
    >>> graph.pairs[["unit_a", "unit_b", "gap_m", "walk_m", "allowed"]].values.tolist()
    [['a', 'b', 20.0, 26.0, True]]
    """
    began = perf_counter()
    _check(units, barriers, crossings, rules)
    by_id = units.sort_values("unit_id", kind="stable") if len(units) else units
    hard = hard_barriers(barriers, rules.hard_kinds)
    serving = serving_crossings(crossings, hard)
    shapes = _valid_shapes(by_id)
    a, b, gap_m = candidate_pairs(shapes, rules.gap_m)
    fates = _fates(by_id, shapes, (a, b, gap_m), hard, serving, rules)
    walks = walking_distances(_places(shapes), hard, serving, rules)
    graph = graph_from_layers(units, fates, _walks_table(_ids(by_id), walks))
    logger.info(
        "graph: %d units, %d candidate pairs, %d allowed, %d walks, %.1f s",
        graph.n_units, len(graph.pairs), graph.n_edges, walks.nnz // 2, perf_counter() - began,
    )  # fmt: skip
    return graph


def candidate_pairs(shapes: np.ndarray, gap_m: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pairs of polygons at most a gap apart, found by an index over the polygons.

    Parameters
    ----------
    shapes
        (n,) polygons, metric CRS; missing and empty ones pair with nothing.
    gap_m
        Largest gap, metres.

    Returns
    -------
    Positions a < b, sorted, and the gap of each pair in metres rounded to 1 mm (0 where they
    touch or overlap); three arrays of equal length.

    Examples
    --------
    >>> squares = shapely.box([0, 30, 200], 0, [10, 40, 210], 10)
    >>> [array.tolist() for array in candidate_pairs(squares, 60.0)]
    [[0], [1], [20.0]]
    """
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m + 0.001)
    a, b = a[a < b], b[a < b]
    gaps = np.round(shapely.distance(shapes[a], shapes[b]), 3)
    near = gaps <= gap_m
    a, b, gaps = a[near], b[near], gaps[near]
    order = np.lexsort((b, a))
    return a[order], b[order], gaps[order]


def judge_pairs(
    units: gpd.GeoDataFrame,
    pairs: pd.DataFrame,
    barriers: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    rules: NeighbourRules,
) -> pd.DataFrame:
    """The fate of given pairs, measured afresh from the layers, whatever their gap.

    Parameters
    ----------
    units, barriers, crossings, rules
        As for :func:`build_graph`.
    pairs
        `unit_a`, `unit_b`: k rows.

    Returns
    -------
    An `edges` table of k rows (fewer where a unit has no geometry), sorted by id. A pair farther
    apart than `rules.gap_m` and free of barriers is blocked by "gap>60".

    Raises
    ------
    MissingCRSError, NotMetricError, UsageError
        As for :func:`build_graph`.
    UnknownCodeError
        If a pair names a unit that is not there.
    """
    _check(units, barriers, crossings, rules)
    by_id = units.sort_values("unit_id", kind="stable")
    shapes = _valid_shapes(by_id)
    ends = np.sort([_positions(_ids(by_id), pairs[name]) for name in ("unit_a", "unit_b")], axis=0)
    a, b = np.unique(ends[:, ~shapely.is_missing(shapes[ends]).any(axis=0)], axis=1)
    hard = hard_barriers(barriers, rules.hard_kinds)
    gap_m = np.round(shapely.distance(shapes[a], shapes[b]), 3)
    return _fates(by_id, shapes, (a, b, gap_m), hard, serving_crossings(crossings, hard), rules)


def components(graph: Graph) -> np.ndarray:
    """Label of the component of each unit: units joined by allowed pairs, directly or in turn.

    Returns
    -------
    (n,) int, numbered from 0 in the order in which their first units stand in the layer; a unit
    without neighbours is a component of its own.
    """
    ones = np.ones(len(graph.indices), dtype=np.int8)
    n = graph.n_units
    _, labels = connected_components(
        csr_array((ones, graph.indices, graph.indptr), shape=(n, n)), directed=False
    )
    _, first, of_unit = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[of_unit]


def explain_pair(
    graph: Graph,
    unit_a: str,
    unit_b: str,
    *,
    units: gpd.GeoDataFrame | None = None,
    rules: NeighbourRules | None = None,
) -> PairFate:
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
    i, j = _positions(graph.unit_ids, [unit_a, unit_b])
    if i == j:
        raise UsageError(
            f"两个编号相同(“{unit_a}”); 请给出两个不同的单元。",
            f"Both ids are '{unit_a}'; name two different units.",
        )
    unit_a, unit_b = sorted((unit_a, unit_b))
    place_walk_m = float(graph.walks[i, j]) or None  # no entry reads as 0
    row = graph.pairs[(graph.pairs["unit_a"] == unit_a) & (graph.pairs["unit_b"] == unit_b)]
    if len(row):
        one = row.iloc[0]
        return PairFate(
            unit_a, unit_b, _or_none(one["gap_m"]), _or_none(one["walk_m"]), place_walk_m,
            bool(one["allowed"]), _or_none(one["blocked_by"]), _or_none(one["crossing_id"]),
        )  # fmt: skip
    far = f"gap>{(rules or NeighbourRules()).gap_m:g}"
    if units is None:
        return PairFate(unit_a, unit_b, None, None, place_walk_m, False, far, None)
    shapes = _valid_shapes(units)[_positions(_ids(units), [unit_a, unit_b])]
    gap_m = _or_none(np.round(shapely.distance(*shapes), 3))
    blocked_by = "not_placed" if gap_m is None else far
    return PairFate(unit_a, unit_b, gap_m, None, place_walk_m, False, blocked_by, None)


def edges_layer(graph: Graph) -> pd.DataFrame:
    """The `edges` layer: every candidate pair with its fate, sorted by `unit_a`, `unit_b`."""
    return graph.pairs


def walks_layer(graph: Graph) -> pd.DataFrame:
    """The `walks` layer: each pair within the limit once, `unit_a` < `unit_b`, metres."""
    return _walks_table(graph.unit_ids, graph.walks)


def graph_from_layers(units: pd.DataFrame, edges: pd.DataFrame, walks: pd.DataFrame) -> Graph:
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
    ids = _ids(units)
    pairs = shape_layer("edges", edges, "")
    allowed = pairs[pairs["allowed"].to_numpy(dtype=bool)]
    a, b = (_positions(ids, allowed[name]) for name in ("unit_a", "unit_b"))
    rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.lexsort((columns, rows))
    gap_m, walk_m = (
        np.tile(allowed[name].to_numpy(dtype=float), 2)[order] for name in ("gap_m", "walk_m")
    )
    i, j = (_positions(ids, walks[name]) for name in ("unit_a", "unit_b"))
    metres = np.tile(walks["walk_m"].to_numpy(dtype=float), 2)
    both = (np.concatenate([i, j]), np.concatenate([j, i]))
    return Graph(
        unit_ids=ids,
        indptr=np.searchsorted(rows[order], np.arange(len(ids) + 1)),
        indices=columns[order],
        gap_m=gap_m,
        walk_m=walk_m,
        walks=csr_array(coo_array((metres, both), shape=(len(ids), len(ids)))),
        pairs=pairs,
    )


def refresh_graph(
    dataset: Dataset, rules: NeighbourRules, *, force: bool = False
) -> tuple[Dataset, Graph]:
    """The graph of a dataset, built and stored again where it is missing or stale.

    Parameters
    ----------
    dataset
        With a `units` layer; may lack barriers and crossings.
    rules
        The thresholds.
    force
        Build it even when it is fresh; the same input gives the same bytes.

    Returns
    -------
    The dataset (a new version when something was written) and its graph.
    """
    inputs = graph_inputs_sha256(dataset.manifest, rules)
    units = dataset.layer("units")
    fresh = dataset.manifest.graph_inputs == inputs
    if fresh and not force and dataset.has("edges") and dataset.has("walks"):
        return dataset, graph_from_layers(units, dataset.layer("edges"), dataset.layer("walks"))
    graph = build_graph(units, dataset.layer("barriers"), dataset.layer("crossings"), rules)
    written = write_dataset(
        dataset.folder,
        replace(dataset.manifest, graph_inputs=inputs),
        {"edges": edges_layer(graph), "walks": walks_layer(graph)},
    )
    return written, graph


def _check(
    units: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    rules: NeighbourRules,
) -> None:
    """Refuse what would give a wrong graph without a word."""
    if rules.within not in WALLS:
        raise UsageError(
            f"不认识的分界方式“{rules.within}”; 可用: {'、'.join(WALLS)}。",
            f"Unknown wall '{rules.within}'; use one of {', '.join(WALLS)}.",
        )
    layers = {"units": units, "barriers": barriers, "crossings": crossings}
    known: dict[str, CRS] = {
        name: require_metric(layer, name) for name, layer in layers.items() if len(layer)
    }
    for name, crs in known.items():
        if "units" in known and crs != known["units"]:
            raise UsageError(
                f"图层“{name}”的坐标系({crs.name})与 units({known['units'].name})不同; 请先统一。",
                f"Layer '{name}' is in {crs.name}, units are in {known['units'].name}; "
                "convert them to one CRS first.",
            )
    repeated = units["unit_id"][units["unit_id"].duplicated()] if len(units) else []
    if len(repeated):
        some = ", ".join(map(str, list(repeated)[:5]))
        raise UsageError(
            f"图层 units 有 {len(repeated)} 个重复编号: {some}; 编号必须唯一。",
            f"Layer units repeats {len(repeated)} ids: {some}; ids must be unique.",
        )


def _fates(
    units: gpd.GeoDataFrame,
    shapes: np.ndarray,
    candidates: tuple[np.ndarray, np.ndarray, np.ndarray],
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
) -> pd.DataFrame:
    """The `edges` table of candidate pairs; blame goes to barrier, walk, gap, wall in this order."""
    a, b, gap_m = candidates
    first = first_barriers(shapes[a], shapes[b], gap_m, barriers)
    stopped = np.flatnonzero(first >= 0)
    walk_m = np.round(gap_m * rules.detour_factor, 3)
    crossing = np.full(len(a), None, dtype=object)
    walk_m[stopped], crossing[stopped] = _through_crossings(
        shapes, a[stopped], b[stopped], barriers.kinds[first[stopped]], barriers, crossings, rules
    )
    blocked_by = _wall_between(units, a, b, rules.within)
    blocked_by[gap_m > rules.gap_m] = f"gap>{rules.gap_m:g}"
    blocked_by[walk_m > rules.walk_m] = f"walk>{rules.walk_m:g}"
    for pair in stopped[np.isnan(walk_m[stopped])]:
        blocked_by[pair] = barriers.label(first[pair])
    ids = _ids(units)
    table = pd.DataFrame(
        {
            "unit_a": ids[a],
            "unit_b": ids[b],
            "gap_m": gap_m,
            "walk_m": walk_m,
            "walk_estimated": True,
            "crossing_id": crossing,
            "allowed": pd.isna(blocked_by),
            "blocked_by": blocked_by,
        }
    )
    return shape_layer("edges", table, "")


def _through_crossings(
    shapes: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    kinds: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
) -> tuple[np.ndarray, np.ndarray]:
    """Walk (NaN where none ≤ `walk_m`) and crossing of each stopped pair: the shortest, then by id.

    The crossing serves the kind of the barrier that stops the pair, and both legs are free.
    """
    walk_m, names = np.full(len(a), np.nan), np.full(len(a), None, dtype=object)
    if not len(crossings.ids) or not len(a):
        return walk_m, names
    used = np.unique(np.concatenate([a, b]))
    tree = shapely.STRtree(crossings.points)
    reach_m = rules.walk_m / rules.detour_factor
    at, which = tree.query(shapes[used], predicate="dwithin", distance=reach_m)
    legs = pd.DataFrame({"unit": used[at], "crossing": which})
    legs["metres"] = shapely.distance(shapes[legs["unit"]], crossings.points[which])
    routes = (
        pd.DataFrame({"pair": np.arange(len(a)), "a": a, "b": b})
        .merge(legs.rename(columns={"unit": "a", "metres": "metres_a"}), on="a")
        .merge(legs.rename(columns={"unit": "b", "metres": "metres_b"}), on=["b", "crossing"])
    )
    routes["walk"] = ((routes["metres_a"] + routes["metres_b"]) * rules.detour_factor).round(3)
    serves = [
        kinds[p] in crossings.kinds_served[c]
        for p, c in zip(routes["pair"], routes["crossing"], strict=True)
    ]
    routes = routes[np.array(serves, dtype=bool) & (routes["walk"] <= rules.walk_m).to_numpy()]
    free = _free_unit_legs(shapes, routes, barriers, crossings)
    best = routes[free].sort_values(["pair", "walk", "crossing"]).drop_duplicates("pair")
    walk_m[best["pair"]] = best["walk"]
    names[best["pair"]] = crossings.ids[best["crossing"]]
    return walk_m, names


def _free_unit_legs(
    shapes: np.ndarray, routes: pd.DataFrame, barriers: Barriers, crossings: Crossings
) -> np.ndarray:
    """Whether both legs of each route are free; each leg of a unit is tested once."""
    ends = np.concatenate(
        [routes[["a", "crossing"]].to_numpy(), routes[["b", "crossing"]].to_numpy()]
    )
    legs, of_end = np.unique(ends, axis=0, return_inverse=True)
    unit, which = shapes[legs[:, 0]], legs[:, 1]
    nearest = shapely.get_point(shapely.shortest_line(unit, crossings.points[which]), 0)
    free = free_legs(barriers, crossings, which, inner_points(unit, nearest))
    of_a, of_b = of_end.reshape(2, -1)
    return free[of_a] & free[of_b]


def _wall_between(units: gpd.GeoDataFrame, a: np.ndarray, b: np.ndarray, within: str) -> np.ndarray:
    """(k,) None, or the administrative border between two units whose codes are both known."""
    wall = np.full(len(a), None, dtype=object)
    names = {"street": ("street",), "neighbourhood": ("neighbourhood", "street"), "none": ()}
    for name in names[within]:
        if f"{name}_code" in units:
            codes = units[f"{name}_code"].to_numpy(dtype=object)
            known = pd.notna(codes)
            wall[known[a] & known[b] & (codes[a] != codes[b])] = name
    return wall


def _valid_shapes(units: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) polygons, None where missing or empty; distances need them valid."""
    if not len(units):
        return np.empty(0, dtype=object)
    shapes = units.geometry.to_numpy().copy()
    shapes[shapely.is_empty(shapes)] = None
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return shapes


def _places(shapes: np.ndarray) -> np.ndarray:
    """(n,) the point that stands for each unit, inside it."""
    return shapely.point_on_surface(shapes)


def _ids(units: pd.DataFrame) -> np.ndarray:
    return units["unit_id"].to_numpy(dtype=object) if len(units) else np.empty(0, dtype=object)


def _positions(ids: np.ndarray, wanted: pd.Series | list[str]) -> np.ndarray:
    """Position of each wanted id."""
    found = pd.Index(ids).get_indexer(pd.Index(wanted, dtype=object))
    if (found < 0).any():
        unknown = list(dict.fromkeys(np.asarray(wanted, dtype=object)[found < 0]))
        some = ", ".join(map(str, unknown[:5]))
        raise UnknownCodeError(
            f"没有这 {len(unknown)} 个单元: {some}; 请检查编号。",
            f"There is no such unit ({len(unknown)}): {some}; check the ids.",
        )
    return found


def _walks_table(ids: np.ndarray, walks: csr_array) -> pd.DataFrame:
    """Each pair of a symmetric matrix once, by id."""
    upper = coo_array(walks)
    once = upper.row < upper.col
    i, j, metres = upper.row[once], upper.col[once], upper.data[once]
    swap = ids[i] > ids[j]
    i, j = np.where(swap, j, i), np.where(swap, i, j)
    table = pd.DataFrame({"unit_a": ids[i], "unit_b": ids[j], "walk_m": metres})
    return shape_layer("walks", table, "")


def _or_none(value: Any) -> Any:
    """None for a missing value, else the plain Python value."""
    return None if pd.isna(value) else (value.item() if isinstance(value, np.generic) else value)
