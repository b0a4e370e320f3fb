"""What is selected: the same by map, by table and by keyboard; nothing where nothing is."""

import pytest

from analysis.bundling.document.reasons import REASONS
from app.desks.plans.tables import make_area_rows
from app.desks.selection.selected import (
    NOTHING,
    Selection,
    find_target_bounds,
    format_selection,
    list_selected_rows,
    read_selection,
)
from app.i18n import load_words
from tests.app.opened import open_workbench

TABLES = {"areas": "grid-a", "left_over": "grid-l", "out_of_scope": "grid-o"}


def chosen(bench, **told):
    return read_selection(
        bench, {key.replace("_", "-"): value for key, value in told.items()}, map_id="map", tables=TABLES
    )


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
    assert format_selection(bench, Selection(unit=0), load_words("zh"))


def test_the_tree_of_leaders_selects_areas_and_units(led_bench):
    area, unit = led_bench.areas[0]["area_id"], led_bench.plan["unled"][0]["unit_id"]
    tables = {"leading": "grid-leading"}
    found = read_selection(led_bench, {"grid-leading": {"rowId": area}}, map_id="map", tables=tables)
    assert found.area == 0
    found = read_selection(led_bench, {"grid-leading": {"rowId": unit}}, map_id="map", tables=tables)
    assert found.unit == led_bench.position_of[unit]
    assert list_selected_rows(led_bench, found)["unled"] == [unit]
