"""Operators, companies, and windows of areas with leaders inside, as the tables have them."""

import pytest

from analysis.bundling.verify.statements.leading import (
    check_area_statements,
    find_unled,
    households_led_by_old,
    levels_of_leading,
)
from tests.analysis.bundling.drawn_data import context_of
from tests.analysis.bundling.verify.area_town import AreaTown, led_by


def context(*changes, after=None):
    town = AreaTown()
    for change in changes:
        change(town)
    dataset, document = town.kept()
    if after:
        after(document)
    return context_of(dataset, document)


def served(**companies):
    def change(town):
        for unit, company in companies.items():
            town.units.loc[unit, "company_id"] = company

    return change


def told(case):
    return [violation.sentence_en.split("(")[1].split(")")[0] for violation in check_area_statements(case)]


def test_the_operator_serves_most_floor_area_not_most_units():
    """pro has 50,000 m², new and west together 62,000."""
    case = context(served(pro="k9", new="k1", west="k1"))
    assert case.plan.areas[1].operator == "k1"
    assert told(case) == []
    other = context(served(pro="k9", new="k1", west="k1"), after=lambda p: p["areas"][1].update(operator="k9"))
    assert told(other) == ["operator"]


def test_of_two_companies_with_as_much_the_smaller_id_operates():
    case = served(mid="k2", west="k1")
    assert told(context(case)) == []
    assert told(context(case, after=lambda p: p["areas"][1].update(operator="k2"))) == ["operator"]


def test_an_operator_is_believed_where_rounding_leaves_it_open():
    def half_a_metre(town):
        town.units["floor_area_m2"] = town.units["floor_area_m2"].astype(float)
        town.units.loc["mid", "floor_area_m2"] = 32_000.4

    case = context(served(mid="k2", west="k1"), half_a_metre, after=lambda p: p["areas"][1].update(operator="k1"))
    assert told(case) == []


def test_units_that_nobody_leads_are_those_that_ask_for_a_leader():
    case = context()
    assert find_unled(case) == ["east", "mid", "west"]
    assert levels_of_leading(case) == {
        "unled_households": 1200,
        "not_led_households": 1350,
        "areas_outside_preferred": 1,
        "areas": 2,
    }


@pytest.mark.parametrize(("year", "households"), [(1999, 420), (2012, 0), (None, 0)])
def test_leaders_are_old_by_the_year_they_were_built(year, households):
    def built(town):
        town.units.loc["lead", "built_year"] = year
        town.units.loc["lead", "is_old"] = None

    assert households_led_by_old(context(built)) == households


def test_a_unit_that_nobody_leads_any_more_asks_again():
    def leave(town):
        del town.areas[0]["led"]["old2"]
        town.unled["old2"] = "could_be_led"

    assert find_unled(context(leave)) == ["east", "mid", "old2", "west"]
    assert find_unled(context(leave, lambda town: led_by(town, "lead", "old2"))) == ["east", "mid", "west"]
