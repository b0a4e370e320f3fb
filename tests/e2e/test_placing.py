"""A planner puts a community on the map, in a real browser."""

import shutil

import pytest
from playwright.sync_api import expect

from analysis.policy import read_policy
from geo.importing import ImportOptions, import_paths
from tests.waiting import read_layer


@pytest.fixture
def folder(town, tmp_path):
    """The town, and a ledger's community of which nobody knows the place."""
    folder = tmp_path / "town"
    shutil.copytree(town[0], folder)
    ledger = tmp_path / "台账.csv"
    ledger.write_text("小区名称,户数\n文化路二院,300\n", encoding="utf-8")
    import_paths([ledger], folder, options=ImportOptions(layer="communities"), unit_rules=read_policy().unit_rules())
    return folder


@pytest.mark.full
@pytest.mark.parametrize("kind", ["map", "lite"])
def test_a_community_is_put_on_the_map(new_page, serve, folder, kind):
    for origin in serve(folder, None):
        planner = new_page(origin).open(f"/?lite={int(kind == 'lite')}", shows=kind)
        page = planner.page
        page.get_by_role("tab", name="待落图 (1)").click()
        page.locator("#grid-unplaced .ag-row").first.click()
        page.get_by_role("textbox", name="更正人").fill("王工")
        page.get_by_role("textbox", name="依据").fill("现场核对")
        page.locator("#map .map-box").click(position={"x": 320, "y": 180})
        expect(page.get_by_role("textbox", name="经度, 纬度")).not_to_have_value("")
        page.wait_for_function("() => document.querySelector('.map-box').mapView.pin")
        planner.shot(f"placing-{kind}-1")
        page.get_by_role("button", name="确认位置").click()
        again = page.locator("#placing-said").get_by_text("再点一次")
        kept = page.locator("#notice").get_by_text("已记下")  # after the page was loaded anew, by itself
        expect(again.or_(kept)).to_be_visible(timeout=60_000)
        if again.is_visible():  # it lies on another unit: told first
            planner.shot(f"placing-{kind}-told")
            page.get_by_role("button", name="确认位置").click()
        expect(kept).to_be_visible(timeout=60_000)
        page.wait_for_selector(f".map-box[data-ready={kind}]", timeout=60_000)
        expect(page.locator("#placing-done")).to_contain_text("文化路二院: 王工")
        page.get_by_role("tab", name="待落图 (0)").click()
        planner.shot(f"placing-{kind}-2")
        units = read_layer(folder, "units").set_index("name")
        assert units.loc["文化路二院", "geom_quality"] != "missing"
        planner.clean()
