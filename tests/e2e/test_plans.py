"""Plans in the page: opened by version, renamed, taken out; the menu by mouse and by keyboard."""

import json

import pytest
from playwright.sync_api import expect

from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan


@pytest.fixture(scope="module")
def kept(town, tmp_path_factory):
    """A store with two plans, one of them in two versions."""
    url = f"sqlite:///{tmp_path_factory.mktemp('plans') / 'plans.sqlite'}"
    store = open_store(url)
    document = read_plan(town[1])
    other = store.create_plan("只做北街", {**document, "seed": 3}, "王敏", "试算")
    first = store.create_plan("昆区方案", document, "李强", "自动方案")
    second = store.save(first.plan_id, 1, {**document, "seed": 7}, "王敏", "移动了两个小区")
    stale = store.create_plan("旧数据方案", {**document, "planning_sha256": "0" * 64}, "赵")
    return url, store, first, second, other, stale


@pytest.fixture(scope="module")
def plans_origin(serve, town, kept):
    yield from serve(town[0], None, store=kept[0])


@pytest.mark.full
def test_a_version_is_opened_from_the_menu(new_page, plans_origin, kept):
    _, _, first, second, other, _ = kept
    watched = new_page(plans_origin).open(f"/?plan={first.id}")
    page = watched.page
    line = page.locator("#plan-line")
    expect(line).to_contain_text("昆区方案 · 第 1 版")
    line.click()
    menu = page.locator(".plan-menu")
    expect(menu).to_contain_text("不是最新版; 最新为第 2 版")
    expect(menu.get_by_role("heading", name="旧数据方案")).to_contain_text("按旧数据做的")
    expect(menu.locator("a[aria-current=page]")).to_contain_text("第 1 版")
    watched.settle()
    watched.shot("plan-menu")
    menu.get_by_role("link", name="移动了两个小区").click()
    page.wait_for_selector(".map-box[data-ready=map]")
    assert page.url.endswith(f"?plan={second.plan_id}&version=2")
    expect(line).to_contain_text("第 2 版")
    line.click()
    menu.get_by_role("link", name="试算").click()
    page.wait_for_selector(".map-box[data-ready=map]")
    assert page.url.endswith(f"?plan={other.plan_id}&version=1")
    watched.open("/")
    expect(line).to_contain_text("只做北街")
    page.get_by_role("link", name="Switch to English").click()
    expect(line).to_contain_text("只做北街")
    page.get_by_role("link", name="切换到中文").click()
    page.wait_for_selector(".map-box[data-ready=map]")
    watched.clean()


def test_briefing_and_sheet_show_the_version_on_the_screen(new_page, plans_origin, kept):
    first = kept[2]
    watched = new_page(plans_origin).open(f"/?plan={first.plan_id}&version=1")
    page = watched.page
    expect(page.locator("#plan-verdict")).to_contain_text("不符合规则")
    page.locator("#story-open").click()
    expect(page.locator(".story-bar .meta")).to_contain_text("昆区方案 · 第 1 版")
    expect(page.locator(".story-bar .meta")).to_contain_text("李强 · 不符合规则")
    watched.shot("story-version-1")
    page.keyboard.press("Escape")
    page.wait_for_selector(".map-box[data-ready=map]")
    expect(page.locator("#plan-line")).to_contain_text("昆区方案 · 第 1 版")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+p")
    sheet = opened.value
    expect(sheet.locator(".plate-head .meta")).to_contain_text("昆区方案 · 第 1 版")
    sheet.screenshot(path="tests/artefacts/sheet-version-1.png", full_page=True)
    sheet.locator("select[name=paper]").select_option("A3")
    sheet.wait_for_url("**paper=A3**")
    expect(sheet.locator(".plate-head .meta")).to_contain_text("第 1 版")
    sheet.keyboard.press("Escape")
    expect(sheet.locator("#plan-line")).to_contain_text("昆区方案 · 第 1 版")
    sheet.close()
    watched.clean()


def test_the_menu_by_keyboard(new_page, plans_origin, kept):
    watched = new_page(plans_origin).open(f"/?plan={kept[3].id}")
    page = watched.page
    page.locator("#plan-line").focus()
    page.keyboard.press("Enter")
    menu = page.locator(".plan-menu")
    expect(menu).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#author")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator("#plan-line")).to_be_focused()
    watched.clean()


@pytest.mark.full
def test_a_plan_is_renamed_with_the_name_of_the_reader(new_page, plans_origin, kept):
    _, store, _, second, _, _ = kept
    watched = new_page(plans_origin).open(f"/?plan={second.id}")
    page = watched.page
    page.locator("#plan-line").click()
    page.locator("#author").fill("钱工")
    page.locator("#author").press("Tab")
    page.locator("#plan-name").fill("昆区二稿")
    page.get_by_role("button", name="改名").click()
    expect(page.locator("#plan-line")).to_contain_text("昆区二稿")
    assert store.version(second.id).plan_name == "昆区二稿"
    assert [row.author for row in store.audit_rows() if row.action == "plan.rename"] == ["钱工"]
    page.locator("#plan-line").click()
    expect(page.locator("#author")).to_have_value("钱工")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PLAN.json").click()
    with open(download.value.path(), encoding="utf-8") as file:
        assert json.load(file) == store.document(second.id)
    assert "昆区二稿" in download.value.suggested_filename
    watched.clean()


@pytest.mark.full
def test_a_version_that_is_not_there_is_said(new_page, plans_origin):
    watched = new_page(plans_origin).open("/?plan=nowhere")
    expect(watched.page.locator("#notice")).to_contain_text("没有编号为“nowhere”的版本")
    watched.clean()


def test_a_plan_for_older_data_is_named_not_shown(new_page, plans_origin, kept):
    watched = new_page(plans_origin).open(f"/?plan={kept[5].id}")
    expect(watched.page.locator("#plan-line")).to_contain_text("旧数据方案")
    expect(watched.page.locator(".empty")).to_be_visible()
    watched.shot("stale-plan")
    watched.clean()
