"""Who is next to whom, and the walk between them, in a real browser with the network closed."""

import pytest
from playwright.sync_api import expect

LOADED = """async (name) => {
    const { map } = document.querySelector(".map-box").mapView;
    return (await map.getSource(name).getData()).features.length;
}"""
ON_LINE = """async (allowed) => {
    const { map } = document.querySelector(".map-box").mapView;
    const data = await map.getSource("edges").getData();
    const line = data.features.find((one) => one.properties.allowed === allowed).geometry.coordinates;
    const middle = [0, 1].map((k) => (line[1][k] + line[2][k]) / 2);
    map.jumpTo({ center: middle, zoom: 17 });
    const { left, top, width, height } = map.getCanvas().getBoundingClientRect();
    return [left + width / 2, top + height / 2];
}"""


def loaded(page, source):
    """Wait until a source of the map holds anything."""
    for _ in range(150):
        if page.evaluate(LOADED, source):
            return
        page.wait_for_timeout(200)
    pytest.fail(f"nothing in {source}")


def test_neighbours_are_shown_explained_and_walked(watched):
    page = watched.page
    page.get_by_label("谁与谁相邻").check()
    loaded(page, "edges")
    x, y = page.evaluate(ON_LINE, False)
    watched.settle()
    page.mouse.move(x + 1, y)
    page.mouse.move(x, y)
    card = page.locator(".map-card")
    expect(card).to_contain_text("不相邻")
    expect(card).to_contain_text("原因")
    watched.shot("edges-refused")

    x, y = page.evaluate(ON_LINE, True)
    watched.settle()
    page.mouse.click(x, y)
    expect(page.locator("#walk-told")).to_contain_text("门到门步行")
    loaded(page, "drawn")
    watched.shot("edges-walk")

    page.locator("#grid-areas .ag-row").first.click()
    page.mouse.move(5, 5)
    page.get_by_label("谁与谁相邻").uncheck()
    expect(page.locator("#walk-told")).to_be_empty()


def test_what_a_unit_reaches_on_foot_is_drawn(watched):
    page = watched.page
    page.get_by_label("谁与谁相邻").check()
    page.locator(".mantine-Tabs-tab", has_text="不在范围").click()
    row = page.locator("#grid-out_of_scope .ag-row", has_text="小区").first  # the first row of all heads a reason
    row.click()
    expect(page.locator("#walk-told")).to_contain_text("个单元")
    loaded(page, "drawn")
    watched.settle()
    watched.shot("edges-reach")
    page.get_by_label("谁与谁相邻").uncheck()
