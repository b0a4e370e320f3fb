"""The work list of single buildings: anchors, walks, records of talks, sheets to print."""

import pytest
from playwright.sync_api import expect

from geo.corrections.consultations import consultation_status, read_consultations
from geo.storage.dataset import open_dataset
from tests.waiting import read_layer


@pytest.fixture(scope="module")
def folder(town_module, tmp_path_factory):
    return town_module.build_imported_town(tmp_path_factory.mktemp("strays") / "town")


@pytest.fixture(scope="module")
def imported(serve, folder):
    yield from serve(folder, None)


@pytest.fixture
def kind():
    """Which map: that of WebGL, where nothing else is asked for."""
    return "map"


@pytest.fixture
def planner(new_page, imported, kind):
    planner = new_page(imported).open(f"/?lite={int(kind == 'lite')}", shows=kind)
    planner.page.set_default_timeout(60_000)
    planner.page.get_by_role("tab", name="单体楼 (").click()
    expect(planner.page.locator("#grid-strays .ag-row").first).to_be_visible()
    yield planner
    planner.clean()


@pytest.mark.full
def test_a_building_shows_its_anchors_and_the_walk(planner):
    page = planner.page
    expect(page.locator("#work-counts")).to_contain_text("待答复")
    homes = page.locator("#grid-strays [col-id=households] .ag-cell-value, #grid-strays .ag-cell[col-id=households]")
    counts = [int(text.split()[0]) for text in homes.all_text_contents() if text.strip("—")]
    assert counts == sorted(counts, reverse=True)
    page.locator("#grid-strays .ag-row").first.click()
    expect(page.locator("#work-one h4")).not_to_be_empty()
    expect(page.locator("#walk-told")).not_to_be_empty()
    drawn = page.evaluate(
        "async () => (await document.querySelector('.map-box').mapView.map"
        ".getSource('drawn').getData()).features.length"
    )
    assert drawn > 0
    expect(page.locator(".maplibregl-marker")).to_be_visible()
    page.get_by_role("button", name="画出到").nth(1).click()
    planner.shot("worklist")


@pytest.mark.parametrize(("kind", "at"), [("map", 1), pytest.param("lite", 3, marks=pytest.mark.full)])
def test_what_came_of_a_talk_is_kept_and_filtered(planner, folder, kind, at):
    page = planner.page
    row = page.locator("#grid-strays .ag-row").nth(at)
    unit = row.get_attribute("row-id")
    row.click()
    expect(page.locator("#work-one h4")).not_to_be_empty()
    page.get_by_role("textbox", name="记录人").fill("社区小刘")
    page.get_by_role("textbox", name="意愿").nth(1).click()
    page.get_by_role("option", name="同意", exact=True).click()
    page.get_by_role("textbox", name="阶段").nth(1).click()
    page.get_by_role("option", name="已征求意见").click()
    page.get_by_role("textbox", name="说明").fill("入户 12 户, 10 户同意")
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.locator("#work-said")).to_contain_text("已记下")
    expect(page.locator("#work-one")).to_contain_text("社区小刘")
    told = consultation_status(read_consultations(open_dataset(folder)))
    assert tuple(told.loc[unit, ["agrees", "stage"]]) == ("yes", "owners_consulted")
    page.get_by_role("textbox", name="阶段").nth(0).click()
    page.get_by_role("option", name="已征求意见").click()
    expect(page.locator("#work-counts")).to_contain_text(f"共 {told['stage'].eq('owners_consulted').sum()} 栋")
    planner.shot(f"worklist-recorded-{kind}")
    page.get_by_role("textbox", name="意愿").nth(0).click()
    page.get_by_role("option", name="同意", exact=True).click()
    link = page.get_by_role("link", name="打印征求意见表")
    expect(link).to_have_attribute("href", "print/single-buildings?stage=owners_consulted&agrees=yes")
    with page.context.expect_page() as opened:
        link.click()
    sheet = opened.value
    kept = told["stage"].eq("owners_consulted") & told["agrees"].eq("yes")
    expect(sheet.locator("tbody tr")).to_have_count(int(kept.sum()))
    expect(sheet.locator("section").first).to_contain_text("只列: 阶段 已征求意见 · 意愿 同意")
    sheet.close()


@pytest.mark.full
def test_who_refuses_is_unwilling_for_the_plan(planner, folder):
    page = planner.page
    row = page.locator("#grid-strays .ag-row").nth(2)
    unit = row.get_attribute("row-id")
    row.click()
    expect(page.locator("#work-one h4")).not_to_be_empty()
    page.get_by_role("textbox", name="记录人").fill("社区小刘")
    page.get_by_role("textbox", name="意愿").nth(1).click()
    page.get_by_role("option", name="不同意").click()
    page.evaluate("window.before = true")
    page.get_by_role("button", name="记下", exact=True).click()
    for _ in range(200):
        page.wait_for_timeout(200)
        units = read_layer(folder, "units").set_index("unit_id")
        if units.loc[unit, "merge_willingness"] == "no":
            break
    else:
        pytest.fail("never unwilling")
    page.wait_for_selector("#grid-strays .ag-row", timeout=60_000)


def test_sheets_are_printed_street_by_street(new_page, imported):
    planner = new_page(imported)
    page = planner.page
    page.goto(imported + "/print/single-buildings")
    assert page.locator("section").count() == 2
    expect(page.locator("h1").first).to_contain_text("西街道")
    expect(page.locator("section").first).to_contain_text("演示数据")
    assert page.locator("section").first.locator("svg circle").count() > 3
    page.emulate_media(media="print")
    planner.shot("worklist-sheet")
    page.goto(imported + "/print/single-buildings?street=150299002")
    assert page.locator("section").count() == 1
    planner.clean()
