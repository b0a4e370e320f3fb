"""Neighbours on little maps drawn by hand, and laws over all of them."""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import affine_transform

from geo.errors import MissingCRSError, NotMetricError, UnknownCodeError, UsageError
from geo.graph import build_graph
from geo.neighbours import candidate_pairs, gaps_m, positions, read_ground
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
RULES = NeighbourRules()


def layer(key, shapes, kinds=None):
    columns = {key: list(shapes), "kind": list(kinds or ["x"] * len(shapes))}
    return gpd.GeoDataFrame(columns, geometry=list(shapes.values()), crs=CRS)


@dataclass(frozen=True)
class Map:
    """A little map and the fate of every candidate pair on it; None = allowed."""

    units: dict
    fates: dict
    rails: dict = field(default_factory=dict)
    rivers: dict = field(default_factory=dict)
    roads: dict = field(default_factory=dict)
    crossings: dict = field(default_factory=dict)
    streets: dict = field(default_factory=dict)
    through: dict = field(default_factory=dict)

    def layers(self, turn=lambda shape: shape):
        units = layer("unit_id", {name: turn(shape) for name, shape in self.units.items()})
        units["street_code"] = [self.streets.get(name) for name in self.units]
        barriers = {**self.rails, **self.rivers, **self.roads}
        kinds = (
            ["railway"] * len(self.rails)
            + ["river"] * len(self.rivers)
            + ["arterial"] * len(self.roads)
        )
        return (
            units,
            layer("barrier_id", {name: turn(shape) for name, shape in barriers.items()}, kinds),
            layer("crossing_id", {name: turn(shape) for name, shape in self.crossings.items()}),
        )


#            a | b     100 m wide, 80 m deep, 20 m apart; the railway runs through the middle
LEFT, RIGHT = box(0, 0, 100, 80), box(120, 0, 220, 80)
RAIL = LineString([(110, -500), (110, 500)])
#            a b       sharing the border x = 100
BESIDE = box(100, 0, 200, 80)

MAPS = {
    "alley": Map({"a": LEFT, "b": RIGHT}, {"ab": None}),
    "wide gap": Map({"a": LEFT, "b": box(160.002, 0, 200, 80)}, {}),
    "gap of just 60 m": Map({"a": LEFT, "b": box(160, 0, 200, 80)}, {"ab": None}),
    "corner touch": Map({"a": LEFT, "b": box(100, 80, 200, 160)}, {"ab": None}),
    "one unit": Map({"a": LEFT}, {}),
    "three overlapping": Map(
        {"a": LEFT, "b": box(50, 20, 150, 100), "c": box(80, 10, 90, 200)},
        {"ab": None, "ac": None, "bc": None},
    ),
    "railway between": Map({"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": RAIL}),
    "arterial between": Map({"a": LEFT, "b": RIGHT}, {"ab": None}, roads={"r": RAIL}),
    "underpass": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": None},
        rails={"r": RAIL},
        crossings={"u": Point(110, 180)},
        through={"ab": "u"},
    ),
    "underpass too far": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": RAIL},
        crossings={"u": Point(110, 300)},
    ),
    "underpass of another railway": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": RAIL},
        rivers={"w": LineString([(-500, 300), (60, 200), (60, 190)])},
        crossings={"u": Point(60, 200)},
    ),
    "underpass behind a river": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": RAIL},
        rivers={"w": LineString([(-500, 100), (600, 100)])},
        crossings={"u": Point(110, 180)},
    ),
    "the next piece of the railway is crossed": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": None},
        rails={"r1": LineString([(110, -500), (110, 90)]), "r2": LineString([(110, 90), (110, 500)])},
        crossings={"u": Point(110, 180)},
        through={"ab": "u"},
    ),
    "dual track, one underpass": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": None},
        rails={"r1": LineString([(105, -500), (105, 500)]), "r2": LineString([(117, -500), (117, 500)])},
        crossings={"u": Point(105, 160)},
        through={"ab": "u"},
    ),
    "dual track": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r2"},
        rails={"r1": LineString([(115, -500), (115, 500)]), "r2": LineString([(105, -500), (105, 500)])},
    ),
    "river with a bridge": Map(
        {"a": LEFT, "b": box(155, 0, 250, 80)},
        {"ab": None},
        rivers={"w": box(105, -500, 150, 500)},
        crossings={"b": Point(128, 150)},
        through={"ab": "b"},
    ),
    "river with a bridge drawn as a line": Map(
        {"a": LEFT, "b": box(155, 0, 250, 80)},
        {"ab": None},
        rivers={"w": box(105, -500, 150, 500)},
        crossings={"b": LineString([(98, 150), (160, 150)])},
        through={"ab": "b"},
    ),
    "river": Map(
        {"a": LEFT, "b": box(155, 0, 250, 80)},
        {"ab": "river:w"},
        rivers={"w": box(105, -500, 150, 500)},
    ),
    "both lie in the river": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "river:w"}, rivers={"w": box(-50, -50, 300, 300)}
    ),
    "railway ends beyond the middle": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": LineString([(110, -500), (110, 50)])},
    ),
    "railway ends before the middle": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rails={"r": LineString([(110, -500), (110, 30)])}
    ),
    "railway drawn on the edge": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": LineString([(100, -500), (100, 500)])},
    ),
    "same side of a railway on the edge": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rails={"r": LineString([(-500, 80), (500, 80)])}
    ),
    "same bank": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rivers={"w": box(-500, 75, 500, 200)}
    ),
    "railway on the shared border": Map(
        {"a": LEFT, "b": BESIDE},
        {"ab": "railway:r"},
        rails={"r": LineString([(100, -500), (100, 500)])},
    ),
    "railway on the shared border, underpass": Map(
        {"a": LEFT, "b": BESIDE},
        {"ab": None},
        rails={"r": LineString([(100, -500), (100, 500)])},
        crossings={"u": Point(100, 120)},
        through={"ab": "u"},
    ),
    "railway just inside one unit": Map(
        {"a": LEFT, "b": BESIDE},
        {"ab": "railway:r"},
        rails={"r": LineString([(103, -500), (103, 500)])},
    ),
    "railway just inside a narrow unit": Map(
        {"a": LEFT, "b": box(100, 0, 108, 80)},
        {"ab": "railway:r"},
        rails={"r": LineString([(101.5, -500), (101.5, 500)])},
    ),
    "railway through the sliver of an overlap": Map(
        {"a": LEFT, "b": box(94, 0, 200, 80)},
        {"ab": "railway:r"},
        rails={"r": LineString([(97, -500), (97, 500)])},
    ),
    "railway crosses the shared border": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": None}, rails={"r": LineString([(-500, 40), (500, 40)])}
    ),
    "railway ends halfway along the shared border": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": None}, rails={"r": LineString([(100, -500), (100, 40)])}
    ),
    "railway through the corner": Map(
        {"a": LEFT, "b": box(100, 80, 200, 160)},
        {"ab": "railway:r"},
        rails={"r": LineString([(50, 130), (150, 30)])},
    ),
    "same bank, touching": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": None}, rivers={"w": box(-500, 70, 500, 200)}
    ),
    "building in a courtyard": Map(
        {"a": LEFT, "b": box(40, 30, 60, 40)}, {"ab": None}, rails={"r": RAIL}
    ),
    "street wall": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "street"}, streets={"a": "150203001", "b": "150203002"}
    ),
    "street unknown": Map({"a": LEFT, "b": RIGHT}, {"ab": None}, streets={"a": "150203001"}),
    "barrier is blamed before the street": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": RAIL},
        streets={"a": "150203001", "b": "150203002"},
    ),
    "unit of two parts": Map(
        {"a": shapely.union(LEFT, box(300, 0, 400, 80)), "b": box(430, 0, 500, 80), "c": RIGHT},
        {"ab": None, "ac": None},
    ),
    "unit without a place": Map({"a": LEFT, "b": None, "c": RIGHT}, {"ac": None}),
}  # fmt: skip


def fates(graph):
    pairs = graph.pairs
    blame = [None if pd.isna(reason) else reason for reason in pairs["blocked_by"]]
    return dict(zip(pairs["unit_a"] + pairs["unit_b"], blame, strict=True))


def built(little, rules=RULES, **options):
    return build_graph(*little.layers(**options), rules)


@pytest.fixture(params=MAPS)
def little(request):
    return MAPS[request.param]


def test_each_pair_has_the_fate_drawn(little):
    assert fates(built(little)) == little.fates


def test_a_saved_pair_names_its_crossing_and_walks_over_it(little):
    pairs = built(little).pairs.set_index(["unit_a", "unit_b"])
    crossed = pairs["crossing_id"].dropna()
    assert {a + b: name for (a, b), name in crossed.items()} == little.through
    for (a, b), name in crossed.items():
        ends = (little.units[a], little.units[b])
        by_way = sum(shape.distance(shapely.centroid(little.crossings[name])) for shape in ends)
        assert pairs.loc[(a, b), "walk_m"] == pytest.approx(1.3 * by_way, abs=0.002)


@pytest.mark.parametrize("degrees", [90, 213.7])
def test_turning_and_shifting_the_map_changes_nothing(little, degrees):
    sin, cos = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    turned = built(
        little,
        turn=lambda s: s and affine_transform(s, [cos, -sin, sin, cos, 412_345.67, 4_501_234.56]),
    )
    assert fates(turned) == little.fates
    before = built(little).pairs
    np.testing.assert_allclose(turned.pairs["gap_m"], before["gap_m"], atol=0.001)
    np.testing.assert_allclose(turned.pairs["walk_m"], before["walk_m"], atol=0.002)


def test_reordering_rows_changes_no_byte(little):
    units, barriers, crossings = little.layers()
    again = build_graph(units[::-1], barriers[::-1], crossings[::-1], RULES)
    pd.testing.assert_frame_equal(again.pairs, built(little).pairs)


def test_seen_from_the_other_unit_nothing_changes(little):
    renamed = dict(zip("abc", "zyx", strict=True))
    mirrored = replace(
        little,
        units={renamed[name]: shape for name, shape in little.units.items()},
        streets={renamed[name]: code for name, code in little.streets.items()},
    )
    allowed = {frozenset(pair) for pair, why in little.fates.items() if why is None}
    assert allowed == {
        frozenset(dict(zip("zyx", "abc", strict=True))[unit] for unit in pair)
        for pair, why in fates(built(mirrored)).items()
        if why is None
    }


def test_a_far_unit_changes_nothing_for_the_others(little):
    far = replace(little, units={**little.units, "z": box(9e4, 9e4, 9.1e4, 9.1e4)})
    pd.testing.assert_frame_equal(built(far).pairs, built(little).pairs)


def test_an_overlapping_unit_is_no_gap_and_no_walk():
    pairs = built(MAPS["three overlapping"]).pairs
    assert pairs["gap_m"].eq(0).all()
    assert pairs["walk_m"].eq(0).all()


def test_a_walk_beyond_the_limit_is_named():
    graph = built(MAPS["gap of just 60 m"], replace(RULES, walk_m=70))
    assert fates(graph) == {"ab": "walk>70"}


def test_walls_follow_the_rules():
    units, *rest = MAPS["street wall"].layers()
    units["neighbourhood_code"] = ["150203001001", "150203001002"]
    found = {}
    for within in ("none", "street", "neighbourhood"):
        found[within] = fates(build_graph(units, *rest, replace(RULES, within=within)))["ab"]
    assert found == {"none": None, "street": "street", "neighbourhood": "street"}
    units["street_code"] = "150203001"
    inside = fates(build_graph(units, *rest, replace(RULES, within="neighbourhood")))
    assert inside == {"ab": "neighbourhood"}


def test_the_first_barrier_from_unit_a_is_blamed():
    little = replace(
        MAPS["railway between"],
        rails={"far": LineString([(118, -9), (118, 99)]), "near": LineString([(104, -9), (104, 99)])},
    )  # fmt: skip
    assert fates(built(little)) == {"ab": "railway:near"}


def test_of_two_equal_crossings_the_smaller_id_is_taken():
    crossings = {"u2": Point(110, 180), "u1": Point(110, -100)}
    graph = built(replace(MAPS["underpass"], crossings=crossings))
    assert graph.pairs["crossing_id"].tolist() == ["u1"]


def test_a_map_without_any_layer_but_units_works():
    units, *_ = MAPS["alley"].layers()
    graph = build_graph(units, gpd.GeoDataFrame(), gpd.GeoDataFrame(), RULES)
    assert fates(graph) == {"ab": None}


def test_a_map_without_units_is_an_empty_graph():
    graph = build_graph(*(gpd.GeoDataFrame(),) * 3, RULES)
    assert (graph.n_units, graph.n_edges, len(graph.pairs)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda u: u.set_crs(None, allow_override=True), MissingCRSError),
        (lambda u: u.set_crs("EPSG:4490", allow_override=True), NotMetricError),
        (lambda u: u.set_crs("EPSG:4547", allow_override=True), UsageError),
        (lambda u: u.assign(unit_id="same"), UsageError),
    ],
)
def test_layers_that_cannot_be_measured_are_refused(change, error):
    units, *rest = MAPS["railway between"].layers()
    with pytest.raises(error):
        build_graph(change(units), *rest, RULES)


def test_an_unknown_wall_is_refused():
    with pytest.raises(UsageError, match="village"):
        read_ground(*MAPS["alley"].layers(), replace(RULES, within="village"))


def test_unknown_ids_are_named():
    with pytest.raises(UnknownCodeError, match="nobody"):
        positions(np.array(["a"], dtype=object), ["a", "nobody"])


# Brute force: random boxes on whole metres and straight barriers; every pair, one at a time.

corner = st.tuples(st.integers(0, 300), st.integers(0, 300))
boxes = st.lists(
    st.builds(
        lambda at, w, h: box(*at, at[0] + w, at[1] + h),
        corner,
        st.integers(10, 90),
        st.integers(10, 90),
    ),
    max_size=12,
)
segments = st.lists(
    st.tuples(corner, corner).filter(lambda ends: ends[0] != ends[1]).map(LineString), max_size=4
)


@given(boxes, st.integers(0, 80))
@settings(deadline=None, max_examples=60)
def test_candidates_are_those_of_brute_force(shapes, gap_m):
    a, b = candidate_pairs(np.array(shapes, dtype=object), gap_m)
    brute = [
        (i, j)
        for i in range(len(shapes))
        for j in range(i + 1, len(shapes))
        if round(shapes[i].distance(shapes[j]), 3) <= gap_m
    ]
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == brute


def nearest_ends(low_a, high_a, low_b, high_b):
    """Where two intervals are nearest: twice the middle of what they share, or the two ends."""
    if high_a < low_b:
        return high_a, low_b
    if high_b < low_a:
        return low_a, high_b
    middle = (max(low_a, low_b) + min(high_a, high_b)) / 2
    return middle, middle


def connector(one, two, shift, reach):
    """The middle connector of two boxes, shifted sideways and drawn out at both ends."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = one.bounds, two.bounds
    ends = np.array([nearest_ends(ax0, ax1, bx0, bx1), nearest_ends(ay0, ay1, by0, by1)])
    p, q = ends.T
    along = (q - p) / np.linalg.norm(q - p)
    aside = np.array([-along[1], along[0]]) * shift
    return LineString([p - reach * along + aside, q + reach * along + aside])


@given(boxes, segments)
@settings(deadline=None, max_examples=60)
def test_blocked_pairs_are_those_of_brute_force(shapes, lines):
    little = Map(
        {f"{i:02d}": shape for i, shape in enumerate(shapes)}, {}, rails=dict(enumerate(lines))
    )
    for pair in built(little).pairs.itertuples():
        one, two = little.units[pair.unit_a], little.units[pair.unit_b]
        if one.distance(two) <= 1:
            continue
        answers = {
            any(connector(one, two, shift, reach).intersects(line) for line in lines)
            for shift in (-4, 0, 4)
            for reach in (0, 6)
        }
        if len(answers) == 1:  # else the map is too near to a threshold to tell
            assert answers == {not pair.allowed}


@given(boxes, segments, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_neighbours_do_not_depend_on_the_order_of_units(shapes, lines, random):
    assume(shapes)
    little = Map(
        {f"u{i}": shape for i, shape in enumerate(shapes)}, {}, rails=dict(enumerate(lines))
    )
    units, *rest = little.layers()
    order = list(range(len(shapes)))
    random.shuffle(order)
    again = build_graph(units.iloc[order], *rest, RULES)
    pd.testing.assert_frame_equal(again.pairs, built(little).pairs)
    assert gaps_m(np.array(shapes), np.array(shapes)).tolist() == [0.0] * len(shapes)
