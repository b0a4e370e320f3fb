"""The first account is made on the command line; its password never stands there."""

import argon2
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.store import passwords
from app.store.accounts import Accounts
from app.store.store import open_store
from geo.errors import PlanningError

GOOD = "五月槐花香满街2026"


@pytest.fixture
def run(monkeypatch, tmp_path, town):
    monkeypatch.setattr(passwords, "HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    store = f"sqlite:///{tmp_path / 'plans.sqlite'}"

    def run(*arguments, typed=f"{GOOD}\n"):
        return CliRunner().invoke(cli, ["user", *arguments, "--data", str(town[0]), "--store", store], input=typed)

    run.store = store
    return run


def test_accounts_are_made_listed_changed_and_disabled(run):
    assert run("add", "admin", "--role", "city", "--full-name", "王敏").exit_code == 0
    assert run("add", "west", "--role", "street", "--code", "150299001").exit_code == 0
    assert "admin  王敏  city" in run("list").output
    assert run("password", "west", typed=f"{GOOD}!\n").exit_code == 0
    assert run("disable", "west").exit_code == 0
    assert '"is_disabled": true' in run("list", "--json").output
    assert run("disable", "west", "--back").exit_code == 0
    store = open_store(run.store)
    assert Accounts(store).authenticate("west", f"{GOOD}!").code == "150299001"
    store.close()


@pytest.mark.parametrize(
    "asked",
    [
        ("add", "x", "--role", "street", "--code", "999999999"),
        ("add", "x", "--role", "company", "--company", "K9"),
        ("add", "x", "--role", "district"),
        ("password", "nobody"),
    ],
)
def test_what_the_data_do_not_know_is_refused(run, asked):
    assert isinstance(run(*asked).exception, PlanningError)
