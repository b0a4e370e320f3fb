"""A plan checked in another process gets the same verdict; what cannot be checked there is checked here."""

import json

import psutil
import pytest

from app.workbench import verify_subprocess, workbench
from app.workbench.verify_subprocess import verify_in_subprocess
from app.workbench.workbench import build_workbench, open_context
from geo.sandbox.python_child import PRIORITY, give_way


@pytest.fixture(scope="module")
def case(town):
    folder, plan = town
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["areas"][0]["households"] += 1
    return open_context(folder), document


def test_a_child_finds_the_same_broken_rules(case):
    ground, document = case
    here = build_workbench(ground, document).verification
    assert here.violations
    assert verify_in_subprocess(ground.dataset.folder, document) == here


def test_a_large_plan_is_checked_apart(case, monkeypatch):
    ground, document = case
    monkeypatch.setattr(workbench, "MAX_UNITS_IN_PROCESS", 0)
    monkeypatch.setattr(workbench, "verify_in_subprocess", lambda folder, plan, policy: ("apart", folder))
    assert build_workbench(ground, document).verification == ("apart", ground.dataset.folder)


def test_the_check_of_a_version_that_was_saved_gives_way_to_others(case, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        verify_subprocess, "give_way", lambda one: give_way(one) or seen.append(psutil.Process(one.pid).nice())
    )
    for gives_way in (False, True):
        assert verify_in_subprocess(tmp_path, case[1], gives_way=gives_way) is None  # there is no dataset
    assert seen == [PRIORITY]


@pytest.mark.full
def test_what_cannot_be_checked_apart_is_checked_here(case, monkeypatch, tmp_path):
    ground, document = case
    assert verify_in_subprocess(tmp_path, document) is None
    here = build_workbench(ground, document).verification
    monkeypatch.setattr(workbench, "MAX_UNITS_IN_PROCESS", 0)
    monkeypatch.setattr(verify_subprocess, "_run", lambda *told, **more: ("", "killed"))
    assert build_workbench(ground, document).verification == here
