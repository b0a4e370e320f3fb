"""Stores to write into, and plans to keep."""

import copy
import importlib.util
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.store.store import open_store
from app.store.tables import metadata
from app.workbench.plans_on_disk import read_plan
from tests.effort import IS_FULL
from tests.postgres import PostgreSQL, find_tools


@pytest.fixture(scope="session")
def document(town):
    return read_plan(town[1])


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def changed():
    """A document with another seed, so with another content."""

    def make(document, seed):
        other = copy.copy(document)
        other["seed"] = seed
        return other

    return make


@pytest.fixture(scope="session")
def writers():
    """The module whose processes write into a store."""
    place = Path(__file__).with_name("writers.py")
    spec = importlib.util.spec_from_file_location("writers", place)
    module = importlib.util.module_from_spec(spec)
    sys.modules["writers"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def postgres(postgres_server):
    """URL of a real PostgreSQL, its tables empty."""
    store = open_store(postgres_server)
    with store.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
    store.close()
    return postgres_server


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL of our own, reached by a private socket."""
    if find_tools() is None:
        if IS_FULL:
            pytest.fail("no PostgreSQL although everything is to be tested; see tasks.py")
        pytest.skip("no PostgreSQL here; apt-get install postgresql")
    server = PostgreSQL()
    yield server.url
    server.remove()
