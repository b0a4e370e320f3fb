"""The scorecard as files a planner opens: nothing runs, codes stay texts, missing stays missing."""

import csv
import io
import json

import openpyxl
import pandas as pd
import pytest

from analysis.policy import read_policy
from app.indicators.figures import make_scorecard, scorecard_document, write_scorecard
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


def test_workbook(card, tmp_path):
    path = tmp_path / "f.xlsx"
    write_scorecard(path, card)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["全市", "旗县区", "街道", "年度任务", "责任单位", "充电缺口", "指标明细", "勾稽", "说明"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    sheet = book["旗县区"]
    assert "演示数据" in sheet["A1"].value
    assert "2026-06-30" in sheet["A2"].value
    head = [cell.value for cell in sheet[3]]
    rows = [dict(zip(head, [c.value for c in row], strict=True)) for row in sheet.iter_rows(min_row=4)]
    (coverage,) = (row for row in rows if row["编号"] == "G05")
    assert coverage["地区代码"] == "050203"
    assert (coverage["数值"], coverage["分子"], coverage["分母"]) == ("50.00%", 1, 2)
    detail = book["指标明细"]
    heads = [cell.value for cell in detail[3]]
    column = heads.index("G05 整体专业化物业管理覆盖率")
    behind = [row[0].value for row in detail.iter_rows(min_row=4) if row[column].value == 1]
    assert behind == ["c1"]
    (missing,) = (row for row in rows if row["编号"] == "T25a")
    assert (missing["数值"], missing["数值(原)"]) == ("无数据", None)
    assert "ebike_stock.ebikes" in missing["缺少的列"]
    assert any("2≠1" in f.value for f in card.findings)


def test_csv_starts_no_formula(card, tmp_path):
    path = tmp_path / "f.csv"
    write_scorecard(path, card)
    text = path.read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    assert "'=1+1" in cells


def test_json_is_plain_and_fractions(card, tmp_path):
    path = tmp_path / "f.json"
    write_scorecard(path, card)
    body = json.loads(path.read_text(encoding="utf-8"))
    assert body == json.loads(json.dumps(scorecard_document(card)))
    (city,) = (f for f in body["figures"] if f["id"] == "G05" and f["level"] == "city")
    assert (city["value"], city["completeness"], city["numerator"]) == (0.5, 2 / 3, 1)
    assert "NaN" not in path.read_text(encoding="utf-8")
