"""Areas with leaders inside, in a real browser: figures, spokes, the tree of leaders, and what is printed."""

import json

import pytest
from playwright.sync_api import expect

from app.workbench.plans_on_disk import read_plan
from tests.app.led_plan import with_leaders

SHOWN = """() => {
  const { map } = document.querySelector('.map-box').mapView;
  const count = (id) => new Set(map.queryRenderedFeatures({ layers: [id] }).map((feature) => feature.id)).size;
  return ['areas-spokes', 'areas-led', 'areas-unled'].map(count);
}"""


@pytest.fixture(scope="module")
def document(town):
    return with_leaders(read_plan(town[1]))


@pytest.fixture(scope="module")
def led_origin(serve, town, document, tmp_path_factory):
    path = tmp_path_factory.mktemp("leaders") / "PLAN.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    yield from serve(town[0], path, store="sqlite://")


def zoom(watched, level):
    watched.page.evaluate("(z) => document.querySelector('.map-box').mapView.map.jumpTo({ zoom: z })", level)
    watched.settle()


def test_two_levels_are_seen_read_and_printed(new_page, led_origin, document):
    watched = new_page(led_origin).open("/")
    page = watched.page
    led = sum(len(area["led"]) for area in document["areas"])
    expect(page.locator(".figure-card").filter(has_text="已有牵头")).to_contain_text(f"{led} 个老旧小区")
    expect(page.locator("#legend .band-unled")).to_contain_text(f"{len(document['unled'])} 个")

    zoom(watched, 12)
    assert page.evaluate(SHOWN) == [0, 0, 0]  # no confetti where areas are small
    zoom(watched, 13.9)
    assert page.evaluate(SHOWN) == [led, led, len(document["unled"])]
    watched.shot("leaders")

    page.get_by_role("tab", name="谁带谁").click()
    leader = page.locator("#grid-leading .ag-row").filter(has_text="★").first
    expect(leader).to_contain_text("牵头, 带入")
    leader.locator(".ag-cell").first.click()
    expect(page.locator("#selection-line")).to_contain_text("单元")
    page.get_by_role("tab", name="无牵头").click()
    row = page.locator("#grid-unled .ag-row").first
    row.locator(".ag-cell").first.click()
    expect(page.locator("#grid-unled .ag-row-selected")).to_have_count(1)
    watched.clean()

    page.goto(f"{led_origin}/print?table=leading")
    expect(page.locator("table").filter(has_text="片区 → 牵头 → 带入")).to_contain_text("★")
