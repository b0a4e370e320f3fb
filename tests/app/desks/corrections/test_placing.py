"""A community without a place is put on the map by a planner, and taken off again."""

import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from app.cli import cli
from app.desks.corrections.overrides import check_place, parse_correction
from app.desks.corrections.placing import (
    DoubtfulPlaceError,
    list_placements,
    make_unplaced_rows,
    parse_place,
    remove_placement,
    store_placement,
)
from app.i18n import load_words
from app.session.plan_session import PlanSession
from geo.errors import UsageError
from geo.importing import ImportOptions, import_paths
from geo.schema import LAYERS
from geo.storage.dataset import open_dataset

WORDS = load_words("zh")


@pytest.fixture(scope="module")
def town_with_orphan(town, tmp_path_factory):
    """The town with one more community, of which only a ledger is there; copied for each test."""
    place = tmp_path_factory.mktemp("orphan")
    folder = Path(shutil.copytree(town[0], place / "town"))
    bring(PlanSession(folder, None), place, "小区名称,户数\n孤儿小区,300\n")
    return folder


@pytest.fixture
def shown(town_with_orphan, tmp_path):
    return PlanSession(Path(shutil.copytree(town_with_orphan, tmp_path / "town")), None)


def bring(shown, tmp_path, text, **options):
    ledger = tmp_path / "台账.csv"
    ledger.write_text(text, encoding="utf-8")
    import_paths(
        [ledger],
        shown.folder,
        options=ImportOptions(layer="communities", **options),
        unit_rules=shown.policy.unit_rules(),
    )
    shown.current_page()


def unit(shown):
    units = shown.current_page().bench.units
    return units[units["name"] == "孤儿小区"].iloc[0]


def middle(shown):
    west, south, east, north = shown.current_page().bounds
    return (west + east) / 2, (south + north) / 2


def test_a_placement_makes_a_unit_of_a_row_and_is_taken_back(shown):
    (row,) = make_unplaced_rows(shown.current_page().bench, WORDS)
    assert (row["name"], row["households"]) == ("孤儿小区", 300)
    lon, lat = middle(shown)
    store_placement(shown, row["id"], f"{lon}, {lat}", "王工", "现场核对")
    placed = unit(shown)
    assert placed["geom_quality"] == "buffered_point"
    degrees = shown.current_page().bench.units.to_crs("EPSG:4326").geometry[placed.name].centroid
    assert (degrees.x, degrees.y) == pytest.approx((lon, lat), abs=1e-6)
    assert make_unplaced_rows(shown.current_page().bench, WORDS) == []
    (record,) = list_placements(shown.current_page().bench)
    assert (record["name"], record["author"], record["reason"]) == ("孤儿小区", "王工", "现场核对")
    remove_placement(shown, record["override_id"], "李强")
    taken, put = shown.store.audit_rows()[:2]
    assert (taken.action, taken.author, taken.note) == ("take_back.placed", "李强", record["override_id"])
    assert (put.action, put.subject) == ("correct.placed", record["target_id"])
    assert [r["id"] for r in make_unplaced_rows(shown.current_page().bench, WORDS)] == [row["id"]]
    assert list_placements(shown.current_page().bench) == []


@pytest.mark.full
def test_a_placement_survives_the_ledger_coming_again_and_gives_way_to_a_real_place(shown, tmp_path):
    lon, lat = middle(shown)
    store_placement(shown, unit(shown)["unit_id"], f"{lon},{lat}", "王工", "现场核对")
    before = unit(shown)
    bring(shown, tmp_path, "小区名称,户数\n孤儿小区,310\n")
    again = unit(shown)
    assert (again["households"], again["unit_id"]) == (310, before["unit_id"])
    assert again["geometry"].equals(before["geometry"])
    bring(shown, tmp_path, f"小区名称,经度,纬度\n孤儿小区,{lon + 0.002},{lat}\n", datum="wgs84")
    assert unit(shown)["geometry"].centroid.distance(before["geometry"].centroid) > 100
    (record,) = list_placements(shown.current_page().bench)
    assert not record["in_force"]


@pytest.mark.parametrize(
    ("at", "author", "reason", "sentence"),
    [
        ("", "王工", "现场", "点地图"),
        ("40.66, 109.84", "王工", "现场", "经度"),
        ("0, 0", "王工", "现场", "公里"),
        (None, " ", "现场", "更正人"),
        (None, "王工", "", "理由"),
    ],
)
def test_what_is_missing_or_absurd_is_said_and_nothing_is_kept(shown, at, author, reason, sentence):
    text = at if at is not None else "{}, {}".format(*middle(shown))
    with pytest.raises(UsageError) as refused:
        store_placement(shown, unit(shown)["unit_id"], text, author, reason)
    assert sentence in refused.value.zh
    assert len(open_dataset(shown.folder).layer("overrides")) == 0


def test_a_community_that_has_a_place_is_not_put_elsewhere(shown):
    units = shown.current_page().bench.units
    there = units[units["geom_quality"] != "missing"].iloc[0]["unit_id"]
    with pytest.raises(Exception, match="没有位置") as refused:
        store_placement(shown, there, "{}, {}".format(*middle(shown)), "王工", "现场核对")
    assert there in refused.value.zh
    with pytest.raises(UsageError):
        store_placement(shown, None, "{}, {}".format(*middle(shown)), "王工", "现场核对")


def test_places_are_read_as_they_are_written():
    assert parse_place("109.84;40.66") == parse_place(" 109.84，40.66 ") == (109.84, 40.66)
    assert "placed" in next(f.choices for f in LAYERS["overrides"] if f.name == "what")


# --- doubtful places ----------------------------------------------------------------------------


def degrees_of(shape, crs):
    point = gpd.GeoSeries([shape], crs=crs).to_crs(4326).iloc[0]
    return f"{point.x!r}, {point.y!r}"


def doubted(shown, at):
    with pytest.raises(DoubtfulPlaceError) as told:
        store_placement(shown, unit(shown)["unit_id"], at, "王工", "现场核对", confirmed=False)
    assert not len(open_dataset(shown.folder).layer("overrides"))
    return told.value.zh


def test_a_place_on_top_of_another_unit_is_told_and_kept_when_confirmed(shown):
    units = shown.current_page().bench.units
    other = units[units["geom_quality"] != "missing"].iloc[0]
    at = degrees_of(other.geometry.representative_point(), units.crs)
    said = doubted(shown, at)
    assert other["name"] in said
    assert "㎡" in said
    store_placement(shown, unit(shown)["unit_id"], at, "王工", "现场核对", confirmed=True)
    assert unit(shown)["geom_quality"] != "missing"


def test_another_street_a_river_and_outside_are_told(shown, tmp_path):
    units = shown.current_page().bench.units
    west, south, east, north = units.total_bounds
    half = (west + east) / 2
    streets = gpd.GeoDataFrame(
        {"street_code": ["150203001", "150203002"], "name": ["东河街道", "西河街道"]},
        geometry=[
            shapely.box(west - 900, south - 900, half, north + 900),
            shapely.box(half, south - 900, east + 900, north + 900),
        ],
        crs=units.crs,
    )
    river = gpd.GeoDataFrame(
        {"阻隔类型": ["河流"], "名称": ["昆都仑河"]},
        crs=units.crs,
        geometry=[shapely.box(east + 300, south, east + 420, north)],
    )
    options = {"streets": ImportOptions(layer="streets", replace=True), "river": ImportOptions(layer="barriers")}
    for name, frame in (("streets", streets), ("river", river)):
        frame.to_file(tmp_path / f"{name}.gpkg")
        import_paths(
            [tmp_path / f"{name}.gpkg"], shown.folder, options=options[name], unit_rules=shown.policy.unit_rules()
        )
    bring(shown, tmp_path, "小区名称,户数,街道代码\n孤儿小区,300,150203001\n")
    said = doubted(shown, degrees_of(shapely.Point(east + 360, (south + north) / 2), units.crs))
    assert "西河街道" in said
    assert "东河街道" in said
    assert "河流昆都仑河" in said
    far = doubted(shown, degrees_of(shapely.Point(east + 2500, (south + north) / 2), units.crs))
    assert "以外" in far
    told = parse_correction(
        open_dataset(shown.folder),
        "outline",
        [unit(shown)["unit_id"]],
        author="王工",
        reason="图纸",
        date="2026-06-30",
        place=shapely.box(east + 350, south, east + 450, south + 100).wkt,
        crs=units.crs.to_string(),
    )
    remarks = check_place(open_dataset(shown.folder), told, shown.policy)
    assert any("昆都仑河" in one.zh for one in remarks)
    assert any("西河街道" in one.zh for one in remarks)


def test_the_command_line_tells_the_same(shown):
    units = shown.current_page().bench.units
    other = units[units["geom_quality"] != "missing"].iloc[0]
    at = degrees_of(other.geometry.representative_point(), units.crs).split(", ")
    run = CliRunner().invoke(
        cli,
        [
            "override",
            "add",
            str(shown.folder),
            "placed",
            unit(shown)["unit_id"],
            "--at",
            *at,
            "--author",
            "王工",
            "--reason",
            "现场核对",
        ],
    )
    assert run.exit_code == 0
    assert other["name"] in run.output
    assert "override remove" in run.output
