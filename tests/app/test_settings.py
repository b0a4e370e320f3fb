"""What reading an uploaded file may cost is set by the environment."""

import pytest

from app.settings import upload_limits
from geo.errors import UsageError


def test_the_environment_wins(monkeypatch):
    usual = upload_limits().wall_s
    monkeypatch.setenv("PIANQU_READ_WALL_S", str(usual + 7))
    assert upload_limits().wall_s == usual + 7


def test_what_is_no_number_is_told(monkeypatch):
    monkeypatch.setenv("PIANQU_READ_WALL_S", "soon")
    with pytest.raises(UsageError):
        upload_limits()
