"""A database that was damaged says so; one that is well, too."""

import pytest

from app.store.health import examine_database
from app.store.store import open_store


def test_a_sound_store(store):
    state = examine_database(store)
    assert state.kind.startswith("SQLite 3")
    assert state.is_sound
    assert state.size_bytes > 0


def test_a_damaged_file_is_found(tmp_path, document):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    store = open_store(url)
    for n in range(3):
        store.create_plan(f"方案 {n}", document, "王")
    store.close()
    path = tmp_path / "plans.sqlite"
    body = bytearray(path.read_bytes())
    middle = len(body) // 2 // 4096 * 4096
    body[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(body)
    damaged = open_store(url)
    assert examine_database(damaged).is_sound is False
    damaged.close()


def test_a_file_is_read_through_again_when_it_changed_and_some_time_has_gone(tmp_path, document, monkeypatch):
    store = open_store(f"sqlite:///{tmp_path / 'plans.sqlite'}")
    first = examine_database(store)
    assert examine_database(store).checked == first.checked
    monkeypatch.setattr("app.store.health.EACH_S", 0.0)
    assert examine_database(store).checked == first.checked
    store.create_plan("方案", document, "王")
    second = examine_database(store)
    assert second.checked > first.checked
    monkeypatch.setattr("app.store.health.MOST_S", 0.0)
    assert examine_database(store).checked > second.checked
    store.close()


def test_in_memory_there_is_no_size():
    store = open_store("sqlite://")
    assert examine_database(store).size_bytes is None
    store.close()


@pytest.mark.full
def test_postgresql_tells_its_version_and_its_checksums(postgres):
    store = open_store(postgres)
    state = examine_database(store)
    store.close()
    assert state.kind.startswith("PostgreSQL 1")
    assert state.size_bytes > 0
    assert state.is_sound in (True, None)  # None: made without checksums
