"""Months kept from the page, and what is said where there is none."""

import shutil

import pytest

from analysis.policy import read_policy
from app.i18n import load_words
from app.indicators.snapshots import list_months, take_snapshot
from app.web.layout.figures.months import month_message, months_table
from geo.storage.dataset import open_dataset

ZH = load_words("zh")


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "town")


def test_a_month_is_kept_locked_and_revised_with_a_reason(folder):
    policy = read_policy()
    take_snapshot(folder, "2026-05", policy)
    take_snapshot(folder, "2026-06", policy, lock=True)
    found = take_snapshot(folder, "2026-06", policy, reason="补报")
    months = list_months(open_dataset(folder))
    assert [(m.month, m.revision, m.locked, m.reason) for m in months] == [
        ("2026-06", 2, False, "补报"),
        ("2026-06", 1, True, None),
        ("2026-05", 1, False, None),
    ]
    shown = str(months_table(months, ZH))
    assert "已锁定" in shown
    assert "补报" in shown
    told = str(month_message(found, ZH))
    assert "2026-06-r2" in told
    assert all(line in told for line in found.bulletin)


def test_without_a_month_it_says_so():
    assert "尚未" in str(months_table([], ZH))
