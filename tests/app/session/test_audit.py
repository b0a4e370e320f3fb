"""Who changed the data is told, latest first, in the reader's language."""

import shutil

import pytest

from app.i18n import load_words
from app.session.audit import format_changes, record_change, record_export
from app.session.plan_session import PlanSession


@pytest.fixture
def session(town, tmp_path):
    opened = PlanSession(shutil.copytree(town[0], tmp_path / "town"), None)
    yield opened
    opened.store.close()


def test_changes_of_the_data_are_listed_latest_first(session):
    words = load_words("zh")
    assert format_changes(session, words) == []
    record_change(session, "王敏", "correct.value", "甲园", before="100", after="120", note="踏勘")
    record_change(session, "李工", "take_back.value", "甲园")
    record_change(session, "李工", "plan.note", "no change of data")
    latest, first = format_changes(session, words)
    assert "李工" in latest
    assert "王敏" in first
    assert "100 → 120" in first
    assert len(format_changes(session, words, most=1)) == 1


def test_what_cannot_be_noted_keeps_nobody_from_a_file(session, caplog):
    record_export(session.store, "no such version", "王敏", "片区.xlsx")
    assert "was not noted" in caplog.text
