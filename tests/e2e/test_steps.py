"""The path of five steps, room on the page, words explained: by mouse and by keyboard, in narrow windows too."""

import re

import pytest
from playwright.sync_api import expect

REACHED = (
    "#exports summary",
    "#story-open",
    "#language",
    "#plan-line",
    *(f"#steps .path-step >> nth={k}" for k in range(5)),
)
"""What has to be in the window, however narrow it is."""


@pytest.fixture
def english(new_page, origin):
    """A page in the other language, for windows of other sizes and for what is remembered."""
    watched = new_page(origin)
    watched.page.set_viewport_size({"width": 1024, "height": 768})
    return watched.speak("en").open()


def test_each_step_has_its_page_of_controls(watched):
    page = watched.page
    steps = page.locator("#steps .path-step")
    for number, (name, control) in enumerate(
        [("导入", "导入数据"), ("检查", "待落图的小区"), ("规划", "做一个新方案"), (None, None), ("上报", "征求意见表")]
    ):
        if name is None:
            continue  # the editor has tests of its own
        steps.nth(number).click()
        expect(steps.nth(number)).to_have_attribute("aria-current", "step")
        expect(page.locator("#steps [aria-current]")).to_have_count(1)
        expect(page.locator(".step-page:visible h2")).to_contain_text(name)
        expect(page.locator(".step-page:visible")).to_contain_text(control)
        watched.shot(f"step-{number + 1}")
    steps.nth(2).click()
    page.get_by_role("button", name="做一个新方案").click()
    expect(page.locator(".plan-panel")).to_be_visible()
    expect(page.locator(".step-page:visible .step-actions")).to_contain_text("三个方案")
    steps.nth(1).click()
    expect(page.locator(".plan-panel")).to_be_hidden()  # the form belongs to its step
    page.locator(".to-table").first.click()
    expect(page.get_by_role("tab", name="待落图")).to_have_attribute("aria-selected", "true")
    steps.nth(2).click()


def test_the_drawer_of_tables_is_dragged_and_moved_by_keys(watched):
    page, tables = watched.page, watched.page.locator(".tables").first
    usual = tables.bounding_box()["height"]
    handle = page.locator(".drawer-handle")
    x, y = 600, handle.bounding_box()["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 120, steps=4)
    page.mouse.up()
    assert tables.bounding_box()["height"] == pytest.approx(usual + 120, abs=6)
    handle.press("ArrowDown")
    assert tables.bounding_box()["height"] == pytest.approx(usual + 80, abs=6)
    handle.press("End")
    assert tables.bounding_box()["height"] > 600
    watched.shot("drawer-full")
    handle.press("Home")
    assert tables.bounding_box()["height"] < 50
    page.get_by_role("tab", name="未划入").click()  # a table that is asked for is seen
    assert tables.bounding_box()["height"] == pytest.approx(usual, abs=2)
    page.locator("[data-drawer=half]").click()
    assert tables.bounding_box()["height"] == pytest.approx(384, abs=2)
    page.locator("[data-drawer=usual]").click()


def test_near_a_street_the_way_back_to_the_city_is_seen(watched):
    page, crumbs = watched.page, watched.page.locator("#crumbs")
    view = "document.querySelector('.map-box').mapView"
    watched.whole()
    expect(crumbs).to_be_hidden()
    page.mouse.move(*watched.place_of(3))
    expect(page.locator(".map-card")).to_be_visible()
    page.evaluate(f"{view}.map.jumpTo({{ center: {view}.map.getCenter(), zoom: {view}.map.getZoom() + 1.5 }}); 0")
    expect(crumbs).to_have_text(re.compile("^全市 › [东西]街道$"))
    expect(page.locator(".map-card")).to_be_hidden()  # what was under the pointer is not there any more
    page.locator(".crumb-whole").click()
    expect(crumbs).to_be_hidden()
    watched.whole()


def test_the_form_leaves_the_buttons_of_the_map(watched):
    page = watched.page
    page.locator("#steps .path-step").nth(2).click()
    if not page.locator(".plan-panel").is_visible():
        page.locator("#steps .path-step").nth(2).click()
    expect(page.locator(".plan-panel")).to_be_visible()
    expect(page.locator("#correct-open")).to_be_visible()
    page.wait_for_function("() => document.documentElement.dataset.planner === 'open'")
    form = page.locator(".plan-panel").bounding_box()["x"]
    for one in ("#correct-open", "#print-open", ".maplibregl-ctrl-zoom-in"):
        box = page.locator(one).bounding_box()
        assert box["x"] + box["width"] <= form, one
    page.locator("#steps .path-step").nth(1).click()
    page.locator("#steps .path-step").nth(2).click()
    expect(page.locator(".plan-panel")).to_be_hidden()


def test_a_word_is_explained_at_the_word(watched):
    tip, word = watched.page.locator("#term-tip"), watched.page.locator(".panel .term").first
    word.focus()
    expect(tip).to_be_visible()
    assert word.get_attribute("aria-describedby") == "term-tip"
    watched.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    word.hover()
    expect(tip).to_be_visible()
    watched.page.mouse.move(700, 20)
    word.evaluate("(node) => node.blur()")


def test_everything_is_reached_in_a_narrow_window_and_what_was_folded_stays_folded(english):
    page = english.page
    for width, height in ((1024, 768), (911, 512)):  # the second: 1366 × 768 at 150 %
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        for one in REACHED:
            box = page.locator(one).bounding_box()
            assert box["x"] >= 0, one
            assert box["x"] + box["width"] <= width, one
        english.shot(f"narrow-{width}")
    expect(page.locator("#search-input")).to_be_hidden()  # the left panel is folded where there is no room

    # what was folded stays folded
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.locator("#search-input")).to_be_visible()
    page.locator(".fold-left").click()
    page.locator(".fold-right").press("Enter")
    page.locator("[data-drawer=half]").click()
    page.evaluate("document.querySelector('.map-box').mapView.goTo({center: [110.1, 40.6], zoom: 13})")
    page.reload()
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    expect(page.locator("#search-input")).to_be_hidden()
    expect(page.locator(".cards")).to_be_hidden()
    expect(page.locator("[data-drawer=half]")).to_have_attribute("aria-pressed", "true")
    where = page.evaluate("document.querySelector('.map-box').mapView.where()")
    assert where["zoom"] == pytest.approx(13)  # and the place on the map
    assert where["center"] == pytest.approx([110.1, 40.6])
    english.shot("folded")
    page.locator(".fold-left").click()
    page.locator(".hover-switch").click()
    expect(page.locator(".hover-switch")).to_have_attribute("aria-checked", "false")
    assert page.evaluate("document.documentElement.dataset.hover") == "off"
    expect(page.locator("#page")).to_have_class(re.compile("step-plan"))
    english.clean()
