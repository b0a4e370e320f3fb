"""GeoJSON for the districts: read back, it is the plan, in the form of RFC 7946."""

import json
import re
from dataclasses import replace

import geojson_validator
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from jsonschema import Draft202012Validator

from analysis.bundling.document.roles import ROLES
from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.gis.fields import AREA_FIELDS, UNIT_FIELDS, list_fields
from app.exports.gis.geojson import SCHEMA
from app.exports.plan_table import NOTICE, plan_id, unit_table
from app.exports.request import make_request
from app.i18n import load_words
from geo.errors import UsageError
from geo.storage.atomic_files import atomic_write_texts

CRS = "EPSG:4546"
UNITS = ("lead", "old", "odd", "west", "east", "left", "none", "new")


def judged(request, is_met):
    """The request, whatever the check found of the plan."""
    return replace(request, found=replace(request.found, verdict=replace(request.found.verdict, is_met=is_met)))


def export_geojson(dataset, document, out):
    return export_plan(judged(make_request(dataset, document), is_met=True), choose_formats("geojson"), out)


@pytest.fixture
def written(town, tmp_path):
    """The exported files: their parsed bodies by name."""
    paths = export_geojson(*town, tmp_path / "out")
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def features(written, layer):
    return [f for name, body in written.items() if name.startswith(layer) for f in body["features"]]


def test_one_pair_of_files_a_district_and_unknown_last(written):
    assert list(written) == [
        f"{layer}_{district}.geojson" for district in ("150203", "150204", "unknown") for layer in ("areas", "units")
    ]


def test_every_unit_is_in_exactly_one_file(written):
    ids = [f["properties"]["unit_id"] for f in features(written, "units")]
    assert sorted(ids) == sorted(UNITS)


def test_every_area_is_in_exactly_one_file_with_its_figures(written, town):
    found = [f["properties"] for f in features(written, "areas")]
    assert [p["area_id"] for p in found] == ["P-1", "P-2"]
    assert [p["unit_count"] for p in found] == [3, 2]
    assert found[0]["floor_area_m2"] == 64_000.5


def test_roles_and_reasons(written):
    rows = {f["properties"]["unit_id"]: f["properties"] for f in features(written, "units")}
    assert {unit: row["role"] for unit, row in rows.items()} == {
        "lead": "anchor",
        "old": "absorbed",
        "odd": "companion",
        "west": "member",
        "east": "member",
        "left": "left_over",
        "none": "out_of_scope",
        "new": "out_of_scope",
    }
    assert {row["role"] for row in rows.values()} == set(ROLES) - {"unled"}
    assert rows["left"]["reason"] == "no_neighbour"
    assert rows["west"]["reason"] is None
    assert rows["new"]["area_id"] is None


def test_properties_are_those_of_the_contract(written):
    for layer, fields in (("units", UNIT_FIELDS), ("areas", AREA_FIELDS)):
        for feature in features(written, layer):
            assert list(feature["properties"]) == [field.key for field in fields]


def test_missing_stays_null(written):
    rows = {f["properties"]["unit_id"]: f for f in features(written, "units")}
    assert rows["east"]["properties"]["households"] is None
    assert rows["lead"]["properties"]["households"] == 600
    assert rows["none"]["geometry"] is None


def test_the_collection_says_where_it_is_from(written, town):
    dataset, document = town
    for body in written.values():
        assert "crs" not in body
        about = body["pianqu"]
        assert about["plan_id"] == plan_id(document)
        assert about["planning_sha256"] == dataset.manifest.planning_sha256
        assert (about["notice"], about["demo"], about["label"]) == (NOTICE, True, "演示数据")
        assert about["data_date"] == "2026-06-30"


def rings(geometry):
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [(number, ring) for polygon in polygons for number, ring in enumerate(polygon)]


def test_rings_wind_by_the_right_hand_rule(written):
    shapes = [f["geometry"] for f in features(written, "units") + features(written, "areas")]
    holes = 0
    for geometry in filter(None, shapes):
        for number, ring in rings(geometry):
            assert shapely.LinearRing(ring).is_ccw == (number == 0)
            holes += number > 0
    assert holes == 2


def test_coordinates_are_lon_lat_with_seven_decimals(town, tmp_path):
    for path in export_geojson(*town, tmp_path / "out"):
        text = path.read_text(encoding="utf-8")
        numbers = re.findall(r"\[(-?\d+\.?\d*),(-?\d+\.?\d*)\]", text)
        assert numbers or '"features":[]' in text
        for lon, lat in numbers:
            assert 109 < float(lon) < 110
            assert 40 < float(lat) < 41
            assert all(len(value.partition(".")[2]) <= 7 for value in (lon, lat))


def test_geometry_read_back_is_the_same_within_a_centimetre(town, tmp_path):
    dataset, document = town
    export_geojson(dataset, document, tmp_path / "out")
    back = pd.concat(gpd.read_file(path) for path in sorted((tmp_path / "out").glob("units_*")))
    back = back.set_index("unit_id").geometry
    true = dataset.layer("units").to_crs("EPSG:4326").set_index("unit_id").geometry
    for unit in set(UNITS) - {"none"}:
        assert shapely.hausdorff_distance(back[unit], true[unit]) < 1e-7
        assert back[unit].is_valid


def test_areas_are_dissolved(town, tmp_path):
    dataset, document = town
    export_geojson(dataset, document, tmp_path / "out")
    (touching,) = gpd.read_file(tmp_path / "out" / "areas_150204.geojson").geometry
    assert touching.geom_type == "Polygon"
    assert touching.interiors == () or len(touching.interiors) == 0


def test_the_same_plan_gives_the_same_bytes(town, tmp_path):
    dataset, document = town
    one = export_geojson(dataset, document, tmp_path / "one")
    two = export_geojson(dataset, {**document, "seconds": 9.9}, tmp_path / "two")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_nothing_is_left_half_written(tmp_path):
    class Broken:
        def __str__(self):
            raise AssertionError

    with pytest.raises(TypeError):
        atomic_write_texts(tmp_path, {"a.geojson": "{}", "b.geojson": Broken()})
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_does_not_fit_is_refused(town, tmp_path):
    dataset, document = town
    document["left_over"] = []
    with pytest.raises(UsageError, match="left"):
        export_geojson(dataset, document, tmp_path / "out")
    assert not any(tmp_path.glob("out/*"))


def test_unit_table_keeps_the_order_of_units(town):
    dataset, document = town
    assert unit_table(dataset, document)["unit_id"].tolist() == sorted(UNITS)


def test_leaders_inside_areas_are_told(led_town, tmp_path):
    paths = export_geojson(*led_town, tmp_path / "out")
    written = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    units = {f["properties"]["unit_id"]: f["properties"] for f in features(written, "units")}
    assert {unit: row["role"] for unit, row in units.items()} == {
        "lead": "anchor",
        "old": "absorbed",
        "odd": "companion",
        "west": "unled",
        "east": "member",
        "left": "left_over",
        "none": "out_of_scope",
        "new": "out_of_scope",
    }
    assert {unit: row["leader_unit_id"] for unit, row in units.items() if row["leader_unit_id"]} == {"old": "lead"}
    assert units["old"]["leader_name"] == units["lead"]["name"]
    assert (units["west"]["role_label"], units["west"]["reason"]) == ("在片区内, 无牵头", "no_anchor_in_area")
    assert units["west"]["reason_label"] == "片区内没有符合牵头条件的小区。"
    assert units["left"]["reason_label"]
    assert units["east"]["reason_label"] is None
    areas = [f["properties"] for f in features(written, "areas")]
    assert [(row["anchor_unit_ids"], row["led_count"]) for row in areas] == [(["lead"], 1), ([], 0)]
    assert [(row["operator"], row["operator_name"]) for row in areas] == [("Q1", "甲物业"), (None, None)]
    assert areas[0]["outside_preferred"] == ["floor_area"]


def test_labels_stand_beside_codes(written):
    units = {f["properties"]["unit_id"]: f["properties"] for f in features(written, "units")}
    assert (units["old"]["role_label"], units["old"]["leader_unit_id"]) == ("由牵头小区带入", "lead")
    assert (units["old"]["kind_label"], units["old"]["area_number"]) == ("小区", 1)
    assert units["left"]["reason_label"].endswith("。")
    (first, second) = (f["properties"] for f in features(written, "areas"))
    assert (first["anchor_unit_ids"], first["anchor_names"], first["led_count"]) == (["lead"], ["小区“lead”"], 2)
    assert (second["anchor_unit_ids"], second["company_ids"]) == ([], None)


def test_in_english_labels_are_english_and_names_stay(town, tmp_path):
    request = make_request(*town, language="en")
    row = request.units.set_index("unit_id").loc["old"]
    assert (row["role_label"], row["kind_label"], row["name"]) == (
        "Led",
        load_words("en")("kind.community"),
        "小区“old”",
    )


def test_the_published_schema_names_every_field():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    for layer, fields in (("unit", UNIT_FIELDS), ("area", AREA_FIELDS)):
        stated = schema["$defs"][layer]["properties"]["properties"]
        assert stated["required"] == [field.key for field in fields]
        assert list(stated["properties"]) == [field.key for field in list_fields(fields, is_public=True)]


@pytest.mark.parametrize("plan", ["town", "led_town"])
@pytest.mark.parametrize("level", ["city", "district", "street"])
def test_files_are_as_the_schema_says(request, plan, level, tmp_path):
    """And as an independent validator of RFC 7946 asks."""
    check = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    asked = make_request(*request.getfixturevalue(plan))
    for path in export_plan(asked, choose_formats("geojson"), tmp_path, by=level):
        body = json.loads(path.read_text(encoding="utf-8"))
        assert [error.message for error in check.iter_errors(body)] == []
        assert geojson_validator.validate_structure(body) == {}
        placed = {**body, "features": [one for one in body["features"] if one["geometry"]]}
        if placed["features"]:
            assert geojson_validator.validate_geometries(placed)["invalid"] == {}


def test_a_wrong_file_is_refused_by_the_schema(written):
    check = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    body = written["units_150203.geojson"]
    body["features"][0]["properties"]["role"] = "leader"
    assert not check.is_valid(body)


def test_a_plan_that_breaks_rules_is_a_draft(town, tmp_path):
    for path in export_plan(judged(make_request(*town), is_met=False), choose_formats("geojson"), tmp_path):
        assert path.stem.endswith("_草案")
        body = json.loads(path.read_text(encoding="utf-8"))
        assert {body["pianqu"]["draft"], *(f["properties"]["draft"] for f in body["features"])} == {"草案"}
