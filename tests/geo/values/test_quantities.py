from __future__ import annotations

import datetime

import pandas as pd
import pytest

from geo.schema import LAYERS
from geo.values.credit_codes import check_character
from geo.values.parsed_value import FAULTS
from geo.values.parsing import ReferenceDates, parse_column

FIELDS = {
    f.name: f
    for layer in (
        "streets",
        "buildings",
        "owners_bodies",
        "ebike_stock",
        "parking",
        "consents",
        "ebike_sites",
        "companies",
        "contracts",
        "communities",
    )
    for f in LAYERS[layer]
}
TODAY = ReferenceDates(datetime.date(2026, 6, 1))


def read(field, *cells, header=""):
    values, problems = parse_column(pd.Series(list(cells), dtype=object), FIELDS[field], header=header, today=TODAY)
    return values.tolist(), [p.rule for p in problems]


@pytest.mark.parametrize(
    ("field", "cell", "value", "rules"),
    [
        ("households", "1，200户", 1200, []),
        ("households", "1200.0", 1200, []),
        ("households", "一百二十户", 120, []),
        ("households", "两百", 200, []),
        ("households", "1\u2009200", 1200, []),
        ("households", "1'200", 1200, []),
        ("households", "3千", 3000, []),
        ("households", "1.2万户", 12000, []),
        ("households", "共120户", 120, []),
        ("households", "约120", 120, ["value.approximate"]),
        ("households", "120左右", 120, ["value.approximate"]),
        ("households", "120多户", 120, ["value.approximate"]),
        ("households", "100-121", 111, ["value.range"]),
        ("households", "1 200", 1200, ["value.spaced_number"]),
        ("building_count", "12栋", 12, []),
        ("floor_area_m2", "8.1万㎡", 81000, []),
        ("floor_area_m2", "0.2平方公里", 200_000, []),
        ("floor_area_m2", "3.2公顷", 32000, []),
        ("piles", "5个", 5, []),
        ("ports", "20口", 20, []),
        ("height_m", "18米", 18, []),
        ("floors_above", "6F", 6, []),
        ("fee_yuan_m2_month", "0.5-0.8", 0.65, ["value.range"]),
        ("fee_yuan_m2_month", "1.2元", 1.2, []),
        ("collection_rate", "85％", 0.85, []),
        ("collection_rate", "八成", 0.8, ["value.approximate"]),
        ("end_date", "2024-5-12 8:30", "2024-05-12", []),
        ("end_date", "45413", "2024-05-01", ["value.excel_serial"]),
        ("end_date", "2035-01-01", "2035-01-01", []),
        ("filed", "未备案", False, []),
        ("in_service", "已停用", False, []),
        ("association_member", "已入会", True, []),
        ("has_party_org", "有2个党支部", True, []),
        ("community_type", "old", "old", []),
    ],
)
def test_a_cell_is_read_as_a_careful_clerk_would(field, cell, value, rules):
    assert read(field, cell) == ([pytest.approx(value)], rules)


@pytest.mark.parametrize(
    ("field", "cell", "rule"),
    [
        *(
            ("households", cell, "value.unreadable")
            for cell in (
                "2 3",
                "1,2",
                "1,23",
                "12,00",
                "1,2000",
                "120/130",
                "120户/36栋",
                "12O",
                "1e3",
                "(5)",
                "36栋",
                "1.1.1",
                "80 .9",
                "1, 200",
                "百余户",
                "1、2",
                "0,123",
                datetime.datetime(2024, 2, 3),
                "一二",
            )
        ),
        *(("households", cell, "value.bound") for cell in ("120+", "≥120", "120户以上", "不足100", "100以内")),
        ("households", "1.234", "value.not_whole"),
        ("households", 12.5, "value.not_whole"),
        ("ports", "12.5", "value.not_whole"),
        ("households", "-5", "value.out_of_range"),
        ("households", "０", "value.out_of_range"),
        ("ports", "5桩", "value.unreadable"),
        ("piles", "5口", "value.unreadable"),
        ("floor_area_m2", "120户", "value.unreadable"),
        ("fee_yuan_m2_month", "60元/户/年", "value.unreadable"),
        ("fee_yuan_m2_month", "15元/月", "value.unreadable"),
        ("collection_rate", ">90%", "value.bound"),
        ("collection_rate", "850%", "value.out_of_range"),
        ("end_date", "2024.13.1", "value.unreadable"),
        ("end_date", "2024-02-30", "value.unreadable"),
        ("start_date", "长期", "value.unreadable"),
        ("end_date", "2204-05-01", "value.out_of_range"),
        ("end_date", 2024.1, "value.unreadable"),
        ("established_date", "2035-01-01", "value.future"),
        ("established_date", "1900-01-01", "value.out_of_range"),
        ("filed", "是（部分）", "value.unreadable"),
        ("filed", "√?", "value.unreadable"),
        ("in_service", "未停用", "value.unreadable"),
        ("in_service", "无故障", "value.unreadable"),
        ("blacklisted", "已移出黑名单", "value.unreadable"),
        ("association_member", "已退会", "value.unreadable"),
        ("association_member", "不清楚", "value.unreadable"),
        ("has_party_org", "有待成立", "value.unreadable"),
        ("external_code", "1.50203E+17", "value.long_number"),
        ("external_code", 1.50203001001234e17, "value.long_number"),
        ("uscc", "91150203MA0MX4WP3C", "value.bad_uscc"),
        ("uscc", "9115020300000000O1", "value.bad_uscc"),
        ("uscc", "150203000012345", "value.bad_uscc"),
    ],
)
def test_what_no_clerk_would_read_is_missing_and_told(field, cell, rule):
    assert read(field, cell) == ([None], [rule])
    assert rule in FAULTS


def test_one_number_above_one_does_not_change_the_shares_of_its_column():
    assert read("collection_rate", 0.85, 0.9, "0.78", 85) == ([0.85, 0.9, 0.78, 0.85], ["value.share_mixed"])
    assert read("collection_rate", 85, 90, 0.5, 1) == ([0.85, 0.9, None, None], ["value.share_unclear"] * 2)
    assert read("collection_rate", "85%", 0.9) == ([0.85, 0.9], [])
    assert read("collection_rate", 0.85, 0.9, 1.5) == ([0.85, 0.9, None], ["value.share_unclear"])


def test_the_header_says_what_plain_numbers_are():
    assert read("collection_rate", 85, 2, header="收缴率(%)") == ([0.85, 0.02], [])
    assert read("collection_rate", 0.85, header="收缴率(%)") == ([0.85], ["value.share_scale"])
    assert read("households", "1.2", "800户", header="户数（千户）") == ([1200, 800], [])
    assert read("fee_yuan_m2_month", 12, "1元/㎡·月", header="物业费(元/㎡·年)") == ([1, 1], [])
    assert read("fee_yuan_m2_month", 12, "1元/㎡·月", header="物业费(元/户·月)") == ([None, 1], ["value.other_basis"])


def test_a_social_credit_code_is_checked_by_its_last_sign():
    first = "91150203MA0MX4WP3"
    code = first + check_character(first)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert read("uscc", code, code.lower(), f" {code} ", wide) == ([code] * 4, [])
