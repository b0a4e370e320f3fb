"""Units, neighbours and walks of a large city, beside what people use today; python -m tests.bench.graph [TIMES …]."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parents[2]
CRS = "EPSG:4546"
LAYERS = ("communities", "buildings", "streets", "roads", "barriers", "crossings")
PITCH_M, YARD_M = 230.0, 200.0
RAIL_EVERY, RIVER_EVERY, BRIDGE_EVERY, STREET_CELLS = 12, 15, 4, 10
WALK_M, DETOUR, GAP_M = 500.0, 1.3, 60.0


def main() -> None:
    """Print a row for our graph at each size, and one for each peer at the first size."""
    times = [float(text) for text in sys.argv[1:]] or [0.1, 1.0]
    say("| what | size | units | edges | islands | gap > 60 m | across a barrier | seconds | CPU s | peak MB |")
    say("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for size in times:
            city = Path(folder) / f"{size:g}"
            draw_city(city, size)
            report("Pianqu", size, run(city, "ours"))
        peers(Path(folder) / "1", 1.0)


def peers(city: Path, size: float) -> None:
    """The same units through the tools people use for adjacency today."""
    if not (city / "units.parquet").exists():
        return
    for name, what in (
        ("libpysal queen", "queen"),
        ("libpysal fuzzy, 30 m", "fuzzy"),
        ("momepy tessellation + queen", "momepy"),
    ):
        report(name, size, run(city, what))


# --- the city ------------------------------------------------------------------------------------


def draw_city(folder: Path, size: float) -> None:
    """3,000 × size communities with 200,000 × size buildings on a lattice of roads.

    Every tenth cell has single buildings instead of a community; railways and rivers run along some
    lattice lines, and every fourth road passes them on a bridge.
    """
    rng = np.random.default_rng(0)
    side = round(np.sqrt(3000 * size / 0.9))
    column, row = (one.ravel() for one in np.meshgrid(np.arange(side), np.arange(side)))
    x = 400_000 + column * PITCH_M + rng.uniform(0, 8, side * side)
    y = 4_480_000 + row * PITCH_M + rng.uniform(0, 8, side * side)
    is_stray = rng.random(side * side) < 0.1
    folder.mkdir()
    layers = {
        "communities": _communities(x[~is_stray], y[~is_stray], rng),
        "buildings": _buildings(x, y, is_stray, rng),
        "streets": _streets(side),
        **_lines(side),
    }
    for name, frame in layers.items():
        frame.to_parquet(folder / f"{name}.parquet")


def _frame(columns: dict[str, object], shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=np.asarray(shapes, dtype=object), crs=CRS)


def _communities(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    cut = rng.uniform(5, 40, len(x))
    corners = np.stack(
        [
            np.stack([x, y], 1),
            np.stack([x + YARD_M, y], 1),
            np.stack([x + YARD_M, y + YARD_M - cut], 1),
            np.stack([x + YARD_M - cut, y + YARD_M], 1),
            np.stack([x, y + YARD_M], 1),
        ],
        axis=1,
    )
    ids = [f"c{i:06d}" for i in range(len(x))]
    return _frame({"unit_id": ids, "name": ids, "geom_quality": "digitised"}, shapely.polygons(corners))


def _buildings(x: np.ndarray, y: np.ndarray, is_stray: np.ndarray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """66 walk-ups in each yard, five detached ones in each cell without a community."""
    inside = np.array([(12 + 22 * i, 6 + 17 * j) for i in range(6) for j in range(11)])
    apart = np.array([(10, 10), (120, 20), (20, 100), (110, 110), (60, 170)])
    at = [
        np.stack([x[~is_stray], y[~is_stray]], 1)[:, None] + inside,
        np.stack([x[is_stray], y[is_stray]], 1)[:, None] + apart,
    ]
    spot = np.concatenate([one.reshape(-1, 2) for one in at])
    spot += rng.uniform(0, 3, spot.shape)
    wide = np.where(np.arange(len(spot)) < at[0].size // 2, 16.0, 45.0)
    return _frame(
        {
            "building_id": [f"b{i:07d}" for i in range(len(spot))],
            "use": "residential",
            "floors_above": rng.integers(3, 8, len(spot)),
        },
        shapely.box(spot[:, 0], spot[:, 1], spot[:, 0] + wide, spot[:, 1] + 11),
    )


def _streets(side: int) -> gpd.GeoDataFrame:
    step = STREET_CELLS * PITCH_M
    n = -(-side // STREET_CELLS)
    west, south = (one.ravel() for one in np.meshgrid(np.arange(n), np.arange(n)))
    x, y = 399_985 + west * step, 4_479_985 + south * step
    codes = [f"1502{i:05d}" for i in range(n * n)]
    return _frame({"street_code": codes, "name": codes}, shapely.box(x, y, x + step, y + step))


def _lines(side: int) -> dict[str, gpd.GeoDataFrame]:
    """Roads between the yards, railways and rivers along some of their lines, bridges."""
    low_x, low_y, length = 400_000 - 13.0, 4_480_000 - 13.0, side * PITCH_M
    rails = np.arange(RAIL_EVERY, side, RAIL_EVERY)
    rivers = np.arange(RIVER_EVERY, side, RIVER_EVERY)
    at = np.arange(side)
    roads: list[tuple[shapely.LineString, bool]] = []
    crossings: list[tuple[str, shapely.Point]] = []
    for k in at[~np.isin(at, rivers)]:  # from west to east, over the railways
        _row_of_roads(roads, crossings, low_x, low_y + k * PITCH_M, length, rails, k, False)
    for k in at[~np.isin(at, rails)]:  # from south to north, over the rivers
        _row_of_roads(roads, crossings, low_y, low_x + k * PITCH_M, length, rivers, k, True)
    tracks = [shapely.LineString([(low_x + k * PITCH_M, low_y), (low_x + k * PITCH_M, low_y + length)]) for k in rails]
    water = [shapely.box(low_x, low_y + k * PITCH_M - 7, low_x + length, low_y + k * PITCH_M + 7) for k in rivers]
    kinds = ["railway"] * len(tracks) + ["river"] * len(water)
    return {
        "roads": _frame(
            {
                "road_id": [f"r{i:06d}" for i in range(len(roads))],
                "road_class": "residential",
                "is_bridge": [is_bridge for _, is_bridge in roads],
                "is_tunnel": False,
            },
            [line for line, _ in roads],
        ),
        "barriers": _frame({"barrier_id": [f"w{i:04d}" for i in range(len(kinds))], "kind": kinds}, [*tracks, *water]),
        "crossings": _frame(
            {"crossing_id": [f"x{i:05d}" for i in range(len(crossings))], "kind": [kind for kind, _ in crossings]},
            [point for _, point in crossings],
        ),
    }


def _row_of_roads(
    roads: list[tuple[shapely.LineString, bool]],
    crossings: list[tuple[str, shapely.Point]],
    begin: float,
    level: float,
    length: float,
    passed: np.ndarray,
    k: int,
    swap: bool,
) -> None:
    """One road of the lattice, block by block; every fourth is bridged where others end."""

    def place(along: float) -> tuple[float, float]:
        return (level, begin + along) if swap else (begin + along, level)

    for i in range(round(length / PITCH_M)):
        start, end = i * PITCH_M, (i + 1) * PITCH_M
        start += 12 if i in passed else 0
        end -= 12 if i + 1 in passed else 0
        roads.append((shapely.LineString([place(start), place(end)]), False))
    for i in passed if k % BRIDGE_EVERY == 1 else ():
        roads.append((shapely.LineString([place(i * PITCH_M - 12), place(i * PITCH_M + 12)]), True))
        crossings.append(("bridge", shapely.Point(place(i * PITCH_M))))


# --- what is measured, each in a process of its own --------------------------------------------------


def ours(city: Path) -> dict[str, float]:
    """Units, neighbours on foot and walks."""
    from geo.adjacency.graph import build_graph
    from geo.importing.units import build_units
    from geo.rules import NeighbourRules, UnitRules

    layers = {name: gpd.read_parquet(city / f"{name}.parquet") for name in LAYERS}
    began = time.perf_counter()
    built = build_units(layers["communities"], layers["buildings"], layers["streets"], UnitRules(), CRS)
    units_s = time.perf_counter() - began
    graph = build_graph(
        built.units, layers["barriers"], layers["crossings"], NeighbourRules(within="none"), roads=layers["roads"]
    )
    seconds = time.perf_counter() - began
    built.units.to_parquet(city / "units.parquet")
    allowed = graph.pairs[graph.pairs["allowed"].astype(bool)]
    of = pd.Index(graph.unit_ids)
    pairs = np.stack([of.get_indexer(allowed["unit_a"]), of.get_indexer(allowed["unit_b"])], 1)
    return {"seconds": seconds, "units_s": units_s, "walks": graph.walks.nnz // 2, **judged(city, pairs)}


def queen(city: Path) -> dict[str, float]:
    """Shared borders."""
    from libpysal.graph import Graph

    return _peer(city, lambda units: Graph.build_contiguity(units.geometry, rook=False))


def fuzzy(city: Path) -> dict[str, float]:
    """Borders that meet after each is widened by half the gap."""
    from libpysal.graph import Graph

    return _peer(city, lambda units: Graph.build_fuzzy_contiguity(units.geometry, buffer=GAP_M / 2))


def momepy(city: Path) -> dict[str, float]:
    """Cells of a tessellation inside the barriers, and their shared borders."""
    import momepy as mm
    from libpysal.graph import Graph

    def build(units: gpd.GeoDataFrame) -> Graph:
        walls = gpd.read_parquet(city / "barriers.parquet")
        limit = shapely.box(*units.total_bounds).buffer(60)
        lines = walls.geometry.where(walls.geometry.geom_type != "Polygon", walls.boundary)
        rooms = mm.enclosures(gpd.GeoSeries([limit.boundary], crs=CRS), additional_barriers=[lines.clip(limit)])
        cells = mm.enclosed_tessellation(units.geometry, rooms.geometry, segment=5, n_jobs=1)
        cells = cells[cells.index >= 0].dissolve(by=lambda i: i)
        return Graph.build_contiguity(cells.geometry, rook=False)

    return _peer(city, build)


def _peer(city: Path, build: Callable[[gpd.GeoDataFrame], object]) -> dict[str, float]:
    units = gpd.read_parquet(city / "units.parquet")[["unit_id", "geometry"]]
    began = time.perf_counter()
    found = build(units).adjacency.reset_index()
    seconds = time.perf_counter() - began
    found = found[found["weight"] > 0]
    focal, other = found["focal"].to_numpy(int), found["neighbor"].to_numpy(int)
    pairs = np.unique(np.sort(np.stack([focal, other], 1)[focal != other], axis=1), axis=0)
    return {"seconds": seconds, **judged(city, pairs)}


def judged(city: Path, pairs: np.ndarray) -> dict[str, float]:
    """What is wrong with edges, by plain shapely: too far, or across a barrier nobody can pass."""
    shapes = gpd.read_parquet(city / "units.parquet").geometry.to_numpy()
    a, b = shapes[pairs[:, 0]], shapes[pairs[:, 1]]
    walls = gpd.read_parquet(city / "barriers.parquet").geometry.to_numpy()
    points = gpd.read_parquet(city / "crossings.parquet").geometry.to_numpy()
    line = shapely.shortest_line(a, b)
    across = np.unique(shapely.STRtree(walls).query(line, predicate="intersects")[0])
    at, crossing = shapely.STRtree(points).query(a[across], predicate="dwithin", distance=WALK_M / DETOUR)
    legs = shapely.distance(a[across[at]], points[crossing])
    legs = legs + shapely.distance(b[across[at]], points[crossing])
    passable = np.unique(at[legs * DETOUR <= WALK_M])
    return {
        "units": len(shapes),
        "edges": len(pairs),
        "islands": len(shapes) - len(np.unique(pairs)),
        "far": int((shapely.distance(a, b) > GAP_M + 0.001).sum()),
        "across": len(across) - len(passable),
    }


def run(city: Path, what: str) -> dict[str, float]:
    """One measurement in a child process, with its peak memory."""
    command = [sys.executable, "-m", "tests.bench.graph", "--child", what, str(city)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read().strip()
    found: dict[str, float] = json.loads(printed.splitlines()[-1]) if printed else {}
    cpu = usage.ru_utime + usage.ru_stime
    return {**found, "cpu": cpu, "peak_mb": usage.ru_maxrss / 1024, "code": process.returncode}


def report(name: str, size: float, found: dict[str, float]) -> None:
    """One row of the table."""
    if found["code"]:
        say(f"| {name} | {size:g} | failed with exit code {found['code']:.0f} |")
        return
    parts = [f"{found[key]:,.0f}" for key in ("units", "edges", "islands", "far", "across")]
    times = [f"{found[key]:.1f}" for key in ("seconds", "cpu")]
    say(f"| {' | '.join([name, f'{size:g}', *parts, *times])} | {found['peak_mb']:,.0f} |")


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if "--child" in sys.argv:
        kinds = {"ours": ours, "queen": queen, "fuzzy": fuzzy, "momepy": momepy}
        say(json.dumps(kinds[sys.argv[-2]](Path(sys.argv[-1]))))
    else:
        main()
