"""What verify walks on roads is what the graph walks, though nothing of it is shared."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from analysis.bundling.verify.conditions.geometry import GroundGeometry as Checked
from geo.adjacency.graph import build_graph
from geo.adjacency.pairs import build_access, build_context
from geo.network.barriers import point_coordinates
from geo.network.shortest_paths import measure_road_walks
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
RULES = NeighbourRules(road_scrap_m=200.0)


def frame(rows, *columns):
    table = {name: [row[k] for row in rows] for k, name in enumerate(columns)}
    return gpd.GeoDataFrame(table, geometry=[row[-1] for row in rows], crs=CRS)


def random_town(seed):
    """Blocks, crooked roads that cross and stop short, bridges, a river, a railway, gates."""
    rng = np.random.default_rng(seed)
    blocks = [
        (
            f"u{x}{y}",
            box(
                x * 150 + rng.uniform(10, 30),
                y * 150 + rng.uniform(10, 30),
                x * 150 + rng.uniform(90, 135),
                y * 150 + rng.uniform(90, 135),
            ),
        )
        for x in range(6)
        for y in range(6)
    ]
    lines = [[(k * 150 + rng.uniform(-6, 6), -40), (k * 150 + rng.uniform(-6, 6), 940)] for k in range(7)]
    lines += [[(rng.uniform(-60, 10), k * 150), (rng.uniform(500, 940), k * 150 + 3)] for k in range(7)]
    roads = [
        (
            f"r{k:02d}",
            str(rng.choice(["主干路", "支路", "快速路"], p=[0.5, 0.4, 0.1])),
            bool(rng.random() < 0.15),
            False,
            LineString(np.round(xy, 3)),
        )
        for k, xy in enumerate(lines)
    ]
    barriers = [
        ("b0", "railway", LineString([(-200, 310), (1100, 300 + rng.uniform(0, 60))])),
        ("b1", "river", LineString([(400, -200), (440, 1100)]).buffer(12)),
    ]
    crossings = [
        ("c0", "underpass", Point(150, 312)),
        ("c1", "bridge", Point(415, 150)),
        ("c2", "bridge", Point(430, 755)),
    ]
    gates = [
        (f"g{k}", name, None if k % 3 else False, Point(shape.exterior.coords[k % 4]))
        for k, (name, shape) in enumerate(blocks)
        if k % 4 == 0
    ]
    return (
        frame(blocks, "unit_id"),
        frame(barriers, "barrier_id", "kind"),
        frame(crossings, "crossing_id", "kind"),
        frame(roads, "road_id", "road_class", "is_bridge", "is_tunnel").assign(name=None),
        frame(gates, "gate_id", "unit_id", "is_open"),
    )


@pytest.fixture(scope="module", params=range(6))
def both(request):
    units, barriers, crossings, roads, gates = random_town(request.param)
    ids = units["unit_id"].tolist()
    checked = Checked(units.geometry, barriers, crossings, RULES, roads=roads, gates=gates, unit_ids=ids)
    ground = build_context(units, barriers, crossings, RULES)
    graph = build_graph(units, barriers, crossings, RULES, roads=roads, gates=gates)
    return checked, ground, build_access(ground, roads, gates, RULES), graph


def test_walks_from_place_to_place_agree(both):
    checked, ground, access, _ = both
    legs = access.legs_m(point_coordinates(ground.places)) * RULES.detour_factor
    n = len(ground.ids)
    a, b, metres = measure_road_walks(access, legs, n, RULES.walk_limit_m)
    theirs = np.full((n, n), np.inf)
    theirs[a, b] = metres
    for unit in range(0, n, 5):
        mine = checked.roads.walks(unit, range(n), RULES.walk_limit_m, checked.places)
        found = np.array([mine.get(k, np.inf) for k in range(n)])
        found[unit] = theirs[unit, unit]
        np.testing.assert_allclose(found, theirs[unit], atol=0.1)
    assert len(metres) > 100


def test_what_the_graph_allows_has_a_way(both):
    checked, ground, _, graph = both
    at = {unit: k for k, unit in enumerate(ground.ids)}
    allowed = graph.pairs[graph.pairs["allowed"].astype(bool)]
    for pair in allowed.itertuples():
        i, j = at[pair.unit_a], at[pair.unit_b]
        walls = checked.barriers_between(checked.shapes[i], checked.shapes[j], pair.gap_m)
        assert checked.has_way(i, j, pair.gap_m, walls)
    assert len(allowed) > 10
    assert not allowed["walk_estimated"].all()


def test_no_walk_of_the_graph_is_shorter_than_what_verify_finds(both):
    """R26 of a plan that the graph allows is never broken."""
    checked, ground, _, graph = both
    walks = graph.walks.toarray()
    for unit in range(0, len(ground.ids), 7):
        ends = np.flatnonzero(walks[unit] > 0).tolist()
        found = checked.walks_from(unit, ends, RULES.walk_limit_m + 1.0)
        assert (found <= walks[unit][ends] + 1.0).all()


def test_too_far_on_roads_is_no_way():
    """Back to back with gates on the far sides, and no road round the ends."""
    units = frame([("a", box(0, 0, 100, 80)), ("b", box(110, 0, 210, 80))], "unit_id")
    roads = frame(
        [("r0", LineString([(-10, -600), (-10, 600)])), ("r1", LineString([(220, -600), (220, 600)]))], "road_id"
    ).assign(name=None)
    gates = frame([("g", "a", True, Point(0, 40)), ("h", "b", True, Point(210, 40))], "gate_id", "unit_id", "is_open")
    nothing = frame([], "barrier_id", "kind"), frame([], "crossing_id", "kind")
    checked = Checked(units.geometry, *nothing, RULES, roads=roads, gates=gates, unit_ids=["a", "b"])
    assert not checked.has_way(0, 1, 10.0, set())
    alley = Checked(units.geometry, *nothing, RULES, roads=roads, gates=gates[:0], unit_ids=["a", "b"])
    assert alley.has_way(0, 1, 10.0, set())
