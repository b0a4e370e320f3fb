"""A password typed on another keyboard is the same; none of nobody is right."""

import argon2
import pytest

from app.store import passwords
from app.store.passwords import hash_password, is_password


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def test_full_width_letters_are_letters():
    kept = hash_password("Ｐｌａｎ２０２６！ 好", "wang")
    assert is_password(kept, "Plan2026! 好")
    assert not is_password(kept, "plan2026! 好")


def test_nobody_has_no_password():
    assert not is_password(None, "nobody has this password")
    assert not is_password("no hash", "whatever it is")
