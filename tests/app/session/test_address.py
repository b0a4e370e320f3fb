"""An address names the plan and the version it shows, or says that there is no such version."""

import pytest

from app.session.address import find_version, version_address, version_query
from app.store.errors import NotInStoreError
from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan


@pytest.fixture
def saved(town):
    store = open_store("sqlite://")
    document = read_plan(town[1])
    first = store.create_plan("甲", document, "李")
    return store, first, store.save(first.plan_id, 1, {**document, "seed": 7}, "王")


def test_a_version_is_found_by_its_address(saved):
    store, first, second = saved
    for version in (first, second):
        assert find_version(store, version_query(version)) == version
        assert find_version(store, {"plan": version.id}) == version
    assert find_version(store, {"plan": first.plan_id}) == second
    assert find_version(store, {}) is None
    assert version_address(first, "story") == f"story?plan={first.plan_id}&version=1"


@pytest.mark.parametrize("number", ["3", "0", "x", "-1"])
def test_a_version_that_is_not_there_is_not_another_one(saved, number):
    store, first, _ = saved
    with pytest.raises(NotInStoreError, match="没有第"):
        find_version(store, {"plan": first.plan_id, "version": number})
    with pytest.raises(NotInStoreError):
        find_version(store, {"plan": "nowhere"})
