"""The Word proposal has its chapters, a page an area, and says what it is not."""

import dataclasses

import docx
import pandas as pd
import pytest

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.office.proposal import COLUMNS, _tell_amounts, list_area_records, make_head, write_proposal
from tests.app.exports.office.conftest import HOSTILE


def text_of(path):
    document = docx.Document(path)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture(scope="module")
def path(request_zh, tmp_path_factory):
    (path,) = write_proposal(request_zh, request_zh.parts("city")[0], tmp_path_factory.mktemp("word"))
    return path


def test_all_chapters_are_there_and_no_place_is_left(path):
    text = text_of(path)
    for chapter in (
        "一、现状",
        "二、依据",
        "三、划分原则",
        "四、分片区一览表",
        "五、图件",
        "六、测算",
        "七、孤岛清单",
        "附件: 参数表",
    ):
        assert chapter in text
    assert not [line for line in text.split("\n") if ("{{" in line or "{%" in line) and line not in HOSTILE]
    assert "[S]" in text
    assert "[A]" in text


def test_each_area_has_its_heading_its_map_and_its_members(path, request_zh):
    document = docx.Document(path)
    headings = [one.text for one in document.paragraphs if one.text.startswith("分片区图表")]
    assert len(headings) == len(request_zh.document["areas"])
    assert len(document.inline_shapes) == len(headings) + 1
    members = {unit for area in request_zh.document["areas"] for unit in area["unit_ids"]}
    names = dict(zip(request_zh.units["unit_id"], request_zh.units["name"], strict=True))
    text = text_of(path)
    assert all(names[unit] in text for unit in members)


def test_a_draft_says_so_on_every_page(path):
    header = docx.Document(path).sections[0].header.paragraphs[0].text
    assert "草案" in header
    assert "演示数据" in header
    assert "草案" in path.name


@pytest.mark.full
def test_writing_twice_gives_the_same_bytes(request_zh, path, tmp_path):
    (again,) = write_proposal(request_zh, request_zh.parts("city")[0], tmp_path)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.full
def test_a_bureaus_own_template_is_filled(request_zh, tmp_path):
    own = docx.Document()
    own.add_paragraph("{{ place }}: {{ result.areas }} 个片区, {{ verdict }}")
    own.save(tmp_path / "own.docx")
    request = dataclasses.replace(request_zh, template=tmp_path / "own.docx")
    paths = export_plan(request, choose_formats("docx"), tmp_path / "out", by="city")
    assert text_of(paths[0]).startswith(f"晴川市 (虚构): {len(request.document['areas'])} 个片区")


def test_what_is_not_known_is_stated(request_zh, papers):
    head = make_head(papers, request_zh.parts("city")[0])
    assert head["date"] == "2026-06-30"
    assert papers.bench.policy.sha256 in head["hashes"]


@pytest.mark.full
def test_many_areas_come_in_volumes_that_hold_each_area_once(request_zh, tmp_path, monkeypatch):
    monkeypatch.setattr("app.exports.office.proposal.MOST_AREAS", 1)
    paths = write_proposal(request_zh, request_zh.parts("city")[0], tmp_path)
    areas = request_zh.document["areas"]
    assert len({path.name for path in paths}) == len(paths) == len(areas) > 1
    headings = [
        [one.text for one in docx.Document(path).paragraphs if one.text.startswith("分片区图表")] for path in paths
    ]
    assert [len(one) for one in headings] == [1] * len(areas)
    assert len({one[0] for one in headings}) == len(areas)
    assert f"第 2 册, 共 {len(areas)} 册" in text_of(paths[1])


def test_a_list_names_a_company_without_its_legal_form(papers):
    for row in list_area_records(papers).values():
        assert "有限公司" not in row["operator_short"]
        assert row["operator_short"][:2] == row["operator"][:2]


def test_no_column_of_what_is_left_over_is_empty(path):
    tables = [table for table in docx.Document(path).tables if table.rows[0].cells[0].text == "名称"]
    assert tables
    for table in tables:
        columns = list(zip(*([cell.text for cell in row.cells] for row in table.rows[1:]), strict=True))
        assert all(any(column) for column in columns)
        assert len(columns) in {3 + len(columns) for columns in COLUMNS.values()}


def test_what_is_known_of_nobody_has_no_unit_behind_it(papers):
    nothing = pd.Series([None, None], dtype="Float64")
    assert _tell_amounts(nothing, nothing, papers) == "户数均无数据, 建筑面积均无数据"
    assert _tell_amounts(pd.Series([1200, None]), nothing, papers) == "已知户数合计 1,200 户, 建筑面积均无数据"
