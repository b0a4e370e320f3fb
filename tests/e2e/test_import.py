"""A planner fills an empty workbench from a bureau's files, in a real browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from geo.demo import write_raw
from geo.storage.dataset import open_dataset

WANTED = ("小区台账", "小区边界", "充电站点")


@pytest.fixture(scope="module")
def raw_files(tmp_path_factory):
    """Two ledgers, a GBK shapefile in its parts, points of Baidu: what a bureau has at hand."""
    raw = tmp_path_factory.mktemp("raw")
    write_raw(raw, size="small", seed=0, on_progress=lambda *_: None)
    return [path for path in sorted(raw.iterdir()) if any(part in path.name for part in WANTED)]


@pytest.fixture(scope="module")
def empty_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("office") / "city"


@pytest.fixture(scope="module")
def empty_origin(empty_folder, serve):
    """Address of a server whose folder holds nothing yet."""
    yield from serve(empty_folder, None)


def open_wizard(page):
    """By the button of the empty page, whose steps cannot be pressed; once there are data, by the first step."""
    page.locator(".welcome, .step-page").first.wait_for(state="attached")
    if not page.locator(".welcome").is_visible():
        page.locator("#steps .path-step").first.click()
    page.get_by_role("button", name="导入数据").first.click()


def choose_files(page, paths):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="选择文件").click()
    chooser.value.set_files(paths)


@pytest.mark.full
def test_an_empty_workbench_is_filled_from_files(new_page, empty_origin, empty_folder, raw_files):
    planner = new_page(empty_origin)
    page = planner.page
    page.goto(empty_origin)
    expect(page.get_by_role("heading", name="还没有数据")).to_be_visible()
    planner.shot("import-1-welcome")
    page.locator(".welcome").get_by_role("button", name="导入数据").click()
    choose_files(page, raw_files)
    rows = page.locator(".file-table tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator(".drop-progress")).to_be_empty()

    expect(page.locator(".question").first).to_contain_text("充电站点")
    page.get_by_role("button", name="小区边界_演示数据.shp", exact=True).click()
    detail = page.locator(".file-detail")
    expect(detail).to_contain_text("小区边界_演示数据.shp")
    expect(detail.locator(".sample-names li")).to_have_count(5)
    assert re.search("[\u4e00-\u9fff]", detail.locator(".sample-names").inner_text())
    expect(detail.locator("img.extent")).to_be_visible()
    expect(detail.locator(".columns")).to_contain_text("小区编码")
    check = page.locator(".wizard").get_by_role("button", name="检查", exact=True)
    expect(check).to_be_disabled()
    planner.shot("import-2-question")

    page.locator(".datum-choice", has_text="BD-09").click()
    expect(check).to_be_enabled()
    planner.shot("import-3-answered")
    check.click()
    expect(page.locator("#grid-findings")).to_contain_text("对不上", timeout=60_000)
    assert not empty_folder.exists()
    planner.shot("import-4-report")

    page.get_by_label("数据集名称").fill("云岭市")
    page.locator(".wizard").get_by_role("button", name="导入", exact=True).click()
    page.get_by_role("link", name="查看地图").click(timeout=60_000)
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    expect(page.locator("h1")).to_have_text("云岭市")
    expect(page.locator("#demo-badge")).to_be_visible()
    expect(page.locator("#legend .band-no_plan")).to_contain_text("250")
    planner.shot("import-5-map")

    page.locator(".empty").get_by_role("button", name="提出方案").click()
    page.locator(".plan-form").get_by_role("button", name="提出方案").click()
    expect(page.locator(".plan-run .mantine-Progress-root")).to_be_visible()
    planner.shot("import-6-planning")
    page.wait_for_url("**/?plan=*", timeout=90_000)
    expect(page.locator(".verified")).to_contain_text("独立核验通过", timeout=60_000)
    planner.shot("import-7-plan")
    planner.clean()

    dataset = open_dataset(empty_folder)
    sites, units = dataset.layer("ebike_sites"), dataset.layer("communities")
    inside = sites.geometry.dropna().within(units.union_all().buffer(50))
    assert np.mean(inside) > 0.9


def test_a_bad_file_is_refused_with_a_sentence(new_page, empty_origin, tmp_path):
    wrong = tmp_path / "边界.geojson"
    wrong.write_text('<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>')
    (tmp_path / "恶意.exe").write_bytes(b"MZ")
    planner = new_page(empty_origin)
    page = planner.page
    page.goto(empty_origin)
    open_wizard(page)
    choose_files(page, [wrong, tmp_path / "恶意.exe"])
    expect(page.locator(".state.fault")).to_be_visible()
    expect(page.locator(".file-detail .wizard-fault")).to_contain_text("边界.geojson")
    expect(page.locator(".drop-refused")).to_contain_text("恶意.exe")
    expect(page.locator(".wizard").get_by_role("button", name="检查", exact=True)).to_be_disabled()
    planner.shot("import-8-refused")
    planner.errors[:] = [text for text in planner.errors if "422" not in text]
    planner.clean()


def test_a_file_that_says_its_datum_is_asked_by_itself(new_page, empty_origin, tmp_path):
    places = "110.3012,40.6013\n{b},300,110.3047,40.6015\n{c},300,110.3081,40.6011\n"
    (tmp_path / "小区.csv").write_text(
        "小区名称,户数,经度,纬度\n甲,300," + places.format(b="乙", c="丙"), encoding="utf-8"
    )
    (tmp_path / "百度坐标.csv").write_text(
        "小区名称,户数,百度经度,百度纬度\n丁,300," + places.format(b="戊", c="己"), encoding="utf-8"
    )
    planner = new_page(empty_origin)
    page = planner.page
    page.goto(empty_origin)
    open_wizard(page)
    choose_files(page, [tmp_path / "小区.csv", tmp_path / "百度坐标.csv"])
    own = page.locator(".question", has_text="百度坐标.csv 自己写明了坐标")
    expect(own).to_be_visible()
    both = page.get_by_role("group", name="上面这些文件都是")
    planner.shot("import-10-own-datum")
    both.locator(".datum-choice", has_text="CGCS2000").click()
    expect(both).to_have_count(0)
    expect(own).to_be_visible()
    expect(page.locator(".wizard").get_by_role("button", name="检查", exact=True)).to_be_disabled()
    button = own.locator(".datum-choice", has_text="CGCS2000")
    pressed = button.element_handle()
    button.hover()
    page.mouse.down()  # and while it is pressed, the page is drawn anew
    page.evaluate("() => window.dash_clientside.set_props('wizard-tick', { data: -1 })")
    page.wait_for_function("was => !was.isConnected", arg=pressed)
    page.mouse.up()
    expect(own).to_have_count(0)
    page.get_by_role("button", name="百度坐标.csv", exact=True).click()
    expect(page.locator(".file-detail .wizard-fault")).to_contain_text("与文件所写不同")
    planner.shot("import-11-against-words")
    planner.clean()


def test_columns_nobody_knows_are_named_in_the_page(new_page, empty_origin, empty_folder, tmp_path):
    table = tmp_path / "六月上报.csv"
    table.write_text("甲一,乙二,丙三\n红星小区,东街道,300\n前进小区,东街道,410\n", encoding="gb18030")
    planner = new_page(empty_origin)
    page = planner.page
    page.goto(empty_origin)
    open_wizard(page)
    choose_files(page, [table])
    check = page.locator(".wizard").get_by_role("button", name="检查", exact=True)
    expect(check).to_be_disabled()
    page.get_by_role("textbox", name="六月上报.csv 的图层").click()
    page.get_by_role("option", name="小区", exact=True).click()
    for header, field in (("甲一", "小区名称"), ("丙三", "户数")):
        control = page.get_by_role("textbox", name=f"“{header}”这一列是")
        expect(control).to_be_visible()
        control.click()
        page.get_by_role("option", name=field, exact=True).first.click()
        row = page.locator(".columns tr").filter(has_text=header)
        expect(row).to_contain_text("您指定")
    if (empty_folder / "communities.parquet").exists():  # after the workbench was filled, in the full run
        expect(page.locator(".file-detail")).to_contain_text("与已有数据")
    planner.shot("import-9-columns")
    check.click()
    expect(page.locator(".wizard")).to_contain_text("试导入的结果", timeout=60_000)
    planner.clean()


def test_the_plan_is_exported_from_the_header(watched):
    page = watched.page
    page.locator("#exports summary").click()
    watched.shot("export-menu")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^各旗县区 GeoJSON")).click()
    assert download.value.suggested_filename.endswith("演示数据.zip")
    page.keyboard.press("Escape")
    expect(page.locator("#exports")).not_to_have_attribute("open", "")
