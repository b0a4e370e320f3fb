"""Killed in the middle of saves, written by many: what was acknowledged is there, once."""

import signal
import sqlite3
import time

import pytest

from app.store.store import open_store

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")

TRIALS = [*range(3), *(pytest.param(trial, marks=pytest.mark.full) for trial in range(3, 20))]


def acknowledged(lines):
    return [tuple(line.split()[1:]) for line in lines if line.startswith("saved") and line[-1] == "\n"]


def is_whole(path):
    """Integrity, and one audit row a version."""
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        orphans = """SELECT count(*) FROM versions v FULL JOIN audit a ON v.id = a.version_id
            WHERE v.id IS NULL OR a.version_id IS NULL OR a.after != v.plan_sha256"""
        assert connection.execute(orphans).fetchone() == (0,)


@pytest.mark.parametrize("trial", TRIALS)
def test_a_killed_writer_loses_nothing_it_was_told_is_saved(tmp_path, document, writers, trial):
    path = tmp_path / "plans.sqlite"
    store = open_store(f"sqlite:///{path}")
    plan = store.create_plan("a", document, "王").plan_id
    process = writers.start("save", f"sqlite:///{path}", plan, 100_000)
    first = process.stdout.readline()
    time.sleep(0.03 + 0.017 * trial)
    process.kill()
    told = acknowledged([first, *process.stdout.readlines()])
    process.wait()
    is_whole(path)
    kept = {(str(v.number), v.plan_sha256) for v in store.versions(plan)}
    assert told
    assert set(told) <= kept
    assert len(kept) - 1 - len(told) <= 1  # one may have been written and not yet told
    newest = store.versions(plan)[0]
    assert store.document(newest.id)["seed"] == document["seed"] + newest.number - 1


def race(writers, url, plan, n_processes, n_saves):
    """All processes change the newest version again and again; lines told by each."""
    running = [writers.start("race", url, plan, n_saves, f"w{k}") for k in range(n_processes)]
    told = [process.communicate(timeout=500)[0].splitlines(keepends=True) for process in running]
    assert [process.returncode for process in running] == [0] * n_processes
    return told


def nothing_was_lost(store, document, plan, told, n_saves):
    """Each save is one version, numbered without gaps; each change was made on top of the last."""
    saved = [line for lines in told for line in acknowledged(lines)]
    assert len(saved) == len(told) * n_saves
    versions = store.versions(plan)[::-1]
    assert [v.number for v in versions] == list(range(1, len(saved) + 2))
    assert {(str(v.number), v.plan_sha256) for v in versions[1:]} == set(saved)
    assert store.document(versions[-1].id)["seed"] == document["seed"] + len(saved)
    counts = store.counts()
    assert counts["versions"] == counts["audit"] == len(saved) + 1


@pytest.mark.parametrize(("n_processes", "n_saves"), [(3, 8), pytest.param(8, 60, marks=pytest.mark.full)])
def test_many_writers_lose_nothing(tmp_path, document, writers, n_processes, n_saves):
    path = tmp_path / "plans.sqlite"
    store = open_store(f"sqlite:///{path}")
    plan = store.create_plan("a", document, "王").plan_id
    told = race(writers, f"sqlite:///{path}", plan, n_processes, n_saves)
    nothing_was_lost(store, document, plan, told, n_saves)
    is_whole(path)


@pytest.mark.full
def test_many_may_open_a_new_store_at_once(tmp_path, document, writers):
    url = f"sqlite:///{tmp_path / 'plans.sqlite'}"
    running = [writers.start("save", url, "nothing", 0) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert open_store(url).counts()["audit"] == 0


@pytest.mark.full
def test_postgresql_loses_nothing_either(postgres, document, writers):
    store = open_store(postgres)
    plan = store.create_plan("a", document, "王").plan_id
    told = race(writers, postgres, plan, 6, 20)
    nothing_was_lost(store, document, plan, told, 20)
    store.close()
