"""Figures of the page are those of the analysis, with their sources."""

from analysis.indicators.registry import HEADLINES, compute_indicators
from app.i18n import load_words
from app.indicators.scorecard import format_rules, make_indicator_views


def test_indicators_show_numerator_and_denominator_of_analysis(bench):
    views = make_indicator_views(bench, load_words("en"))
    figures = compute_indicators(bench.layers, bench.policy, level="city", year=2026, keys=HEADLINES)
    for view, figure in zip(views, figures, strict=True):
        assert f"{round(figure.numerator):,}" in view.fraction
        assert f"{round(figure.denominator):,}" in view.fraction


def test_every_rule_shown_has_its_source(bench):
    rules = format_rules(bench, load_words("zh"))
    assert rules
    assert all(source[0] in "SXKA" for _, _, source in rules)
