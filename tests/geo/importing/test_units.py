"""Laws of units: every building ends in one place, every figure says where it comes from."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, Point, Polygon, box

from geo.importing.unit_figures import stable_id
from geo.importing.unit_sites import BUILDING_CLASSES
from geo.importing.units import UnitsResult, build_units
from geo.rules import UnitRules
from geo.schema import field_names
from tests.effort import examples

CRS = "EPSG:4546"
RULES = UnitRules()
YARDS = UnitRules(yard_gap_m=25.0)
NOTHING = pd.DataFrame()


def communities(shapes: dict, **columns: list) -> gpd.GeoDataFrame:
    rows = {"unit_id": list(shapes), "name": [f"小区{i}" for i in shapes], "geom_quality": "digitised"}
    return gpd.GeoDataFrame({**rows, **columns}, geometry=list(shapes.values()), crs=CRS)


def buildings(shapes: dict, use: str | list = "residential", **columns: list) -> gpd.GeoDataFrame:
    rows = {"building_id": list(shapes), "use": use}
    return gpd.GeoDataFrame({**rows, **columns}, geometry=list(shapes.values()), crs=CRS)


def block(x: float, y: float = 10.0) -> Polygon:
    """A walk-up of 40 m × 12 m = 480 m²."""
    return box(x, y, x + 40, y + 12)


def build(whole=NOTHING, blocks=NOTHING, streets=NOTHING, *, rules=RULES, barriers=None) -> UnitsResult:
    return build_units(whole, blocks, streets, rules, CRS, barriers=barriers)


def unit(result: UnitsResult, unit_id: str) -> pd.Series:
    return result.units.set_index("unit_id").loc[unit_id]


def unit_of(result: UnitsResult, building_id: str) -> str | None:
    value = result.buildings.set_index("building_id")["unit_id"][building_id]
    return None if pd.isna(value) else value


def rules_found(result: UnitsResult) -> set[str]:
    return {finding.rule for finding in result.findings}


YARD = box(0, 0, 100, 100)

# --- buildings that share a yard ---


def yards(result):
    """The buildings of each unit that has several."""
    found = result.buildings.dropna(subset=["unit_id"]).groupby("unit_id")["building_id"].agg("".join)
    return {unit: members for unit, members in found.items() if len(members) > 1}


ROW = {"p": block(0), "q": block(60), "r": block(120), "s": block(500)}


def test_without_the_rule_every_building_stands_alone():
    assert yards(build(blocks=buildings(ROW))) == {}


def test_buildings_round_a_yard_are_one_unit_that_lists_them():
    result = build(blocks=buildings(ROW, households=[10, 20, 30, 40]), rules=YARDS)
    assert yards(result) == {"p": "pqr"}
    assert "units.yards" in rules_found(result)
    found = unit(result, "p")
    assert (found["kind"], found["building_count"], found["households"]) == ("single_building", 3, 60)
    assert found["households_quality"] == "reported"
    assert found["geometry"].area == pytest.approx(3 * 480)


def test_a_yard_is_as_doubtful_as_its_buildings():
    result = build(blocks=buildings(ROW, households=[10, None, 30, 40], built_year=[1990, 1980, None, 1]), rules=YARDS)
    found = unit(result, "p")
    assert found["households_quality"] == "estimated"
    assert (found["built_year"], found["built_year_quality"]) == (1980, "reported")


def test_a_railway_or_a_border_of_streets_parts_a_yard():
    rail = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"]}, geometry=[LineString([(50, -99), (50, 99)])], crs=CRS
    )
    assert yards(build(blocks=buildings(ROW), rules=YARDS, barriers=rail)) == {"q": "qr"}
    streets = gpd.GeoDataFrame(
        {"street_code": ["1", "2"]}, geometry=[box(-9, -9, 110, 99), box(110, -9, 999, 99)], crs=CRS
    )
    assert yards(build(blocks=buildings(ROW), streets=streets, rules=YARDS)) == {"p": "pq"}


def test_a_yard_needs_its_number_of_buildings():
    rules = replace(YARDS, yard_min_buildings=3)
    assert yards(build(blocks=buildings(ROW), rules=rules)) == {"p": "pqr"}
    assert yards(build(blocks=buildings({"p": block(0), "q": block(60)}), rules=rules)) == {}


# --- communities known as a point ---


def test_a_community_known_as_a_point_has_the_free_buildings_around():
    whole = communities({"c1": Point(50, 30), "c2": Point(5000, 0)})
    result = build(whole, buildings({"p": block(0), "q": block(60), "far": block(200)}))
    assert {b: unit_of(result, b) for b in ("p", "q", "far")} == {"p": "c1", "q": "c1", "far": "far"}
    assert unit(result, "c1")["geom_quality"] == "convex_hull"
    assert unit(result, "c1")["households_quality"] == "estimated"
    assert unit(result, "c2")["geom_quality"] == "buffered_point"


def test_a_point_takes_no_building_of_another_community_and_none_when_it_has_its_own():
    whole = communities({"c1": Point(50, 30), "c2": box(-9, 0, 45, 30)})
    blocks = buildings({"p": block(0), "q": block(60)}, community_code=[None, None])
    assert {b: unit_of(build(whole, blocks), b) for b in "pq"} == {"p": "c2", "q": "c1"}
    named = buildings({"p": block(300), "q": block(60)}, community_code=["c1", None])
    assert {b: unit_of(build(communities({"c1": Point(50, 30)}), named), b) for b in "pq"} == {"p": "c1", "q": "q"}


def test_of_equally_near_points_the_first_takes_the_building():
    whole = communities({"c2": Point(-10, 16), "c1": Point(50, 16)})
    assert unit_of(build(whole, buildings({"p": block(0)})), "p") == "c1"


def test_a_building_may_name_its_community():
    whole = communities({"c1": Point(0, 0), "c2": Point(900, 0)})
    blocks = buildings({"p": block(300), "q": block(400)}, community_code=["小区c2", "小区"])
    result = build(whole, blocks)
    assert unit_of(result, "p") == "c2"
    assert unit_of(result, "q") == "q"
    twins = communities({"c1": Point(0, 0), "c2": Point(900, 0)}, name=["甲", "甲"])
    assert unit_of(build(twins, buildings({"p": block(300)}, community_code=["甲"])), "p") == "p"


# --- laws on random maps ---

coordinate = st.integers(0, 300)


@st.composite
def maps(draw) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    corners = draw(st.lists(st.tuples(coordinate, coordinate), max_size=5))
    drawn_as = draw(st.lists(st.sampled_from(["box", "box", "point", "none"]), min_size=5, max_size=5))
    shapes = {
        f"c{i}": {"box": box(x, y, x + 90, y + 70), "point": Point(x, y), "none": None}[drawn_as[i]]
        for i, (x, y) in enumerate(corners)
    }
    whole = communities(shapes)
    m = draw(st.integers(0, 8))
    spots = draw(st.lists(st.tuples(coordinate, coordinate), min_size=m, max_size=m))
    codes = draw(st.lists(st.sampled_from(["c0", "c3", "c9", None]), min_size=m, max_size=m))
    uses = draw(
        st.lists(st.sampled_from(["residential", "mixed", "non_residential", "unknown", None]), min_size=m, max_size=m)
    )
    sizes = draw(st.lists(st.sampled_from([3, 12]), min_size=m, max_size=m))
    shapes = {f"b{i}": box(x, y, x + 15, y + h) for i, ((x, y), h) in enumerate(zip(spots, sizes, strict=True))}
    return whole, buildings(shapes, uses, community_code=codes)


@settings(max_examples=examples(60), deadline=None)
@given(maps(), st.sampled_from([RULES, YARDS]))
def test_every_building_ends_in_exactly_one_place(drawn, rules):
    result = build(*drawn, rules=rules)
    assert result.places.isin(BUILDING_CLASSES).all()
    assert result.places.index.tolist() == result.buildings["building_id"].tolist()
    housed = result.places.isin(["inside", "single"]).to_numpy()
    assert (result.buildings["unit_id"].notna().to_numpy() == housed).all()
    assert result.buildings["unit_id"].dropna().isin(result.units["unit_id"]).all()
    single = result.units[result.units["kind"] == "single_building"]
    assert single["building_count"].sum() == (result.places == "single").sum()
    assert rules is YARDS or (single["building_count"] == 1).all()
    members = result.buildings["unit_id"].value_counts().reindex(single["unit_id"])
    assert members.tolist() == single["building_count"].tolist()
    assert result.units["unit_id"].is_unique
    assert len(result.units) == len(single) + len(drawn[0])


@settings(max_examples=examples(20), deadline=None)
@given(maps(), st.randoms(use_true_random=False), st.sampled_from([RULES, YARDS]))
def test_the_order_of_rows_changes_nothing(drawn, random, rules):
    whole, blocks = drawn
    a, b = list(range(len(whole))), list(range(len(blocks)))
    random.shuffle(a)
    random.shuffle(b)
    first, second = (build(one, two, rules=rules) for one, two in ((whole, blocks), (whole.iloc[a], blocks.iloc[b])))
    assert_geodataframe_equal(first.units, second.units)
    assert_geodataframe_equal(first.buildings, second.buildings)
    assert first.findings == second.findings


@settings(max_examples=examples(25), deadline=None)
@given(maps())
def test_building_units_again_from_its_own_result_changes_nothing(drawn):
    whole, blocks = drawn
    first = build(whole, blocks)
    second = build(whole, first.buildings)
    assert_geodataframe_equal(first.units, second.units)
    assert_geodataframe_equal(first.buildings, second.buildings)


def test_join_agrees_with_geopandas_where_polygons_do_not_overlap():
    rng = np.random.default_rng(7)
    whole = communities(
        {f"c{i}{j}": box(i * 120, j * 120, i * 120 + 90, j * 120 + 90) for i in range(6) for j in range(6)}
    )
    spots = rng.uniform(0, 720, (400, 2)).round(2)
    blocks = buildings({f"b{k:03d}": Point(xy) for k, xy in enumerate(spots)}, "unknown")
    ours = build(whole, blocks).buildings.set_index("building_id")["unit_id"].dropna()
    theirs = gpd.sjoin(blocks, whole, predicate="within").set_index("building_id")["unit_id"]
    assert ours.to_dict() == theirs.to_dict()
    assert 0 < len(ours) < 400


# --- where a building goes ---


@pytest.mark.parametrize(
    ("use", "x", "shape", "place"),
    [
        ("residential", 10, block, "inside"),
        ("non_residential", 10, block, "inside"),
        ("residential", 500, block, "single"),
        ("mixed", 500, block, "single"),
        ("non_residential", 500, block, "non_residential"),
        ("unknown", 500, block, "unclear"),
        ("residential", 500, lambda x: box(x, 0, x + 5, 5), "ancillary"),
        ("residential", 500, lambda x: Point(x, 0), "single"),
    ],
)
def test_place_of_a_building(use, x, shape, place):
    result = build(communities({"c1": YARD}), buildings({"b1": shape(x)}, use))
    assert result.places["b1"] == place


def test_the_smallest_of_overlapping_polygons_wins_and_the_first_id_wins_a_tie():
    small, large = box(0, 0, 60, 60), box(0, 0, 200, 200)
    blocks = buildings({"b1": block(5), "b2": block(120)})
    result = build(communities({"c9": small, "c1": large, "c2": large}), blocks)
    assert [unit_of(result, b) for b in ("b1", "b2")] == ["c9", "c1"]


@pytest.mark.parametrize("code", ["c2", "150203-7"])
def test_a_code_beats_the_place_and_the_contradiction_is_reported(code):
    whole = communities({"c1": YARD, "c2": box(200, 0, 300, 100)}, external_code=[None, "150203-7"])
    result = build(whole, buildings({"b1": block(10)}, community_code=[code]))
    assert unit_of(result, "b1") == "c2"
    assert "units.code_elsewhere" in rules_found(result)


def test_a_code_nobody_has_is_reported_and_the_place_decides():
    result = build(communities({"c1": YARD}), buildings({"b1": block(10)}, community_code=["?"]))
    assert unit_of(result, "b1") == "c1"
    assert "units.code_unmatched" in rules_found(result)


def test_a_building_of_an_unknown_community_without_a_place_is_unclear():
    result = build(communities({"c1": YARD}), buildings({"b1": None}, community_code=["c7"]))
    assert result.places["b1"] == "unclear"


def test_an_earlier_unit_gives_way_when_the_polygon_no_longer_holds_the_building():
    blocks = buildings({"b1": block(10), "b2": None}, unit_id=["c1", "c1"])
    result = build(communities({"c1": box(500, 0, 600, 100)}), blocks)
    assert [unit_of(result, b) for b in ("b1", "b2")] == ["b1", "c1"]


def test_a_single_building_keeps_its_id_unless_a_community_has_it():
    result = build(communities({"7": YARD}), buildings({"7": block(500), "8": block(600)}))
    singles = result.units.query("kind == 'single_building'")["unit_id"]
    assert "8" in set(singles)
    assert singles.is_unique
    assert unit_of(result, "7") != "7"


def test_a_single_building_is_named_after_itself_or_its_id():
    blocks = buildings({"osm-w12345": block(500), "b2": block(600)}, name=[None, "铁路宿舍3号楼"])
    result = build(NOTHING, blocks)
    names = result.units.set_index("unit_id")["name"].to_dict()
    assert names == {"osm-w12345": "单体楼 w12345", "b2": "铁路宿舍3号楼"}


# --- shapes ---


def test_shapes_of_communities_without_a_polygon():
    whole = communities({"hull": Point(20, 16), "disc": Point(900, 0), "nowhere": None})
    blocks = buildings({"b1": block(10), "b2": block(200)}, community_code=["hull", "hull"])
    result = build(whole, blocks)
    quality = result.units.set_index("unit_id")["geom_quality"].to_dict()
    assert quality == {"hull": "convex_hull", "disc": "buffered_point", "nowhere": "missing"}
    assert unit(result, "hull").geometry.equals(box(10, 10, 240, 22))
    assert unit(result, "disc").geometry.area == pytest.approx(np.pi * 30**2, rel=0.01)
    assert unit(result, "nowhere").geometry is None
    assert {"units.drawn", "units.no_place"} <= rules_found(result)


def test_a_stray_building_within_a_hull_belongs_to_it():
    blocks = buildings({"b1": block(10), "b2": block(200), "b3": block(100)}, community_code=["c1", "c1", None])
    assert unit_of(build(communities({"c1": None}), blocks), "b3") == "c1"


def test_building_points_on_one_spot_make_a_disc():
    blocks = buildings({"b1": Point(5, 5), "b2": Point(5, 5)}, community_code=["c1", "c1"])
    result = build(communities({"c1": None}), blocks)
    assert unit(result, "c1")["geom_quality"] == "buffered_point"


def test_a_self_crossing_polygon_is_repaired():
    bowtie = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    result = build(communities({"c1": bowtie}), buildings({"b1": Point(95, 50)}))
    assert unit_of(result, "b1") == "c1"
    assert unit(result, "c1").geometry.is_valid


def test_several_points_are_one_place():
    result = build(communities({"c1": MultiPoint([(0, 0), (10, 0)])}))
    assert unit(result, "c1")["geom_quality"] == "buffered_point"


# --- figures ---


@pytest.mark.parametrize(
    ("table", "blocks", "expected"),
    [
        ({"households": [100], "floor_area_m2": [9000.0]}, {}, (100, "reported", 9000.0, "reported")),
        ({}, {}, (200, "estimated", 16000.0, "estimated")),  # 1 ha × 1.6
        ({"land_area_m2": [5000.0]}, {}, (100, "estimated", 8000.0, "estimated")),
        ({"households": [100]}, {}, (100, "reported", 8000.0, "estimated")),
        ({"floor_area_m2": [9000.0]}, {}, (112, "estimated", 9000.0, "reported")),
        ({}, {"floors_above": [6, None]}, (66, "estimated", 5280.0, "estimated")),  # 480 × (6 + 5)
        ({}, {"floor_area_m2": [3000.0, 1000.0]}, (50, "estimated", 4000.0, "estimated")),
        ({}, {"households": [36, None]}, (66, "estimated", 4800.0, "estimated")),  # 36 + 2400/80
    ],
)
def test_figures_of_a_community(table, blocks, expected):
    shapes = {"b1": block(10), "b2": block(10, 50)} if blocks else {}
    result = build(communities({"c1": YARD}, **table), buildings(shapes, **blocks))
    columns = ["households", "households_quality", "floor_area_m2", "floor_area_m2_quality"]
    assert tuple(unit(result, "c1")[columns]) == expected


def test_shops_and_sheds_are_not_counted_as_homes():
    shapes = {"b1": block(10), "shop": block(10, 40), "shed": box(60, 60, 65, 65)}
    result = build(communities({"c1": YARD}), buildings(shapes, ["unknown", "non_residential", "unknown"]))
    assert unit(result, "c1")["floor_area_m2"] == 480 * 5
    assert (result.places == "inside").all()


def test_a_figure_nobody_knows_is_missing_not_zero():
    row = unit(build(communities({"c1": None})), "c1")
    assert row[["households", "floor_area_m2", "built_year"]].isna().all()
    assert (row[["households_quality", "floor_area_m2_quality", "built_year_quality"]] == "missing").all()
    assert pd.isna(row["is_old"])


@pytest.mark.parametrize(("year", "is_old"), [(2000, True), (2001, False), (None, None)])
def test_old_is_built_by_the_year_of_the_rules(year, is_old):
    row = unit(build(communities({"c1": YARD}, built_year=[year])), "c1")
    assert (None if pd.isna(row["is_old"]) else bool(row["is_old"])) == is_old


def test_the_first_building_dates_a_community():
    blocks = buildings({"b1": block(10), "b2": block(10, 50)}, built_year=[1998, 2003])
    row = unit(build(communities({"c1": YARD}), blocks), "c1")
    assert (row["built_year"], row["built_year_quality"], row["is_old"]) == (1998, "estimated", True)


def test_the_size_of_unmeasured_buildings_is_taken_as_that_of_the_measured_ones():
    blocks = buildings({"b1": block(10), "b2": Point(50, 50)}, floors_above=[4, None])
    assert unit(build(communities({"c1": YARD}), blocks), "c1")["floor_area_m2"] == 2 * 480 * 4


# --- jurisdiction and doubts ---

STREETS = gpd.GeoDataFrame(
    {"street_code": ["150203001", "150203002"], "name": ["甲", "乙"], "district_code": ["150203", None]},
    geometry=[box(0, 0, 100, 100), box(100, 0, 1000, 100)],
    crs=CRS,
)


def test_street_and_district_come_from_the_row_else_from_the_place():
    shapes = {"c1": block(10), "c2": block(10), "c3": block(200), "c4": block(5000)}
    whole = communities(shapes, street_code=[None, "150204009", None, None])
    units = build(whole, NOTHING, STREETS).units.set_index("unit_id")
    assert units["street_code"].fillna("").to_dict() == {
        "c1": "150203001",
        "c2": "150204009",
        "c3": "150203002",
        "c4": "",
    }
    assert units["district_code"].fillna("").to_dict() == {"c1": "150203", "c2": "150204", "c3": "150203", "c4": ""}


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        (box(90, 0, 200, 100), "units.overlap"),
        (box(10, 10, 50, 50), "units.nested"),
        (box(100, 0, 2000, 1000), "units.giant"),
    ],
)
def test_doubtful_polygons_are_reported_and_left_as_they_are(shape, rule):
    result = build(communities({"c1": YARD, "c2": shape}))
    assert rule in rules_found(result)
    assert unit(result, "c2").geometry.equals(shape)


def test_a_hull_that_a_wrong_code_stretched_over_the_town_is_reported():
    blocks = buildings(
        {"b1": block(0), "b2": block(3000, 3000), "b3": block(3000, 0)}, community_code=["c1", "c1", "c1"]
    )
    assert "units.giant" in rules_found(build(communities({"c1": None}), blocks))


def test_neighbours_that_only_touch_are_not_reported():
    assert not rules_found(build(communities({"c1": YARD, "c2": box(100, 0, 200, 100)}))) & {
        "units.overlap",
        "units.nested",
        "units.giant",
    }


@pytest.mark.parametrize("whole", [NOTHING, communities({"c1": YARD})])
@pytest.mark.parametrize("blocks", [NOTHING, buildings({"b1": block(500)})])
def test_units_have_the_columns_of_the_schema(whole, blocks):
    result = build(whole, blocks)
    assert tuple(result.units.columns) == field_names("units")
    assert tuple(result.buildings.columns) == field_names("buildings")
    assert result.units.crs == CRS
    assert len(result.units) == len(whole) + len(blocks)


def test_degrees_are_measured_in_the_metric_crs():
    yard = communities({"c1": box(500000, 4500000, 500100, 4500100)}).to_crs("EPSG:4490")
    assert unit(build(yard), "c1")["floor_area_m2"] == pytest.approx(16000, rel=1e-3)


def test_stable_ids_differ_with_every_part():
    ids = {
        stable_id("community", "甲", "1", 0.0, 0.0),
        stable_id("single_building", "甲", "1", 0.0, 0.0),
        stable_id("community", "乙", "1", 0.0, 0.0),
        stable_id("community", "甲", "2", 0.0, 0.0),
        stable_id("community", "甲", "1", 2.0, 0.0),
        stable_id("community", "甲", "1", 0.0, 2.0),
        stable_id("community", "甲", None, None, None),
    }
    assert len(ids) == 7


def test_units_take_the_neighbourhood_of_their_place_and_street():
    yard = gpd.GeoDataFrame(
        {"unit_id": ["c1", "c2"], "name": ["甲", "乙"], "street_code": ["159901001", "159901002"]},
        geometry=[box(10, 10, 40, 40), box(60, 10, 90, 40)],
        crs="EPSG:4546",
    ).assign(geom_quality="digitised")
    area = gpd.GeoDataFrame(
        {"neighbourhood_code": ["159901001003"], "name": ["和风社区"], "street_code": ["159901001"]},
        geometry=[box(0, 0, 100, 100)],
        crs="EPSG:4546",
    )
    none = pd.DataFrame()
    units = build_units(yard, none, none, UnitRules(), "EPSG:4546", area).units
    codes = units.set_index("unit_id")["neighbourhood_code"]
    assert codes["c1"] == "159901001003"
    assert pd.isna(codes["c2"])
