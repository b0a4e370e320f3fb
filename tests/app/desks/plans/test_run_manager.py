"""A plan asked for in the page: a process of its own, stopped, killed, found again; kept once."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, g

from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from app.desks.plans.run_manager import PlanRunManager
from app.jobs.folder import jobs_in
from app.jobs.limits import JobLimits
from app.planning import child
from app.planning.child import BEST, read_run_state
from app.planning.options import PlanOptions
from app.planning.request import PlanRequest
from app.session.plan_session import PlanSession
from app.store.access import Access
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import open_dataset
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[4]


SLOW = "tests.app.slow_planning"


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


@pytest.fixture
def desk(folder):
    made = PlanRunManager(PlanSession(folder, None), JobLimits(slots=1, memory_mb=100_000, wall_s=3600))
    yield made
    for job in jobs_in(made.jobs):
        job.ask_stop()


@pytest.fixture
def slow(monkeypatch):
    """Runs that take ten seconds and more."""
    monkeypatch.setattr(child, "MODULE", SLOW)


def told(desk):
    """The one run that is told of; None where there is none."""
    states = desk.states()
    assert len(states) <= 1
    return states[0] if states else None


def ended(desk):
    return wait_for(lambda: (run := told(desk)) and not run.is_unfinished and run, 300)


def test_a_plan_is_proposed_kept_once_and_shown(desk, folder):
    shown = desk.session
    assert told(desk) is None
    desk.start(PlanRequest("昆区", PlanOptions(seconds=0.5)), "王敏", "混合")
    run = ended(desk)
    assert run.phase == "done"
    assert (run.version.plan_name, run.version.author, run.version.note) == ("昆区", "王敏", "混合")
    assert verify_plan(open_dataset(folder), shown.store.document(run.version.id), read_policy()).violations == ()
    assert told(desk).version == told(PlanRunManager(shown)).version == run.version
    assert shown.store.counts()["versions"] == 1
    assert shown.open(None).bench.version == run.version
    desk.dismiss(run.job)
    assert told(desk) is None


def test_what_cannot_be_planned_is_said(desk, folder):
    (folder / "manifest.json").unlink()
    desk.start(PlanRequest(name="昆区"), "")
    run = ended(desk)
    assert run.phase == "failed"
    assert "不是数据集" in run.fault[0]
    assert desk.session.store.plans() == []


def test_a_stopped_run_keeps_the_best_plan(desk, folder, slow):
    desk.start(PlanRequest("昆区", PlanOptions(seconds=600)), "")
    wait_for(lambda: told(desk).points)
    desk.stop(told(desk).job)
    assert told(desk).phase in ("stopping", "done")
    run = ended(desk)
    assert run.phase == "done"
    assert (
        verify_plan(open_dataset(folder), desk.session.store.document(run.version.id), read_policy()).violations == ()
    )


def test_everybody_sees_the_own_runs_and_their_place_in_the_queue(desk, slow):
    def states(account):
        with Flask(__name__).test_request_context():
            g.access = Access(name="甲", account=account)
            return desk.states()

    for account, name in (("w", "一"), ("w", "二"), ("l", "三")):
        with Flask(__name__).test_request_context():
            g.access = Access(name="甲", account=account)
            desk.start(PlanRequest(name, PlanOptions(seconds=600)), "")
    going, waits = states("w")
    assert (going.phase, waits.phase, waits.ahead) == ("running", "waiting", 1)
    assert [(run.phase, run.ahead) for run in states("l")] == [("waiting", 0)]
    assert states("x") == ()
    with Flask(__name__).test_request_context():
        g.access = Access(account="l")
        desk.stop(waits.job)  # not their own
        desk.stop(states("l")[0].job)
    assert (states("l"), states("w")[1].ahead) == ((), 0)
    with Flask(__name__).test_request_context():
        g.access = Access(account="w")
        desk.stop(waits.job)
    assert [run.job for run in states("w")] == [going.job]


@pytest.mark.full
def test_progress_is_told_twice_a_second_and_the_best_only_gets_better(desk, slow):
    desk.start(PlanRequest("昆区", PlanOptions(seconds=4)), "")
    job = jobs_in(desk.jobs)[0]
    seen = set()

    def has_ended():
        told = job.path / "progress.json"
        seen.add(told.stat().st_mtime_ns if told.exists() else 0)
        return not read_run_state(job).is_unfinished

    wait_for(has_ended)
    curve = ended(desk).points
    assert len(seen) >= 4
    assert [point[0] for point in curve] == sorted(point[0] for point in curve)
    assert told(desk).least_left_over <= curve[-1][1]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_of_a_killed_run_the_best_plan_is_kept(desk, folder, slow):
    desk.start(PlanRequest("昆区", PlanOptions(seconds=600)), "王")
    job = jobs_in(desk.jobs)[0]
    wait_for((job.path / BEST).is_file)
    os.kill(job.read("process.json")["pid"], signal.SIGKILL)
    run = ended(desk)
    assert run.phase == "lost"
    assert "意外结束" in run.fault[0]
    assert (
        verify_plan(open_dataset(folder), desk.session.store.document(run.version.id), read_policy()).violations == ()
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_a_run_outlives_its_server_and_the_next_one_finds_it(folder):
    code = f"""
import time
from app.planning import child
child.MODULE = {SLOW!r}
from pathlib import Path
from app.desks.plans.run_manager import PlanRunManager
from app.planning.options import PlanOptions
from app.planning.request import PlanRequest
from app.jobs.limits import JobLimits
from app.session.plan_session import PlanSession
from app.store.access import Access
desk = PlanRunManager(PlanSession(Path({str(folder)!r}), None))
desk.start(PlanRequest("昆区", PlanOptions(seconds=3)), "王")
print("started", flush=True)
time.sleep(600)
"""
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout.readline() == "started\n"
    server.kill()
    server.wait()
    desk = PlanRunManager(PlanSession(folder, None))
    assert told(desk).phase == "running"
    run = ended(desk)
    assert (run.phase, run.version.author) == ("done", "王")


def test_a_plan_may_start_from_another_and_change_little(desk, town):
    shown = desk.session
    first = shown.store.create_plan("a", read_plan(town[1]), "王")
    wish = PlanRequest("b", PlanOptions(method="least_change", seconds=2), start=first.id)
    desk.start(wish, "李")
    run = ended(desk)
    document = shown.store.document(run.version.id)
    assert (run.version.parent_id, document["method"]) == (first.id, "least_change")


@pytest.mark.parametrize("method", ["nearest_anchor", pytest.param("constrained_clustering", marks=pytest.mark.full)])
def test_baselines_are_named(desk, method):
    desk.start(PlanRequest("对照", PlanOptions(method=method)), "")
    run = ended(desk)
    assert desk.session.store.document(run.version.id)["method"] == method
    assert run.version.facts["method"] == method
