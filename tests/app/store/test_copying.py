"""A copy of a store holds all of it; of a store that is not there, nothing."""

import shutil

import pytest

from app.session.plan_session import PlanSession, default_store_path
from app.store.copying import open_copy
from app.store.store import open_store


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
