"""What a reader turns moves what depends on it, and nothing a browser sends is taken on trust."""

from dataclasses import replace

import pytest

from analysis.indicators.registry import compute_indicators
from app.i18n import load_words
from app.indicators.coverages import make_coverage_rows
from app.indicators.scorecard import make_indicator_views
from app.web.layout.figures.cards import figure_sections
from app.workbench.scenario import (
    BASE_SCENARIO,
    MODES,
    PAGE_KEYS,
    Scenario,
    list_editable_entries,
    list_numerator_units,
    list_years,
    read_scenario,
    select_figures,
)

ZH = load_words("zh")


WIDER = Scenario(changes=((MODES, ("professional", "standard_grade", "quasi")),))


@pytest.mark.parametrize("choice", [BASE_SCENARIO, Scenario(2027), WIDER])
def test_the_figures_are_those_of_the_indicators(bench, choice):
    policy = bench.policy.replaced(dict(choice.changes))
    for level in ("city", "street"):
        asked = {"level": level, "year": choice.year or 2026, "as_of": "2026-06-30"}
        assert select_figures(bench, choice, level) == compute_indicators(bench.layers, policy, keys=PAGE_KEYS, **asked)


def test_the_year_moves_the_targets_alone(bench):
    now, later = (select_figures(bench, Scenario(year), "city") for year in (None, 2027))
    assert [f.value for f in now] == [f.value for f in later]
    g05 = {f.year: f.target for f in (*now, *later) if f.id == "G05"}
    assert g05 == {2026: 0.82, 2027: 0.90}


def test_the_switch_shows_the_original_beside_what_it_moves(bench):
    before = {v.name: v.value for v in make_indicator_views(bench, ZH)}
    views = {v.name: v for v in make_indicator_views(bench, ZH, WIDER)}
    moved = {name for name, view in views.items() if view.original}
    assert moved == {"整体专业化物业管理覆盖率", "无专业物业管理的单体独栋住宅"}
    assert {name: views[name].original for name in moved} == {name: before[name] for name in moved}
    (row,) = [r for r in make_coverage_rows(bench, ZH, "city", WIDER) if "基线" not in r.name]
    assert [bool(cell.original) for cell in row.cells] == [False, True, False, False, False]
    assert "原 " in str(figure_sections(bench, ZH, WIDER))
    assert "原 " not in str(figure_sections(bench, ZH))


def test_the_units_behind_a_figure_are_those_of_its_numerator(bench):
    modes = bench.units["management_mode"]
    for choice, counted in ((BASE_SCENARIO, ["professional"]), (WIDER, ["professional", "quasi"])):
        behind = list_numerator_units(bench, choice, "professional_coverage_rate")
        assert behind == [i for i, mode in enumerate(modes) if mode in counted]
    assert list_numerator_units(bench, BASE_SCENARIO, "no_such_key") == []


def test_the_ports_lacking_follow_the_assumption_about_bikes(bench):
    stock = bench.layers["ebike_stock"].iloc[:20]  # the others' bikes nobody counted
    town = replace(bench, context=replace(bench.context, layers={**bench.layers, "ebike_stock": stock}))
    few, many = (
        next(v.note for v in make_indicator_views(town, ZH, Scenario(changes=changes)) if v.note)
        for changes in ((), (("ebike.bikes_per_household", 2.0),))
    )
    assert few != many
    assert "原" in many


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"year": 1999},
        {"modes": "all"},
        {"values": {"target.G05": 0.1}},
        {"values": {"no": 1}},
        {"values": {"indicator.new_since_year": "x"}},
        {"values": {"indicator.new_since_year": -4}},
        {"values": {"indicator.old_includes_single_buildings": 3}},
        {"year": 2026},
    ],
)
def test_what_makes_no_sense_changes_nothing(bench, told):
    assert read_scenario(bench, told) == BASE_SCENARIO


def test_modes_that_are_none_are_left_out_and_order_does_not_matter(bench):
    told = {"modes": ["quasi", "standard_grade", "professional", "none", "<b>"]}
    assert read_scenario(bench, told) == WIDER
    original = {"modes": list(reversed(bench.policy.value(MODES)))}
    assert read_scenario(bench, original) == BASE_SCENARIO


def test_only_editable_values_may_be_tried(bench):
    assert all(entry.editable for entry in list_editable_entries(bench.policy))
    assert {"A", "X", "S", "K"} >= {entry.source[0] for entry in list_editable_entries(bench.policy)}
    assert list_years(bench) == [2025, 2026, 2027]
