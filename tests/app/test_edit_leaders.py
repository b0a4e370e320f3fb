"""Who leads a unit is changed in the browser without moving it, and the server says the same."""

import gzip
import json
import shutil
import subprocess

import pytest

from app.desks.editing.request import EditBody
from app.desks.editing.session import EditSession, check_edit
from app.session.plan_session import PlanSession
from app.workbench.plans_on_disk import read_plan
from tests.app.led_plan import with_leaders
from tests.app.test_edit_model import MODEL, by_rule, drive, edit_of

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

SCRIPT = """
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { EditModel } = require(input.model);
const model = new EditModel(input.start);
const edits = [];
const unit = [...model.asksLeader].find((i) => model.leadersFor(i).length && model.leaderNow(i) >= 0);
const before = model.leaderNow(unit);
model.setLeader(unit, -1);
edits.push(model.edit());
model.setLeader(unit, before);
edits.push(model.edit());
model.undo();
edits.push(model.edit());
const stranger = [...model.asksLeader].find((i) => i !== unit && model.area[i] !== model.area[before]);
const refused = stranger === undefined ? null : model.setLeader(stranger, before);
process.stdout.write(JSON.stringify({ unit: input.start.ids[unit], leader: input.start.ids[before], edits, refused }));
"""


@pytest.fixture
def opened(town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "city")
    shown = PlanSession(folder, None)
    version = shown.store.create_plan("带", with_leaders(read_plan(town[1])), "李")
    data = shown.open(version.id)
    return EditSession(shown).at(data.version), data


def test_a_leader_is_changed_without_moving_a_unit(opened):
    plan, data = opened
    start = json.loads(gzip.decompress(plan.start(data).packed))
    told = json.dumps({"model": str(MODEL), "start": start})
    done = subprocess.run(["node", "-e", SCRIPT], input=told, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    unit, leader = answer["unit"], answer["leader"]
    without, back, again = answer["edits"]
    assert (without["moves"], without["leaders"]) == ({}, {unit: None})
    assert (back["leaders"], again["leaders"]) == ({}, {unit: None})
    assert answer["refused"] is None
    for edit, led in ((without, False), (back, True)):
        found = check_edit(plan, EditBody.model_validate({"base": "x.1", **edit}).to_edit())
        assert found["leaders"].get(unit, leader if led else None) == (leader if led else None)


@pytest.mark.full
def test_both_tell_what_an_area_breaks_whoever_leads(opened):
    plan, data = opened
    start = json.loads(gzip.decompress(plan.start(data).packed))
    found = set()
    for answer in drive(start, 3)["answers"]:
        mine, server = by_rule(answer["faults"]), by_rule(check_edit(plan, edit_of(plan, answer))["violations"])
        whoever = [one for one in server if one[0] in ("R20", "R22", "R31")]
        assert [one for one in mine if one[0] != "R01"] == whoever
        assert all(one in server for one in mine)  # of R01 the server also tells units led that ask for no leader
        found |= {rule for rule, *_ in mine}
    assert found >= {"R01", "R22", "R31"}
