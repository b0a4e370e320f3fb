"""However far permits go, no connected set of units the search may make breaks the wall."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from shapely import box

from analysis.bundling.document.write import write_document
from analysis.bundling.model.jurisdictions import build_jurisdictions
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.verify.base.permits import PermittedPairs
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.adjacency.graph import AdjacencyGraph, refresh_graph
from geo.corrections.permits import read_permits
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest
from tests.effort import examples

POLICY = read_policy()
COLUMNS = ["permit_id", "kind", "unit_a", "unit_b", "street_a", "street_b"]


def permits(*rows):
    """Rows like "ab" (two units) or "s1" and "s2" in one text: "s1-s2" (two streets)."""
    table = []
    for number, row in enumerate(rows):
        streets = row.split("-") if "-" in row else (None, None)
        pair = (None, None) if "-" in row else tuple(row)
        table.append((f"p{number}", "cross_street", *pair, *streets))
    return pd.DataFrame(table, columns=COLUMNS)


def town(streets, links, households=None):
    """Units a, b, c … of these streets, and their graph."""
    ids = [chr(ord("a") + k) for k in range(len(streets))]
    units = pd.DataFrame(
        {
            "unit_id": ids,
            "street_code": pd.Series(streets, dtype="str"),
            "neighbourhood_code": pd.Series([None] * len(ids), dtype="str"),
            "households": pd.array(households or [100 + k for k in range(len(ids))], dtype="Int64"),
        }
    )
    n = len(ids)
    both = np.array([*links, *((j, i) for i, j in links)], dtype=np.int64).reshape(-1, 2)
    near = csr_array((np.ones(len(both)), both.T), shape=(n, n))
    near.sort_indices()
    graph = AdjacencyGraph(
        np.array(ids, dtype=object), near.indptr, near.indices, near.data, near.data, csr_array((n, n)), pd.DataFrame()
    )
    return units, graph


def joined_sets(graph, walls=None):
    """Every connected set of units; with walls, every one that the search may make an area of."""
    n = graph.n_units
    row = np.repeat(np.arange(n), np.diff(graph.indptr))
    open_ = walls.may_join(row, graph.indices) if walls else np.ones(len(row), dtype=bool)
    around = [set(graph.indices[(row == i) & open_].tolist()) for i in range(n)]
    found, waiting = set(), [frozenset({i}) for i in range(n)]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [one | {j} for i in one for j in around[i] - one]
    return found


def is_lawful(members, units, table):
    permitted = PermittedPairs.from_layer(table)
    street = dict(zip(units["unit_id"], units["street_code"], strict=True))
    ids = [units["unit_id"].iloc[i] for i in members]
    of = {code: [u for u in ids if street[u] == code] for code in set(map(street.get, ids)) - {None} if pd.notna(code)}
    return all(permitted.may_mix(s, of[s], t, of[t]) for s in of for t in of if s < t)


@st.composite
def permitted_towns(draw):
    n = draw(st.integers(2, 7))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    links = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    streets = draw(st.lists(st.sampled_from(["s1", "s2", "s3", None]), min_size=n, max_size=n))
    units = [chr(97 + i) + chr(97 + j) for i, j in pairs]
    named = [*units, "s1-s2", "s2-s3", "s1-s3"]
    table = permits(*draw(st.lists(st.sampled_from(named), unique=True, max_size=4)))
    anchors = draw(st.lists(st.integers(0, n - 1), unique=True, max_size=2))
    return streets, links, table, np.array(sorted(anchors), dtype=np.int64)


@settings(max_examples=examples(150))
@given(permitted_towns())
def test_every_connected_set_is_lawful(drawn):
    streets, links, table, anchors = drawn
    units, graph = town(streets, _lifted(streets, links, table))
    walls = build_jurisdictions(
        units, graph, np.arange(len(units)), anchors, within="street", permits=read_permits(table)
    )
    assert all(is_lawful(one, units, table) for one in joined_sets(graph, walls))


@settings(max_examples=examples(80))
@given(permitted_towns())
def test_where_all_is_settled_nothing_lawful_is_lost(drawn):
    """A bound says of settled units what is true of every lawful plan."""
    streets, links, table, anchors = drawn
    units, graph = town(streets, _lifted(streets, links, table))
    keep = np.arange(len(units))
    walls = build_jurisdictions(units, graph, keep, anchors, within="street", permits=read_permits(table))
    if not walls.is_settled.all():
        return
    lawful = {one for one in joined_sets(graph) if is_lawful(one, units, table)}
    assert lawful <= joined_sets(graph, walls)


def _lifted(streets, links, table):
    """The links the graph has: within a street, to a unit without one, or by a permit."""
    permitted = PermittedPairs.from_layer(table)
    name = [chr(97 + i) for i in range(len(streets))]
    return [(i, j) for i, j in links if permitted.may_adjoin((name[i], streets[i]), (name[j], streets[j]))]


def labels(streets, links, table, anchors=(), households=None):
    units, graph = town(streets, links, households)
    return build_jurisdictions(
        units,
        graph,
        np.arange(len(units)),
        np.array(anchors, dtype=np.int64),
        within="street",
        permits=read_permits(table),
    )


def test_streets_permitted_with_each_other_are_one():
    walls = labels(["s1", "s2", "s3"], [(0, 1), (1, 2), (0, 2)], permits("s1-s2", "s2-s3", "s1-s3"))
    assert len(set(walls.labels)) == 1
    assert walls.is_settled.all()


def test_a_chain_of_permits_joins_two_streets_only_and_no_bound_is_claimed():
    walls = labels(["s1", "s2", "s2", "s3"], [(0, 1), (2, 3)], permits("s1-s2", "s2-s3"))
    assert walls.labels[0] == walls.labels[1] != walls.labels[3]
    assert not walls.is_settled.any()


@pytest.mark.parametrize(
    ("anchors", "households", "guest"), [((), [300, 200], 1), ((), [200, 300], 0), ((1,), [300, 200], 0)]
)
def test_the_lighter_is_the_guest_and_never_an_anchor(anchors, households, guest):
    walls = labels(["s1", "s2"], [(0, 1)], permits("ab"), anchors, households)
    assert np.flatnonzero(walls.transferred_to >= 0).tolist() == [guest]


def test_a_guest_joins_none_but_its_host():
    """a - b | c - d in a row; b and c are permitted: c comes, d stays, and c leaves d."""
    walls = labels(["s1", "s1", "s2", "s2"], [(0, 1), (1, 2), (2, 3)], permits("bc"), households=[9, 9, 1, 1])
    assert walls.may_join(np.array([0, 1, 2]), np.array([1, 2, 3])).tolist() == [True, True, False]


# --- from the tables to a verified plan ----------------------------------------------------------

PLACES = {"a": (0, "150203001"), "b": (120, "150203001"), "c": (240, "150203002"), "d": (360, "150203002")}


def built(folder, places, table):
    """A dataset of units in a row, and its graph."""
    units = gpd.GeoDataFrame(
        {
            "unit_id": list(places),
            "street_code": [street for _, street in places.values()],
            "households": [300, 300, 250, 200][: len(places)],
        },
        geometry=[box(x, 0, x + 100, 90) for x, _ in places.values()],
        crs="EPSG:4546",
    ).assign(
        kind="community",
        name="某小区",
        geom_quality="digitised",
        households_quality="reported",
        floor_area_m2_quality="missing",
        built_year_quality="missing",
    )
    manifest = new_manifest("虚构城", "EPSG:4546")
    dataset = write_dataset(folder, manifest, {"units": units, "permits": table})
    return refresh_graph(dataset, POLICY.neighbour_rules(within="street"))


@pytest.mark.parametrize(
    ("streets", "table", "told"),
    [
        ("1122", permits(), {}),
        ("1122", permits("150203001-150203002"), {}),
        ("1122", permits("bc"), {"plan.permit_leaves_street": "c-d"}),
        ("1223", permits("150203001-150203002", "150203002-150203003"), {"plan.permit_unused": "c-d"}),
        ("1223", permits("150203001-150203002", "150203002-150203003", "150203001-150203003"), {}),
        ("1213", permits("ab", "bc"), {}),
        ("123", permits("ab", "bc"), {"plan.permit_unused": "b-c"}),
    ],
)
def test_what_permits_allow_and_the_search_does_not_use_is_told(tmp_path, streets, table, told):
    places = {
        unit: (120 * k, f"15020300{street}") for k, (unit, street) in enumerate(zip("abcd", streets, strict=False))
    }
    dataset, graph = built(tmp_path, places, table)
    problem = build_problem(dataset, graph, rules_from_policy(POLICY, mode="whole", scope="all"))
    notes = {note.rule: note for note in problem.notes if note.rule.startswith("plan.permit")}
    assert set(notes) == set(told)
    assert all(pair in notes[rule].zh and pair in notes[rule].en for rule, pair in told.items())


@pytest.mark.parametrize(
    ("table", "area"), [(permits(), None), (permits("bc"), "abc"), (permits("150203001-150203002"), "abcd")]
)
def test_a_plan_goes_as_far_as_permits_and_is_verified(tmp_path, table, area):
    lower = 800 if area != "abcd" else 1000
    rules = rules_from_policy(POLICY, mode="whole", scope="all", lower=lower, upper=1100)
    dataset, graph = built(tmp_path, PLACES, table)
    problem = build_problem(dataset, graph, rules)
    result = solve(problem, stop=StopAfter(rounds=20))
    document = write_document(problem, result, dataset, POLICY)
    assert [set(one["unit_ids"]) for one in document["areas"]] == ([set(area)] if area else [])
    assert [one["permit_id"] for one in document["permits"]] == (["p0"] if area else [])
    assert verify_plan(dataset, document, read_policy()).violations == ()
    for one in document["areas"]:
        one["unit_ids"] = ["a", "b", "c", "d"]
    rules_broken = {v.rule for v in verify_plan(dataset, document, read_policy()).violations}
    assert ("R20" in rules_broken) == (area == "abc")
