"""The page when something is not there: a plan, a graphics card, tiles that are still being made."""

import pytest
from playwright.sync_api import expect


def test_without_a_plan_the_page_says_how_to_get_one(new_page, bare_origin):
    bare = new_page(bare_origin).open()
    expect(bare.page.locator(".empty")).to_contain_text("pianqu plan")
    expect(bare.page.locator("#legend .band-no_plan")).to_be_visible()
    expect(bare.page.locator("#grid-areas")).to_contain_text("没有记录")
    assert bare.page.locator(".indicator").count() == 3
    bare.shot("no-plan")
    bare.clean()


def test_many_buildings_come_as_tiles_when_they_are_made(new_page, bare_origin):
    bare = new_page(bare_origin).open()
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
    for _ in range(100):
        if bare.page.evaluate(drawn):
            break
        bare.page.wait_for_timeout(100)
    assert bare.page.evaluate(drawn)
    bare.shot("buildings")
    bare.clean()


@pytest.fixture(params=["no-webgl", "asked"])
def lite(request, launch, new_page, origin):
    """The page with the simple map: without WebGL2, and where the address asks for it."""
    poor = launch("--disable-3d-apis") if request.param == "no-webgl" else None
    watched = new_page(origin, poor).open(
        "/?lite=1" if request.param == "asked" else "/", shows="lite"
    )
    yield watched
    watched.shot(f"lite-{request.param}")
    watched.clean()
    if poor:
        poor.close()


def test_the_simple_map_can_do_what_the_other_can(lite):
    """Select from the table and from the map, switch themes, hide a class, see whole streets."""
    page = lite.page
    expect(page.locator(".lite-note")).to_contain_text("精简")
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some((r) => /tile|maplibre-gl-worker/.test(r.name))"
    )
    page.locator("#grid-areas .ag-row[row-index='0'] .ag-cell").first.click()
    expect(page.locator("#selection-line")).to_contain_text("已选片区")
    at = page.evaluate(
        """() => {
            const view = document.querySelector(".map-box").mapView;
            const layer = view.layers.units.getLayers().find((one) => one.feature.id === 20);
            view.leaflet.fitBounds(layer.getBounds(), { animate: false });
            const point = view.leaflet.latLngToContainerPoint(layer.getBounds().getCenter());
            const { left, top } = view.element.getBoundingClientRect();
            return [left + point.x, top + point.y];
        }"""
    )
    page.wait_for_timeout(200)
    page.mouse.move(at[0] + 1, at[1])
    expect(page.locator(".map-card")).to_be_visible()
    page.mouse.click(*at)
    expect(page.locator("#selection-line")).to_contain_text("单元")
    page.keyboard.press("2")
    button = page.locator("#legend .band-professional button")
    button.click()
    page.wait_for_timeout(300)
    states = "document.querySelector('.map-box').mapView.painted.map((state) => [state.f, state.d])"
    assert {f for f, d in page.evaluate(states) if d} == {button.get_attribute("data-fills")}
    page.locator("#level").get_by_text("街道", exact=True).click()
    expect(page.locator(".lite-label").first).to_contain_text("街道")
