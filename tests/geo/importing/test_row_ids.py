"""Two charging sites of one community are two sites; the same list again adds nothing."""

import openpyxl
import pytest

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset


def book(path, *rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def run(folder, path, layer):
    options = ImportOptions(layer=layer, datum="wgs84")
    return import_paths([path], folder, options=options, unit_rules=UnitRules())


@pytest.fixture
def town(tmp_path):
    path = book(tmp_path / "c.xlsx", ("小区名称", "户数", "经度", "纬度"), ("甲苑", 100, 109.8412, 40.6511))
    run(tmp_path / "d", path, "communities")
    return tmp_path / "d"


def sites(folder):
    return open_dataset(folder).layer("ebike_sites")


HEADER = ("小区名称", "充电端口")


def test_rows_of_one_community_that_differ_are_two_sites(town, tmp_path):
    report = run(town, book(tmp_path / "e.xlsx", HEADER, ("甲苑", 10), ("甲苑", 12)), "ebike_sites")
    assert sorted(sites(town)["ports"]) == [10, 12]
    assert "rows.several_of_unit" in {finding.rule for finding in report.findings}


def test_the_same_list_again_changes_nothing(town, tmp_path):
    path = book(tmp_path / "e.xlsx", HEADER, ("甲苑", 10), ("甲苑", 12))
    for _ in range(2):
        run(town, path, "ebike_sites")
    assert sorted(sites(town)["ports"]) == [10, 12]


def test_a_row_that_repeats_another_in_everything_is_one_site_and_is_told(town, tmp_path):
    report = run(town, book(tmp_path / "e.xlsx", HEADER, ("甲苑", 10), ("甲苑", 10)), "ebike_sites")
    assert sites(town)["ports"].tolist() == [10]
    assert "rows.repeated" in {finding.rule for finding in report.findings}


def test_one_site_a_month_later_is_the_same_site(town, tmp_path):
    for n, ports in enumerate((10, 14)):
        run(town, book(tmp_path / f"e{n}.xlsx", HEADER, ("甲苑", ports)), "ebike_sites")
    assert sites(town)["ports"].tolist() == [14]
