"""What the charts say is what the figures say."""

from dataclasses import replace

import pytest

from analysis.figures.figure import CURRENT
from analysis.indicators.registry import THEMES
from app.i18n import load_words
from app.indicators.charts import make_charts
from app.web.layout.figures.charts import charts_view
from app.workbench.scenario import BASE_SCENARIO, select_figures

ZH = load_words("zh")


def charts(bench, data, key, level="unit"):
    theme = data.theme(key)
    return {chart.key: chart for chart in make_charts(bench, theme, theme.bands, level, ZH)}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_the_spread_of_every_theme_counts_every_unit(bench, data, theme):
    found = charts(bench, data, theme.key)
    assert sum(bar.value for bar in found["spread"].bars) == len(bench.units)
    assert ("ranking" in found) == (theme.indicator_key is not None)
    assert len(charts_view(tuple(found.values()), ZH)) == len(found)


def test_the_ranking_begins_with_the_place_farthest_from_the_target(bench, data):
    told = {
        figure.value
        for figure in select_figures(bench, BASE_SCENARIO, "street")
        if figure.key == "professional_coverage_rate" and figure.roster == CURRENT and figure.value is not None
    }
    chart = charts(bench, data, "professional_coverage")["ranking"]
    assert [bar.value for bar in chart.bars] == sorted(told)
    assert chart.target[0] == 0.82
    load = charts(bench, data, "ebike_ports")["ranking"]
    assert [bar.value for bar in load.bars] == sorted((b.value for b in load.bars), reverse=True)


def test_progress_shows_each_year_of_the_policy_and_what_is_still_needed(bench, data):
    chart = charts(bench, data, "professional_coverage")["progress"]
    assert [bar.value for bar in chart.bars[1:]] == [0.80, 0.82, 0.90]
    assert "2027" in chart.note


def test_without_a_target_there_is_no_progress(bench, data):
    assert "progress" not in charts(bench, data, "built_year")


def test_a_chart_without_bars_says_so(bench, data):
    chart = charts(bench, data, "professional_coverage")["ranking"]
    (empty,) = charts_view((replace(chart, bars=()),), ZH)
    assert "没有数据可画" in str(empty)
    assert "Graph" not in str(empty)
