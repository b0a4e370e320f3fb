"""The page when something is not there: a plan, a graphics card, tiles that are still being made."""

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def bare(browser, bare_origin, watch):
    """One page without a plan for all of them."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    yield watch(page, bare_origin).open()
    page.close()


def test_without_a_plan_the_page_says_how_to_get_one(bare):
    expect(bare.page.locator(".empty")).to_contain_text("pianqu plan")
    expect(bare.page.locator("#legend .band-no_plan")).to_be_visible()
    expect(bare.page.locator("#grid-areas")).to_contain_text("没有记录")
    assert bare.page.locator(".indicator").count() == 3
    bare.shot("no-plan")
    bare.clean()


def test_many_buildings_come_as_tiles_when_they_are_made(bare):
    assert not bare.page.evaluate("Boolean(document.querySelector('.map-box').mapView.map.getSource('buildings'))")
    bare.page.evaluate(
        """() => {
            const { map, props } = document.querySelector(".map-box").mapView;
            const [west, south, east, north] = props.bounds;
            map.jumpTo({ center: [west + (east - west) / 4, south + (north - south) / 4], zoom: 15.5 });
        }"""
    )
    drawn = """() => {
        const { map } = document.querySelector(".map-box").mapView;
        return map.getLayer("buildings") ? map.queryRenderedFeatures({ layers: ["buildings"] }).length : 0;
    }"""
    for _ in range(600):
        if bare.page.evaluate(drawn):
            break
        bare.page.wait_for_timeout(100)
    assert bare.page.evaluate(drawn)
    bare.shot("buildings")
    bare.clean()
