"""What the planning panel asks for, and what an advice fills in."""

import json
import shutil

import pytest

from analysis.bundling.model.objectives import read_objective
from app.desks.plans.form import apply_advice, build_plan_form, can_apply, request_from_form, request_note
from app.desks.plans.menu import NO_PLANS
from app.desks.plans.run_manager import add_permit
from app.i18n import load_words
from app.planning.child import parse_options
from app.planning.options import RELAXABLE
from app.planning.request import Permit, read_request
from app.session.plan_session import PlanSession
from app.workbench.plans_on_disk import migrate_plan, read_plan
from app.workbench.workbench import build_workbench
from geo.errors import UnknownCodeError, UsageError
from geo.storage.dataset import open_dataset

ADVICE = [
    {
        "kind": "relax",
        "rules": ["R31"],
        "what": [{"kind": "lower", "value": 500}],
        "households": 1,
        "units": 1,
        "sentence_zh": "降",
        "sentence_en": "less",
    },
    {
        "kind": "relax",
        "rules": ["R10"],
        "what": [{"kind": "min_contract_months", "value": 0}],
        "households": 1,
        "units": 1,
        "sentence_zh": "合同",
        "sentence_en": "contract",
    },
    {
        "kind": "relax",
        "rules": ["R20", "R31"],
        "what": [{"kind": "permit_streets", "street_a": "s1", "street_b": "s2"}, {"kind": "lower", "value": 800}],
        "households": 1,
        "units": 1,
        "sentence_zh": "批",
        "sentence_en": "permit",
    },
    {
        "kind": "relax",
        "rules": ["R23"],
        "what": [{"kind": "crossing", "barrier": "railway:1"}],
        "households": 1,
        "units": 1,
        "sentence_zh": "通道",
        "sentence_en": "crossing",
    },
    {"kind": "cause", "cause": "no_anchor"},
]


@pytest.fixture
def advised(bench):
    return build_workbench(bench.context, {**bench.plan, "advice": ADVICE}, name="甲")


@pytest.fixture(scope="module")
def words():
    return load_words("zh")


def fields(form, **more):
    names = ("method", "mode", "scope", "within", "weight", "lower", "upper", "seed")
    chosen = {name: getattr(form.options, name) for name in names}
    return {"name": "甲", "start": form.start, **chosen, "streets": list(form.options.streets), **more}


def test_the_panel_begins_as_the_plan_was_made(bench, words):
    form = build_plan_form(bench, NO_PLANS, words)
    rules = bench.plan["rules"]
    assert (form.options.mode, form.options.scope, form.options.lower) == (
        rules["mode"],
        rules["scope"],
        rules["lower"],
    )
    wish = request_from_form(fields(form), [])
    assert wish.options.upper == rules["upper"]
    assert {code for code, _ in form.street_names} == set(bench.street_names)


def test_objectives_and_rare_options_reach_the_run(bench, words, tmp_path):
    form = build_plan_form(bench, NO_PLANS, words)
    rare = {
        "aim": "weighted",
        "aim_weight_walking": 1,
        "aim_weight_staffing": 0.5,
        "aim_order": ["areas"],
        "opening": 900,
        "company_limit": "off",
        "mode": "whole",
        "areas": 3,
    }
    options = parse_options({"options": request_from_form(fields(form, **rare), []).options.record}, tmp_path)
    assert options.objective == "walking=1,staffing=0.5"
    assert (options.opening, options.company_limit, options.areas) == (900, False, 3)
    assert request_from_form(fields(form, aim="usual", aim_order=["areas"]), []).options.objective is None
    in_order = fields(form, aim="in_order", aim_order=["compact", "walking"])
    assert request_from_form(in_order, []).options.objective == "compact,walking"


def test_further_bounds_reach_the_run_and_come_back(bench, words, tmp_path):
    form = build_plan_form(bench, NO_PLANS, words)
    assert set(form.bounds.values()) == {None}
    asked = {
        "bound_members_lower": 3,
        "bound_members_upper": 12,
        "bound_floor_area_upper": 300_000,
        "bound_households_upper": 5,
        "weight": "households",
    }
    wish = request_from_form(fields(form, **asked), [])
    options = parse_options({"options": json.loads(json.dumps(wish.options.record))}, tmp_path)
    assert options.bounds == ("floor_area=:300000", "members=3:12")
    bounds = [{"weight": "members", "lower": 3, "upper": None}]
    rules = {**bench.plan["rules"], "bounds": bounds}
    made = build_workbench(bench.context, {**bench.plan, "rules": rules}, name="甲")
    again = build_plan_form(made, NO_PLANS, words)
    assert request_from_form(fields(again, **again.bounds), []).options.bounds == ("members=3:",)


def test_a_further_bound_is_relaxed_by_an_advice():
    told = {"name": "乙", "bound_members_lower": 3}
    lower = {"what": [{"kind": "bound_lower", "weight": "members", "value": 2}]}
    assert can_apply(lower["what"])
    assert request_from_form(told, [lower]).options.bounds == ("members=2:",)


def test_upper_bounds_sizes_of_units_and_the_number_of_areas_are_relaxed_by_an_advice():
    told = {"name": "乙", "mode": "whole", "upper": 2000, "areas": 3, "bound_members_upper": 8}
    relaxed = [
        {"what": [{"kind": "upper", "value": 2500}, {"kind": "areas", "value": None}]},
        {"what": [{"kind": "bound_upper", "weight": "members", "value": 12}, {"kind": "unit_ratio", "value": 1.5}]},
    ]
    assert all(can_apply(one["what"]) for one in relaxed)
    wish = request_from_form(told, relaxed)
    assert (wish.options.upper, wish.options.areas, wish.options.bounds) == (2500, None, ("members=:12",))
    assert wish.options.relaxed == (("anchor.unit_ratio", 1.5),)


def test_bounds_that_contradict_themselves_are_told_together():
    wrong = {"bound_members_lower": 9, "bound_members_upper": 3, "bound_floor_area_lower": -1}
    with pytest.raises(UsageError) as told:
        request_from_form({"name": "乙", **wrong}, [])
    assert "单元数下限大于上限" in told.value.zh
    assert "建筑面积" in told.value.zh


@pytest.mark.parametrize(
    ("objective", "kind"), [((), "usual"), (("compact", "areas"), "in_order"), (("areas=2",), "weighted")]
)
def test_the_panel_begins_with_the_objective_of_the_plan(bench, words, objective, kind):
    rules = {**bench.plan["rules"], "objective": list(objective), "area_worth": 7, "company_growth": None}
    made = build_workbench(bench.context, {**bench.plan, "rules": rules}, name="甲")
    form = build_plan_form(made, NO_PLANS, words)
    assert (form.aims.kind, form.options.company_limit, form.is_special) == (kind, False, True)
    assert form.options.opening == (None if objective else 7)  # named objectives have their own price
    again = fields(form, aim=kind, aim_order=form.aims.order, opening=form.options.opening)
    weights = {f"aim_weight_{name}": value for name, value in (form.aims.weights or {}).items()}
    text = request_from_form({**again, **weights}, []).options.objective
    assert (read_objective(text) if text else ()) == objective


def test_the_limit_of_companies_is_not_taken_for_relaxed(bench, words):
    off = {**bench.plan, "rules": {**bench.plan["rules"], "company_growth": None}}
    assert build_plan_form(build_workbench(bench.context, off, name="甲"), NO_PLANS, words).relaxed == ()


@pytest.mark.parametrize(
    "aims",
    [
        {"aim": "in_order"},
        {"aim": "weighted"},
        {"aim": "in_order", "aim_order": ["closeness"]},
        {"aim": "in_order", "aim_order": ["walking"], "opening": 9},
        {"areas": 3, "mode": "lead"},
        {"areas": 0, "mode": "whole"},
        {"aim": "weighted", "aim_weight_areas": -1},
    ],
)
def test_what_an_objective_lacks_is_told_before_the_run(aims):
    with pytest.raises(UsageError):
        request_from_form({"name": "乙", **aims}, [])


def test_an_advice_fills_in_the_rule_and_the_start(advised, words):
    records, start = apply_advice(advised, 0, [])
    assert start is None  # this plan is not in a store
    records, _ = apply_advice(advised, 1, records)
    wish = request_from_form({"name": "乙", "lower": 1000}, records)
    assert (wish.options.lower, wish.relaxed) == (500, {"min_contract_months": 0})
    assert wish.options.record["relaxed"] == [["anchor.min_contract_months", 0]]
    assert "降" in request_note(wish, records, words)


def test_a_rule_is_relaxed_once(advised):
    records, _ = apply_advice(advised, 0, [])
    again, _ = apply_advice(advised, 0, records)
    assert again == records


def test_a_permit_needs_its_number(advised):
    records, _ = apply_advice(advised, 2, [])
    with pytest.raises(UsageError, match="permit"):
        request_from_form({"name": "乙"}, records)
    wish = request_from_form({"name": "乙", "document_no": "昆建〔2026〕3号"}, records)
    assert (wish.permit.street_a, wish.options.lower) == ("s1", 800)


def test_what_only_the_data_can_change_has_no_button(advised):
    assert [can_apply(row["what"]) for row in ADVICE[:4]] == [True, True, True, False]
    for number in (-1, 4, 99):
        with pytest.raises(UsageError):
            apply_advice(advised, number, [])


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"name": ""},
        {"name": "长" * 81},
        {"name": "a", "lower": 9, "upper": 3},
        {"name": "a", "seconds": 99999},
        {"name": "a", "mode": "?"},
        {"name": "a", "rm": "-rf"},
        {"name": "a", "relaxed": {"lower": 3}},
        {"name": "a", "method": "least_change"},
        {"name": "a", "seed": -1},
        {"name": "a", "relaxed": {"radius_m": [1]}},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(told):
    with pytest.raises(UsageError):
        read_request(told)


def test_the_least_change_takes_no_objective(advised, words):
    """The panel hides the fields and sends none; whoever names one all the same is told."""
    start = {"method": "least_change", "start": "v1"}
    told = fields(build_plan_form(advised, NO_PLANS, words), **start, opening=5, aim="in_order", aim_order=["walking"])
    wish = request_from_form(told, [])
    assert (wish.options.objective, wish.options.opening) == (None, None)
    for named in ({"objective": "walking"}, {"opening": 5}):
        with pytest.raises(UsageError, match="改动最少"):
            read_request({"name": "a", **start, **named})
        assert read_request({"name": "a", "method": "nearest_anchor", **named})


def test_every_relaxable_rule_is_in_the_policy(bench):
    for name, key in RELAXABLE.items():
        assert name in bench.plan["rules"]
        bench.policy.value(key)


def test_a_plan_of_older_data_is_carried_over(bench, town):
    dataset, plan = bench.dataset, read_plan(town[1])
    assert migrate_plan(plan, dataset) == plan
    gone = plan["areas"][0]
    old = {
        **plan,
        "planning_sha256": "0" * 64,
        "locks": [{"kind": "out", "unit_id": "gone"}],
        "areas": [
            {**gone, "unit_ids": [*gone["unit_ids"], "gone"], "anchor_unit_id": "gone"},
            {**gone, "area_id": "P", "unit_ids": ["gone"]},
            *plan["areas"][1:],
        ],
    }
    carried = migrate_plan(old, dataset)
    assert carried["planning_sha256"] == dataset.manifest.planning_sha256
    assert carried["areas"] == [{**gone, "anchor_unit_id": None}, *plan["areas"][1:]]
    assert carried["locks"] == []


def test_a_permit_is_kept_with_an_audit_row(town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "city")
    shown = PlanSession(folder, None)
    one, other = sorted(shown.data.bench.street_names)[:2]
    permit = Permit(street_a=one, street_b=other, document_no="昆建〔2026〕3号")
    permit_id = add_permit(shown, permit, "王敏")
    table = open_dataset(folder).layer("permits")
    assert table["permit_id"].tolist() == [permit_id]
    row = shown.store.audit_rows()[0]
    assert (row.action, row.after, row.author) == ("correct.permit", permit_id, "王敏")
    with pytest.raises(UnknownCodeError):
        add_permit(shown, permit.model_copy(update={"street_a": "nowhere"}), "王")
