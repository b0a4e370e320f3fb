"""A plan checked in another process gets the same verdict; what cannot be checked there is checked here."""

import json

import pytest

from app.workbench import verify_subprocess, workbench
from app.workbench.verify_subprocess import check_apart
from app.workbench.workbench import open_ground, with_plan


@pytest.fixture(scope="module")
def case(town):
    folder, plan = town
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["areas"][0]["households"] += 1
    return open_ground(folder), document


def test_a_child_finds_the_same_broken_rules(case):
    ground, document = case
    here = with_plan(ground, document).verification
    assert here.violations
    assert check_apart(ground.dataset.folder, document) == here


def test_a_large_plan_is_checked_apart(case, monkeypatch):
    ground, document = case
    monkeypatch.setattr(workbench, "CHECKED_APART", 0)
    monkeypatch.setattr(workbench, "check_apart", lambda folder, plan, policy: ("apart", folder))
    assert with_plan(ground, document).verification == ("apart", ground.dataset.folder)


def test_what_cannot_be_checked_apart_is_checked_here(case, monkeypatch, tmp_path):
    ground, document = case
    assert check_apart(tmp_path, document) is None
    here = with_plan(ground, document).verification
    monkeypatch.setattr(workbench, "CHECKED_APART", 0)
    monkeypatch.setattr(verify_subprocess, "_run", lambda *told: ("", "killed"))
    assert with_plan(ground, document).verification == here
