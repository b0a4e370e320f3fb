"""Accounts: added, signed in with, changed, disabled; each with its row in the audit, no password anywhere."""

import argon2
import pytest

from app.store import passwords
from app.store.accounts import Accounts
from geo.errors import UsageError

GOOD = "五月槐花香满街2026"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def accounts(store):
    return Accounts(store)


def test_one_signs_in_by_name_and_password_until_disabled(accounts):
    assert not accounts.is_any()
    made = accounts.add("Wang", GOOD, "district", code="150203", full_name="王敏")
    assert accounts.is_any()
    assert accounts.authenticate(" wang", GOOD) == made
    assert accounts.authenticate("wang", GOOD + "x") is None
    assert accounts.authenticate("li", GOOD) is None
    assert accounts.find_session(made.token) == made
    accounts.disable("wang")
    assert accounts.authenticate("wang", GOOD) is None
    assert accounts.find_session(made.token) is None
    assert not accounts.is_any()


def test_another_password_ends_all_sessions(accounts):
    made = accounts.add("wang", GOOD, "city")
    accounts.set_password("wang", GOOD[::-1], "管理员")
    assert accounts.find_session(made.token) is None
    assert accounts.authenticate("wang", GOOD) is None
    assert accounts.authenticate("wang", GOOD[::-1])


def test_the_audit_says_who_but_no_password(accounts, store):
    accounts.add("wang", GOOD, "street", code="150203001", author="管理员")
    accounts.set_password("wang", GOOD[::-1])
    rows = store.audit_rows()
    assert [(row.action, row.subject, row.after) for row in rows] == [
        ("account.change", "wang", "password"),
        ("account.add", "wang", "street 150203001"),
    ]
    with store.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM accounts").all())
    assert "$argon2id$" in kept
    assert GOOD not in kept


@pytest.mark.parametrize(
    ("name", "password", "role", "more"),
    [
        ("wang", "short", "city", {}),
        ("wang", "aaaaaaaaaaaa", "city", {}),
        ("wang", "my name is wang", "city", {}),
        ("wang", GOOD, "king", {}),
        ("wang", GOOD, "district", {}),
        ("wang", GOOD, "city", {"code": "150203"}),
        ("wang", GOOD, "company", {}),
        ("wang", GOOD, "city", {"company": "K1"}),
        ("wang li", GOOD, "city", {}),
        ("taken", GOOD, "city", {}),
    ],
)
def test_what_makes_no_account_is_refused(accounts, name, password, role, more):
    accounts.add("taken", GOOD, "city")
    with pytest.raises(UsageError):
        accounts.add(name, password, role, **more)
    assert len(accounts.list()) == 1


def test_weaker_hashes_are_renewed_when_somebody_signs_in(accounts, monkeypatch):
    accounts.add("wang", GOOD, "city")
    monkeypatch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    assert accounts.authenticate("wang", GOOD)
    assert accounts.authenticate("wang", GOOD)


def test_all_servers_of_a_store_sign_sessions_with_one_key(accounts, store):
    assert len(accounts.session_key()) == 64
    assert Accounts(store).session_key() == accounts.session_key()
