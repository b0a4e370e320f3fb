"""Rows of tables as named texts."""

import pytest

from app.exports.office.plan_tables import make_area_table
from app.exports.office.proposal import find_economics
from app.exports.office.records import AREA_FIELDS, ECONOMICS_FIELDS, clean, format_cell, make_records


def test_every_field_has_its_column(papers):
    table = make_area_table(papers)
    assert len(AREA_FIELDS) == len(table.columns)
    row = make_records(table, AREA_FIELDS, "不详")[0]
    assert row["id"] == papers.bench.areas[0]["area_id"]
    economics = find_economics(papers)
    at = dict(zip(ECONOMICS_FIELDS, economics.head, strict=False))
    assert (at["balance"], at["break_even"], at["posts_alone"]) == ("结余", "保本物业费(元/㎡·月)", "岗位(各自)")


@pytest.mark.parametrize(
    ("cell", "kind", "text"), [(1234.5, "d", "1,234.5"), (3, "t", "3"), (0, "n", "0"), ("", "t", "")]
)
def test_cells_as_text(cell, kind, text):
    assert format_cell(cell, kind) == text


def test_what_xml_forbids_is_left_out():
    assert clean("甲\x0b\x1f\ud800乙🏠") == "甲乙🏠"
