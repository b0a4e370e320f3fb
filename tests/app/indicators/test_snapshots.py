"""Months are kept, never changed; a locked one is revised with a reason."""

import openpyxl
import pandas as pd
import pytest

from analysis.indicators.registry import find_baseline_name
from analysis.policy import read_policy
from app.indicators.snapshots import take_snapshot, write_month
from geo.errors import EmptyLayerError, UsageError
from geo.storage.dataset import check_hashes, open_dataset, write_dataset
from geo.storage.manifest import new_manifest

POLICY = read_policy()


@pytest.fixture
def folder(tmp_path):
    units = pd.DataFrame(
        {
            "unit_id": ["a", "b"],
            "kind": "community",
            "name": "小区",
            "district_code": "1",
            "management_mode": ["none", "professional"],
            "geom_quality": "missing",
            "households_quality": "missing",
            "floor_area_m2_quality": "missing",
            "built_year_quality": "missing",
        }
    )
    write_dataset(tmp_path, new_manifest("虚构城", "EPSG:4546", demo=True), {"units": units})
    return tmp_path


def test_a_month_and_the_next(folder):
    first = take_snapshot(folder, "2026-05", POLICY, lock=True)
    assert (first.roster, first.compared_with, first.diff) == ("2026-05-r1", None, None)
    dataset = open_dataset(folder)
    units = dataset.layer("units").assign(management_mode=["quasi", "professional"])
    write_dataset(folder, dataset.manifest, {"units": units})
    second = take_snapshot(folder, "2026-06", POLICY)
    assert second.compared_with == "2026-05-r1"
    assert [(c.unit_id, c.before, c.after) for c in second.diff.changes] == [("a", "none", "quasi")]
    kept = open_dataset(folder)
    assert kept.roster("2026-05-r1")["management_mode"].tolist() == ["none", "professional"]
    assert check_hashes(kept) == ()


def test_an_open_month_may_be_kept_again_a_locked_one_needs_a_reason(folder):
    take_snapshot(folder, "2026-06", POLICY)
    assert take_snapshot(folder, "2026-06", POLICY, lock=True).revision == 2
    with pytest.raises(UsageError, match="--reason"):
        take_snapshot(folder, "2026-06", POLICY)
    assert take_snapshot(folder, "2026-06", POLICY, reason="补报").revision == 3
    assert len(open_dataset(folder).layer("snapshots")) == 3


def test_a_month_is_no_baseline(folder):
    take_snapshot(folder, "2026-06", POLICY)
    assert find_baseline_name(open_dataset(folder)) is None


def test_refusals(folder, tmp_path):
    with pytest.raises(UsageError, match="2026-13"):
        take_snapshot(folder, "2026-13", POLICY)
    empty = tmp_path / "empty"
    write_dataset(empty, new_manifest("空", "EPSG:4546"), {})
    with pytest.raises(EmptyLayerError):
        take_snapshot(empty, "2026-06", POLICY)


def test_the_monthly_table_and_the_bulletin_are_written(folder, tmp_path):
    take_snapshot(folder, "2026-05", POLICY)
    dataset = open_dataset(folder)
    units = dataset.layer("units").assign(management_mode=["professional", "professional"])
    write_dataset(folder, dataset.manifest, {"units": units})
    found = take_snapshot(folder, "2026-06", POLICY)
    write_month(tmp_path / "m.xlsx", found, POLICY)
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")
    assert book.sheetnames == ["月度表", "通报要点", "变化", "增减"]
    rows = [[cell.value for cell in row] for row in book["月度表"].iter_rows(min_row=2)]
    (city,) = (r for r in rows if r[0] == "all" and "专业化" in r[2])
    assert city[3:9] == ["100.00%", "2", "2", "82%", "达标", "+50.00 个百分点"]
    assert book["变化"].max_row == 2
    write_month(tmp_path / "m.txt", found, POLICY)
    text = (tmp_path / "m.txt").read_text(encoding="utf-8-sig")
    assert all(line in text for line in found.bulletin)
    with pytest.raises(UsageError, match="pdf"):
        write_month(tmp_path / "m.pdf", found, POLICY)
