"""What an opinion is about is found by a part of its name, if only one has it; history is told in words."""

import datetime

import pytest

from app.desks.approvals.view import history_cells, read_subject
from app.i18n import load_words
from app.store.records import AuditRow
from geo.errors import UsageError

SUBJECTS = {"片区 1 · 东": ("area", "A1"), "红星小区 · u1": ("unit", "u1"), "红星南区 · u2": ("unit", "u2")}


@pytest.mark.parametrize(
    ("written", "about"),
    [("", ("plan", "")), ("红星小区 · u1", ("unit", "u1")), ("红星南", ("unit", "u2")), ("片区 1", ("area", "A1"))],
)
def test_a_subject_is_found(written, about):
    assert read_subject(SUBJECTS, written) == about


@pytest.mark.parametrize("written", ["红星", "没有"])
def test_what_is_none_or_several_is_asked_again(written):
    with pytest.raises(UsageError):
        read_subject(SUBJECTS, written)


def test_history_is_told_in_words():
    at = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    row = AuditRow(1, at, "", "plan.stage", "p", "v", "方案 1", "draft", "consultation", "")
    assert history_cells(row, load_words("zh"))[1:6] == ("—", "阶段", "方案 1", "拟定", "征求意见")
    row = AuditRow(2, at, "李", "plan.save", "p", "v", "方案 2", "a" * 64, "b" * 64, "改")
    assert history_cells(row, load_words("en"))[2:] == ("new version", "方案 2", "a" * 12, "b" * 12, "改")
