"""Units as people know them: corrected, drawn, split, merged; kept by imports, undone to the byte."""

import shutil

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate

from geo.corrections.apply import correct_communities, correct_units, reassign_unit_rows
from geo.corrections.model import Correction, UnitPart, format_parts
from geo.corrections.store import add_override, list_overrides, read_overrides, remove_override
from geo.errors import UsageError
from geo.importing import derive_units, store_layers
from geo.importing.units import build_units
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import file_sha256, new_manifest
from tests.effort import examples

CRS = "EPSG:4546"
S, T = "150203001", "150203002"
RULES = UnitRules()
SAYS = {"author": "张三", "reason": "现场踏勘", "date": "2026-06-30"}
QUICK = settings(max_examples=examples(10), deadline=None)


def at(shape):
    return translate(shape, 440_000, 4_497_000)


#   a: 100 x 80 with two buildings    b: 100 x 80, no figures    p: a point, its yard around s2
#   s1, s2: single buildings; s2 stands 45 m from the point of p
COMMUNITIES = gpd.GeoDataFrame(
    {
        "unit_id": ["a", "b", "p"],
        "name": ["甲园", "乙园", "丙院"],
        "street_code": [S, S, S],
        "households": [120, None, 60],
        "built_year": [1995, 2010, 1988],
        "management_mode": ["none", "professional", "none"],
        "merge_willingness": ["yes", None, None],
        "geom_quality": ["surveyed", "surveyed", "missing"],
    },
    geometry=[at(box(0, 0, 100, 80)), at(box(110, 0, 210, 80)), at(Point(500, 40))],
    crs=CRS,
)
BUILDINGS = gpd.GeoDataFrame(
    {
        "building_id": ["a1", "a2", "b1", "s1", "s2"],
        "use": ["residential"] * 5,
        "community_code": ["a", "a", None, None, None],
        "floors_above": [6, 6, 5, 4, 4],
    },
    geometry=[
        at(box(10, 10, 40, 22)),
        at(box(60, 10, 90, 22)),
        at(box(120, 10, 160, 22)),
        at(box(300, 0, 340, 12)),
        at(box(545, 30, 575, 42)),
    ],
    crs=CRS,
)
STREETS = gpd.GeoDataFrame(
    {"street_code": [S, T], "name": ["一街", "二街"], "district_code": ["150203", "150203"]},
    geometry=[at(box(-900, -900, 900, 900)), at(box(900, -900, 2000, 900))],
    crs=CRS,
)
COMPANIES = pd.DataFrame({"company_id": ["k1"], "name": ["某物业"]})


@pytest.fixture(scope="module")
def first_town(tmp_path_factory):
    """The town before any correction, built once."""
    folder = tmp_path_factory.mktemp("first") / "town"
    layers = {"communities": COMMUNITIES, "buildings": BUILDINGS, "streets": STREETS, "companies": COMPANIES}
    store_layers(folder, layers, manifest=new_manifest("虚构城", CRS), findings=(), unit_rules=RULES, replace=False)
    derive_units(folder, RULES)
    return folder


@pytest.fixture
def town(first_town, tmp_path):
    """A copy of one's own."""
    return open_dataset(shutil.copytree(first_town, tmp_path / "town"))


def said(town, correction):
    """The dataset after a correction, and the id of it."""
    dataset, override_id = add_override(open_dataset(town.folder), correction)
    return derive_units(dataset.folder, RULES), override_id


def taken_back(town, *ids):
    for override_id in ids:
        remove_override(open_dataset(town.folder), override_id)
    return derive_units(town.folder, RULES)


def unit(town, unit_id):
    units = town.layer("units")
    return units[units["unit_id"] == unit_id].iloc[0]


def value(target, field, new):
    return Correction("value", target=target, field=field, value=new, **SAYS)


def outline(target, shape):
    return Correction("outline", target=target, place=shape, **SAYS)


def split(parts, x=50.0):
    line = at(LineString([(x, -5), (x, 85)]))
    return Correction("split", target="a", place=line, parts=parts, **SAYS)


HALVES = (UnitPart("a", "甲园西", 70), UnitPart("a-2", "甲园东", 50))


def merged(kept, taken):
    return Correction("merged", units=(kept, taken), **SAYS)


def hashes(town):
    return {name: file_sha256(town.folder / name) for name in open_dataset(town.folder).manifest.files}


CASES = {
    "households": value("a", "households", "300"),
    "unknown figure": value("a", "households", None),
    "floor area of a building": value("s1", "floor_area_m2", "2,500.5"),
    "year": value("a", "built_year", "2004"),
    "mode": value("a", "management_mode", "quasi"),
    "company": value("b", "company_id", "k1"),
    "street": value("a", "street_code", T),
    "outline": outline("a", at(box(0, 0, 100, 60))),
    "outline of a point": outline("p", at(box(480, 0, 600, 80))),
    "outline of a building": outline("s1", at(box(300, 0, 345, 12))),
    "split": split(HALVES),
    "merger": merged("a", "b"),
    "merger with a building": merged("a", "s1"),
    "merger of buildings": merged("s1", "s2"),
}


ONE_OF_A_KIND = {"households", "outline", "split", "merger"}
"""One correction of each kind in the quick run, the others in the full one."""


@pytest.mark.parametrize(
    "correction",
    [
        pytest.param(said, id=name, marks=() if name in ONE_OF_A_KIND else pytest.mark.full)
        for name, said in CASES.items()
    ],
)
def test_a_correction_survives_the_import_and_is_undone_to_the_byte(town, correction):
    before = hashes(town)
    after, override_id = said(town, correction)
    told = after.layer("units")
    assert file_sha256(after.folder / "units.parquet") != before["units.parquet"]
    assert list_overrides(after)["in_force"].all()
    store_layers(
        town.folder,
        {"communities": COMMUNITIES, "buildings": BUILDINGS},
        manifest=open_dataset(town.folder).manifest,
        findings=(),
        unit_rules=RULES,
        replace=False,
    )
    again = open_dataset(town.folder)
    pd.testing.assert_frame_equal(pd.DataFrame(again.layer("units")), pd.DataFrame(told))
    for layer in ("communities", "buildings"):
        assert file_sha256(town.folder / f"{layer}.parquet") == before[f"{layer}.parquet"]
    taken_back(town, override_id)
    assert hashes(town) == before


def known(*corrections):
    """The units as they would be derived, nothing written."""
    rows = [
        {
            "number": number,
            "what": one.what,
            "field": one.field,
            "geometry": one.place,
            "target_id": one.units[0] if one.units else one.target,
            "unit_a": one.units[0] if one.units else one.parts and one.parts[0].unit_id,
            "unit_b": one.units[1] if one.units else one.parts and one.parts[1].unit_id,
            "new": format_parts(one.parts) if one.parts else one.value,
        }
        for number, one in enumerate(corrections)
    ]
    told = shape_layer(
        "overrides", gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS) if rows else pd.DataFrame(), CRS
    )
    layers = [shape_layer("communities", COMMUNITIES, CRS), shape_layer("buildings", BUILDINGS, CRS)]
    communities, buildings = correct_communities(*layers, told)
    units = build_units(communities, buildings, STREETS, RULES, CRS).units
    return correct_units(units, communities, told, RULES, STREETS).set_index("unit_id")


@QUICK
@given(households=st.integers(1, 50_000), area=st.integers(200, 50_000_000), year=st.integers(1900, 2100))
def test_what_is_corrected_is_what_the_unit_says(households, area, year):
    told = {"households": households, "floor_area_m2": area / 10, "built_year": year}
    for target in ("a", "s1"):
        row = known(*(value(target, field, f"{new}") for field, new in told.items())).loc[target]
        assert {field: row[field] for field in told} == told
        assert row["is_old"] == (year <= 2000)
        assert {row[f"{field}_quality"] for field in told} == {"reported"}


def test_the_last_word_holds_and_each_can_be_taken_back(town):
    town, first = said(town, value("a", "households", "130"))
    town, second = said(town, value("a", "households", "140"))
    assert unit(town, "a")["households"] == 140
    assert list_overrides(town)["old"].tolist() == ["120", "130"]
    assert unit(taken_back(town, second), "a")["households"] == 130
    assert unit(taken_back(town, first), "a")["households"] == 120


def test_an_estimate_follows_what_it_rests_on(town):
    assert unit(town, "s1")["households"] == 24  # 480 m² x 4 storeys / 80
    town, _ = said(town, value("s1", "floor_area_m2", "4000"))
    row = unit(town, "s1")
    assert (row["households"], row["households_quality"]) == (50, "estimated")


def test_a_street_brings_its_district_and_drops_a_foreign_neighbourhood(town):
    town, _ = said(town, value("s1", "street_code", T))
    row = unit(town, "s1")
    assert (row["street_code"], row["district_code"]) == (T, "150203")
    assert pd.isna(row["neighbourhood_code"])


def test_a_drawn_outline_takes_in_the_buildings_that_stand_in_it(town):
    assert {"s2"} <= set(town.layer("units")["unit_id"])
    town, _ = said(town, outline("p", at(box(480, 0, 600, 80))))
    assert "s2" not in set(town.layer("units")["unit_id"])
    assert unit(town, "p")["geom_quality"] == "digitised"
    assert unit(town, "p").geometry.area == 9600


def test_parts_have_what_the_planner_declares_and_the_buildings_that_stand_in_them(town):
    town, _ = said(town, split(HALVES, x=52.0))
    west, east = unit(town, "a"), unit(town, "a-2")
    assert (west["households"], east["households"]) == (70, 50)
    assert (west["name"], east["name"]) == ("甲园西", "甲园东")
    assert (west.geometry.area, east.geometry.area) == (52 * 80, 48 * 80)
    assert (west["floor_area_m2"], east["floor_area_m2"]) == (2160.0, 2160.0)  # one building each
    assert west["floor_area_m2_quality"] == "estimated"
    assert set(east[["street_code", "management_mode"]]) == {S, "none"}


@QUICK
@given(share=st.integers(1, 119), x=st.floats(1, 99))
def test_a_split_and_a_merger_give_the_whole_again(share, x):
    whole = known().loc["a"]
    parts = (UnitPart("a", "西", share, 900.0), UnitPart("a-2", "东", 120 - share, 100.0))
    assert len(known(split(parts, x))) == 6
    again = known(split(parts, x), merged("a", "a-2"))
    assert len(again) == 5
    row = again.loc["a"]
    assert (row["households"], row["floor_area_m2"]) == (120, 1000.0)
    assert row.geometry.symmetric_difference(whole.geometry).area < 0.2


def test_a_merger_adds_up_and_is_as_doubtful_as_the_more_doubtful(town):
    a, b = unit(town, "a"), unit(town, "b")
    town, _ = said(town, merged("a", "b"))
    row = unit(town, "a")
    assert row["households"] == a["households"] + b["households"]
    assert row["households_quality"] == "estimated"
    assert row["built_year"] == 1995
    assert row["management_mode"] == "none"
    assert row.geometry.area == 16_000
    assert "b" not in set(town.layer("units")["unit_id"])


def test_what_is_said_after_a_merger_is_said_of_the_whole(town):
    town, _ = said(town, merged("a", "b"))
    town, _ = said(town, value("a", "households", "333"))
    assert unit(town, "a")["households"] == 333


def test_rows_of_units_follow_mergers_and_splits(town):
    stock = pd.DataFrame({"unit_id": ["a", "b"], "ebikes": [30, 40], "method": ["survey"] * 2})
    sites = gpd.GeoDataFrame(
        {"site_id": ["1", "2"], "unit_id": ["a", "a"], "ports": [5, 6]},
        geometry=[at(Point(10, 40)), at(Point(90, 40))],
        crs=CRS,
    )
    layers = {"ebike_stock": stock, "ebike_sites": sites}
    one, override_id = said(town, merged("a", "b"))
    moved = reassign_unit_rows(layers, read_overrides(one), one.layer("units"))
    assert moved["ebike_stock"][["unit_id", "ebikes"]].values.tolist() == [["a", 70]]
    taken_back(town, override_id)
    two, _ = said(town, split(HALVES))
    moved = reassign_unit_rows(layers, read_overrides(two), two.layer("units"))
    assert moved["ebike_sites"]["unit_id"].tolist() == ["a", "a-2"]
    assert moved["ebike_stock"]["unit_id"].tolist() == ["b"]  # nobody counted the parts


BOWTIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


WRONG = [
    value("a", "name", "x"),
    value("a", "households", "0"),
    value("a", "households", "12.5"),
    value("a", "households", "许多"),
    value("a", "households", "nan"),
    value("a", "management_mode", "best"),
    value("a", "company_id", "k9"),
    value("a", "street_code", "1"),
    outline("a", at(BOWTIE)),
    outline("a", at(LineString([(0, 0), (1, 1)]))),
    split((UnitPart("a", "西", 70), UnitPart("a", "东", 50))),
    split((UnitPart("a", "西", 70), UnitPart("b", "东", 50))),
    split((UnitPart("a", "西", 70), UnitPart("a-2", " ", 50))),
    split((UnitPart("a", "西", 70), UnitPart("a-2", "东", 60))),
    split(HALVES, x=150.0),
    merged("s1", "a"),
    merged("a", "a"),
]


def test_what_cannot_be_is_refused(town):
    before = hashes(town)
    for wrong in WRONG:
        with pytest.raises((UsageError, LookupError)):
            add_override(open_dataset(town.folder), wrong)
    assert hashes(town) == before


def test_units_of_two_streets_are_not_merged(town):
    town, _ = said(town, value("s1", "street_code", T))
    with pytest.raises(UsageError, match="不在同一街道"):
        add_override(open_dataset(town.folder), merged("a", "s1"))


def test_a_correction_sleeps_when_the_data_caught_up(town):
    town, _ = said(town, split(HALVES))
    known = COMMUNITIES.iloc[[1]].assign(unit_id="a-2", name="甲园东")
    store_layers(
        town.folder, {"communities": known}, manifest=town.manifest, findings=(), unit_rules=RULES, replace=False
    )
    town = derive_units(town.folder, RULES)
    assert not list_overrides(town)["in_force"].iloc[0]
    assert unit(town, "a")["households"] == 120
