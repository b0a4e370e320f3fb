"""The steps of migration lead to the tables the code knows."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.store.engine import migrate
from app.store.store import open_store
from app.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def store(request, tmp_path):
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    else:
        opened = open_store(request.getfixturevalue("postgres"))
    yield opened
    opened.close()


def test_the_steps_lead_to_the_tables_the_code_knows(store):
    with store.engine.begin() as connection:
        migrate(connection)  # a second time changes nothing
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
