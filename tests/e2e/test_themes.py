"""Themes, classes and legend in a real browser: what a reader looks for stays, the rest gives way."""

import pytest
from playwright.sync_api import expect

FILLS = "document.querySelector('.map-box').mapView.painted.map((state) => [state.f, state.d])"


@pytest.fixture
def themes(watched):
    watched.page.locator(".more-themes").evaluate("(more) => { more.open = true; }")
    yield watched
    watched.page.locator("#level").get_by_text("单元", exact=True).click()
    watched.page.keyboard.press("1")


def test_every_theme_has_a_legend_whose_counts_are_the_units(themes):
    choices = themes.page.locator("#theme-choices input")
    assert choices.count() == 12
    for number in range(12):
        choices.nth(number).click()
        expect(themes.page.locator("#theme-choices input").nth(number)).to_be_checked()
        themes.settle()
        counts = themes.page.locator("#legend .legend-count").all_inner_texts()
        units = len(themes.page.evaluate(FILLS))
        assert sum(int(text.split()[0].replace(",", "")) for text in counts) == units
    themes.shot("theme-siting")


def test_a_click_on_a_class_dims_its_units_and_another_brings_them_back(themes):
    themes.page.keyboard.press("2")
    button = themes.page.locator("#legend .band-professional button")
    expect(button).to_have_attribute("aria-pressed", "true")
    fill = button.get_attribute("data-fills")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    themes.settle()
    states = themes.page.evaluate(FILLS)
    assert {f for f, d in states if d} == {fill}
    assert all(d for f, d in states if f == fill)
    themes.shot("legend-hidden")
    button.click()
    themes.settle()
    assert not any(d for _, d in themes.page.evaluate(FILLS))


def test_shift_shows_one_class_alone_and_another_theme_shows_all(themes):
    themes.page.keyboard.press("2")
    themes.page.locator("#legend .band-unmanaged button").click(modifiers=["Shift"])
    themes.settle()
    shown = {f for f, d in themes.page.evaluate(FILLS) if not d}
    assert len(shown) == 1
    themes.page.keyboard.press("5")
    expect(themes.page.locator("#legend .band-managed button")).to_have_attribute("aria-pressed", "true")
    themes.settle()
    assert not any(d for _, d in themes.page.evaluate(FILLS))


def test_numbers_may_be_put_into_classes_another_way(themes):
    themes.page.keyboard.press("2")
    expect(themes.page.locator("#legend .band-professional")).to_be_visible()
    expect(themes.page.locator("#classes-box")).to_be_hidden()
    themes.page.keyboard.press("0")
    expect(themes.page.locator("#classes-box")).to_be_visible()
    expect(themes.page.locator("#legend")).to_contain_text("老旧")
    before = themes.page.evaluate(FILLS)
    themes.page.locator("#classes").get_by_text("自然断点").click()
    expect(themes.page.locator("#legend")).to_contain_text("k-means")
    themes.settle()
    assert themes.page.evaluate(FILLS) != before
    themes.shot("classes-natural")
    themes.page.locator("#classes").get_by_text("政策档").click()
    expect(themes.page.locator("#legend")).to_contain_text("老旧")


def test_the_theme_of_neighbours_brings_its_lines_and_takes_them_away(themes):
    edges = themes.page.get_by_label("谁与谁相邻")
    before = edges.is_checked()
    themes.page.locator("#theme-choices input[value=neighbours]").click()
    expect(edges).to_be_checked()
    themes.page.keyboard.press("1")
    expect(edges).to_be_checked(checked=before)


def test_another_theme_is_drawn_once_and_what_the_server_adds_draws_nothing(themes):
    themes.page.evaluate(
        """() => {
            const { map } = document.querySelector(".map-box").mapView;
            window.frames_drawn = 0;
            map.on("render", () => { window.frames_drawn += 1; });
        }"""
    )
    themes.page.keyboard.press("2")
    expect(themes.page.locator("#legend .band-professional button")).to_be_visible()
    themes.page.wait_for_timeout(1000)
    assert 1 <= themes.page.evaluate("window.frames_drawn") <= 3


VIEW = "document.querySelector('.map-panel .map-box').mapView"


def test_from_afar_streets_are_coloured_and_a_click_opens_one(themes):
    page = themes.page
    page.locator("#level").get_by_text("随缩放", exact=True).click()
    page.evaluate(f"{VIEW}.map.jumpTo({{ zoom: 11 }}); 0")
    expect(page.locator("#legend")).to_contain_text("个街道")
    themes.settle()
    assert page.evaluate(f"[{VIEW}.draws('places-fill'), {VIEW}.draws('units-fill'), {VIEW}.draws('area-hair')]") == [
        True,
        False,
        True,
    ]
    themes.shot("streets-from-afar")
    box = page.locator(".map-panel .map-box").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#legend")).not_to_contain_text("个街道")
    themes.settle()
    assert page.evaluate(f"[{VIEW}.draws('places-fill'), {VIEW}.draws('units-fill')]") == [False, True]
    page.evaluate(f"{VIEW}.fit(); 0")


def test_the_legend_lists_only_signs_that_are_drawn(themes):
    page = themes.page
    page.keyboard.press("1")
    themes.settle()
    shown = page.locator("#legend li[data-draws]:visible")
    assert all(page.evaluate(f"(id) => {VIEW}.draws(id)", row.get_attribute("data-draws")) for row in shown.all())
    page.keyboard.press("2")
    expect(page.locator("#legend .sign-area_number")).to_have_count(0)
