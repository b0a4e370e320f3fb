"""Charts are drawn when their tab is opened, and their bars lead to the map."""

from playwright.sync_api import expect


def bar_of(watched, chart, number):
    """Where the middle of a bar is, pixels."""
    box = watched.page.locator(f".chart-{chart} .bars .point path").nth(number).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_bars_lead_to_the_map_and_stand_as_numbers_too(watched):
    watched.page.keyboard.press("2")
    watched.page.get_by_role("tab", name="图表").click()
    expect(watched.page.locator(".chart-progress .bars .point").first).to_be_visible()
    watched.settle()
    watched.shot("charts")
    watched.page.mouse.click(*bar_of(watched, "spread", 0))
    legend = watched.page.locator("#legend .legend-button")
    expect(legend.nth(1)).to_have_attribute("aria-pressed", "false")
    expect(legend.nth(0)).to_have_attribute("aria-pressed", "true")
    zoom = "document.querySelector('.map-box').mapView.map.getZoom()"
    before = watched.page.evaluate(zoom)
    watched.page.mouse.click(*bar_of(watched, "ranking", 0))
    watched.page.wait_for_function(f"{zoom} !== {before}")
    table = watched.page.locator(".chart-ranking details")
    table.locator("summary").click()
    expect(table.locator("tbody tr")).to_have_count(2)
    watched.whole()
