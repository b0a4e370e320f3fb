"""A part that is not installed is named with the command that installs it."""

import sys

import pytest

from geo.errors import UsageError
from geo.extras import import_extra


def test_what_is_there_is_imported():
    assert import_extra("json", "fetch").loads("1") == 1


def test_what_is_missing_is_told_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pianqu\[cluster\]"):
        import_extra("distributed", "cluster")
