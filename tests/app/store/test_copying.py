"""A copy of a store holds all of it; of a store that is not there, nothing."""

import shutil

import pytest
import sqlalchemy as sa

from app.desks.backup.backup import back_up
from app.desks.backup.restore import restore
from app.session.folders import default_store_path
from app.session.plan_session import PlanSession
from app.store.accounts import Accounts
from app.store.copying import open_copy
from app.store.store import open_store
from app.store.tables import metadata
from geo.errors import UsageError


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "share" / "city")


@pytest.fixture
def kept(town, folder):
    """A store beside the dataset with the town's plan in it."""
    shown = PlanSession(folder, town[1])
    shown.store.close()
    return default_store_path(folder)


@pytest.fixture
def shown(folder, kept):
    return PlanSession(folder, None, read_only=True)


def test_a_copy_of_a_store_holds_all_of_it(kept):
    there = open_store(f"sqlite:///{kept}")
    first = there.plans()[0].newest
    there.save(first.plan_id, 1, there.document(first.id), "李强")
    copy = open_copy(f"sqlite:///{kept}")
    assert copy.counts() == there.counts()
    assert copy.versions(first.plan_id) == there.versions(first.plan_id)


def test_a_copy_of_a_store_that_is_not_there_is_empty(tmp_path):
    assert open_copy(f"sqlite:///{tmp_path / 'none.sqlite'}").plans() == []
    assert not list(tmp_path.iterdir())


@pytest.mark.full
def test_a_backup_of_a_server_goes_back_into_a_file_and_into_a_server(postgres, town, document, changed, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "town")
    store = open_store(postgres)
    first = store.create_plan("一稿", document, "王敏")
    store.save(first.plan_id, 1, changed(document, 3), "李强")
    Accounts(store).add("admin", "五月槐花香满街2026", "city")
    before = [(row.action, row.author, row.at) for row in store.audit_rows()]
    back_up(folder, tmp_path / "b.zip", postgres)
    with pytest.raises(UsageError, match="没有覆盖"):
        restore(tmp_path / "b.zip", tmp_path / "taken", postgres)
    assert not (tmp_path / "taken").exists()

    with store.engine.begin() as connection:  # what was lost
        for table in reversed(metadata.sorted_tables):
            connection.execute(sa.delete(table))
    restore(tmp_path / "b.zip", tmp_path / "to-server", postgres)
    restore(tmp_path / "b.zip", tmp_path / "to-file")
    for there in (store, open_store(f"sqlite:///{default_store_path(tmp_path / 'to-file')}")):
        assert [(row.action, row.author, row.at) for row in there.audit_rows()] == before
        assert there.document(there.plans()[0].newest.id)["seed"] == 3
        assert there.save(first.plan_id, 2, changed(document, 4), "赵").number == 3
        assert Accounts(there).authenticate("admin", "五月槐花香满街2026")
        there.close()
    assert not default_store_path(tmp_path / "to-server").exists()
