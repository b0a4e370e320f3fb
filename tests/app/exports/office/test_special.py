"""A document for each community that was handed over, and a summary."""

import docx
import pandas as pd
import pytest

from app.exports.office.special import list_problems, make_special_record, write_special
from tests.app.exports.office.test_proposal import text_of


def test_one_each_and_a_summary(request_zh, tmp_path):
    part = request_zh.parts("city")[0]
    special = set(request_zh.units["unit_id"][request_zh.units["special_type"].notna()])
    paths = write_special(request_zh, part, tmp_path)
    assert len(paths) == len(special) + 1 == 2
    assert docx.Document(paths[0]).tables[0].rows[0].cells[0].text == "序号"
    assert "双派单" in text_of(paths[1])


def test_a_record_says_what_nobody_knows(papers):
    record = make_special_record(papers, 0)
    assert record["name"].startswith("=cmd")
    assert record["owner"] == "不详"


@pytest.mark.parametrize(("bikes", "ports", "n"), [(10, 3, "1"), (10, None, None), (None, 3, None), (9, 3, None)])
def test_ports_lack_only_where_both_numbers_are_known(papers, bikes, ports, n):
    unit = pd.Series({"management_mode": None, "is_old": None, "owners_body": None})
    found = list_problems(papers, unit, bikes, ports)
    assert [one for one in found if "端口" in one] == ([f"充电端口缺 {n} 个"] if n else [])
