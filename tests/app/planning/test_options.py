"""One table of what a planner may choose: the command line, a request of the page and the run read it."""

import inspect
import json
from dataclasses import fields

from analysis.bundling.model.rules import rules_from_policy
from app.cli.plan import plan
from app.planning.options import OPTIONS, PlanOptions, read_options
from tests.options_page import HEADS, PAGES, renew


def test_the_command_line_takes_every_choice():
    parameters = inspect.signature(plan).parameters
    assert {one.name for one in OPTIONS} <= set(parameters)
    assert {field.name for field in fields(PlanOptions)} - {one.name for one in OPTIONS} == {"relaxed", "clock"}


def test_every_rule_it_becomes_is_an_argument_of_the_rules():
    assert set(PlanOptions().rules) <= set(inspect.signature(rules_from_policy).parameters)


def test_options_come_back_from_json():
    options = PlanOptions(streets=("s1", "s2"), bounds=("members=3:",), relaxed=(("anchor.radius_m", 900),))
    assert read_options(json.loads(json.dumps(options.record))) == options


def test_the_page_of_plans_lists_todays_options():
    """Otherwise: python -m tests.options_page."""
    for language in HEADS:
        page = (PAGES / language / "plan-options.md").read_text(encoding="utf-8")
        assert renew(page, language) == page
