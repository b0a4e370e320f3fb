from __future__ import annotations

import pytest

from geo.tables.headers import map_columns


@pytest.mark.parametrize("header", ["端口", "端口数", "充电端口（个）", "端口(个)", "充电口数"])
def test_ports_under_the_names_bureaus_give_them(header):
    found = map_columns(["小区名称", header, "充电桩"], "ebike_sites")
    assert {match.field: match.source for match in found.matches}["ports"] == header
