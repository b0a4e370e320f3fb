"""A plan asked for in the page: made by a process of its own, kept beside the dataset."""

import json
import shutil
import time

import pytest

from analysis.bundling.verify import verify_plan
from app.i18n import load_words
from app.jobs.planning import RunState, keep_older
from app.layout.plan_run import plan_run
from app.services import plan_desk
from app.services.plan_desk import PlanDesk
from app.services.shown import Shown
from geo.dataset import open_dataset


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


def ended(desk):
    for _ in range(3000):
        state = desk.state()
        if state.phase != "running":
            return state
        time.sleep(0.1)
    return pytest.fail("the run did not end within five minutes")


def test_a_plan_is_proposed_and_shown(folder, monkeypatch):
    monkeypatch.setattr(plan_desk, "SECONDS", 0.5)
    shown = Shown(folder, None)
    desk = PlanDesk(shown)
    before = shown.data.version
    assert desk.state() is None
    desk.start()
    assert ended(desk) == RunState("done", 1.0)
    version = shown.open(None).bench.version
    plan = shown.store.document(version.id)
    assert verify_plan(open_dataset(folder), plan) == ()
    assert shown.current().bench.areas == plan["areas"]
    assert shown.there(before).bench.plan is None
    assert Shown(folder, None).data.bench.plan is not None


def test_what_cannot_be_planned_is_said(folder, monkeypatch):
    desk = PlanDesk(Shown(folder, None))
    (folder / "manifest.json").unlink()
    desk.start()
    state = ended(desk)
    assert state.phase == "failed"
    assert "不是数据集" in state.fault[0]
    assert desk.shown.store.plans() == []


def test_a_cancelled_run_writes_no_plan(folder):
    desk = PlanDesk(Shown(folder, None))
    desk.start()
    desk.cancel()
    assert desk.state() is None
    assert desk.shown.store.plans() == []


def test_an_older_plan_is_kept_under_another_name(tmp_path):
    path = tmp_path / "plan.json"
    assert keep_older(path) is None
    for number in (1, 2):
        path.write_text(json.dumps({"n": number}), encoding="utf-8")
        assert keep_older(path).name == f"plan-older-{number}.json"
    assert not path.exists()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_of_a_run_can_be_drawn(language):
    words = load_words(language)
    states = (None, RunState("running"), RunState("running", 0.4), RunState("done", 1.0),
              RunState("failed", 0.0, ("坏", "bad")))  # fmt: skip
    drawn = [str(plan_run(state, words)) for state in states]
    assert len(set(drawn)) == len(states)
