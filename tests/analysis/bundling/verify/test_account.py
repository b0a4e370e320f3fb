"""A figure, reason or bound of a plan that is forged is told, whichever it is; none passes in silence."""

import copy
import math

import pandas as pd
import pytest

from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.exact import listed_groups
from analysis.bundling.verify.account import check_account
from analysis.bundling.verify.base.schema import parse_plan
from analysis.bundling.verify.conditions.membership import check_states
from analysis.bundling.verify.proofs import listing
from analysis.bundling.verify.statements.claims import check_permits, check_status, find_unverifiable
from analysis.bundling.verify.statements.totals import check_levels, check_sums
from tests.analysis.bundling.drawn_data import context_of, dataset_of, document_of, lawful


@pytest.fixture(scope="module", autouse=True)
def nothing_is_listed():
    """Groups count as too large to be listed: not all of a plan is proven best."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((listed_groups, "MOST_UNITS"), (listing, "MOST_MEMBERS")):
            patch.setattr(module, name, 0)
        yield


@pytest.fixture(scope="module")
def towns(company_town):
    """A mixed plan with companies, with units left over and single buildings, in memory."""
    problem = lawful(
        company_town(31, n=60, mode="mixed", anchor_share=0.2, tightness=0.3, lower=1200, upper=2500), area_worth=20_000
    )
    dataset = dataset_of(problem)
    units = dataset.frames["units"]
    lost = len(units)
    rows = units.iloc[[0, 0, 0]].assign(
        unit_id=["v1", "v2", "v3"],
        name=["已管", "未定", "不愿"],
        company_id=None,
        management_mode=["professional", "none", "none"],
        households=[300, None, 300],
        merge_willingness=[None, None, "no"],
    )
    dataset.frames["units"] = pd.concat([units, rows], ignore_index=True)
    assert len(dataset.frames["units"]) == lost + 3
    result = solve(problem, seed=2, stop=StopAfter(rounds=20))
    left = problem.unit_ids[problem.is_target & (result.plan.area_of < 0)]
    units = dataset.frames["units"]
    units.loc[units["unit_id"].isin(left[:3]), "kind"] = "single_building"
    document = document_of(problem, result, dataset)
    document["out_of_scope"] = sorted(
        [
            *document["out_of_scope"],
            {"unit_id": "v1", "reason": "anchor_unused"},
            {"unit_id": "v2", "reason": "data_missing"},
            {"unit_id": "v3", "reason": "owner_unwilling"},
        ],
        key=lambda row: row["unit_id"],
    )
    return dataset, document


def told(dataset, document):
    """Rules broken, and what is said not to be checked, as far as a plan's own account goes."""
    plan, faults = parse_plan(document)
    if plan is None:
        return {fault.rule for fault in faults}, set()
    case = context_of(dataset, document)
    violations, unchecked = check_account(case)
    others = (
        *check_sums(case),
        *check_levels(case),
        *check_states(case),
        *check_permits(case),
        *check_status(case, breaks_rules=False),
    )
    own = find_unverifiable(document)
    return {v.rule for v in (*violations, *others)}, {*(one.what for one in unchecked), *own}


def level(document, name):
    return next(one for one in document["levels"] if one["name"] == name)


def forge_bound(name):
    """bound = value, gap 0: nothing left to gain."""

    def change(document):
        one = level(document, name)
        one.update(bound=one["value"], gap=0.0)

    return change


def optimal(document):
    document["status"] = "optimal"
    for one in document["levels"]:
        one.update(bound=one["value"], gap=0.0)


def row_of(document, **wanted):
    return next(row for row in document["left_over"] if all(row.get(k) == v for k, v in wanted.items()))


def an_island(document):
    return next(row for row in document["left_over"] if row.get("fallback"))


def left(reason):
    """The first unit left over for another reason is said to be so for this one."""

    def change(document):
        row = next(row for row in document["left_over"] if row["reason"] != reason)
        row["reason"] = reason

    return change


def out(unit, reason):
    def change(document):
        next(row for row in document["out_of_scope"] if row["unit_id"] == unit)["reason"] = reason

    return change


def dropped_from_its_area(document):
    """A unit taken out of its area that could go back: any reason but that is false."""
    area = next(a for a in document["areas"] if a["anchor_unit_id"] and len(a["unit_ids"]) > 3)
    unit = next(u for u in area["unit_ids"][::-1] if u != area["anchor_unit_id"])
    area["unit_ids"].remove(unit)
    document["left_over"].append({"unit_id": unit, "reason": "anchor_capacity", "rules": ["R13"]})


def multiplier(value, name="household_metres"):
    def change(document):
        document["certificate"]["levels"][name][0]["prices"][0] = value

    return change


def huge(document):
    for rows in document["certificate"]["levels"].values():
        for row in rows:
            row["prices"] = [1e14] * len(row["prices"])


def shorter(document):
    for rows in document["certificate"]["levels"].values():
        for row in rows:
            row["prices"] = row["prices"][:-1]


def lower_bound_of_all(document):
    """A certificate with free households: as if nothing could be proven."""
    document["certificate"] = {"levels": {}}


FORGED = {
    # what is forged: (what must be told, as a violation or as not checked)
    "left-over bound": ("levels", forge_bound("left_over_households")),
    "unled bound": ("levels", forge_bound("unled_households")),
    "metres bound": ("levels", forge_bound("household_metres")),
    "bound of walks and areas": ("levels", forge_bound("walks_and_areas")),
    "bound above its value": ("levels", lambda d: level(d, "household_metres").update(bound=1e12)),
    "gap": ("levels", lambda d: level(d, "left_over_households").update(gap=0.0)),
    "optimal": ("status", optimal),
    "optimal without bounds": (
        "levels",
        lambda d: d.update(status="optimal") or [one.update(bound=None, gap=None) for one in d["levels"]],
    ),
    "infeasible": ("status", lambda d: d.update(status="infeasible")),
    "level of left over": ("levels", lambda d: level(d, "left_over_households").update(value=1)),
    "level of walks and areas": ("levels", lambda d: level(d, "walks_and_areas").update(value=1)),
    "no such reason": ("reasons", left("bad_weather")),
    "above the most": ("reasons", left("above_max_size")),
    "street unknown": ("reasons", left("street_unknown")),
    "barrier": ("reasons", left("barrier")),
    "lock": ("reasons", left("lock_unmet")),
    "lock forbids": ("reasons", left("lock_forbids")),
    "could join": ("reasons", left("could_join")),
    "one that could be placed": ("reasons", dropped_from_its_area),
    "rules of a reason": ("reasons", lambda d: d["left_over"][0].update(rules=["R99"])),
    "out as no target": ("R03", out("v2", "not_a_target")),
    "out as unwilling": ("R03", out("v2", "owner_unwilling")),
    "out as not placed": ("R03", out("v3", "not_placed")),
    "out for want of data": ("R03", out("v3", "data_missing")),
    "out as ineligible": ("R03", out("v1", "anchor_ineligible")),
    "out for an unknown reason": ("R03", out("v1", "bad_weather")),
    "area's households": ("sums", lambda d: d["areas"][0].update(households=1)),
    "area's floor area": ("sums", lambda d: d["areas"][0].update(floor_area_m2=1)),
    "area's street": ("figures", lambda d: d["areas"][0].update(street_code=None)),
    "area's name": ("names", lambda d: d["areas"][0].update(name="十万户大片区")),
    "area's id": ("names", lambda d: d["areas"][0].update(area_id="P-999-001")),
    "street's left over": ("figures", lambda d: d["streets"][0].update(left_over_households=0)),
    "street's metres": ("figures", lambda d: d["streets"][1].update(household_metres=1)),
    "street's unled": ("figures", lambda d: d["streets"][0].update(unled_households=77)),
    "street's bound": ("streets", lambda d: [s.update(metres_bound=s["household_metres"]) for s in d["streets"]]),
    "street's bound above its value": ("figures", lambda d: d["streets"][0].update(metres_bound=1e12)),
    "a street less": ("figures", lambda d: d["streets"].pop()),
    "company's taken": ("figures", lambda d: d["companies"][0].update(taken_m2=1)),
    "company's most": ("figures", lambda d: d["companies"][0].update(most_m2=10**9)),
    "company's managed": ("figures", lambda d: d["companies"][0].update(managed_m2=10**9)),
    "company's source": ("figures", lambda d: d["companies"][0].update(managed_from="units")),
    "a company more": ("figures", lambda d: d["companies"].append({"company_id": "ghost"})),
    "ways out missing": ("R28", lambda d: an_island(d)["fallback"].pop()),
    "a date of custody": ("R28", lambda d: an_island(d)["fallback"][-1].update(until="2099-01-01")),
    "certificate not a number": ("certificate", multiplier(math.nan)),
    "certificate negative": ("certificate", multiplier(-1.0)),
    "certificate infinite": ("certificate", multiplier(math.inf)),
    "certificate text": ("certificate", multiplier("many")),
    "certificate of a wrong form": ("certificate", lambda d: d.update(certificate=[1, 2])),
    "certificate too short": ("certificate", shorter),
    "certificate huge": ("levels", huge),
    "certificate empty": ("levels", lower_bound_of_all),
    "note": ("notes", lambda d: d["notes"].append({"rule": "x", "zh": "全部已核实", "en": "all checked"})),
    "note's number": (
        "figures",
        lambda d: d["notes"].append({"rule": "plan.management_unknown", "zh": "9 个单元管理方式未填", "en": "9 units"}),
    ),
    "permit": ("permits", lambda d: d["permits"].append({"permit_id": "X1", "reason": "特批"})),
    "advice": ("advice", lambda d: d.update(advice=[{"households": 10**6}])),
    "start": ("start_areas", lambda d: d.update(start_areas=[d["areas"][0]["unit_ids"]])),
    "unknown key": ("keys", lambda d: d.update(approved=True)),
}


def test_the_plan_itself_is_not_accused(towns):
    violations, unchecked = told(*towns)
    assert violations == set()
    assert unchecked <= {"levels", "streets", "status", "notes", "names", "seed", "seconds"}
    assert towns[1]["companies"]
    assert an_island(towns[1])
    assert len(towns[1]["streets"]) > 1


@pytest.mark.parametrize("what", FORGED, ids=lambda name: name.replace(" ", "-"))
def test_each_forgery_is_told(towns, what):
    dataset, document = towns
    expected, change = FORGED[what]
    forged = copy.deepcopy(document)
    change(forged)
    assert forged != document or what.startswith("certificate not")
    violations, unchecked = told(dataset, forged)
    assert expected in violations | unchecked
    before = told(dataset, document)
    is_own_word = expected in ("notes", "advice")  # named beside every verdict, and part of none
    if expected in before[1] and expected not in violations and not is_own_word:  # more is said than of the plan itself
        said = [{one.sentence_en for one in check_account(context_of(dataset, d))[1]} for d in (document, forged)]
        assert said[0] != said[1]


def test_bounds_that_are_nothing_are_proven(random_town):
    """Nobody is left over: a bound of 0 needs no certificate."""
    problem = lawful(random_town(1, n=8, mode="whole", lower=1, upper=10**6, n_walls=1))
    document = document_of(problem, solve(problem, seed=0, stop=StopAfter(rounds=1)))
    for one in document["levels"]:
        one.update(bound=0 if one["value"] == 0 else one["bound"])
    document.pop("certificate", None)
    case = context_of(dataset_of(problem), document)
    open_levels = [u.sentence_en for u in check_account(case)[1] if u.what == "levels"]
    assert all("left_over_households" not in sentence for sentence in open_levels)


def test_streets_that_are_left_out_are_not_called_checked(random_town):
    problem = lawful(random_town(3, n=30, mode="whole", anchor_share=0.0))
    dataset = dataset_of(problem)
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=1)), dataset)
    assert document["areas"]
    assert document["streets"]
    _, unchecked = check_account(context_of(dataset, {**document, "streets": []}))
    assert any("没有写各街道" in one.sentence_zh for one in unchecked)
