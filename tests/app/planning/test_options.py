"""One table of what a planner may choose: the command line, a request of the page and the run read it."""

import inspect
import json
from dataclasses import fields

import pytest

from analysis.bundling.model.rules import rules_from_policy
from app.cli.plan import plan
from app.planning.options import OPTIONS, PlanOptions, option_of, read_options
from app.planning.request import read_request
from geo.errors import UsageError
from tests.options_page import PAGE, renew


def test_the_command_line_takes_every_choice():
    parameters = inspect.signature(plan).parameters
    assert {one.name for one in OPTIONS} <= set(parameters)
    assert {field.name for field in fields(PlanOptions)} - {one.name for one in OPTIONS} == {"relaxed"}


def test_every_rule_it_becomes_is_an_argument_of_the_rules():
    assert set(PlanOptions().rules) <= set(inspect.signature(rules_from_policy).parameters)


def test_options_come_back_from_json():
    options = PlanOptions(streets=("s1", "s2"), bounds=("members=3:",), relaxed=(("anchor.radius_m", 900),))
    assert read_options(json.loads(json.dumps(options.record))) == options


@pytest.mark.parametrize("name", [one.name for one in OPTIONS if one.option.page is None])
def test_what_the_page_does_not_offer_it_may_not_ask_for(name):
    with pytest.raises(UsageError):
        read_request({"name": "甲", name: 1}) if name != "start" else read_request({"name": "甲", name: 1.5})


@pytest.mark.parametrize("name", ["lower", "upper", "areas", "seconds", "opening", "seed"])
def test_a_number_out_of_range_is_named_in_both_languages(name):
    zh, en = option_of(name).option.label
    with pytest.raises(UsageError) as told:
        read_request({"name": "甲", name: -1})
    assert zh in told.value.zh
    assert en in told.value.en


def test_the_page_of_plans_lists_todays_options():
    """Otherwise: python -m tests.options_page."""
    page = PAGE.read_text(encoding="utf-8")
    assert renew(page) == page
