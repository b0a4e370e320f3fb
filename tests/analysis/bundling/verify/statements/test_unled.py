"""Why nobody leads a target: each reason passes where it is true, and is told false where it is not."""

import pytest

from analysis.bundling.verify.statements.planned_units import PlannedUnits
from analysis.bundling.verify.statements.unled import UNLED_RULES, check_unled
from tests.analysis.bundling.drawn_data import context_of
from tests.analysis.bundling.verify.area_town import AreaTown
from tests.analysis.bundling.verify.small_town import set_units, with_rules


def release(*units):
    """Targets of the first area that its anchor leads no more."""

    def change(town):
        for unit in units:
            del town.areas[0]["led"][unit]
            town.unled[unit] = "could_be_led"

    return change


def true_of(*changes, unit="old1", locks=(), companies=None):
    """Reasons that pass for a unit."""
    passed = set()
    for reason in UNLED_RULES:
        town = AreaTown()
        for change in changes:
            change(town)
        if companies is not None:
            town.companies = town.companies.assign(managed_area_m2=companies)
        town.unled[unit] = reason
        dataset, document = town.kept()
        document["locks"] = list(locks)
        found = check_unled(PlannedUnits(context_of(dataset, document)))
        if unit not in {named for violation in found for named in violation.units}:
            passed.add(reason)
    return passed


def test_who_could_be_led_at_once_is_told_so_and_nothing_else():
    assert true_of(release("old1")) == {"could_be_led"}


def test_nobody_leads_where_no_unit_of_the_area_may():
    assert true_of(unit="west") == {"no_anchor_in_area"}


def test_an_anchor_may_be_too_far_away():
    assert true_of(release("old2"), with_rules(radius_m=300.0), unit="old2") == {"beyond_radius"}


def test_an_anchor_may_be_too_small():
    large = set_units("floor_area_m2", {"old1": 61_000})
    assert true_of(release("old1"), large) == {"anchor_too_small"}


def test_of_an_anchor_too_far_and_too_small_either_may_be_said():
    both = with_rules(radius_m=150.0), set_units("floor_area_m2", {"old1": 61_000})
    assert true_of(release("old1", "old2", "house"), *both) == {"beyond_radius", "anchor_too_small"}


def test_an_anchor_may_be_full():
    assert true_of(release("old1"), set_units("floor_area_m2", {"old1": 50_000})) == {"anchor_full"}


def test_a_company_may_be_full():
    assert true_of(release("old1"), with_rules(company_growth=0.3), companies=100_000.0) == {"company_full"}


@pytest.mark.full
def test_a_lock_may_keep_it_from_the_only_one_that_could():
    lock = {"kind": "not_led_by", "unit_ids": ["old1"], "with_unit_id": "lead"}
    assert true_of(release("old1"), locks=[lock]) >= {"lock_forbids_leader"}
    assert "anchor_full" not in true_of(release("old1"), locks=[lock])
    nobody = {"kind": "leads_nobody", "unit_ids": ["lead"]}
    assert "lock_forbids_leader" in true_of(release("old1", "old2", "house"), locks=[nobody])
    other = {"kind": "not_led_by", "unit_ids": ["old2"], "with_unit_id": "lead"}
    assert true_of(release("old1"), locks=[other]) == {"could_be_led"}


def test_nobody_is_known_to_lead_where_no_mode_is_known():
    def nameless(town):
        town.units["management_mode"] = "unknown"
        town.areas[0]["led"] = {}
        town.unled |= dict.fromkeys(("old1", "old2", "house"), "no_anchor_known")

    assert true_of(nameless, unit="west") == {"no_anchor_known", "no_anchor_in_area"}
    assert "no_anchor_known" not in true_of(unit="west")


@pytest.mark.parametrize(
    ("rules", "is_told"), [(["R13"], False), (["R13", "R26"], False), (["R26"], True), ([], False)]
)
def test_the_rules_beside_a_reason_are_those_it_rests_on(rules, is_told):
    town = AreaTown()
    release("old1")(town)
    town.units.loc["old1", "floor_area_m2"] = 50_000
    town.unled["old1"] = "anchor_full"
    dataset, document = town.kept()
    row = next(row for row in document["unled"] if row["unit_id"] == "old1")
    row["rules"] = rules
    assert bool(list(check_unled(PlannedUnits(context_of(dataset, document))))) == is_told
