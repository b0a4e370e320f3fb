"""Sheets of the work of the years: what is still to do, and what areas cost."""

import pandas as pd
import pytest

from analysis.policy import read_policy
from app.i18n import load_words
from app.indicators.figures import make_scorecard
from app.indicators.work_sheets import area_sheet, quota_sheet
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest


@pytest.fixture
def card(tmp_path):
    units = pd.DataFrame(
        {
            "unit_id": ["c1", "c2", "c3"],
            "kind": "community",
            "name": "小区",
            "district_code": "050203",
            "street_code": "050203001",
            "geom_quality": "missing",
            "management_mode": ["professional", "none", None],
            "households_quality": "missing",
            "floor_area_m2_quality": "missing",
            "built_year_quality": "missing",
        }
    )
    streets = pd.DataFrame(
        {"street_code": ["050203001"], "name": ["=1+1"], "district_code": ["050203"], "district_name": ["@区"]}
    )
    reported = pd.DataFrame(
        {
            "indicator_id": ["T16", "G05"],
            "admin_code": ["050203", "050203"],
            "period": ["2026-06", "2026-06"],
            "numerator": [1.0, 2.0],
            "denominator": [2.0, 2.0],
            "document_no": ["=cmd|x", "+9"],
        }
    )
    manifest = new_manifest("虚构城", "EPSG:4546", demo=True, data_date="2026-06-30")
    layers = {"units": units, "streets": streets, "reported_figures": reported}
    dataset = write_dataset(tmp_path / "d", manifest, layers)
    return make_scorecard(dataset, read_policy(), levels=("city", "district", "street"))


def test_work_of_the_years(card):
    """One of two served: 80, 82, 90 % of two are two, one more; the city is asked the same."""
    sheet = quota_sheet(card.facts, {}, load_words("zh"))
    rows = [dict(zip(sheet.head, row, strict=True)) for row in sheet.rows]
    own = [row for row in rows if row["指标"] == "整体专业化物业管理覆盖率"]
    assert [(r["地区代码"], r["年份"], r["累计还需"], r["其中当年"]) for r in own] == [
        ("050203", 2026, 1, 1),
        ("050203", 2027, 1, 0),
        ("all", 2026, 1, 1),
        ("all", 2027, 1, 0),
    ]


def test_areas_of_a_plan_have_costs_and_a_year(card):
    plan = {
        "areas": [
            {
                "area_id": "P1",
                "name": "片区",
                "street_code": "050203001",
                "anchor_unit_id": "c1",
                "unit_ids": ["c1", "c2"],
                "households": None,
            }
        ]
    }
    sheet = area_sheet(card.facts, plan, {}, load_words("zh"))
    (row,) = (dict(zip(sheet.head, row, strict=True)) for row in sheet.rows)
    assert (row["缺数据单元"], row["建议启动年份"]) == (2, 2026)
