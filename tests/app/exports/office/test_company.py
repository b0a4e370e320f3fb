"""A company sees its own areas, and nothing of others."""

import pytest

from app.exports.office.company import find_operator, make_area_estimate, write_company
from tests.app.exports.office.test_proposal import text_of


@pytest.mark.full
def test_each_operator_has_a_document_of_its_own_areas(request_zh, papers, tmp_path):
    paths = write_company(request_zh, request_zh.parts("city")[0], tmp_path)
    operators = {find_operator(papers, number) for number in range(len(papers.bench.areas))} - {None}
    assert len(paths) == len(operators) == 1
    assert all(area["name"] in text_of(paths[0]) for area in papers.bench.areas)


def test_members_come_without_who_manages_them(papers):
    area = make_area_estimate(papers, 0)
    assert set(area["rows"][0]) == {"name", "role", "households", "floor_area", "walk"}
    assert "收缴率" in area["cases"]
