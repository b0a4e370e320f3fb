"""Rows that lie where they cannot: told by row and distance, and neither stretching nor choosing anything."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import UsageError
from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

LON, LAT = 109.8401, 40.6502


def ledger(n=12, **changed):
    """Communities of Baotou 300 m apart; `changed` = {row: (lon, lat)}."""
    lon = [LON + 0.0037 * (i % 4) for i in range(n)]
    lat = [LAT + 0.0029 * (i // 4) for i in range(n)]
    for name, (x, y) in changed.items():
        lon[int(name[1:])], lat[int(name[1:])] = x, y
    return pd.DataFrame({"小区名称": [f"小区{i}" for i in range(n)], "户数": 100, "经度": lon, "纬度": lat})


def run(tmp_path, *frames, into="D", names=(), **options):
    paths = []
    for k, frame in enumerate(frames):
        path = tmp_path / (names[k] if names else f"t{into}{k}.csv")
        frame.to_file(path) if isinstance(frame, gpd.GeoDataFrame) else frame.to_csv(path, index=False)
        paths.append(path)
    options = {"datum": "wgs84", **options}
    return import_paths(paths, tmp_path / into, options=ImportOptions(**options), unit_rules=UnitRules())


def told(report, rule):
    return [f for f in report.findings if f.rule == rule]


def placed(report):
    units = report.dataset.layer("units").set_index("name")
    return units[units["geom_quality"] != "missing"]


@pytest.mark.parametrize(
    ("place", "rule", "words"),
    [
        ((-0.1276, 51.5072), "geometry.far_away", "公里, 在中国境外"),
        ((LON, -LAT), "geometry.far_away", "南北半球"),
        ((-LON, LAT), "geometry.far_away", "东西半球"),
        ((LAT, LON), "geometry.swapped", "颠倒"),
        ((116.3912, 39.9061), "geometry.far_away", "公里"),
        ((LON + 3, LAT), "geometry.far_away", "带号"),
        ((10.98401, LAT), "geometry.far_away", "小数点"),
        ((0, 0), "geometry.zero", "0, 0"),
        ((LON, LON), "geometry.lon_is_lat", "相同"),
        ((LAT, LAT), "geometry.lon_is_lat", "相同"),
        ((110, 41), "geometry.whole_degrees", "整度"),
        ((LON, None), "geometry.half_coordinate", "缺纬度"),
        ((None, LAT), "geometry.half_coordinate", "缺经度"),
        ((LON, 0), "geometry.half_coordinate", "缺纬度"),
    ],
)
def test_a_row_that_cannot_be_there_is_told_and_has_no_place(tmp_path, place, rule, words):
    report = run(tmp_path, ledger(r5=place))
    (one,) = told(report, rule)
    assert (one.severity, one.row) == ("error", 7)
    assert words in one.zh
    units = placed(report)
    assert len(units) == 11
    assert units.crs.to_epsg() == 4546
    east, north = np.ptp(units.total_bounds.reshape(2, 2), axis=0)
    assert max(east, north) < 5_000


@pytest.mark.parametrize("n", [2, 3, 4])
def test_london_does_not_choose_the_crs_of_a_handful_of_rows(tmp_path, n):
    report = run(tmp_path, ledger(n, r0=(-0.1276, 51.5072)))
    assert len(placed(report)) == n - 1
    assert report.dataset.manifest.metric_crs == "EPSG:4546"
    assert "7" in told(report, "geometry.far_away")[0].zh  # 7,500 km


def test_the_dataset_speaks_against_new_rows(tmp_path):
    run(tmp_path, ledger())
    two = ledger(2, r1=(116.3912, 39.9061)).assign(小区名称=["新一", "新二"])
    report = run(tmp_path, two)
    (one,) = told(report, "geometry.far_away")
    assert one.row == 3
    before = report.dataset.manifest
    with pytest.raises(UsageError, match="整个离数据集"):
        run(tmp_path, ledger(3, r0=(116.39, 39.91), r1=(116.391, 39.911), r2=(116.392, 39.912)))
    with pytest.raises(UsageError, match="整个离数据集"):
        run(tmp_path, ledger(1, r0=(-0.1276, 51.5072)))
    assert run(tmp_path, ledger(3)).dataset.manifest.metric_crs == before.metric_crs


def test_rows_some_way_off_are_kept_and_told_with_the_distance(tmp_path):
    report = run(tmp_path, ledger(r3=(LON + 0.8, LAT), r4=(LON + 0.81, LAT)))
    (one,) = told(report, "geometry.apart")
    assert one.severity == "warning"
    assert "第 5、6 行" in one.zh
    assert len(placed(report)) == 12


def test_two_towns_of_one_city_are_no_mistake_of_single_rows(tmp_path):
    many = pd.concat([ledger(40), ledger(30).assign(经度=lambda t: t["经度"] + 0.9)])
    many["小区名称"] = [f"小区{i}" for i in range(70)]
    report = run(tmp_path, many)
    assert len(placed(report)) == 70
    assert not told(report, "geometry.far_away")


def test_rows_outside_the_boundary_are_told(tmp_path):
    outline = gpd.GeoDataFrame(
        {"name": ["昆都仑区"], "district_code": ["150203"]},
        geometry=[shapely.box(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1)],
        crs=4490,
    )
    run(tmp_path, outline, names=["界.gpkg"], layer="boundary")
    report = run(tmp_path, ledger(r2=(LON + 0.3, LAT)))
    (one,) = told(report, "geometry.outside")
    assert (one.severity, one.row) == ("warning", 4)
    assert len(placed(report)) == 12


def test_a_wrong_zone_number_in_one_row_is_told_as_such(tmp_path):
    east = [37_401_700.0 + 300 * i for i in range(8)]
    east[3] += 1_000_000
    table = pd.DataFrame({"小区名称": [f"小区{i}" for i in range(8)], "户数": 100, "X": east, "Y": 4_501_466.0})
    report = run(tmp_path, table, crs="EPSG:4525")
    (one,) = told(report, "geometry.zone_prefix")
    assert (one.severity, one.row) == ("error", 5)
    assert len(placed(report)) == 7


def test_communities_on_one_identical_point_are_no_places(tmp_path):
    centre = (109.84112, 40.65733)
    report = run(tmp_path, ledger(**{f"r{i}": centre for i in range(4, 11)}))
    (one,) = told(report, "geometry.same_point")
    assert one.severity == "error"
    assert "7 行" in one.zh
    assert "第 6、7、8" in one.zh
    assert len(placed(report)) == 5
    pair = run(tmp_path, ledger(r1=centre, r2=centre), into="E")
    (one,) = told(pair, "geometry.same_point")
    assert one.severity == "warning"
    assert len(placed(pair)) == 12


def test_a_table_with_one_of_two_columns_of_coordinates_is_told(tmp_path):
    report = run(tmp_path, ledger(3).drop(columns="纬度"))
    (one,) = told(report, "geometry.half_coordinate")
    assert (one.severity, one.column) == ("error", "经度")
    metric = ledger(3).drop(columns=["经度", "纬度"]).assign(X坐标=401_700)
    assert told(run(tmp_path, metric, into="E"), "geometry.half_coordinate")


def test_rounded_degrees_are_told_with_their_rows(tmp_path):
    report = run(tmp_path, ledger(r1=(109.84, 40.65), r2=(109.8, 40.6)))
    (one,) = told(report, "geometry.rounded")
    assert one.severity == "warning"
    assert "第 3、4 行" in one.zh
    assert len(placed(report)) == 12


def test_a_map_layer_is_judged_by_the_same_rules(tmp_path):
    shapes = [shapely.Point(x, y).buffer(0.0008) for x, y in zip(ledger()["经度"], ledger()["纬度"], strict=True)]
    shapes[4] = shapely.Point(-0.1276, 51.5072).buffer(0.0008)
    shapes[5] = shapely.Point(LAT, LON % 90).buffer(0.0008)
    frame = gpd.GeoDataFrame({"小区名称": [f"小区{i}" for i in range(12)], "户数": 1}, geometry=shapes, crs=4490)
    report = run(tmp_path, frame, names=["a.gpkg"])
    assert [f.row for f in told(report, "geometry.far_away")] == [5, 6]
    assert len(placed(report)) == 10


def test_data_of_another_country_are_nobodys_outliers(tmp_path):
    bayreuth = ledger().assign(经度=lambda t: t["经度"] - 98.26, 纬度=lambda t: t["纬度"] + 9.3)
    report = run(tmp_path, bayreuth)
    assert len(placed(report)) == 12
    assert not told(report, "geometry.far_away")


def test_what_is_about_to_be_replaced_says_nothing(tmp_path):
    run(tmp_path, ledger().assign(经度=lambda t: t["经度"] + 6))
    report = run(tmp_path, ledger(), replace=True)
    assert len(placed(report)) == 12
    assert not told(report, "geometry.far_away")
