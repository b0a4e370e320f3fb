"""Comparing plans in the page: figures, pictures, moved units on the map, two maps that move together."""

import copy
import re

import pytest
from playwright.sync_api import expect

from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from tests.e2e.desk import WAYS


@pytest.fixture(scope="module")
def compared(town, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('compare') / 'plans.sqlite'}"
    store, document = open_store(url), read_plan(town[1])
    less = copy.deepcopy(document)
    gone = less["areas"].pop(0)
    less["left_over"] += [{"unit_id": unit, "reason": "not_placed", "rules": ["R31"]} for unit in gone["unit_ids"]]
    store.create_plan("对照", {**document, "seed": 5, "method": "nearest_anchor"}, "赵")
    store.create_plan("少一片", less, "李强")
    own = store.create_plan("自动方案", document, "王敏")
    return url, own, gone


@pytest.fixture(scope="module")
def compared_origin(serve, town, compared):
    yield from serve(town[0], None, store=compared[0])


def centre(page, box):
    return page.evaluate("""(box) => document.querySelector(box).mapView.map.getCenter().toArray()""", box)


def selected_beside(page, before=None):
    """What the other map shows as selected, once it shows another unit than before."""
    for _ in range(300):
        chosen = page.evaluate("document.querySelector('#map-compare .map-box').mapView.selected")
        if chosen["unit"] not in (None, before):
            return chosen
        page.wait_for_timeout(100)
    return pytest.fail("nothing else was selected")


def test_two_plans_side_by_side(new_page, compared_origin, compared):
    _, own, gone = compared
    watched = new_page(compared_origin).open(f"/?plan={own.id}")
    page = watched.page
    page.locator(WAYS["compare"]).click()
    panel = page.locator(".compare-panel")
    expect(panel).to_contain_text("由“少一片 v1”到“自动方案 v1”")
    expect(panel.locator("tr", has_text="片区").first).to_contain_text("多 1 个")
    expect(page.locator(".scenarios figure")).to_have_count(2)
    expect(page.locator("#compare-checked")).to_contain_text("自动方案 v1: 独立核验未通过", timeout=60_000)
    page.wait_for_selector("#compare-map[data-swipe=on]", timeout=60_000)
    marked = page.evaluate("document.querySelector('.map-box').mapView.props.counted.units.length")
    assert marked == len(gone["unit_ids"])

    main, other = "#map .map-box", "#map-compare .map-box"
    rows = page.locator("#grid-compare .ag-center-cols-container .ag-row")
    expect(rows).to_have_count(len(gone["unit_ids"]))
    before = centre(page, main)
    rows.nth(0).locator(".ag-cell").first.click()
    first = selected_beside(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    second = selected_beside(page, first["unit"])
    own = page.evaluate("document.querySelector('#map .map-box').mapView.selected")
    expect(rows.nth(1)).to_have_class(re.compile("ag-row-selected"))
    assert second == {"area": None, "unit": own["unit"]}
    assert centre(page, main) != before
    page.evaluate(
        """([a, b]) => {
            const map = document.querySelector(a).mapView.map;
            map.jumpTo({ center: map.getCenter(), zoom: map.getZoom() + 0.4 });
            map.panBy([40, 10], { duration: 0 });
        }""",
        [main, other],
    )
    watched.settle()
    assert centre(page, main) == pytest.approx(centre(page, other), abs=1e-9)
    handle = page.get_by_role("slider", name="左右两图的分界")
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "60")
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, box["y"] + 200)
    page.mouse.up()
    assert int(handle.get_attribute("aria-valuenow")) < 50
    watched.shot("compare")

    page.get_by_placeholder("选择方案").click()
    page.get_by_role("option", name="对照").click()
    expect(page.locator(".scenarios figure")).to_have_count(3)
    page.keyboard.press("Escape")
    watched.settle()
    watched.shot("compare-three")

    page.locator(WAYS["explore"]).click()
    expect(page.locator("#map-compare")).to_have_count(0)
    expect(page.locator(".panel.right").first).to_be_visible()
    assert page.evaluate("document.querySelector('.map-box').mapView.props.counted") is None
    watched.clean()


@pytest.mark.full
@pytest.mark.parametrize("dragged", [0, 1])
def test_the_simple_maps_move_together_too(new_page, compared_origin, compared, dragged):
    """Either of two maps of Leaflet is dragged and zoomed, and the handle moved, without WebGL."""
    watched = new_page(compared_origin).open(f"/?plan={compared[1].id}&lite=1", shows="lite")
    page = watched.page
    page.locator(WAYS["compare"]).click()
    page.wait_for_selector("#compare-map[data-swipe=on]", timeout=60_000)

    def places():
        return [
            page.evaluate("(box) => document.querySelector(box).mapView.where()", box)
            for box in ("#map .map-box", "#map-compare .map-box")
        ]

    def together():
        own, other = places()
        assert other["center"] == pytest.approx(own["center"], abs=2e-4)  # a pixel
        assert other["zoom"] == own["zoom"]
        return own

    before = together()
    handle = page.get_by_role("slider", name="左右两图的分界")
    box = handle.bounding_box()
    x, y = box["x"] + (-150 if dragged else 150), box["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 30, steps=4)
    moved = together()  # while it is dragged
    page.mouse.up()
    assert moved["center"] != pytest.approx(before["center"], abs=1e-3)
    page.mouse.wheel(0, -240)
    page.wait_for_timeout(800)
    assert together()["zoom"] > before["zoom"]

    handle.focus()
    page.keyboard.press("ArrowLeft")
    expect(handle).to_have_attribute("aria-valuenow", "45")
    page.mouse.move(box["x"] + 2, box["y"] + 200)
    box = handle.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.up()
    assert int(handle.get_attribute("aria-valuenow")) > 60
    assert "inset(0" in page.locator(".compare-other").evaluate("(one) => one.style.clipPath")
    watched.shot(f"compare-lite-{dragged}")
    watched.clean()
