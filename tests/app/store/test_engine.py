"""Addresses of a store and its engine: commits forced to disk, passwords never told, newer programs left alone."""

import re

import pytest
import sqlalchemy as sa

from app.store.errors import StoreError
from app.store.store import open_store
from app.store.tables import versions


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    else:
        opened = open_store(request.getfixturevalue("postgres"))
    yield opened
    opened.close()


def test_every_commit_is_forced_to_disk(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    with store.engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}


@pytest.mark.parametrize("url", ["nonsense", "mysql://a/b", "sqlite:////nowhere/at/all/x.sqlite"])
def test_an_address_that_makes_no_sense_is_said(url):
    with pytest.raises(StoreError) as told:
        open_store(url)
    assert re.search("[一-龥]", told.value.zh)


def test_a_password_is_never_told():
    with pytest.raises(StoreError) as told:
        open_store("postgresql://me:geheim@127.0.0.1:1/x?connect_timeout=2")
    assert "geheim" not in str(told.value)


def test_a_store_of_a_newer_program_is_left_alone(tmp_path, document):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    store = open_store(url)
    kept = store.create_plan("方案", document, author="王敏")
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError) as error:
        open_store(url)
    assert "更新版本" in error.value.zh
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.select(versions.c.id)).scalars().all() == [kept.id]
