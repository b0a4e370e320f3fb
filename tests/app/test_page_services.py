"""Tables, figures and selection say what the plan and the indicators say."""

import pytest

from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.summary import is_within_bounds, summarise
from analysis.indicators.registry import HEADLINES, compute_indicators
from app.desks.plans.tables import make_area_rows, make_reason_rows
from app.desks.selection.selected import (
    NOTHING,
    Selection,
    find_target_bounds,
    format_selection,
    list_selected_rows,
    read_selection,
)
from app.i18n import LANGUAGES, load_words
from app.indicators.scorecard import format_rules, make_indicator_views
from tests.app.opened import open_workbench

TABLES = {"areas": "grid-a", "left_over": "grid-l", "out_of_scope": "grid-o"}


def chosen(bench, **told):
    return read_selection(
        bench, {key.replace("_", "-"): value for key, value in told.items()}, map_id="map", tables=TABLES
    )


def test_the_table_of_areas_is_the_plan(bench):
    rows = make_area_rows(bench, load_words("zh"))
    assert [row["id"] for row in rows] == [area["area_id"] for area in bench.areas]
    assert sum(row["units"] for row in rows) == int((bench.area_of >= 0).sum())
    for row, area in zip(rows, bench.areas, strict=True):
        kept = is_within_bounds(area, bench.plan["rules"])
        assert row["within"] == {True: "符合", False: "超出", None: "按牵头能力"}[kept]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["left_over", "out_of_scope"])
def test_every_unit_without_an_area_has_its_sentence(bench, which, language):
    words = load_words(language)
    rows = make_reason_rows(bench, words, which)
    assert [row["id"] for row in rows] == [row["unit_id"] for row in bench.plan[which]]
    for row, told in zip(rows, bench.plan[which], strict=True):
        reason = REASONS[told["reason"]]
        assert row["reason"] == words.pick(reason.zh, reason.en)


def test_the_summary_counts_every_placed_unit_once(bench):
    found = summarise(bench.plan, bench.units)
    out = sum(count.units for count in found.out_of_scope)
    assert found.area_units + found.left_over_units + out == len(bench.units)
    assert found.area_households == sum(area["households"] for area in bench.areas)


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


def test_map_and_table_choose_the_same_area(bench, data):
    by_row = chosen(bench, grid_a={"rowId": bench.areas[3]["area_id"]})
    by_map = chosen(bench, map={"area": 3, "unit": None, "n": 1})
    assert (by_row.area, by_map.area) == (3, 3)
    assert find_target_bounds(data, by_row) == list(data.area_bounds[3])
    assert find_target_bounds(data, by_map) is None
    assert list_selected_rows(bench, by_row) == list_selected_rows(bench, by_map)


def test_the_keyboard_chooses_like_the_mouse(bench):
    unit = bench.plan["left_over"][0]["unit_id"]
    by_key = chosen(bench, keys={"table": "grid-l", "rowId": unit, "n": 1})
    assert by_key == chosen(bench, grid_l={"rowId": unit})
    assert list_selected_rows(bench, by_key)["left_over"] == [unit]
    assert REASONS[bench.plan["left_over"][0]["reason"]].zh in format_selection(bench, by_key, load_words("zh"))


@pytest.mark.parametrize("area", [-1, 10**9, "x", None, [0]])
def test_positions_that_do_not_exist_select_nothing(bench, area):
    assert chosen(bench, map={"area": area, "unit": area, "n": 1}) == NOTHING
    assert chosen(bench, grid_a={"rowId": area}) == NOTHING


def test_without_a_plan_the_page_shows_the_dataset(town):
    bench = open_workbench(town[0], None)
    assert make_area_rows(bench, load_words("zh")) == []
    assert format_rules(bench, load_words("zh")) == []
    assert format_selection(bench, Selection(unit=0), load_words("zh"))
