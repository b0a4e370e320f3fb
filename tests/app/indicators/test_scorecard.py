"""Figures of the page are those of the analysis, with their sources."""

import pytest

from analysis.indicators.coverage import is_professional
from analysis.indicators.registry import HEADLINES, compute_indicators
from app.i18n import LANGUAGES, load_words
from app.indicators.scorecard import make_indicator_views, make_leading_views, summarise_plan
from app.workbench.scenario import compute_plan_coverage


def test_indicators_show_numerator_and_denominator_of_analysis(bench):
    views = make_indicator_views(bench, load_words("en"))
    figures = compute_indicators(bench.layers, bench.policy, level="city", year=2026, keys=HEADLINES)
    for view, figure in zip(views, figures, strict=True):
        assert f"{round(figure.numerator):,}" in view.fraction
        assert f"{round(figure.denominator):,}" in view.fraction


@pytest.mark.parametrize("language", LANGUAGES)
def test_headlines_of_a_plan_with_leaders_say_what_it_brings_and_leaves(led_bench, language):
    words = load_words(language)
    summary = summarise_plan(led_bench)
    views = {view.key: view for view in make_leading_views(led_bench, summary, words)}
    households = led_bench.units["households"].fillna(0)
    led = int(households.iloc[list(led_bench.leaders)].sum())
    unled = int(households.iloc[list(led_bench.unled_reasons)].sum())
    assert views["plan.led"].value == words("unit.households", n=f"{led:,}")
    assert views["plan.unled"].value == words("unit.households", n=f"{unled:,}")
    assert words("plan.led_bound", n=f"{led + 200:,}") in views["plan.led"].notes  # not led: 1,600, never below 1,400
    inside = sum(not area["outside_preferred"] for area in led_bench.areas)
    assert views["plan.inside_preferred"].value == f"{inside} / {len(led_bench.areas)}"
    assert len(views["plan.inside_preferred"].notes) == 1  # a bound of nought says nothing
    assert " → " in views["plan.coverage"].value


def test_coverage_after_a_plan_with_leaders_counts_the_led_alone(led_bench):
    now, after = compute_plan_coverage(led_bench)
    served = is_professional(led_bench.units, led_bench.policy)
    gained = sum(not served.iloc[unit] for unit in led_bench.leaders)
    assert after.numerator - now.numerator == gained
