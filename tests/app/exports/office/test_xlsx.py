"""The workbook of a plan: its sheets, ready for print, and nothing in it that a name could break."""

import io
import zipfile

import openpyxl
import pytest

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.office.xlsx import write_indicators, write_xlsx
from tests.app.exports.office.conftest import HOSTILE

SHEETS = [
    *("片区一览表", "单元清单", "孤岛清单", "年度任务", "责任单位", "充电缺口", "单体楼与牵头小区"),
    *("片区测算", "分期进度", "月度监测表", "参数与来源", "说明"),
]


@pytest.fixture(scope="module")
def path(request_zh, tmp_path_factory):
    (path,) = write_xlsx(request_zh, request_zh.parts("city")[0], tmp_path_factory.mktemp("xlsx"))
    return path


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def test_all_sheets_are_there(book):
    assert book.sheetnames == SHEETS


def test_no_name_becomes_a_formula_and_codes_stay_text(book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    names = {cell.value for cell in cells}
    assert {*HOSTILE} <= names
    codes = [row[0] for row in book["年度任务"].iter_rows(min_row=4, min_col=2, max_col=2)]
    assert {cell.data_type for cell in codes} == {"s"}
    assert {cell.number_format for cell in codes} == {"@"}


@pytest.mark.parametrize("name", SHEETS)
def test_every_sheet_is_ready_for_print(book, name):
    sheet = book[name]
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == (8 if name in ("单元清单", "单体楼与牵头小区") else 9)  # the widest on A3
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in (None, 1)
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$3:$3"
    assert "&P" in sheet.oddFooter.right.text
    assert sheet.freeze_panes
    assert sheet.auto_filter.ref


def test_a_draft_says_so_on_every_sheet(book, path):
    assert all("草案" in sheet["A1"].value and "草案" in sheet.oddHeader.right.text for sheet in book)
    assert "草案" in path.name
    assert all("演示数据" in sheet["A1"].value for sheet in book)


def test_writing_twice_gives_the_same_bytes(request_zh, path, tmp_path):
    (again,) = write_xlsx(request_zh, request_zh.parts("city")[0], tmp_path)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("level", ["district", "street"])
def test_each_part_has_its_own_units_and_areas_and_none_twice(request_zh, tmp_path, level):
    paths = export_plan(request_zh, choose_formats("xlsx"), tmp_path, by=level)
    found = {"单元清单": [], "片区一览表": []}
    for part in paths:
        book = openpyxl.load_workbook(io.BytesIO(part.read_bytes()))
        for name, ids in found.items():
            sheet = book[name]
            ids += [row[0].value for row in sheet.iter_rows(min_row=4) if row[0].value not in (None, "合计")]
    assert sorted(found["单元清单"]) == sorted(request_zh.units["unit_id"])
    assert sorted(found["片区一览表"]) == sorted(request_zh.areas["area_id"])


def test_english_has_no_chinese_heads(make, tmp_path):
    request = make("en")
    (path,) = write_xlsx(request, request.parts("city")[0], tmp_path)
    assert zipfile.is_zipfile(path)
    heads = [cell.value for sheet in openpyxl.load_workbook(path) for cell in sheet[3]]
    assert not [head for head in heads if any("\u4e00" <= letter <= "\u9fff" for letter in head or "")]


def test_the_indicators_are_a_workbook_of_their_own(make, tmp_path):
    request = make("en")
    (path,) = write_indicators(request, request.parts("city")[0], tmp_path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["City", "District", "Street"]
    said = {row[1].value for row in book["About"].iter_rows(min_row=4)}
    assert request.found.verdict.en in said
