from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules


def run(path, folder, **options):
    return import_paths([path], folder, options=ImportOptions(**options), unit_rules=UnitRules())


def roster(tmp_path, header, areas, homes):
    path = tmp_path / "r.csv"
    names = [f"小区{i}" for i in range(len(areas))]
    pd.DataFrame({"小区名称": names, header: areas, "户数": homes}).to_csv(path, index=False)
    return path


def areas(report):
    return report.dataset.layer("communities").set_index("name")["floor_area_m2"].sort_index().tolist()


def rules(report):
    return [f.rule for f in report.findings]


HOMES = [400, 300, 500, 120]


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("建筑面积", ["3.2", "2.4", "4.0", "0.96"]),
        ("建筑面积(㎡)", [3.2, 2.4, 4.0, 0.96]),
        ("建筑面积(万㎡)", [32000, 24000, 40000, 9600]),
    ],
)
def test_a_column_ten_thousand_times_out_in_every_row_is_converted_and_told(tmp_path, header, written):
    report = run(roster(tmp_path, header, written, HOMES), tmp_path / "D")
    assert areas(report) == [32000, 24000, 40000, 9600]
    (told,) = [f for f in report.findings if f.rule == "value.unit_converted"]
    assert told.column == header


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("建筑面积(万㎡)", [3.2, 2.4, 4.0, 0.96]),
        ("建筑面积", [32000, 24000, 40000, 9600]),
        ("建筑面积", ["3.2万㎡", "2.4万㎡", "4公顷", "9600㎡"]),
    ],
)
def test_a_column_whose_unit_fits_is_left_alone(tmp_path, header, written):
    report = run(roster(tmp_path, header, written, HOMES), tmp_path / "D")
    assert areas(report) == [32000, 24000, 40000, 9600]
    assert not any(rule.startswith("value.unit") for rule in rules(report))


def test_a_column_only_partly_out_is_told_and_not_touched(tmp_path):
    written = [30000, 24000, 40000, 25.0, 31.0, 28.0]
    report = run(roster(tmp_path, "建筑面积", written, [400, 300, 500, 3000, 4000, 3500]), tmp_path / "D")
    assert areas(report) == written
    assert "value.unit_mixed" in rules(report)


def test_single_doubtful_rows_are_told_with_their_row(tmp_path):
    report = run(roster(tmp_path, "建筑面积", [32000, 24000, 40000, 960_000], HOMES), tmp_path / "D")
    (told,) = [f for f in report.findings if f.rule == "value.area_per_household"]
    assert (told.row, told.column) == (5, "建筑面积")


def test_storeys_are_estimated_from_heights_and_marked(tmp_path):
    boxes = [shapely.box(400_000 + 50 * i, 4_500_000, 400_020 + 50 * i, 4_500_020) for i in range(3)]
    frame = gpd.GeoDataFrame({"层数": [6, None, None], "高度": [18.0, 17.5, 2.0]}, geometry=boxes, crs="EPSG:4546")
    frame.to_file(tmp_path / "b.gpkg")
    report = run(tmp_path / "b.gpkg", tmp_path / "D", layer="buildings")
    found = report.dataset.layer("buildings").sort_values("height_m")
    assert found["floors_above"].tolist() == [1, 6, 6]
    assert found["floors_quality"].tolist() == ["estimated", "estimated", "reported"]
