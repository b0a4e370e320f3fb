"""One planning run as a service: it tells how far it is from beginning to end, and ends when asked."""

import pytest

from analysis.bundling.document.read import open_plan
from analysis.bundling.explain.explain import explain_unit
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from app.planning import prepare, run
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from geo.storage.dataset import open_dataset
from tests.waiting import goes_on_until_told

SOON = PlanOptions(mode="whole", rounds=1)


@pytest.mark.parametrize(
    ("module", "name"),
    [(prepare, "open_dataset"), (run, "solve_with_locks"), (run, "write_document"), (run, "analyse_relaxations")],
)
def test_news_come_again_and_again_whatever_takes_long(town, monkeypatch, module, name):
    told = []
    monkeypatch.setattr(module, name, goes_on_until_told(getattr(module, name), told))
    make_plan(town[0], read_policy(), SOON, on_progress=told.append)
    assert len(told) >= 3


def test_advice_is_no_longer_looked_for_once_the_end_is_asked(town, monkeypatch):
    goes_on = []
    monkeypatch.setattr(run, "AFTER_STOP_S", 0.0)
    monkeypatch.setattr(run, "analyse_relaxations", lambda *_, **options: goes_on.append(options["goes_on"]()) or ())
    for is_asked in (False, True):
        make_plan(town[0], read_policy(), SOON, when=lambda is_asked=is_asked: is_asked)
    assert goes_on == [True, False]


def test_preferences_are_told_rule_by_rule_and_counted_again_by_verify(town):
    dataset = open_dataset(town[0])
    options = PlanOptions(mode="lead", objective="preferences,walking", rounds=1)
    document = make_plan(town[0], read_policy(), options)
    levels = {level["name"]: level for level in document["levels"]}
    each = [levels[f"households_against_{rule}"]["value"] for rule in ("r12", "r14", "r16")]
    assert levels["households_against"]["value"] == sum(each) > 0
    assert verify_plan(dataset, document, read_policy()).violations == ()
    led = next(unit for area in document["areas"] for unit in area["unit_ids"] if unit != area["anchor_unit_id"])
    told = " ".join(line.zh for line in explain_unit(open_plan(dataset, document), led).why)
    assert all(rule in told for rule in ("R12", "R14", "R16"))
    levels["households_against_r14"]["value"] += 3
    assert [one.rule for one in verify_plan(dataset, document, read_policy()).violations] == ["levels"]


@pytest.mark.full
@pytest.mark.parametrize("objective", [None, "walking=2,areas=300000", "walking,areas"])
def test_walks_and_areas_are_a_level_where_areas_have_a_price(town, objective):
    options = PlanOptions(mode="lead", objective=objective, rounds=1)
    document = make_plan(town[0], read_policy(), options)
    levels = {level["name"]: level for level in document["levels"]}
    assert ("walks_and_areas" in levels) == (objective != "walking,areas")
    assert verify_plan(open_dataset(town[0]), document, read_policy()).violations == ()
    if "walks_and_areas" not in levels:
        return
    price_m = 200_000 if objective is None else 150_000
    more = levels["walks_and_areas"]["value"] - levels["household_metres"]["value"]
    assert more == price_m * len(document["areas"])
    levels["walks_and_areas"]["value"] += price_m
    assert {one.rule for one in verify_plan(open_dataset(town[0]), document, read_policy()).violations} == {"levels"}
