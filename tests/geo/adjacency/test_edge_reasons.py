"""A refused pair is told in words, its numbers with it, and a correction is told as one."""

import pytest

from geo.adjacency.edge_reasons import reason_text
from geo.schema import BARRIER_KINDS, BARRIERS_ZH


def test_every_kind_of_barrier_has_a_chinese_name():
    assert set(BARRIERS_ZH) == set(BARRIER_KINDS)


@pytest.mark.parametrize(
    ("blocked_by", "measures", "zh"),
    [
        ("river:b7", {}, "被河流 b7 阻隔, 没有够近的通道"),
        ("gap>60", {"gap_m": 75.4}, "间距 75 米, 超过 60 米"),
        ("facing<3", {"facing_m": 1.0}, "相对长度 1 米, 不足 3 米 (只是角对角)"),
        ("walk>500", {"walk_m": None}, "门到门步行超过 500 米"),
        ("override:o12", {}, "人工更正 o12: 不相邻"),
        ("street", {}, "不在同一街道"),
    ],
)
def test_why_two_units_are_no_neighbours(blocked_by, measures, zh):
    assert reason_text(blocked_by, measures)[0] == zh
