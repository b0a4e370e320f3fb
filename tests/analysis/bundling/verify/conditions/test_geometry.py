"""Barriers, crossings and walks on the ground, against the graph and by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from analysis.bundling.verify.conditions.frontage import is_facing
from analysis.bundling.verify.conditions.geometry import GroundGeometry, connecting_line
from geo.adjacency.graph import build_graph
from geo.rules import NeighbourRules
from tests.analysis.bundling.verify.small_town import RULES, X0, Y0, frame, rules_broken, set_units, violations_of


def without_crossing(town):
    town.crossings = town.crossings.iloc[:0]


def crossing_at(x, y):
    def change(town):
        town.crossings["geometry"] = [translate(Point(x, y), X0, Y0)]

    return change


def second_track(x):
    def change(town):
        river = ("r2", "river", LineString([(x, 700), (x, 1300)]))
        more = frame([river], ["barrier_id", "kind", "geometry"])
        town.barriers = pd.concat([town.barriers, more], ignore_index=True)

    return change


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([], []),
        ([without_crossing], ["R23"]),
        ([crossing_at(220, 1275)], []),  # (185 + 185) × 1.3 = 481 m
        ([crossing_at(220, 1295)], ["R23"]),  # (205 + 205) × 1.3 = 533 m
        ([crossing_at(262, 1110)], ["R23"]),  # 42 m beside the track: not a crossing of it
        ([second_track(228)], []),  # the underpass leads below both
        ([second_track(280)], []),  # inside a unit, beyond where one enters it
        ([second_track(241), crossing_at(190, 1110)], ["R23"]),  # 51 m on: another barrier
    ],
)
def test_crossings(town, changes, found):
    for change in changes:
        change(town)
    assert rules_broken(town) == found


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_railway_on_the_shared_border_parts_touching_units(town, mirrored):
    without_crossing(town)
    shapes = {"east": translate(box(200, 1000, 330, 1090), X0, Y0)}
    set_units("geometry", shapes)(town)
    x = 200.4 if mirrored else 199.6
    town.barriers["geometry"] = [translate(LineString([(x, 700), (x, 1300)]), X0, Y0)]
    assert rules_broken(town) == ["R23"]


def test_a_railway_that_ends_halfway_leaves_a_way(town):
    without_crossing(town)
    set_units("geometry", {"east": translate(box(200, 1000, 330, 1090), X0, Y0)})(town)
    town.barriers["geometry"] = [translate(LineString([(200, 700), (200, 1045)]), X0, Y0)]
    assert rules_broken(town) == []


def test_the_connecting_line_takes_the_middle_of_what_faces():
    line = connecting_line(box(0, 0, 100, 80), box(120, 40, 200, 300), 20.0)
    assert np.allclose(line.coords, [(97.9, 60), (122.1, 60)], atol=0.3)


def ground(units, barriers, crossings):
    layers = (
        frame(barriers, ["barrier_id", "kind", "geometry"]),
        frame(crossings, ["crossing_id", "kind", "geometry"]),
    )
    return GroundGeometry(units, *layers, RULES)


def houses(*places):
    """Units of 2 × 2 m around points."""
    return [translate(box(x - 1, y - 1, x + 1, y + 1), X0, Y0) for x, y in places]


FOUR = houses((0, 0), (100, 0), (50, 100), (50, -90))


def test_walks_are_straight_where_nothing_is_in_the_way():
    walks = ground(FOUR, [], []).walks_from(0, [1, 2], 1000.0)
    assert np.allclose(walks, [130.0, 1.3 * math.hypot(50, 100)])


def test_walks_go_round_the_end_of_a_wall_over_other_places():
    wall = [("w", "railway", LineString([(50, -80), (50, 80)]))]
    walks = ground(FOUR, wall, []).walks_from(0, [1], 1000.0)
    assert np.allclose(walks, [1.3 * 2 * math.hypot(50, 90)])


def test_walks_go_through_a_crossing():
    wall = [("w", "railway", LineString([(50, -500), (50, 500)]))]
    door = [("u", "underpass", Point(50, 30))]
    walks = ground(FOUR[:2], wall, door).walks_from(0, [1], 1000.0)
    assert np.allclose(walks, [1.3 * 2 * (math.hypot(48, 30) + 2)])  # heads 2 m off the track
    assert np.isinf(ground(FOUR[:2], wall, []).walks_from(0, [1], 1000.0)).all()


def test_a_bridge_in_the_middle_of_a_wide_river_leads_over_it():
    river = [("w", "river", box(-500, 200, 500, 320))]
    bridge = [("b", "bridge", Point(0, 260))]
    units = houses((0, 0), (0, 500))
    assert np.allclose(ground(units, river, bridge).walks_from(0, [1], 1000.0), [650.0])
    beyond = [*river, ("r", "railway", LineString([(-500, 420), (500, 420)]))]
    assert np.isinf(ground(units, beyond, bridge).walks_from(0, [1], 1000.0)).all()


def test_neighbours_are_reached_over_the_line_that_joins_them():
    """A track ends inside a unit: it is on the line between the places, not on the way between."""
    units = [translate(shape, X0, Y0) for shape in (box(0, 0, 100, 100), box(110, 0, 210, 300))]
    track = [("t", "railway", LineString([(125, 60), (125, 400)]))]
    (walk,) = ground(units, track, []).walks_from(0, [1], 1000.0)
    assert 1.3 * math.dist((50, 50), (160, 150)) < walk < 1.3 * (55 + 50 + 110)


def test_the_radius_counts_the_way_round_a_barrier(town):
    """The member is near the anchor in a straight line, and far on foot."""
    fence = LineString([(315, -2000), (315, 2000)])
    town.barriers = frame([("f", "river", fence)], ["barrier_id", "kind", "geometry"])
    town.crossings = frame([("c", "bridge", Point(315, 250))], ["crossing_id", "kind", "geometry"])
    dataset, document = town.kept()
    document["rules"]["radius_m"] = 400.0
    found = violations_of(dataset, document)
    assert [(v.rule, v.units) for v in found] == [("R26", ("old2",))]


def random_map(seed, n=90):
    """Units, barriers and crossings thrown down at random: every awkward case at once."""
    rng = np.random.default_rng(seed)
    blocks = [box(0, 0, *rng.uniform(20, 110, 2)) for _ in range(n)]
    spots = zip(rng.uniform(0, 1100, (n, 2)), rng.uniform(0, 90, n), blocks, strict=True)
    units = frame(
        [(f"u{i:02d}", translate(rotate(block, angle), *xy)) for i, (xy, angle, block) in enumerate(spots)],
        ["unit_id", "geometry"],
    )
    lines = [LineString(rng.uniform(0, 1100, (3, 2))) for _ in range(6)]
    shapes = [line.buffer(rng.uniform(10, 40)) if k % 3 == 2 else line for k, line in enumerate(lines)]
    barriers = [(f"b{k}", "river" if k % 3 == 2 else "railway", shape) for k, shape in enumerate(shapes)]
    crossings = [
        (f"c{k}", "bridge", lines[rng.integers(6)].interpolate(rng.random(), normalized=True)) for k in range(12)
    ]
    return (
        units,
        frame(barriers, ["barrier_id", "kind", "geometry"]),
        frame(crossings, ["crossing_id", "kind", "geometry"]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_ground_agrees_with_the_graph(seed):
    """What the graph allows is never a violation; what it refuses is let through only at a graze."""
    units, barriers, crossings = random_map(seed)
    neighbours = NeighbourRules(hard_kinds=RULES.hard_kinds)
    graph = build_graph(units, barriers, crossings, neighbours)
    here = GroundGeometry(units.geometry, barriers, crossings, RULES)
    at = dict(zip(units["unit_id"], units.geometry, strict=True))

    def has_way(pair):
        a, b = at[pair.unit_a], at[pair.unit_b]
        if not is_facing(a, b, RULES.gap_m, RULES.facing_m):
            return False
        return not here.barriers_between(a, b, pair.gap_m) or here.crossing_between(a, b) >= 0

    pairs = graph.pairs
    ways = np.array([has_way(pair) for pair in pairs.itertuples()])
    allowed = pairs["allowed"].to_numpy(bool)
    assert allowed.any()
    assert not allowed.all()
    assert ways[allowed].all()
    assert ways[~allowed].mean() < 0.03

    others = list(range(10, len(units)))
    theirs = graph.walks[[0]].toarray()[0, others]
    theirs[theirs == 0] = np.inf
    mine = here.walks_from(0, others, 1000.0)
    near = theirs <= 999.0
    assert (mine[near] <= theirs[near] + 1.0).all()
    assert (np.abs(mine[near] - theirs[near]) <= 1.0).mean() > 0.9


@pytest.mark.parametrize("angle", [0.4, 1.3])
def test_turning_and_shifting_the_map_changes_nothing(town, angle):
    def turned(geometry):
        def turn(xy):
            x, y = (xy - [X0, Y0]).T
            c, s = math.cos(angle), math.sin(angle)
            return np.stack([X0 + 777 + c * x - s * y, Y0 - 333 + s * x + c * y], axis=1)

        return [g and shapely.transform(g, turn) for g in geometry]

    for table in (town.units, town.barriers, town.crossings):
        table["geometry"] = turned(table["geometry"])
    assert rules_broken(town) == []
    without_crossing(town)
    assert rules_broken(town) == ["R23"]
