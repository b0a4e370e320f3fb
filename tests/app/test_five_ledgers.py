"""Ledgers of the shapes bureaus send: units, walls, indicators and questions of each."""

import pytest

from tests.app.five_ledgers import CASES, PAGE, bring, print_table, renew


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return {case.key: bring(case, tmp_path_factory.mktemp(case.key)) for case in CASES}


@pytest.mark.full
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_every_community_becomes_a_unit_and_nothing_is_an_error(outcomes, case):
    found = outcomes[case.key]
    assert (found.units, found.errors) == (8, 0)


def test_one_sheet_for_everything_gives_the_charging_figures_and_a_wall_between_streets(outcomes):
    found = outcomes["everything"]
    assert (found.asked, found.placed, found.walls, found.joined) == (("datum",), 8, 2, 6)
    assert {"T22", "T25a", "T25b", "G04", "G05"} <= set(found.indicators)
    assert {"ebike_stock", "ebike_sites", "parking", "contracts", "companies"} <= set(found.layers)


def test_names_of_streets_are_walls_without_a_single_question(outcomes):
    found = outcomes["streets"]
    assert (found.asked, found.walls, found.placed) == ((), 2, 0)  # four ways to write two streets
    assert {"G03", "G04", "G05", "T13a"} <= set(found.indicators)


def test_points_alone_are_neighbours_and_have_no_indicator(outcomes):
    found = outcomes["points"]
    assert (found.asked, found.placed, found.walls, found.indicators) == (("datum",), 8, 0, ())
    assert found.joined > 0


def test_two_districts_with_headers_of_their_own_are_one_dataset(outcomes):
    found = outcomes["districts"]
    assert (found.asked, found.walls) == ((), 2)
    assert set(found.layers) == {"companies", "ebike_sites", "ebike_stock"}
    assert "G05" in found.indicators


def test_another_city_is_read_by_what_its_values_say(outcomes):
    found = outcomes["elsewhere"]
    assert (found.asked, found.walls, found.placed) == (("datum",), 2, 8)
    assert {"G03", "G05", "T13a"} <= set(found.indicators)


def test_merged_cells_pairs_of_degrees_and_dates_in_numerals_are_read(outcomes):
    found = outcomes["merged"]
    assert (found.asked, found.placed, found.walls, found.joined) == (("datum",), 8, 2, 6)
    assert set(found.layers) == {"companies", "contracts", "owners_bodies"}
    assert {"G03", "G04", "G05", "G06", "T13a"} <= set(found.indicators)


def test_degrees_that_are_exchanged_are_put_right(outcomes):
    found = outcomes["exchanged"]
    assert (found.asked, found.placed, found.walls, found.joined) == (("datum",), 8, 2, 6)
    assert {"contracts", "ebike_sites", "ebike_stock", "parking"} <= set(found.layers)
    assert {"T25a", "T25b", "T25c"} <= set(found.indicators)


def test_the_page_shows_todays_outcomes(outcomes):
    """Otherwise: python -m tests.app.five_ledgers."""
    page = PAGE.read_text(encoding="utf-8")
    assert renew(page, print_table(outcomes)) == page
