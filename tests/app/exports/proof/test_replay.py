"""A plan is made again from what it says of its making."""

import json

import pytest

from analysis.bundling.solver.base.work_log import CLOCK_STEPS, WorkLog
from analysis.bundling.solver.exact import listed_groups
from app.exports.export import write_formats
from app.exports.formats import find_format
from app.exports.plan_table import check_for_export
from app.exports.proof.manifest import write_manifest
from app.exports.proof.replay import list_differences, replay_plan
from app.exports.request import make_request
from app.planning.options import PlanOptions, read_options
from app.planning.run import make_plan
from app.planning.run_clock import RunClock
from app.workbench.policies import resolve_folder_rules
from geo.errors import UsageError
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module", autouse=True)
def nothing_is_listed():
    """Groups of mode mixed count as too large to be listed: there is something to search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listed_groups, "MOST_UNITS", 0)
        yield


@pytest.fixture(scope="module")
def made(town, tmp_path_factory):
    """A plan of given rounds, exported; the folder and the plan."""
    policy = resolve_folder_rules(town[0]).policy
    document = make_plan(town[0], policy, PlanOptions(mode="whole", scope="all", rounds=5, seed=3, by="王工"))
    dataset = open_dataset(town[0])
    request = make_request(dataset, document, check_for_export(dataset, document))
    folder = tmp_path_factory.mktemp("export")
    write_manifest(request, write_formats(request, [find_format("geojson")], folder), folder)
    return folder, document


def test_given_rounds_make_the_same_plan(made, town):
    found = replay_plan(made[0] / "export.json", town[0])
    assert found.differences == ()
    assert not found.is_by_time


@pytest.fixture(scope="module", params=["area", "lead", "mixed"])
def timed(town, tmp_path_factory, request):
    """A plan of given seconds, in an export folder; the folder and the plan."""
    policy = resolve_folder_rules(town[0]).policy
    for seconds in (0.6, 6.0, 60.0):  # a busy machine may need longer until it searches at all
        options = PlanOptions(mode=request.param, scope="all", seconds=seconds, seed=3, workers=2)
        document = make_plan(town[0], policy, options)
        if document["work"]["clock"] and document["work"]["rounds_done"]:
            break
    assert document["work"]["clock"]
    assert document["work"]["rounds_done"]
    dataset = open_dataset(town[0])
    export = make_request(dataset, document, check_for_export(dataset, document))
    folder = tmp_path_factory.mktemp("timed")
    write_manifest(export, write_formats(export, [find_format("geojson")], folder), folder)
    return folder, document


@pytest.mark.parametrize("seconds_a_second", [0.001, 1000.0])
def test_the_work_of_given_seconds_makes_the_same_plan_however_fast_the_machine(
    timed, town, monkeypatch, seconds_a_second
):
    passed = WorkLog.seconds.fget
    monkeypatch.setattr(WorkLog, "seconds", property(lambda self: seconds_a_second * passed(self)))
    found = replay_plan(timed[0] / "export.json", town[0])
    assert found.differences == ()
    assert not found.is_by_time
    assert "spent" in timed[1]["work"]
    documents = [
        {**one, "seconds": 0, "work": {**one["work"], "why_stopped": "", "spent": None}}
        for one in (timed[1], found.document)
    ]
    assert documents[0] == documents[1]


def test_advice_that_the_clock_ended_is_made_again_no_longer_than_it_was(timed, town, monkeypatch, tmp_path):
    document = json.loads((timed[0] / "plan.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(RunClock, "find_advice_end", lambda self: 0.0)
    options = read_options(document["work"]["options"])
    short = make_plan(town[0], resolve_folder_rules(town[0]).policy, options)
    monkeypatch.undo()
    assert not [one for one in short["advice"] if one["kind"] == "relax"]
    (tmp_path / "export.json").write_bytes((timed[0] / "export.json").read_bytes())
    (tmp_path / "plan.json").write_text(json.dumps(short), encoding="utf-8")
    assert replay_plan(tmp_path, town[0]).differences == ()


def test_the_recorded_work_is_what_is_done(timed, town, tmp_path):
    """No more of it: the same plan is no accident."""
    none = [[[0] * CLOCK_STEPS for _ in one] for one in timed[1]["work"]["clock"]]
    document = {**timed[1], "work": {**timed[1]["work"], "clock": none}}
    (tmp_path / "export.json").write_bytes((timed[0] / "export.json").read_bytes())
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    found = replay_plan(tmp_path, town[0])
    assert found.document["work"]["rounds_done"] < timed[1]["work"]["rounds_done"]


@pytest.mark.parametrize("damage", [{"clock": [[["x"]]]}, {"clock": [[-1]]}, {"clock": 7}, {"ended": [[1, 2]]}])
def test_damaged_work_says_so(timed, town, tmp_path, damage):
    document = {**timed[1], "work": {**timed[1]["work"], **damage}}
    (tmp_path / "export.json").write_bytes((timed[0] / "export.json").read_bytes())
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="没有记下"):
        replay_plan(tmp_path, town[0])


def test_what_differs_is_named(made):
    document = made[1]
    areas = [{**area} for area in document["areas"]]
    areas[0]["unit_ids"] = areas[0]["unit_ids"][1:]
    levels = [{**level, "value": level["value"] + 1} for level in document["levels"]]
    zh = [one.zh for one in list_differences(document, {**document, "areas": areas, "levels": levels})]
    assert zh[0] == "片区划分"
    assert len(zh) == 1 + len(levels)


@pytest.mark.parametrize(("change", "said"), [({"work": None}, "没有记下"), ({"read_back": {}}, "读回")])
def test_a_plan_without_its_work_says_so(made, town, tmp_path, change, said):
    for name in ("export.json", "plan.json"):
        (tmp_path / name).write_bytes((made[0] / name).read_bytes())
    document = {**made[1], **change}
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        replay_plan(tmp_path, town[0])


def test_the_time_and_work_are_no_part_of_the_plans_name(made):
    assert list_differences(made[1], {**made[1], "seconds": 9.0, "work": None}) == ()
