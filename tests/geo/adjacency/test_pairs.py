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
from shapely.affinity import affine_transform, translate

from geo.adjacency.graph import build_graph
from geo.adjacency.pairs import build_context, find_candidate_pairs, find_positions, gaps_m
from geo.errors import MissingCRSError, NotMetricError, UnknownCodeError, UsageError
from geo.rules import NeighbourRules
from tests.effort import examples

CRS = "EPSG:4546"
RULES = NeighbourRules()


@dataclass(frozen=True)
class Map:
    """A little map and the fate of every candidate pair on it; None = allowed."""

    units: dict
    fates: dict
    rails: dict = field(default_factory=dict)
    rivers: dict = field(default_factory=dict)
    roads: dict = field(default_factory=dict)
    fast: dict = field(default_factory=dict)
    parks: dict = field(default_factory=dict)
    crossings: dict = field(default_factory=dict)
    streets: dict = field(default_factory=dict)
    through: dict = field(default_factory=dict)


def layers(maps, turn=None, rename=str):
    """The three layers of little maps that lie 20 km apart; ids begin with the map's name."""
    rows = {"unit": [], "barrier": [], "crossing": []}
    for at, (name, little) in enumerate(maps.items()):

        def put(layer, shapes, kind, name=name, at=at):
            for key, shape in shapes.items():
                placed = shape and translate(shape, 20_000 * at)
                label = f"{name}/{rename(key) if layer == 'unit' else key}"
                rows[layer].append((label, kind(key), turn(placed) if turn and placed else placed))

        put("unit", little.units, little.streets.get)
        put("barrier", little.rails, lambda _: "railway")
        put("barrier", little.rivers, lambda _: "river")
        put("barrier", little.roads, lambda _: "arterial")
        put("barrier", little.fast, lambda _: "expressway")
        put("barrier", little.parks, lambda _: "closed_park")
        put("crossing", little.crossings, lambda _: "underpass")
    return [
        gpd.GeoDataFrame(
            {f"{layer}_id": [row[0] for row in found], column: [row[1] for row in found]},
            geometry=[row[2] for row in found],
            crs=CRS,
        )
        for (layer, found), column in zip(rows.items(), ("street_code", "kind", "kind"), strict=True)
    ]


#            a | b     100 m wide, 80 m deep, 20 m apart; the railway runs through the middle
LEFT, RIGHT = box(0, 0, 100, 80), box(120, 0, 220, 80)
RAIL = LineString([(110, -500), (110, 500)])
#            a b       sharing the border x = 100
BESIDE = box(100, 0, 200, 80)

MAPS = {
    "alley": Map({"a": LEFT, "b": RIGHT}, {"ab": None}),
    "wide gap": Map({"a": LEFT, "b": box(160.002, 0, 200, 80)}, {}),
    "gap of just 60 m": Map({"a": LEFT, "b": box(160, 0, 200, 80)}, {"ab": None}),
    "corner touch": Map({"a": LEFT, "b": box(100, 80, 200, 160)}, {"ab": "facing<3"}),
    "corner to corner": Map({"a": LEFT, "b": box(120, 100, 200, 160)}, {"ab": "facing<3"}),
    "facing along 2 m": Map({"a": LEFT, "b": box(120, 78, 200, 160)}, {"ab": "facing<3"}),
    "facing along 4 m": Map({"a": LEFT, "b": box(120, 76, 200, 160)}, {"ab": None}),
    "corner to corner, street wall": Map(
        {"a": LEFT, "b": box(120, 100, 200, 160)}, {"ab": "facing<3"}, streets={"a": "150203001", "b": "150203002"}
    ),
    "one unit": Map({"a": LEFT}, {}),
    "three overlapping": Map(
        {"a": LEFT, "b": box(50, 20, 150, 100), "c": box(80, 10, 90, 200)}, {"ab": None, "ac": None, "bc": None}
    ),
    "railway between": Map({"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": RAIL}),
    "arterial between": Map({"a": LEFT, "b": RIGHT}, {"ab": None}, roads={"r": RAIL}),
    "underpass": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rails={"r": RAIL}, crossings={"u": Point(110, 180)}, through={"ab": "u"}
    ),
    "underpass too far": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": RAIL}, crossings={"u": Point(110, 300)}
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
    "a bridge both reach on one side helps neither": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "railway:r"},
        rails={"r": LineString([(110, -500), (110, 50)])},
        rivers={"w": LineString([(-500, 150), (600, 150)])},
        crossings={"u": Point(110, 150)},
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
    "river": Map({"a": LEFT, "b": box(155, 0, 250, 80)}, {"ab": "river:w"}, rivers={"w": box(105, -500, 150, 500)}),
    "both lie in the river": Map({"a": LEFT, "b": RIGHT}, {"ab": "river:w"}, rivers={"w": box(-50, -50, 300, 300)}),
    "railway ends beyond the middle": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": LineString([(110, -500), (110, 50)])}
    ),
    "railway ends before the middle": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rails={"r": LineString([(110, -500), (110, 30)])}
    ),
    "railway drawn on the edge": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": LineString([(100, -500), (100, 500)])}
    ),
    "same side of a railway on the edge": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": None}, rails={"r": LineString([(-500, 80), (500, 80)])}
    ),
    "same bank": Map({"a": LEFT, "b": RIGHT}, {"ab": None}, rivers={"w": box(-500, 75, 500, 200)}),
    "railway on the shared border": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": "railway:r"}, rails={"r": LineString([(100, -500), (100, 500)])}
    ),
    "railway on the shared border, underpass": Map(
        {"a": LEFT, "b": BESIDE},
        {"ab": None},
        rails={"r": LineString([(100, -500), (100, 500)])},
        crossings={"u": Point(100, 120)},
        through={"ab": "u"},
    ),
    "railway just inside one unit": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": "railway:r"}, rails={"r": LineString([(103, -500), (103, 500)])}
    ),
    "railway just inside a narrow unit": Map(
        {"a": LEFT, "b": box(100, 0, 108, 80)},
        {"ab": "railway:r"},
        rails={"r": LineString([(101.5, -500), (101.5, 500)])},
    ),
    "railway through the sliver of an overlap": Map(
        {"a": LEFT, "b": box(94, 0, 200, 80)}, {"ab": "railway:r"}, rails={"r": LineString([(97, -500), (97, 500)])}
    ),
    "railway crosses the shared border": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": None}, rails={"r": LineString([(-500, 40), (500, 40)])}
    ),
    "railway ends halfway along the shared border": Map(
        {"a": LEFT, "b": BESIDE}, {"ab": None}, rails={"r": LineString([(100, -500), (100, 40)])}
    ),
    "railway through the corner": Map(
        {"a": LEFT, "b": box(100, 80, 200, 160)}, {"ab": "railway:r"}, rails={"r": LineString([(50, 130), (150, 30)])}
    ),
    "same bank, touching": Map({"a": LEFT, "b": BESIDE}, {"ab": None}, rivers={"w": box(-500, 70, 500, 200)}),
    "building in a courtyard": Map({"a": LEFT, "b": box(40, 30, 60, 40)}, {"ab": None}, rails={"r": RAIL}),
    "street wall": Map({"a": LEFT, "b": RIGHT}, {"ab": "street"}, streets={"a": "150203001", "b": "150203002"}),
    "street unknown": Map({"a": LEFT, "b": RIGHT}, {"ab": None}, streets={"a": "150203001"}),
    "barrier is blamed before the street": Map(
        {"a": LEFT, "b": RIGHT}, {"ab": "railway:r"}, rails={"r": RAIL}, streets={"a": "150203001", "b": "150203002"}
    ),
    "unit of two parts": Map(
        {"a": shapely.union(LEFT, box(300, 0, 400, 80)), "b": box(430, 0, 500, 80), "c": RIGHT},
        {"ab": None, "ac": None},
    ),
    "outlines that cross themselves": Map(
        {
            "a": shapely.Polygon([(0, 0), (100, 80), (100, 0), (0, 80)]),
            "b": shapely.Polygon([(120, 0), (220, 0), (220, 80), (300, 80), (220, 80), (120, 80)]),
            "c": shapely.Polygon([(110, 0), (110, 80), (110, 0)]),
        },
        {"ab": "river:w"},
        rivers={"w": shapely.Polygon([(105, -50), (115, 150), (115, -50), (105, 150)])},
    ),
    #        c c
    #      d park b     each reaches those beside it, nobody walks through the closed park
    #      d a a
    "ring around a park": Map(
        {
            "a": box(0, -60, 90, -5),
            "b": box(100, -60, 160, 60),
            "c": box(10, 85, 160, 140),
            "d": box(-70, -60, -10, 140),
        },
        {"ab": None, "ad": None, "bc": None, "cd": None},
        parks={"p": box(0, 0, 90, 80)},
    ),
    "ring around a unit": Map(
        {"a": box(0, 0, 200, 200).difference(box(40, 40, 160, 160)), "b": box(60, 60, 140, 140)}, {"ab": None}
    ),
    "building in the yard of a ring": Map(
        {"a": LEFT.difference(box(30, 20, 70, 60)), "b": box(45, 35, 55, 45)}, {"ab": None}
    ),
    "railway alongside, one underpass": Map(
        {"a": LEFT, "b": RIGHT, "c": box(0, 400, 100, 480), "d": box(120, 400, 220, 480)},
        {"ab": None, "cd": "railway:r"},
        rails={"r": LineString([(110, -500), (110, 900)])},
        crossings={"u": Point(110, 90)},
        through={"ab": "u"},
    ),
    "dual carriageway": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": "expressway:e"},
        fast={"e": LineString([(104, -500), (104, 500)]), "f": LineString([(116, 500), (116, -500)])},
    ),
    "dual carriageway, one footbridge": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": None},
        fast={"e": LineString([(104, -500), (104, 500)]), "f": LineString([(116, 500), (116, -500)])},
        crossings={"u": LineString([(98, 120), (122, 120)])},
        through={"ab": "u"},
    ),
    "river with a footbridge at its end": Map(
        {"a": LEFT, "b": RIGHT},
        {"ab": None},
        rivers={"w": box(104, -500, 116, 500)},
        crossings={"u": LineString([(103, 40), (117, 40)])},
        through={"ab": "u"},
    ),
    "border of streets along an alley": Map(
        {"a": LEFT, "b": box(106, 0, 206, 80), "c": box(0, 86, 100, 166)},
        {"ab": "street", "ac": None, "bc": "facing<3"},
        streets={"a": "150203001", "b": "150203002", "c": "150203001"},
    ),
    "an island": Map(
        {"a": LEFT, "b": box(140, 20, 200, 60)},
        {"ab": "river:w"},
        rivers={"w": box(110, -10, 230, 90).difference(box(130, 10, 210, 70))},
    ),
    "an island with a bridge": Map(
        {"a": LEFT, "b": box(140, 20, 200, 60)},
        {"ab": None},
        rivers={"w": box(110, -10, 230, 90).difference(box(130, 10, 210, 70))},
        crossings={"u": Point(120, 40)},
        through={"ab": "u"},
    ),
    "unit without a place": Map({"a": LEFT, "b": None, "c": RIGHT}, {"ac": None}),
}


def fates(graph, name):
    """Fate of each pair of one little map, ids without its name."""
    pairs = graph.pairs[graph.pairs["unit_a"].str.startswith(f"{name}/")]
    blame = [None if pd.isna(why) else why.replace(f"{name}/", "") for why in pairs["blocked_by"]]
    return dict(zip(pairs["unit_a"].str[-1] + pairs["unit_b"].str[-1], blame, strict=True))


def built(little, rules=RULES):
    return build_graph(*layers({"m": little}), rules)


@pytest.fixture(scope="module")
def atlas():
    return build_graph(*layers(MAPS), RULES)


@pytest.fixture(scope="module", params=[90, 213.7])
def turned(request):
    sin, cos = np.sin(np.radians(request.param)), np.cos(np.radians(request.param))
    matrix = [cos, -sin, sin, cos, 412_345.67, 4_501_234.56]
    return build_graph(*layers(MAPS, turn=lambda s: affine_transform(s, matrix)), RULES)


@pytest.mark.parametrize("name", MAPS)
def test_each_pair_has_the_fate_drawn(atlas, name):
    assert fates(atlas, name) == MAPS[name].fates


@pytest.mark.parametrize("name", MAPS)
def test_turning_and_shifting_the_map_changes_no_fate(turned, name):
    assert fates(turned, name) == MAPS[name].fates


def test_turning_and_shifting_the_map_changes_no_figure(turned, atlas):
    np.testing.assert_allclose(turned.pairs["gap_m"], atlas.pairs["gap_m"], atol=0.001)
    np.testing.assert_allclose(turned.pairs["facing_m"], atlas.pairs["facing_m"], atol=0.002)
    np.testing.assert_allclose(turned.pairs["walk_m"], atlas.pairs["walk_m"], atol=0.002)
    assert turned.pairs["crossing_id"].equals(atlas.pairs["crossing_id"])


def test_a_saved_pair_names_its_crossing_and_walks_over_it(atlas):
    saved = atlas.pairs.dropna(subset="crossing_id")
    drawn = {f"{name}/{pair}": way for name, m in MAPS.items() for pair, way in m.through.items()}
    assert dict(zip(saved["unit_a"] + saved["unit_b"].str[-1], saved["crossing_id"].str[-1], strict=True)) == drawn
    for pair in saved.itertuples():
        name, way = pair.crossing_id.split("/")
        middle = shapely.centroid(MAPS[name].crossings[way])
        legs = [MAPS[name].units[unit[-1]].distance(middle) for unit in (pair.unit_a, pair.unit_b)]
        assert pair.walk_m == pytest.approx(1.3 * sum(legs), abs=0.002)


def test_reordering_rows_changes_no_byte(atlas):
    again = build_graph(*(layer[::-1] for layer in layers(MAPS)), RULES)
    pd.testing.assert_frame_equal(again.pairs, atlas.pairs)


def test_seen_from_the_other_unit_no_pair_changes():
    mirror = dict(zip("abcd", "zyxw", strict=True))
    mirrored = build_graph(*layers(MAPS, rename=mirror.get), RULES)
    for name, little in MAPS.items():
        seen = {frozenset(pair): why is None for pair, why in fates(mirrored, name).items()}
        drawn = {frozenset(mirror[unit] for unit in pair): why is None for pair, why in little.fates.items()}
        assert seen == drawn, name


@pytest.mark.parametrize("name", ["underpass", "railway crosses the shared border"])
def test_far_units_change_nothing_for_the_others(atlas, name):
    alone = build_graph(*layers({name: MAPS[name]}), RULES)
    assert fates(alone, name) == fates(atlas, name)


def test_an_overlapping_unit_is_no_gap_and_no_walk():
    pairs = built(MAPS["three overlapping"]).pairs
    assert pairs["gap_m"].eq(0).all()
    assert pairs["walk_m"].eq(0).all()


def test_a_walk_beyond_the_limit_is_named():
    graph = built(MAPS["gap of just 60 m"], replace(RULES, walk_m=70))
    assert fates(graph, "m") == {"ab": "walk>70"}


def test_no_facing_is_asked_where_the_rule_is_0():
    assert fates(built(MAPS["corner touch"], replace(RULES, facing_m=0)), "m") == {"ab": None}


def test_walls_follow_the_rules():
    units, *rest = layers({"m": MAPS["street wall"]})
    units["neighbourhood_code"] = ["150203001001", "150203001002"]
    found = {}
    for within in ("none", "street", "neighbourhood"):
        found[within] = fates(build_graph(units, *rest, replace(RULES, within=within)), "m")["ab"]
    assert found == {"none": None, "street": "street", "neighbourhood": "street"}
    units["street_code"] = "150203001"
    inside = fates(build_graph(units, *rest, replace(RULES, within="neighbourhood")), "m")
    assert inside == {"ab": "neighbourhood"}


def test_the_first_barrier_from_unit_a_is_blamed():
    little = replace(
        MAPS["railway between"],
        rails={"far": LineString([(118, -9), (118, 99)]), "near": LineString([(104, -9), (104, 99)])},
    )
    assert fates(built(little), "m") == {"ab": "railway:near"}


def test_of_two_crossings_the_shorter_way_is_taken():
    crossings = {"x": Point(110, 200), "y": Point(110, 100)}
    graph = built(replace(MAPS["underpass"], crossings=crossings))
    assert graph.pairs["crossing_id"].tolist() == ["m/y"]


def test_of_two_equal_crossings_the_smaller_id_is_taken():
    crossings = {"u2": Point(110, 180), "u1": Point(110, -100)}
    graph = built(replace(MAPS["underpass"], crossings=crossings))
    assert graph.pairs["crossing_id"].tolist() == ["m/u1"]


def test_a_map_without_any_layer_but_units_works():
    units, *_ = layers({"m": MAPS["alley"]})
    graph = build_graph(units, gpd.GeoDataFrame(), gpd.GeoDataFrame(), RULES)
    assert fates(graph, "m") == {"ab": None}


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
    units, *rest = layers({"m": MAPS["railway between"]})
    with pytest.raises(error):
        build_graph(change(units), *rest, RULES)


def test_an_unknown_wall_is_refused():
    with pytest.raises(UsageError, match="village"):
        build_context(*layers({"m": MAPS["alley"]}), replace(RULES, within="village"))


def test_unknown_ids_are_named():
    with pytest.raises(UnknownCodeError, match="nobody"):
        find_positions(np.array(["a"], dtype=object), ["a", "nobody"])


# Brute force: random boxes on whole metres and straight barriers; every pair, one at a time.

corner = st.tuples(st.integers(0, 300), st.integers(0, 300))
boxes = st.lists(
    st.builds(lambda at, w, h: box(*at, at[0] + w, at[1] + h), corner, st.integers(10, 90), st.integers(10, 90)),
    max_size=12,
)
segments = st.lists(st.tuples(corner, corner).filter(lambda ends: ends[0] != ends[1]).map(LineString), max_size=4)


@given(boxes, st.integers(0, 80))
@settings(deadline=None, max_examples=examples(40))
def test_candidates_are_those_of_brute_force(shapes, gap_m):
    a, b = find_candidate_pairs(np.array(shapes, dtype=object), gap_m)
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
@settings(deadline=None, max_examples=examples(40))
def test_blocked_pairs_are_those_of_brute_force(shapes, lines):
    little = Map({f"{i:02d}": shape for i, shape in enumerate(shapes)}, {}, rails=dict(enumerate(lines)))
    for pair in built(little, replace(RULES, facing_m=0)).pairs.itertuples():
        one, two = little.units[pair.unit_a[2:]], little.units[pair.unit_b[2:]]
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
@settings(deadline=None, max_examples=examples(12))
def test_neighbours_do_not_depend_on_the_order_of_units(shapes, lines, random):
    assume(shapes)
    little = Map({f"u{i}": shape for i, shape in enumerate(shapes)}, {}, rails=dict(enumerate(lines)))
    units, *rest = layers({"m": little})
    order = list(range(len(shapes)))
    random.shuffle(order)
    again = build_graph(units.iloc[order], *rest, RULES)
    pd.testing.assert_frame_equal(again.pairs, built(little).pairs)
    assert gaps_m(np.array(shapes), np.array(shapes)).tolist() == [0.0] * len(shapes)
