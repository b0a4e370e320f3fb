"""A plan goes out and comes back: unchanged as it was, changed with exactly that change."""

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from tests.app.exports.gis.test_qgis import needs_qgis, run_qgis

CARRIERS = ["geojson", "gpkg", "gdb", "shp", "xlsx"]


@pytest.mark.parametrize(
    ("key", "language"),
    [
        *((key, "zh") for key in CARRIERS),
        *(pytest.param(key, "en", marks=pytest.mark.full) for key in ("gpkg", "xlsx")),
    ],
)
def test_there_and_back_is_the_identity(shown, write, read, key, language):
    found = read(write(shown, key, language), shown)
    assert found.changes == ()
    assert found.remarks == ()
    assert found.document == dict(shown.plan)


def expect_only(found, unit, before, after):
    """The one unit moved; whom it leads nobody moves with it."""
    assert [(one.unit_id, one.from_area, one.to_area) for one in found.changes] == [
        (unit, before["name"], after["name"])
    ]
    here = next(area for area in found.document["areas"] if unit in area["unit_ids"])
    assert here["area_id"] == after["area_id"]


def edit_gpkg(path, unit, area):
    layer = "小区和单体楼"
    table = gpd.read_file(path, layer=layer)
    table.loc[table["unit_id"] == unit, "area_id"] = area
    pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=False)


def edit_xlsx(path, unit, area):
    book = openpyxl.load_workbook(path)
    sheet = book["单元清单"]
    rows = {cell.value: cell.row for cell in sheet["A"]}
    head = next(row for row in sheet.iter_rows() if row[0].value == "单元编号")
    column = next(cell.column for cell in head if cell.value == "片区编号")
    sheet.cell(rows[unit], column).value = area
    book.save(path)


@pytest.mark.parametrize(("key", "edit"), [("gpkg", edit_gpkg), ("xlsx", edit_xlsx)])
def test_a_unit_moved_in_the_file_is_the_one_change(shown, write, read, pair, key, edit):
    unit, before, after = pair
    path = write(shown, key)
    edit(path, unit, after["area_id"])
    expect_only(read(path, shown, by="张工", reason="现场踏勘"), unit, before, after)


@needs_qgis
@pytest.mark.full
def test_a_unit_moved_in_qgis_is_the_one_change(shown, write, read, pair):
    unit, before, after = pair
    path = write(shown, "gpkg")
    assert run_qgis("--move", path, unit, after["area_id"], "")["moved"]
    expect_only(read(path, shown), unit, before, after)


@pytest.mark.full
def test_who_changed_it_and_why_is_kept(shown, write, read, pair):
    unit, _, after = pair
    path = write(shown, "xlsx")
    edit_xlsx(path, unit, after["area_id"])
    found = read(path, shown, by="张工", reason="现场踏勘")
    assert found.document["read_back"] == {"file": path.name, "by": "张工", "reason": "现场踏勘"}


@pytest.mark.full
def test_an_area_may_go_by_its_name_and_a_new_one_by_any(shown, write, read, pair):
    unit, before, _ = pair
    path = write(shown, "xlsx")
    edit_xlsx(path, unit, "东门外新片区")
    (change,) = read(path, shown).changes
    assert (change.unit_id, change.from_area, change.to_area) == (unit, before["name"], "东门外新片区")


@pytest.mark.full
def test_an_empty_cell_takes_a_unit_out(shown, write, read, pair):
    unit, _, _ = pair
    path = write(shown, "xlsx")
    edit_xlsx(path, unit, None)
    found = read(path, shown)
    assert [(one.unit_id, one.to_area) for one in found.changes] == [(unit, None)]
    assert unit in {row["unit_id"] for row in (*found.document["left_over"], *found.document["out_of_scope"])}


def test_a_leader_changed_in_the_file_arrives(led_bench, write, read):
    area, unit = next((a, unit) for a in led_bench.areas for unit in a["led"])
    path = write(led_bench, "gpkg")
    table = gpd.read_file(path, layer="小区和单体楼")
    table.loc[table["unit_id"] == unit, "leader_unit_id"] = None
    pyogrio.write_dataframe(table, path, layer="小区和单体楼", driver="GPKG", append=False)
    found = read(path, led_bench)
    assert [(one.unit_id, one.to_leader) for one in found.changes] == [(unit, None)]
    here = next(one for one in found.document["areas"] if one["area_id"] == area["area_id"])
    assert unit not in here["led"]


@pytest.mark.full
def test_a_leader_changed_by_name_alone_arrives(led_bench, write, read):
    area, (unit, leader) = next((a, pair) for a in led_bench.areas for pair in a["led"].items())
    names = led_bench.units.set_index("unit_id")["name"]
    other = next(one for one in area["unit_ids"] if one not in (unit, leader) and (names == names[one]).sum() == 1)
    path = write(led_bench, "xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["单元清单"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "单元编号")
    column = next(cell.column for cell in head if cell.value == "牵头小区")
    sheet.cell({cell.value: cell.row for cell in sheet["A"]}[unit], column).value = names[other]
    book.save(path)
    assert [(one.unit_id, one.to_leader) for one in read(path, led_bench).changes] == [(unit, names[other])]


def test_a_leader_elsewhere_is_told_and_not_used(led_bench, write, read):
    unit = next(unit for area in led_bench.areas for unit in area["led"])
    home = next(area for area in led_bench.areas if unit in area["unit_ids"])
    other = next(area["unit_ids"][0] for area in led_bench.areas if area is not home)
    path = write(led_bench, "gpkg")
    table = gpd.read_file(path, layer="小区和单体楼")
    table.loc[table["unit_id"] == unit, "leader_unit_id"] = other
    pyogrio.write_dataframe(table, path, layer="小区和单体楼", driver="GPKG", append=False)
    found = read(path, led_bench)
    assert found.changes == ()
    assert [one.is_fault for one in found.remarks] == [True]


def test_a_bureaus_own_table_of_names_and_areas(bench, read, tmp_path):
    """Without any plan: names and numbers alone make one, whose other units are in no area."""
    chosen = bench.areas[0]["unit_ids"][:3]
    names = bench.units.set_index("unit_id").loc[chosen]
    streets = [bench.street_names.get(code, "") for code in names["street_code"]]
    lines = ["老旧小区片区划分情况表", "序号,片区,小区名称,街道"]
    rows = zip(names["name"], streets, strict=True)
    lines += [f"{k},{1 + (k > 2)},{name},{street}" for k, (name, street) in enumerate(rows, 1)]
    lines += ["9,2,查无此小区,东街道"]
    path = tmp_path / "片区表.csv"
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    found = read(path, bench, base=None)
    areas = {area["name"]: area["unit_ids"] for area in found.document["areas"]}
    assert areas == {"第1片区": sorted(chosen[:2]), "第2片区": [chosen[2]]}
    assert [one.row for one in found.remarks if one.is_fault] == [6]
    assert not found.is_whole
