"""Month against month, drawn by hand."""

import pandas as pd
import pytest

from analysis.policy import read_policy
from analysis.studies.monitoring import compute_monthly_figures, diff_months, find_late_reporters, write_bulletin
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def units(**changes):
    columns = {
        "unit_id": ["a", "b", "c", "d"],
        "kind": "community",
        "name": ["甲", "乙", "丙", "丁"],
        "district_code": ["1", "1", "2", "2"],
        "management_mode": ["none", "none", "professional", "none"],
        "company_id": [None, None, "K", None],
        "households": [100, 200, 300, 400],
        "is_old": True,
        **changes,
    }
    return shape_layer("units", pd.DataFrame(columns), "EPSG:4546")


def test_the_same_month_twice_has_no_change():
    diff = diff_months(units(), units(), POLICY)
    assert (diff.new, diff.lost, diff.changes) == ((), (), ())


def test_new_and_lost():
    diff = diff_months(units(), units(unit_id=["a", "b", "c", "e"]), POLICY)
    assert (diff.new, diff.lost, diff.changes) == (("e",), ("d",), ())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"households": [115, 200, 300, 400]}, [("a", "households", False)]),
        ({"households": [130, 200, 300, 400]}, [("a", "households", True)]),
        ({"households": [None, 200, 300, 400]}, [("a", "households", True)]),
        ({"is_old": [False, True, True, True]}, [("a", "is_old", True)]),
        ({"management_mode": ["quasi", "none", "professional", "none"]}, [("a", "management_mode", False)]),
        ({"management_mode": ["professional", "none", "professional", "none"]}, [("a", "management_mode", True)]),
    ],
)
def test_what_changed_and_what_is_suspicious(changes, told):
    diff = diff_months(units(), units(**changes), POLICY)
    assert [(c.unit_id, c.column, c.is_suspicious) for c in diff.changes] == told
    assert diff.suspicious == tuple(c for c in diff.changes if c.is_suspicious)


def test_a_company_makes_the_change_plain():
    now = units(management_mode=["professional", "none", "professional", "none"], company_id=["K", None, "K", None])
    assert diff_months(units(), now, POLICY).suspicious == ()


def test_who_has_not_reported():
    rows = pd.DataFrame({"admin_code": ["1", "150200"], "period": ["2026-06", "2026-06"]})
    assert find_late_reporters(rows, ["1", "2", "150200"], "2026-06") == ("2",)


def test_the_bulletin_says_the_change_and_who_is_behind():
    now = units(management_mode=["professional", "professional", "professional", "none"])
    table = compute_monthly_figures(now, POLICY, "2026-06")
    before = compute_monthly_figures(units(), POLICY, "2026-06")
    lines = write_bulletin(
        "2026-06", table, before, diff_months(units(), now, POLICY), ["2"], {"1": "甲区", "2": "乙区"}
    )
    professional = next(line for line in lines if "整体专业化" in line)
    assert "75.00%" in professional
    assert "+50.00 个百分点" in professional
    assert professional.endswith("未达目标: 乙区。")
    assert lines[-1] == "未报送本月数据: 乙区。"
    assert "2 处需核实" in lines[-2]
