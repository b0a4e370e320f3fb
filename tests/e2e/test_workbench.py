"""The page in a real browser with the network closed, used as a planner would."""

import json

import pytest
from playwright.sync_api import expect

from analysis.bundling.document.reasons import REASONS
from tests.e2e.desk import WAYS

SIZES = [(1920, 1080), (1366, 768)]
FITS = "document.documentElement.scrollWidth <= window.innerWidth"


@pytest.fixture(scope="module")
def plan(town):
    return json.loads(town[1].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def position_of(town):
    from geo.storage.dataset import open_dataset

    units = open_dataset(town[0]).layer("units")["unit_id"]
    return {unit: position for position, unit in enumerate(units)}


def large_unit(area):
    """A community of an area: big enough to be hit."""
    return next(unit for unit in area["unit_ids"] if unit.startswith("C"))


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_fits_the_screens_of_an_office(watched, width, height):
    watched.page.set_viewport_size({"width": width, "height": height})
    watched.whole()
    expect(watched.page).to_have_title("Pianqu 片区")
    expect(watched.page.locator("#demo-badge")).to_have_text("演示数据")
    assert watched.page.evaluate(FITS)
    watched.shot(f"workbench-zh-{width}x{height}")
    watched.page.set_viewport_size({"width": 1366, "height": 768})
    watched.whole()


def test_a_click_on_an_area_selects_its_row(watched, plan, position_of):
    for number in (2, 11):
        area = plan["areas"][number]
        watched.page.mouse.click(*watched.place_of(position_of[large_unit(area)]))
        row = watched.page.locator(f"#grid-areas .ag-row-selected[row-id='{area['area_id']}']")
        expect(row.first).to_be_visible()
        assert set(watched.selected_rows("grid-areas")) == {area["area_id"]}
        assert watched.marked_area() == number
        expect(watched.page.locator("#selection-line")).to_contain_text(area["name"])


def test_a_click_on_a_row_selects_the_area_and_moves_the_map(watched, plan):
    centre = "document.querySelector('.map-box').mapView.map.getCenter().toArray()"
    before = watched.page.evaluate(centre)
    watched.whole()
    row = watched.page.locator("#grid-areas .ag-row[row-index='1'] .ag-cell").first
    row.click()
    expect(watched.page.locator("#selection-line")).to_contain_text(plan["areas"][1]["name"])
    watched.settle()
    assert watched.marked_area() == 1
    assert watched.page.evaluate(centre) != before
    watched.shot("row-selected")
    watched.whole()


def test_a_row_is_chosen_by_keyboard(watched, plan):
    watched.page.locator("#grid-areas .ag-row[row-index='0'] .ag-cell").first.click()
    watched.page.keyboard.press("ArrowDown")
    watched.page.keyboard.press("Enter")
    expect(watched.page.locator("#selection-line")).to_contain_text(plan["areas"][1]["name"])
    watched.page.keyboard.press("?")
    keys = watched.page.locator("#page-keys")
    expect(keys).to_contain_text("打印图纸")
    watched.shot("keys")
    watched.page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    watched.whole()


def test_tabs_that_do_not_fit_are_reached_by_arrows_and_by_keys(watched):
    page = watched.page
    last, arrows = page.get_by_role("tab").last, page.locator(".tab-arrow")
    expect(last).not_to_be_in_viewport(ratio=0.9)
    expect(page.locator(".tab-strip")).to_have_attribute("data-more", "right")
    arrows.last.click()
    expect(last).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".tab-strip")).to_have_attribute("data-more", "left")
    watched.shot("tabs-end")
    arrows.first.click()
    expect(last).not_to_be_in_viewport(ratio=0.9)
    page.get_by_role("tab").first.focus()
    page.keyboard.press("End")
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport(ratio=0.9)


def test_themes_switch_by_key_and_by_click(watched):
    legend = watched.page.locator("#legend")
    expect(legend.locator(".band-area")).to_be_visible()
    watched.page.keyboard.press("3")
    expect(legend.locator(".band-no_ports")).to_be_visible()
    fills = "document.querySelector('.map-box').mapView.painted.map((state) => state.f)"
    charging = watched.page.evaluate(fills)
    watched.shot("theme-ebike")
    watched.page.locator("#theme-choices input").nth(1).click()
    expect(legend.locator(".band-professional")).to_be_visible()
    watched.settle()
    assert watched.page.evaluate(fills) != charging
    watched.shot("theme-coverage")
    watched.page.keyboard.press("4")
    expect(legend.locator(".band-not_applicable")).to_be_visible()
    watched.settle()
    watched.shot("theme-single-buildings")


def test_layers_are_switched_off_and_on(watched):
    visibility = "document.querySelector('.map-box').mapView.map.getLayoutProperty('railway', 'visibility')"
    box = watched.page.get_by_label("铁路、河流、快速路与通道")
    box.uncheck()
    watched.settle()
    assert watched.page.evaluate(visibility) == "none"
    box.check()
    watched.settle()
    assert watched.page.evaluate(visibility) == "visible"


def test_the_card_shows_beside_the_pointer(watched, plan, position_of):
    unit = large_unit(plan["areas"][5])
    watched.settle()
    x, y = watched.place_of(position_of[unit])
    card = watched.page.locator(".map-card")
    for step in range(100):  # a hand is never quite still
        watched.page.mouse.move(x + step % 2, y)
        watched.page.wait_for_timeout(200)
        if card.is_visible():
            break
    expect(card).to_be_visible()
    for text in ("户数", "建筑面积", "建成年份", "管理方式", plan["areas"][5]["name"]):
        expect(card).to_contain_text(text)
    watched.shot("hover-card")
    watched.page.mouse.move(20, 20)
    expect(card).to_be_hidden()


def test_the_card_of_reasons_is_beside_the_map_and_closes(watched, position_of, plan):
    page, map_box = watched.page, watched.page.locator(".map-box").bounding_box()
    card = page.locator("#explanation")
    for key in ("×", "Escape"):
        page.mouse.click(*watched.place_of(position_of[plan["areas"][1]["unit_ids"][0]]))
        expect(card.locator("h3")).to_be_visible()
        assert card.bounding_box()["x"] >= map_box["x"] + map_box["width"]
        watched.shot("reasons-beside")
        card.locator(".card-close").click() if key == "×" else page.keyboard.press(key)
        expect(card).to_be_hidden()
        expect(page.locator("#selection-line")).to_contain_text("未选中")


def test_what_is_left_over_says_why(watched, plan):
    watched.page.get_by_role("tab", name="未划入").click()
    first = plan["left_over"][0]
    row = watched.page.locator(f"#grid-left_over .ag-row[row-id='{first['unit_id']}']").first
    expect(row).to_contain_text(REASONS[first["reason"]].zh)
    row.locator(".ag-cell").first.click()
    expect(watched.page.locator("#selection-line")).to_contain_text(REASONS[first["reason"]].zh)
    watched.shot("left-over")
    watched.whole()


def test_a_click_on_a_unit_left_over_opens_its_table(watched, plan, position_of):
    unit = next(row["unit_id"] for row in plan["left_over"] if row["unit_id"].startswith("C"))
    watched.page.mouse.click(*watched.place_of(position_of[unit]))
    row = watched.page.locator(f"#grid-left_over .ag-row-selected[row-id='{unit}']").first
    expect(row).to_be_visible()


def test_the_language_switch_turns_everything_and_stays(new_page, origin):
    english = new_page(origin).open("/language/en")
    page = english.page
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("#demo-badge")).to_have_text("Demo data")
    expect(page.get_by_role("heading", name="Indicators")).to_be_visible()
    assert page.evaluate(FITS)
    english.shot("workbench-en-1366x768")
    page.keyboard.press("2")
    expect(page.locator("#legend .band-professional")).to_contain_text("Professional")
    page.get_by_label("切换到中文").click()
    expect(page.get_by_role("heading", name="指标")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    english.clean()


def test_figures_show_their_numerator_denominator_and_source(watched):
    figures = watched.page.locator(".indicator")
    assert figures.count() == 3
    for figure in figures.all():
        expect(figure.locator(".fraction")).to_contain_text("已知" if "栋" in figure.inner_text() else "÷")
        expect(figure.locator(".source")).to_contain_text("[S ")


def test_the_independent_check_is_shown(watched):
    """The town's plan was drawn by hand and breaks rules: the page says so, with the sentences."""
    verdict = watched.page.locator(".verified")
    expect(verdict).to_contain_text("独立核验")
    assert verdict.locator("li").count() > 0


def test_the_header_switches_the_way_of_working(watched):
    root = watched.page.locator("#page")
    watched.page.locator(WAYS["edit"]).click()
    watched.page.wait_for_selector("#page.mode-edit")
    assert "mode-explore" not in root.get_attribute("class")
    watched.page.locator(WAYS["explore"]).click()
    watched.page.wait_for_selector("#page.mode-explore")
