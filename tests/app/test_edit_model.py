"""The editor's model in the browser says what the server says, whatever is done to a plan."""

import gzip
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.bundling.editing.apply import EditBase
from analysis.bundling.model.companies import Companies
from analysis.bundling.model.sizes import SizeBound
from app.desks.editing.request import EditBody
from app.desks.editing.session import EditablePlan, EditSession, check_edit, propose_repair
from app.session.plan_session import PlanSession

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "app" / "web" / "components" / "editor" / "edit_model.js"
ROUNDS = 40
SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2)))

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture(scope="module")
def shown(town):
    return PlanSession(*town)


@pytest.fixture(scope="module")
def opened(shown):
    return EditSession(shown).at(shown.data.version)


@pytest.fixture(scope="module")
def start(opened, shown):
    return json.loads(gzip.decompress(opened.start(shown.data).packed))


def drive(start, seed):
    """What the model says after each of many random steps."""
    told = json.dumps({"model": str(MODEL), "start": start, "seed": seed, "rounds": ROUNDS})
    script = Path(__file__).with_name("drive_model.js")
    done = subprocess.run(["node", str(script)], input=told, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=SEEDS)
def driven(start, request):
    return drive(start, request.param)


def edit_of(opened, answer):
    return EditBody.model_validate({"base": "x.1", **answer["edit"]}).to_edit()


@pytest.fixture(scope="module")
def judged(opened, driven):
    """Each answer of the model beside the server's."""
    return [(answer, check_edit(opened, edit_of(opened, answer))) for answer in driven["answers"]]


def by_rule(violations):
    return sorted(
        (v["rule"], v["area"], sorted(v["units"]), v["value"], v["limit"])
        for v in violations
        if not v["rule"].startswith("L")
    )


def test_both_find_the_same_broken_rules(judged):
    for answer, server in judged:
        assert by_rule(server["violations"]) == by_rule(answer["faults"])


def test_both_add_up_the_same_figures(judged):
    for answer, server in judged:
        mine, whole = answer["totals"], server["figures"]
        assert mine["areas"] == whole["areas"]
        assert mine["leftUnits"] == whole["left_over_units"]
        assert mine["leftHouseholds"] == whole["left_over_households"]
        compare(mine, whole["inside"])
        for key, area in server["areas"].items():
            if area["units"]:
                compare(answer["areas"][key], area)


@pytest.mark.full
def test_both_hold_companies_to_what_they_may_take_on(opened, shown):
    problem = opened.base.opened.problem
    companies = Companies(
        ids=np.array(["K1", "K2"], dtype=object),
        of_anchor=np.arange(len(problem.anchors)) % 2,
        managed_m2=np.array([1e5, 1e5]),
        is_recorded=np.array([True, True]),
        allowance=np.array([20_000, 60_000]),
    )
    held = replace(opened.base.opened, problem=replace(problem, companies=companies))
    base = EditablePlan(opened.bench, EditBase(held, opened.base.locks))
    start = json.loads(gzip.decompress(base.start(shown.data).packed))
    found = set()
    for answer in drive(start, 11)["answers"]:
        server = check_edit(base, edit_of(base, answer))
        assert by_rule(server["violations"]) == by_rule(answer["faults"])
        found |= {violation["rule"] for violation in server["violations"]}
    assert "R15" in found


def test_both_hold_areas_to_every_bound_of_size(opened, shown):
    problem = opened.base.opened.problem
    bounds = (SizeBound("members", 2, 4), SizeBound("floor_area", 0, 60_000))
    more = np.array([np.ones(problem.n_units, dtype=np.int64), problem.load])
    rules = replace(problem.rules, bounds=bounds)
    held = replace(opened.base.opened, problem=replace(problem, rules=rules, more_weight=more))
    base = EditablePlan(opened.bench, EditBase(held, opened.base.locks))
    start = json.loads(gzip.decompress(base.start(shown.data).packed))
    limits = set()
    for answer in drive(start, 5)["answers"]:
        server = check_edit(base, edit_of(base, answer))
        assert by_rule(server["violations"]) == by_rule(answer["faults"])
        limits |= {v["limit"] for v in server["violations"] if v["rule"] == "R31"}
    assert {2, 4, 60_000} <= limits


def compare(mine, server):
    assert mine["units"] == server["units"]
    assert mine["households"] == (server["households"] or 0)
    assert mine["missing"] == server["households_missing"]
    assert mine["floor"] == pytest.approx(server["floor_area_m2"] or 0, abs=0.5001)
    assert mine["metres"] == server["household_metres"]


def test_undo_leads_back_to_the_plan_and_redo_to_the_edit(driven):
    assert driven["isSame"]
    assert driven["restored"]
    assert not driven["bare"]["differs"]
    assert driven["bare"]["edit"]["moves"] == {}
    assert driven["bare"]["edit"]["areas"] == {}


def test_what_a_repair_proposes_keeps_every_rule(opened, driven):
    answer = driven["answers"][-1]
    proposal = propose_repair(opened, edit_of(opened, answer), seconds=5)["proposal"]
    edit = answer["edit"]
    areas = {**edit["areas"], **proposal["areas"]}
    merged = {**edit, "moves": {**edit["moves"], **proposal["moves"]}, "areas": areas}
    found = check_edit(opened, edit_of(opened, {"edit": merged}))["violations"]
    assert {violation["rule"] for violation in found} <= {"L01", "L02", "L03"}
