"""Everything about a unit: nothing made up, nothing left out, and its indicators add up to the city's."""

import pytest

from analysis.figures.figure import CURRENT
from analysis.indicators.registry import REGISTRY, facts_by_roster
from analysis.indicators.scoreboard import score
from analysis.indicators.unit_status import list_unit_statuses
from app.desks.selection.unit_facts import POLICY_OF, list_unit_facts
from app.i18n import LANGUAGES, load_words
from app.web.layout.figures.facts import facts_view

ZH = load_words("zh")


@pytest.fixture(scope="module")
def board(bench):
    return score(facts_by_roster(bench.layers, bench.policy, year=2026), levels=("city",))


def test_what_units_contribute_adds_up_to_the_figure_of_the_city(bench, board):
    tops, bottoms = {}, {}
    for unit in bench.units["unit_id"]:
        for one in list_unit_statuses(board, unit):
            key = (one.indicator.key, one.roster)
            tops[key] = tops.get(key, 0) + (one.top or 0)
            bottoms[key] = bottoms.get(key, 0) + (one.bottom or 0)
    checked = 0
    for figure in board.figures:
        key = (figure.key, figure.roster)
        if figure.value is None or key not in tops:
            continue
        checked += 1
        assert tops[key] == pytest.approx(figure.numerator)
        if figure.unit in ("ratio", "bikes/port"):
            assert bottoms[key] == pytest.approx(figure.denominator)
    assert checked > 6


def test_a_unit_counts_in_a_figure_when_it_is_behind_it(bench, board):
    figure = next(f for f in board.figures if f.key == "professional_coverage_rate" and f.roster == CURRENT)
    for unit in bench.units["unit_id"]:
        own = {one.indicator.key: one.part for one in list_unit_statuses(board, unit)}
        assert (own["professional_coverage_rate"] == "counted") == (unit in figure.unit_ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_can_be_told_in_every_language(bench, language):
    words = load_words(language)
    for position in range(0, len(bench.units), 7):
        sections = list_unit_facts(bench, position, words)
        assert facts_view("x", sections, words)
        assert len(sections) >= 5


def test_a_missing_figure_is_said_to_be_missing_and_an_estimate_to_be_one(bench):
    for position, quality in enumerate(bench.units["households_quality"]):
        built = next(s for s in list_unit_facts(bench, position, ZH) if s.title == ZH("facts.built"))
        fact = next(f for f in built.facts if f.label == ZH("field.households"))
        assert fact.source == ZH(f"quality.{quality}")
        assert (fact.value == ZH("card.not_known")) == (quality == "missing")


def test_rules_are_told_with_their_tags(bench):
    facts = list_unit_facts(bench, 0, ZH)[-1].facts
    tags = {tag for fact in facts for tag in fact.tags}
    assert "S 总体要求" in tags
    assert any(tag.startswith("X") for tag in tags)


def test_the_table_of_policy_values_knows_its_keys(bench):
    assert set(POLICY_OF) <= {indicator.key for indicator in REGISTRY}
    assert {key for keys in POLICY_OF.values() for key in keys} <= set(bench.policy.entries)
