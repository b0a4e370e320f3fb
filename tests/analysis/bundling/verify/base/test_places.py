"""No plan crosses a district or a street, by code or by name, whatever is missing; verify says what it cannot check."""

import copy

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
from analysis.bundling.verify.verdict import make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.adjacency.graph import AdjacencyGraph, refresh_graph
from geo.corrections.permits import read_permits
from geo.errors import UnknownCodeError
from geo.importing.pipeline import store_layers
from geo.rules import UnitRules
from geo.storage.dataset import write_dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import new_manifest
from tests.effort import examples

POLICY = read_policy()
CRS = "EPSG:4546"
MANIFEST = new_manifest("虚构城", CRS)
NAMES = ("district_name", "street_name", "neighbourhood_name")


def town(folder, rows, *, codes=None, **layers):
    """Communities in a row, each with district's and street's name; `codes` = their street codes."""
    n = len(rows)
    communities = gpd.GeoDataFrame(
        {
            "unit_id": [f"u{i}" for i in range(n)],
            "name": [f"小区{i}" for i in range(n)],
            "district_name": [row[0] for row in rows],
            "street_name": [row[1] for row in rows],
            "street_code": codes or [None] * n,
            "households": [300] * n,
            "built_year": [1990] * n,
        },
        geometry=[box(120 * i, 0, 120 * i + 100, 90) for i in range(n)],
        crs=CRS,
    )
    return store_layers(
        folder,
        {"communities": communities, **layers},
        manifest=MANIFEST,
        findings=(),
        unit_rules=UnitRules(),
        replace=True,
    )


def planned(dataset, **rules):
    dataset, graph = refresh_graph(dataset, POLICY.neighbour_rules(within=rules.get("within", "street")))
    wanted = {"mode": "whole", "scope": "all", "lower": 500, "upper": 2000, **rules}
    problem = build_problem(dataset, graph, rules_from_policy(POLICY, **{"mode": "mixed", **wanted}))
    result = solve(problem, stop=StopAfter(rounds=20))
    return dataset, write_document(problem, result, dataset, POLICY)


def members(document):
    return sorted(area["unit_ids"] for area in document["areas"])


def verified(dataset, document):
    return verify_plan(dataset, document, POLICY, allow=("lower", "upper", "within", "scope", "mode"))


ROWS = [
    ("昆区", "前进街道"),
    ("昆区", "前进街道办事处"),
    ("昆区", "少先路街道"),
    ("昆区", "少先路街道"),
    ("青山区", "少先路街道"),
    ("青山区", "少先路街道"),
]


def test_names_part_areas_by_street(tmp_path):
    dataset, document = planned(town(tmp_path, ROWS))
    assert members(document) == [["u0", "u1"], ["u2", "u3"], ["u4", "u5"]]
    assert document["areas"][0]["street_code"] == "N-昆区-前进"
    found = verified(dataset, document)
    assert found.violations == ()
    assert found.unchecked == ()


def test_within_none_still_keeps_to_the_district(tmp_path):
    dataset, document = planned(town(tmp_path, ROWS), within="none", lower=1000)
    assert members(document) == [["u0", "u1", "u2", "u3"]]
    assert verified(dataset, document).violations == ()


@pytest.mark.parametrize("within", ["none", "street", "neighbourhood"])
def test_verify_tells_an_area_across_districts_whatever_the_plan_says(tmp_path, within):
    dataset, document = planned(town(tmp_path, ROWS), within=within)
    forged = copy.deepcopy(document)
    forged["areas"][0]["unit_ids"] = [f"u{i}" for i in range(6)]
    broken = [v for v in verified(dataset, forged).violations if v.rule == "R20"]
    assert any("旗县区" in v.sentence_zh and "districts" in v.sentence_en for v in broken)


def test_verify_reads_names_where_the_units_have_no_codes(tmp_path):
    """Datasets made before names made a wall have communities with names and units without codes."""
    dataset, document = planned(town(tmp_path, ROWS))
    units = dataset.layer("units").assign(district_code=None, street_code=None)
    old = write_dataset(dataset.folder, dataset.manifest, {"units": shape_layer("units", units, CRS)})
    document = {**copy.deepcopy(document), "planning_sha256": old.manifest.planning_sha256}
    for area in document["areas"]:
        area["street_code"] = None
    assert [v for v in verified(old, document).violations if v.rule == "R20"] == []
    proposed = members(document)
    for wrong, word in ((["u1", "u2"], "街道"), (["u3", "u4"], "旗县区")):
        document["areas"][0]["unit_ids"] = wrong
        told = [v.sentence_zh for v in verified(old, document).violations if v.rule == "R20"]
        assert any(word in sentence for sentence in told)
    assert members(planned(old)[1]) == proposed  # it is planned by the names, too


def test_what_has_no_street_and_no_district_is_not_called_checked(tmp_path):
    rows = [("昆区", "前进街道"), (None, None), ("昆区", None), ("昆区", "前进街道")]
    dataset, document = planned(town(tmp_path, rows), lower=1200)
    assert members(document) == [["u0", "u1", "u2", "u3"]]
    found = verified(dataset, document)
    told = {one.units: one for one in found.unchecked if one.what == "R20"}
    assert set(told) == {("u1",), ("u1", "u2")}
    assert "2 个单元的街道/旗县区不明, R20 未核" in make_verdict(found).zh
    assert "全部规则均满足" not in make_verdict(found).zh
    assert all("R20" in one.sentence_zh and "R20" in one.sentence_en for one in told.values())


def test_only_districts_are_named_and_bounds_hold(tmp_path):
    rows = [("东城", None)] * 3 + [("西城", None)] * 3
    dataset, document = planned(town(tmp_path, rows), lower=600)
    assert all(len({int(unit[1]) // 3 for unit in one}) == 1 for one in members(document))
    assert verified(dataset, document).violations == ()


def test_locks_permits_and_chosen_streets_go_on_with_the_real_codes(tmp_path):
    rows = [("昆区", "前进街道"), ("昆区", "少先路街道"), ("昆区", "少先路街道"), ("昆区", "前进街道")]
    permits = pd.DataFrame(
        {"permit_id": ["p1"], "kind": ["cross_street"], "street_a": ["N-昆区-前进"], "street_b": ["少先路街道"]}
    )
    dataset, document = planned(town(tmp_path, rows, permits=permits), lower=1200)
    assert members(document) == [["u0", "u1", "u2", "u3"]]
    streets = gpd.GeoDataFrame(
        {"street_code": ["150203001", "150203002"], "name": ["前进街道", "少先路街道"], "district_name": ["昆区"] * 2},
        geometry=[None, None],
        crs=CRS,
    )
    later = store_layers(
        tmp_path, {"streets": streets}, manifest=dataset.manifest, findings=(), unit_rules=UnitRules(), replace=False
    )
    assert set(later.layer("units")["street_code"]) == {"150203001", "150203002"}
    later, again = planned(later, lower=1200)
    assert members(again) == members(document)
    assert verified(later, again).violations == ()
    later, chosen = planned(later, streets=("N-昆区-少先路",))
    assert chosen["rules"]["streets"] == ["150203002"]
    later, by_name = planned(later, streets=("昆区/少先路街道办事处", "前进街道"))
    assert by_name["rules"]["streets"] == ["150203001", "150203002"]
    with pytest.raises(UnknownCodeError):
        planned(later, streets=("没有这个街道",))


def test_a_permit_never_lets_an_area_cross_a_district(tmp_path):
    rows = [("昆区", "前进街道"), ("昆区", "前进街道"), ("青山区", "自由路街道"), ("青山区", "自由路街道")]
    permits = pd.DataFrame(
        {
            "permit_id": ["p1", "p2"],
            "kind": ["cross_street"] * 2,
            "street_a": ["前进街道", None],
            "street_b": ["自由路街道", None],
            "unit_a": [None, "u1"],
            "unit_b": [None, "u2"],
        }
    )
    dataset = town(tmp_path, rows, permits=permits)
    assert "permits.across_districts" in {f.rule for f in dataset.findings()}
    dataset, document = planned(dataset, lower=600)
    assert members(document) == [["u0", "u1"], ["u2", "u3"]]
    document["areas"][0]["unit_ids"] = ["u0", "u1", "u2"]
    assert "R20" in {v.rule for v in verified(dataset, document).violations}


def test_a_dataset_of_old_codes_is_planned_as_before():
    """With a real code everywhere labels are those of the streets alone."""
    units = pd.DataFrame(
        {
            "unit_id": list("abc"),
            "district_code": ["150203"] * 2 + ["150204"],
            "street_code": ["150203002", "150203001", "150204001"],
            "neighbourhood_code": [None] * 3,
            "households": [1] * 3,
        }
    )
    labels = build_jurisdictions(units, chain(3), np.arange(3), np.arange(0), within="street").labels
    assert labels.tolist() == [1, 0, 2]


# --- whatever is missing ------------------------------------------------------------------------


def chain(n, extra=()):
    links = np.array([*((i, i + 1) for i in range(n - 1)), *extra], dtype=np.int64).reshape(-1, 2)
    both = np.concatenate([links, links[:, ::-1]])
    near = csr_array((np.ones(len(both)), both.T), shape=(n, n))
    near.sort_indices()
    ids = np.array([chr(97 + i) for i in range(n)], dtype=object)
    return AdjacencyGraph(ids, near.indptr, near.indices, near.data, near.data, csr_array((n, n)), pd.DataFrame())


@st.composite
def half_known_towns(draw):
    n = draw(st.integers(2, 8))
    pairs = [(i, j) for i in range(n) for j in range(i + 2, n)]
    extra = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=5)) if pairs else []
    true = draw(st.lists(st.sampled_from(["D1-s", "D1-t", "D2-s", "D2-u"]), min_size=n, max_size=n))
    told = draw(st.lists(st.sampled_from(["both", "street", "district", "none"]), min_size=n, max_size=n))
    street = [one if said in ("both", "street") else None for one, said in zip(true, told, strict=True)]
    district = [one[:2] if said in ("both", "district") else None for one, said in zip(true, told, strict=True)]
    within = draw(st.sampled_from(["street", "none", "neighbourhood"]))
    named = draw(st.lists(st.sampled_from(["D1-s/D1-t", "D1-s/D2-s", "D1-t/D2-u"]), unique=True))
    return n, extra, street, district, within, named


@settings(max_examples=examples(150))
@given(half_known_towns())
def test_no_area_the_search_may_make_crosses_what_is_known(drawn):
    """Every connected set inside the walls has one known district, and streets that may be together."""
    n, extra, street, district, within, named = drawn
    units = pd.DataFrame(
        {
            "unit_id": [chr(97 + i) for i in range(n)],
            "households": [100] * n,
            "street_code": pd.Series(street, dtype="str"),
            "district_code": pd.Series(district, dtype="str"),
            "neighbourhood_code": pd.Series([None] * n, dtype="str"),
        }
    )
    table = pd.DataFrame(
        [(f"p{k}", "cross_street", None, None, *pair.split("/")) for k, pair in enumerate(named)],
        columns=["permit_id", "kind", "unit_a", "unit_b", "street_a", "street_b"],
    )
    graph = chain(n, extra)
    walls = build_jurisdictions(units, graph, np.arange(n), np.arange(0), within=within, permits=read_permits(table))
    together = {frozenset(pair.split("/")) for pair in named}
    row = np.repeat(np.arange(n), np.diff(graph.indptr))
    links = csr_array((walls.may_join(row, graph.indices).astype(float), (row, graph.indices)), (n, n))
    for label in np.unique(_parts(links)):
        part = np.flatnonzero(_parts(links) == label)
        assert len({district[i] for i in part} - {None}) <= 1
        streets = sorted({street[i] for i in part} - {None})
        if within == "street":
            assert all(frozenset((a, b)) in together for a in streets for b in streets if a < b)


def _parts(links):
    from scipy.sparse.csgraph import connected_components

    links = csr_array(links)
    links.eliminate_zeros()
    return connected_components(links, directed=False)[1]


@settings(max_examples=examples(6), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "昆区", "青山区"]),
            st.sampled_from([None, "前进街道", "前进街道办事处", "少先路街道"]),
            st.booleans(),
        ),
        min_size=4,
        max_size=7,
    ),
    st.sampled_from(["street", "none"]),
)
def test_no_solved_plan_holds_two_districts_or_streets_by_name_or_code(tmp_path_factory, rows, within):
    real = {
        ("昆区", "前进"): "150203001",
        ("昆区", "少先路"): "150203002",
        ("青山区", "前进"): "150204001",
        ("青山区", "少先路"): "150204002",
    }
    core = [s and s.removesuffix("办事处").removesuffix("街道") for _, s, _ in rows]
    codes = [real.get((row[0], name)) if row[2] else None for row, name in zip(rows, core, strict=True)]
    dataset = town(tmp_path_factory.mktemp("t"), [row[:2] for row in rows], codes=codes)
    dataset, document = planned(dataset, within=within, lower=600)
    for one in members(document):
        at = [int(unit[1:]) for unit in one]
        assert len({rows[i][0] for i in at} - {None}) <= 1
        if within == "street":
            assert len({core[i] for i in at} - {None}) <= 1
    assert [v for v in verified(dataset, document).violations if v.rule == "R20"] == []
