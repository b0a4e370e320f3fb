"""A version tells when it was saved by the clock of the machine."""

import datetime
from dataclasses import FrozenInstanceError

import pytest

from app.store.records import Version

WHEN = datetime.datetime(2026, 6, 30, 4, 5, tzinfo=datetime.UTC)


def test_the_time_is_that_of_the_machine_and_nothing_can_be_changed():
    version = Version("v", "p", "甲", 1, None, "d" * 64, "c" * 64, "", "", (), WHEN, {})
    assert version.created_text == WHEN.astimezone().strftime("%Y-%m-%d %H:%M")
    with pytest.raises(FrozenInstanceError):
        version.number = 2
