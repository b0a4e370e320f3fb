"""Plans kept before plans had places learn theirs; also where the old store is only read."""

import sqlite3

import pytest

from app.store.copying import open_copy
from app.store.store import open_store

STREET = "150299001"


@pytest.fixture
def old(tmp_path, document):
    """A store as it was before there were accounts."""
    path = tmp_path / "plans.sqlite"
    store = open_store(f"sqlite:///{path}")
    store.create_plan("全市", document, "王")
    store.create_plan("西", {**document, "rules": {**document["rules"], "streets": [STREET]}}, "王")
    store.close()
    with sqlite3.connect(path) as connection:
        for table in ("tokens", "accounts", "comments", "secrets"):
            connection.execute(f"DROP TABLE {table}")
        for column in ("code", "stage"):
            connection.execute(f"ALTER TABLE plans DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    return f"sqlite:///{path}"


@pytest.mark.parametrize("open_it", [open_store, open_copy])
def test_each_plan_learns_its_place(old, open_it):
    store = open_it(old)
    assert {one.name: one.newest.code for one in store.plans()} == {"全市": "", "西": STREET}
    assert {one.newest.stage for one in store.plans()} == {"draft"}
    store.close()
