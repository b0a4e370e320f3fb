"""On random little maps the graph and verify's own ground agree about every pair of units."""

from dataclasses import asdict, dataclass

import geopandas as gpd
import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.permits import PermittedPairs
from analysis.bundling.verify.base.schema import RulesPart
from analysis.bundling.verify.conditions.connection import _find_pairs
from analysis.bundling.verify.conditions.corrections import Corrections
from analysis.bundling.verify.conditions.frontage import is_facing
from analysis.bundling.verify.conditions.geometry import GroundGeometry
from analysis.policy import read_policy
from geo.adjacency.graph import build_graph
from geo.corrections.permits import read_permits
from geo.rules import NeighbourRules
from geo.storage.layer_frames import shape_layer
from tests.effort import examples

CRS = "EPSG:4546"
RULES = rules_from_policy(read_policy(), mode="mixed")
NEIGHBOUR = NeighbourRules(
    gap_m=RULES.gap_m,
    facing_m=RULES.facing_m,
    walk_m=RULES.walk_m,
    detour_factor=RULES.detour_factor,
    walk_limit_m=RULES.walk_limit_m,
    hard_kinds=RULES.hard_kinds,
)
CLEAR_M = 0.01
"""The maps keep this far from every threshold: nobody argues about a rounding."""


class Plan:
    """What the checks read of a plan: its rules."""

    rules = RulesPart.model_validate(asdict(RULES))


coordinate = st.integers(0, 60).map(lambda k: 7.0 * k)


@st.composite
def towns(draw):
    n = draw(st.integers(2, 6))
    sizes = st.integers(4, 12).map(lambda k: 9.0 * k)
    boxes = [
        box(x, y, x + draw(sizes), y + draw(sizes))
        for x, y in draw(st.lists(st.tuples(coordinate, coordinate), min_size=n, max_size=n))
    ]
    names = [chr(97 + i) for i in range(n)]
    streets = draw(st.lists(st.sampled_from(["1", "2", "3", None]), min_size=n, max_size=n))
    walls = draw(
        st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=2).map(
            lambda ends: [((x, y), (u, v)) for x, y, u, v in ends if (x, y) != (u, v)]
        )
    )
    passages = draw(st.lists(st.tuples(st.integers(0, 1), st.floats(0.1, 0.9)), max_size=2))
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda p: p[0] < p[1])
    permits = draw(st.lists(pairs, max_size=2)) + draw(st.lists(st.sampled_from([("1", "2"), ("2", "3")]), max_size=1))
    words = draw(
        st.lists(
            st.tuples(pairs, st.sampled_from(["neighbours", "not_neighbours"])),
            max_size=2,
            unique_by=lambda one: one[0],
        )
    )
    return _layers(names, boxes, streets, walls, passages, permits, words)


def _layers(names, boxes, streets, walls, passages, permits, words):
    units = gpd.GeoDataFrame(
        {"unit_id": names, "street_code": pd.Series(streets, dtype="str")}, geometry=boxes, crs=CRS
    )
    lines = [LineString(ends) for ends in walls]
    barriers = gpd.GeoDataFrame(
        {"barrier_id": [f"r{i}" for i in range(len(lines))], "kind": "railway"}, geometry=lines, crs=CRS
    )
    points = [lines[i].interpolate(share, normalized=True) for i, share in passages if i < len(lines)]
    crossings = gpd.GeoDataFrame(
        {"crossing_id": [f"u{i}" for i in range(len(points))], "kind": "underpass"}, geometry=points, crs=CRS
    )
    by_unit = [pair if pair[0].isalpha() else (None, None) for pair in permits]
    by_street = [(None, None) if pair[0].isalpha() else pair for pair in permits]
    permit = pd.DataFrame(
        {
            "permit_id": [f"p{i}" for i in range(len(permits))],
            "kind": "cross_street",
            "unit_a": [a for a, _ in by_unit],
            "unit_b": [b for _, b in by_unit],
            "street_a": [a for a, _ in by_street],
            "street_b": [b for _, b in by_street],
        }
    )
    told = gpd.GeoDataFrame(
        {
            "override_id": [f"o{i}" for i in range(len(words))],
            "what": [what for _, what in words],
            "unit_a": [a for (a, _), _ in words],
            "unit_b": [b for (_, b), _ in words],
        },
        geometry=[None] * len(words),
        crs=CRS,
    )
    layers = {"barriers": barriers, "crossings": crossings, "permits": permit, "overrides": told}
    return units, {name: shape_layer(name, layer, CRS) for name, layer in layers.items()}


def allowed_by_graph(units, layers):
    graph = build_graph(
        units,
        layers["barriers"],
        layers["crossings"],
        NEIGHBOUR,
        permits=read_permits(layers["permits"]),
        overrides=layers["overrides"],
    )
    told = graph.pairs[graph.pairs["allowed"].astype(bool)]
    return set(zip(told["unit_a"], told["unit_b"], strict=True))


@dataclass(frozen=True)
class Tables:
    """A dataset of units and nothing else."""

    units: gpd.GeoDataFrame

    def layer(self, name):
        return self.units if name == "units" else shape_layer(name, pd.DataFrame(), CRS)


def allowed_by_brute_force(units, layers):
    """Every pair of units looked at by itself, with none of the graph's code."""
    case = CheckContext(Plan, Tables(units), units.set_index("unit_id", drop=False))
    permitted = PermittedPairs.from_layer(layers["permits"])
    corrections = Corrections.from_layer(layers["overrides"])
    ground = GroundGeometry(
        units.geometry,
        layers["barriers"],
        corrections.crossings(layers["crossings"]),
        Plan.rules,
        joined=corrections.joined_at(case.position),
    )
    street = {u: s if pd.notna(s) else None for u, s in zip(units["unit_id"], units["street_code"], strict=True)}
    found = set()
    for a in units["unit_id"]:
        for b in units["unit_id"][units["unit_id"] > a]:
            pair = _find_pairs([a, b], case, ground, permitted, corrections)
            open_ = len(pair.a) == 1 and not pair.stopped[0]
            if open_ and permitted.may_adjoin((a, street[a]), (b, street[b])):
                found.add((a, b))
    return found


def is_clear(units, layers):
    """Whether no gap, facing length or barrier is within a centimetre of changing a fate."""
    shapes = list(units.geometry)
    for i, one in enumerate(shapes):
        for two in shapes[i + 1 :]:
            gap = one.distance(two)
            if abs(gap - RULES.gap_m) < CLEAR_M or abs(gap - 1.0) < CLEAR_M:
                return False
            if is_facing(one, two, RULES.gap_m, 3.0 - CLEAR_M) != is_facing(one, two, RULES.gap_m, 3.0 + CLEAR_M):
                return False
    ends = [Point(xy) for line in layers["barriers"].geometry for xy in (line.coords[0], line.coords[-1])]
    return all(shape.boundary.distance(end) > 1.0 for shape in shapes for end in ends)


@settings(max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(towns())
def test_graph_and_brute_force_agree_on_every_pair(town):
    units, layers = town
    assume(is_clear(units, layers))
    assert allowed_by_graph(units, layers) == allowed_by_brute_force(units, layers)
