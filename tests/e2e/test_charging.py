"""A planner chooses charging places: on the map, from a list, under a budget; undone, kept, exported."""

import io
import json

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.waiting import read_layer

SITES = """() => {
    const { map, layers } = document.querySelector(".map-box").mapView;
    return map ? map.queryRenderedFeatures({ layers: ["sites-fill"] }).map((one) => one.geometry)
        : layers.sites.getLayers().map((one) => one.feature.geometry);
}"""
ON_SCREEN = """(shape) => {
    const { element, sketch } = document.querySelector(".map-box").mapView;
    const ring = shape.coordinates[0].slice(1);
    const mean = (i) => ring.reduce((sum, point) => sum + point[i], 0) / ring.length;
    const { x, y } = sketch.pad.project([mean(0), mean(1)]);
    const { left, top, width, height } = element.getBoundingClientRect();
    return x > 60 && x < width - 120 && y > 80 && y < height - 60 ? [left + x, top + y] : null;
}"""


@pytest.fixture
def folder(town_module, tmp_path):
    return town_module.build_imported_town(tmp_path / "town")


@pytest.fixture
def imported(serve, folder):
    yield from serve(folder, None)


def figure(page, label):
    """A figure of the totals as a number."""
    terms = page.locator("#charge-totals dt").all_text_contents()
    text = page.locator("#charge-totals dd").nth(terms.index(label)).inner_text()
    return float(text.split()[0].replace(",", ""))


def a_site(page):
    """Where a candidate site is on the screen, on whichever map there is."""
    for _ in range(600):
        spots = [page.evaluate(ON_SCREEN, shape) for shape in page.evaluate(SITES)]
        if any(spots):
            return next(spot for spot in spots if spot)
        page.wait_for_timeout(200)
    return pytest.fail("no site is seen")


@pytest.mark.full
@pytest.mark.parametrize("kind", ["map", "lite"])
def test_places_are_chosen_undone_kept_and_exported(new_page, imported, folder, kind):
    planner = new_page(imported).open(f"/?lite={int(kind == 'lite')}", shows=kind)
    page = planner.page
    page.set_default_timeout(60_000)
    page.get_by_role("tab", name="充电", exact=True).click()
    expect(page.locator("#charge-totals dd").first).to_be_visible(timeout=60_000)
    expect(page.locator("#charge-line")).to_contain_text("[S 三(五)25]")
    lacking = figure(page, "现缺端口 (车数有记录)") + figure(page, "另缺 (车数按户数估)")
    assert lacking > 0
    assert figure(page, "选定场地") == 0
    expect(page.get_by_role("checkbox", name="候选充电场地")).to_be_checked()

    page.locator("#grid-charging .ag-row").first.click()
    page.locator("#charge-unit").get_by_role("button", name="选", exact=True).first.click()
    expect(page.locator("#charge-unit [aria-pressed=true]")).to_have_count(1)
    expect(page.locator("#charge-totals dd").first).to_have_text("1")
    added = figure(page, "新增端口")
    assert figure(page, "选后仍缺 (两项合计)") == lacking - added < lacking

    page.get_by_label("预算 (万元)").fill("12")
    page.get_by_role("button", name="按预算优选").click()
    expect(page.locator("#charge-proof")).to_contain_text("优选", timeout=60_000)
    expect(page.locator("#charge-totals dd").first).not_to_have_text("1")
    assert figure(page, "造价") <= 120_000
    best = figure(page, "新增端口")
    assert best >= added
    planner.shot(f"charging-{kind}")

    page.get_by_role("button", name="撤销一步").click()
    expect(page.locator("#charge-totals dd").first).to_have_text("1")
    page.locator("#charge-unit").get_by_role("button", name="不选").click()
    expect(page.locator("#charge-totals dd").first).to_have_text("0")

    page.mouse.click(*a_site(page))
    expect(page.locator("#charge-totals dd").first).to_have_text("1")
    page.get_by_role("button", name="保存选定").click()
    expect(page.locator("#charge-said")).to_contain_text("请写明选定人")
    page.get_by_role("textbox", name="选定人").fill("王工")
    page.get_by_role("button", name="保存选定").click()
    expect(page.locator("#charge-said")).to_contain_text("已保存 1 处")
    planner.shot(f"charging-kept-{kind}")
    kept = read_layer(folder, "chosen_sites")
    assert (len(kept), kept["author"].iloc[0]) == (1, "王工")

    book = openpyxl.load_workbook(io.BytesIO(page.request.get(imported + "/charging/xlsx").body()))
    assert book["候选场地"].max_row == 4
    body = json.loads(page.request.get(imported + "/charging/geojson").body())
    assert [f["properties"]["site_id"] for f in body["features"]] == kept["site_id"].tolist()
    assert body["pianqu"]["demo"] is True

    page.reload()
    page.wait_for_selector(f".map-box[data-ready={kind}]")
    page.get_by_role("tab", name="充电", exact=True).click()
    expect(page.locator("#charge-totals dd").first).to_have_text("1")
    planner.clean()
