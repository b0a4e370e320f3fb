"""Single buildings nobody manages: nearest anchors, and the rule that keeps each away."""

from dataclasses import replace

import pandas as pd
import pytest
from shapely import LineString, box

from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy
from analysis.studies.stray_buildings import BLOCKS, describe_obstacles, find_unmanaged_buildings
from geo.storage.layer_frames import shape_layer

CRS = "EPSG:4546"
RULES = rules_from_policy(read_policy(), within="street", mode="mixed")


def town(**changes):
    """West to east: anchor A1, building b1, building b2, anchor A2, and far off A3.

    ```
    A1 [0-100] b1 [120-150] b2 [170-200] A2 [220-320] ... A3 [2000-2100]
    ```
    """
    ids = ["A1", "b1", "b2", "A2", "A3"]
    left = [0, 120, 170, 220, 2000]
    units = pd.DataFrame(
        {
            "unit_id": ids,
            "kind": ["single_building" if u[0] == "b" else "community" for u in ids],
            "name": ids,
            "street_code": "150203001",
            "geom_quality": "surveyed",
            "households": 50,
            "floor_area_m2": [5e4, 4e3, 4e3, 5e4, 5e4],
            "management_mode": ["none" if u[0] == "b" else "professional" for u in ids],
            "built_year": 1990,
            "geometry": [box(x, 0, x + (30 if u[0] == "b" else 100), 60) for u, x in zip(ids, left, strict=True)],
        }
    ).set_index("unit_id", drop=False)
    for unit, values in changes.items():
        for column, value in values.items():
            units.loc[unit, column] = value
    return shape_layer("units", units.reset_index(drop=True), CRS)


def edges(*pairs):
    rows = [(*sorted(pair), True) for pair in pairs]
    table = pd.DataFrame(rows, columns=["unit_a", "unit_b", "allowed"])
    return shape_layer("edges", table, CRS)


WALKS = (("A1", "b1", 90.0), ("b1", "b2", 60.0), ("A2", "b2", 90.0), ("A1", "b2", 160.0), ("A2", "b1", 160.0))


def walks(rows=WALKS):
    return shape_layer("walks", pd.DataFrame(rows, columns=["unit_a", "unit_b", "walk_m"]), CRS)


CHAIN = (("A1", "b1"), ("b1", "b2"), ("b2", "A2"))


def found(units=None, links=CHAIN, rules=RULES, barriers=None, **options):
    none = shape_layer("barriers", pd.DataFrame(), CRS)
    companies = shape_layer("companies", pd.DataFrame(), CRS)
    rows = find_unmanaged_buildings(
        town() if units is None else units,
        edges(*links),
        options.get("walks", walks()),
        none if barriers is None else barriers,
        companies,
        None,
        rules,
        data_date=None,
        confirmed=options.get("confirmed", ()),
    )
    return {row.unit_id: row for row in rows}


def blocks(building, anchor, **options):
    near = found(**options)[building].anchors
    return next(a.blocks for a in near if a.unit_id == anchor)


def test_the_nearest_come_first_with_gap_and_walk():
    near = found()["b1"].anchors
    assert [a.unit_id for a in near] == ["A1", "A2", "A3"]
    assert [(a.gap_m, a.walk_m) for a in near] == [(20, 90), (70, 160), (1850, None)]


def test_the_likeliest_is_the_nearest_that_nothing_blocks():
    assert found()["b1"].likeliest_id == "A1"
    small = town(A1={"floor_area_m2": 3e3})
    assert found(units=small)["b1"].likeliest_id == "A2"
    blocked = town(b1={"merge_willingness": "no"})
    assert found(units=blocked)["b1"].likeliest_id == "A1"


def test_a_neighbour_or_a_chain_of_them_leads_to_an_anchor():
    assert blocks("b1", "A1") == ()
    assert blocks("b1", "A2") == ()  # over b2
    assert blocks("b1", "A3") == ("walk", "not_connected")
    assert blocks("b1", "A2", links=CHAIN[:1]) == ("not_connected",)


def test_a_confirmed_building_is_not_barred_as_handed_over():
    units = town(b1={"special_type": "soe_transfer"})
    assert blocks("b1", "A1", units=units, confirmed=["b1"]) == ()


def test_no_chain_runs_through_an_anchor():
    units = town(b2={"management_mode": "professional"})
    assert blocks("b1", "A2", units=units) == ("not_connected",)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"A1": {"street_code": "150203002"}}, "wall"),
        ({"A1": {"floor_area_m2": 3e3}}, "too_small"),
        ({"b1": {"merge_willingness": "no"}}, "unwilling"),
        ({"b1": {"special_type": "soe_transfer"}}, "special"),
        ({"b1": {"households": None}}, "no_figures"),
    ],
)
def test_each_rule_blocks_under_its_name(change, key):
    told = blocks("b1", "A1", units=town(**change))
    assert key in told
    assert BLOCKS[key].zh in describe_obstacles(next(iter(found(units=town(**change))["b1"].anchors)))


def test_a_barrier_is_named_where_no_way_leads_round_it():
    rail = {"barrier_id": ["R1"], "kind": ["railway"], "geometry": [LineString([(110, -99), (110, 99)])]}
    layer = shape_layer("barriers", pd.DataFrame(rail), CRS)
    options = {"barriers": layer, "links": CHAIN[1:]}
    assert blocks("b1", "A1", **options) == ("barrier", "not_connected")
    assert found(**options)["b1"].anchors[0].barrier == "railway:R1"
    assert blocks("b1", "A1", barriers=layer) == ()  # an allowed edge: a crossing lets it through


def test_a_walk_beyond_the_radius_blocks():
    assert blocks("b1", "A1", rules=replace(RULES, radius_m=80)) == ("walk",)


def test_buildings_that_can_be_joined_name_each_other():
    rows = found()
    assert (rows["b1"].joins, rows["b2"].joins) == (("b2",), ("b1",))
    assert found(links=(("A1", "b1"),))["b1"].joins == ()


def test_managed_buildings_and_those_of_unknown_mode_are_not_listed():
    assert set(found(units=town(b1={"management_mode": "professional"}))) == {"b2"}
    assert set(found(units=town(b1={"management_mode": "unknown"}))) == {"b2"}


def test_where_nobody_leads_no_anchor_is_named():
    units = town(**{a: {"management_mode": "none"} for a in ("A1", "A2", "A3")})
    assert found(units=units)["b1"].anchors == ()
