"""Every rule of a plan has a name; values are told in the unit of their rule."""

import pytest

from analysis.bundling.verify.base.rule_labels import rule_label, value_text
from analysis.bundling.verify.base.schema import RulesPart
from geo.messages import Sentence


@pytest.mark.parametrize("rule", sorted(RulesPart.model_fields))
def test_every_rule_has_a_name_in_chinese(rule):
    assert rule_label(rule).zh != rule


def test_a_year_is_no_number_of_thousands():
    assert value_text(2000, "old_until_year") == Sentence("2000 年", "2000")
    assert value_text(1500.0, "reach_m") == Sentence("1,500 m", "1,500 m")


def test_a_bound_is_told_as_it_is_written():
    assert value_text({"weight": "members", "lower": 3, "upper": None}).en == "members=3:"
