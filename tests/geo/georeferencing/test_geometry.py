from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely import Polygon, box

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

X, Y = 400_000, 4_500_000
METRIC = "EPSG:4546"


def run(tmp_path, shapes, layer, **columns):
    """Import shapes drawn in metres from the lower left corner of a place in Baotou."""
    moved = [None if s is None else shapely.affinity.translate(s, X, Y) for s in shapes]
    frame = gpd.GeoDataFrame({"序号": range(len(shapes)), **columns}, geometry=moved, crs=METRIC)
    path = tmp_path / "layer.gpkg"
    frame.to_file(path)
    report = import_paths([path], tmp_path / "D", options=ImportOptions(layer=layer), unit_rules=UnitRules())
    return report, report.dataset.layer(layer)


def rules(report):
    return [f.rule for f in report.findings]


def test_a_bow_tie_is_repaired_and_both_areas_are_shown(tmp_path):
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    report, stored = run(tmp_path, [bow, box(200, 0, 300, 100)], "communities", 小区名称=["甲", "乙"])
    assert stored.geometry.is_valid.all()
    (told,) = [f for f in report.findings if f.rule == "geometry.repaired"]
    assert "0 → 5000 ㎡" in told.zh


def test_slivers_are_told_and_kept(tmp_path):
    shapes = [box(0, 0, 0.5, 0.5), box(10, 0, 310, 0.4), box(0, 10, 80, 90)]
    report, stored = run(tmp_path, shapes, "communities", 小区名称=["小", "窄", "好"])
    assert rules(report).count("geometry.sliver") == 2
    assert len(stored) == 3


def test_a_community_of_two_yards_is_one_and_told(tmp_path):
    two = shapely.union(box(0, 0, 50, 50), box(70, 0, 120, 50))
    report, stored = run(tmp_path, [two], "communities", 小区名称=["甲"])
    assert len(stored) == 1
    assert "geometry.several_parts" in rules(report)


def test_of_a_collection_the_areas_are_kept(tmp_path):
    mixed = shapely.GeometryCollection([box(0, 0, 50, 50), shapely.LineString([(0, 0), (90, 90)])])
    report, stored = run(tmp_path, [mixed], "communities", 小区名称=["甲"])
    assert stored.geometry.area.tolist() == [2500]
    assert "geometry.repaired" in rules(report)


def test_a_row_of_many_buildings_is_taken_apart(tmp_path):
    many = shapely.MultiPolygon([box(30 * i, 0, 30 * i + 20, 15) for i in range(12)])
    more = shapely.MultiPolygon([box(30 * i, 40, 30 * i + 20, 55) for i in range(20)])
    report, stored = run(tmp_path, [many, more], "buildings", 高度=[18.0, 33.0])
    assert len(stored) == 32
    assert stored["floors_above"].value_counts().to_dict() == {11: 20, 6: 12}
    assert "geometry.exploded" in rules(report)
    assert stored["building_id"].is_unique


def test_a_building_with_an_id_and_a_few_parts_or_a_count_stays_one(tmp_path):
    two = shapely.MultiPolygon([box(0, 0, 20, 15), box(30, 0, 50, 15)])
    assert len(run(tmp_path / "a", [two], "buildings", 楼栋编号=["B00001"])[1]) == 1
    many = shapely.MultiPolygon([box(30 * i, 0, 30 * i + 20, 15) for i in range(12)])
    assert len(run(tmp_path / "b", [many], "buildings", 户数=[60])[1]) == 1


@pytest.fixture(autouse=True)
def _folders(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()


def test_overlapping_districts_are_told_but_not_the_city_around_them(tmp_path):
    shapes = [box(0, 0, 1000, 1000), box(0, 0, 520, 1000), box(480, 0, 1000, 1000)]
    report, _ = run(tmp_path, shapes, "boundary", 名称=["全市", "东区", "西区"], 区县代码=["1", "2", "3"])
    (told,) = [f for f in report.findings if f.rule == "geometry.overlap"]
    assert told.value == "东区 / 西区 8%"


def test_missing_empty_and_flat_shapes_leave_the_row_without_a_place(tmp_path):
    shapes = [None, Polygon(), Polygon([(0, 0), (10, 0), (5, 0)]), box(0, 0, 80, 80)]
    report, stored = run(tmp_path, shapes, "communities", 小区名称=list("甲乙丙丁"))
    assert stored.set_index("name").geometry.notna().to_dict() == {"甲": False, "乙": False, "丙": False, "丁": True}
    assert "geometry.missing" in rules(report)
