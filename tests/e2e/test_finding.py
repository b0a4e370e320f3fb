"""Search, filter and the table of all units, used as a planner would, by mouse and by keyboard."""

import json
import re

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def plan(town):
    return json.loads(town[1].read_text(encoding="utf-8"))


@pytest.fixture
def finder(watched):
    yield watched
    clear = watched.page.locator("#filter-clear")
    if clear.is_visible():
        clear.click()
    watched.page.keyboard.press("Escape")
    watched.whole()


def dimmed(page):
    return page.evaluate("document.querySelector('.map-box').mapView.painted.map((state) => state.d)")


def test_a_slash_goes_to_the_search_and_enter_flies(finder, plan):
    finder.page.locator("#page").click(position={"x": 700, "y": 20})
    finder.page.keyboard.press("/")
    box = finder.page.locator("#search-input")
    expect(box).to_be_focused()
    finder.page.keyboard.type(plan["areas"][4]["name"])
    expect(finder.page.locator("#search-list [aria-selected=true]")).to_be_visible()
    finder.page.keyboard.press("Enter")
    expect(finder.page.locator("#selection-line")).to_contain_text(plan["areas"][4]["name"])
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(finder.page.locator("#map canvas")).to_be_focused()  # the next keys are the map's
    row = finder.page.locator(f"#grid-areas .ag-row[row-id='{plan['areas'][4]['area_id']}']").first
    expect(row).to_be_in_viewport()


def test_a_street_that_was_found_is_outlined_until_something_else_is_chosen(finder):
    outline = finder.page.locator(".map-marks .found")
    finder.page.locator("#search-input").fill("西街道")
    finder.page.keyboard.press("Enter")
    expect(outline).to_have_attribute("d", re.compile("^M"))
    finder.shot("search-street")
    finder.page.locator("#grid-areas .ag-row .ag-cell").first.click()
    expect(outline).to_have_attribute("d", "")


def test_what_is_typed_into_a_list_and_confirmed_is_taken(finder):
    finder.page.locator(".filter summary").click()
    street = finder.page.locator(".filter input").first
    street.fill("西街")
    street.press("Enter")
    expect(finder.page.locator(".filter .mantine-MultiSelect-pill")).to_have_text("西街道")
    finder.page.locator("#filter-clear").click()
    expect(finder.page.locator(".filter .mantine-MultiSelect-pill")).to_have_count(0)
    finder.page.keyboard.press("Escape")
    finder.page.locator(".filter summary").click()


def test_names_are_found_by_first_letters_and_by_pinyin(finder):
    options = finder.page.locator("#search-list [role=option]")
    for typed in ("xjd", "xijiedao", "jiedao"):
        finder.page.locator("#search-input").fill(typed)
        expect(options.filter(has_text="西街道").first).to_be_visible()
    finder.shot("search")
    finder.page.locator("#search-input").fill("没有这个地方")
    expect(finder.page.locator(".search-count")).to_have_text("没有找到")
    finder.page.locator("#search-input").fill("")


def test_a_company_filters_its_units_and_clear_brings_all_back(finder):
    finder.page.locator("#search-input").fill("qcwy")
    finder.page.keyboard.press("Enter")
    expect(finder.page.locator("#filter-told")).to_contain_text("晴川物业")
    finder.settle()
    assert 0 < sum(dimmed(finder.page)) < len(dimmed(finder.page))
    finder.page.locator("#filter-clear").click()
    expect(finder.page.locator("#filter-told")).to_be_empty()
    finder.settle()
    assert sum(dimmed(finder.page)) == 0


def test_a_filter_dims_the_map_and_shortens_the_table_alike(finder):
    finder.page.get_by_role("tab", name="全部单元").click()
    grid = finder.page.locator("#grid-units")
    expect(grid.locator(".ag-row").first).to_be_visible()
    finder.page.locator(".filter summary").click()
    finder.page.get_by_label("户数: 不小于").fill("500")
    told = finder.page.locator("#filter-told")
    expect(told).to_contain_text("/")
    finder.settle()
    kept, all_units = (int(part) for part in told.inner_text().split("个")[0].split("/"))
    assert dimmed(finder.page).count(0) == kept < all_units
    count = "dash_ag_grid.getApi('grid-units').getDisplayedRowCount()"
    assert finder.page.evaluate(count) == kept
    finder.shot("filtered")
    finder.page.locator("#filter-clear").click()
    expect(told).to_be_empty()
    finder.settle()
    assert finder.page.evaluate(count) == all_units
    finder.page.locator(".filter summary").click()


def test_rows_of_all_units_and_the_map_select_each_other(finder, plan):
    finder.page.get_by_role("tab", name="全部单元").click()
    row = finder.page.locator("#grid-units .ag-row[row-index='3']").first
    expect(row).to_be_visible()
    name = row.locator("[col-id=name]").inner_text()
    row.locator(".ag-cell").first.click()
    expect(finder.page.locator("#selection-line")).to_contain_text(name)
    finder.whole()
    from_map = plan["areas"][2]["unit_ids"][0]
    index = finder.page.evaluate(
        "fetch(JSON.parse(document.getElementById('search').dataset.told).index).then((a) => a.json())"
    )
    finder.page.mouse.click(*finder.place_of(index["units"]["id"].index(from_map)))
    expect(finder.page.locator("#grid-units .ag-row-selected").first).to_have_attribute("row-id", from_map)
    expect(finder.page.get_by_role("tab", name="全部单元")).to_have_attribute("aria-selected", "true")


def test_everything_about_a_unit_opens_by_key_with_its_sources(finder, plan):
    finder.page.get_by_role("tab").first.click()
    finder.page.locator("#grid-areas .ag-row .ag-cell").first.click()
    expect(finder.page.locator("#facts-open")).to_be_hidden()
    finder.page.get_by_role("tab", name="全部单元").click()
    finder.page.locator("#grid-units .ag-row .ag-cell").first.click()
    expect(finder.page.locator("#facts-open")).to_be_visible()
    finder.page.locator("#selection-line").click()
    finder.page.keyboard.press("i")
    drawer = finder.page.locator("#facts")
    for text in ("户数", "管理方式", "整体专业化物业管理覆盖率", "[S 总体要求]"):
        expect(drawer).to_contain_text(text)
    finder.page.wait_for_timeout(400)
    finder.shot("unit-facts")
    finder.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
