"""An office signs in: the real page, by keyboard, and what a street is then shown."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from app.store.accounts import Accounts
from app.store.store import open_store
from tests.e2e.test_accessible import faults

PASSWORD = "五月槐花香满街2026"


@pytest.fixture
def office(serve, town, tmp_path):
    """Address of a server with two accounts and the plan of the town, which is the city's."""
    folder = shutil.copytree(town[0], tmp_path / "town")
    url = f"sqlite:///{tmp_path / 'town-plans.sqlite'}"
    store = open_store(url)
    accounts = Accounts(store)
    accounts.add("admin", PASSWORD, "city", full_name="王敏")
    accounts.add("west", PASSWORD, "street", code="150299001", full_name="孙丽")
    store.close()
    yield from serve(folder, town[1], store=url)


def sign_in(page, origin, name):
    page.goto(origin)
    page.get_by_label("登录名").fill(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


@pytest.fixture
def one_at_a_time(serve, town, tmp_path, monkeypatch):
    """Address of a server that plans one at a time, and takes long over it; with two accounts of the city."""
    monkeypatch.setenv("PIANQU_JOB_SLOTS", "1")
    folder = shutil.copytree(town[0], tmp_path / "town")
    url = f"sqlite:///{tmp_path / 'town-plans.sqlite'}"
    store = open_store(url)
    for name, full_name in (("admin", "王敏"), ("second", "李强")):
        Accounts(store).add(name, PASSWORD, "city", full_name=full_name)
    store.close()
    yield from serve(folder, town[1], store=url, slow=True)


def plan(page, name, seconds="600"):
    """Ask for a plan in the panel, which is open."""
    form = page.locator(".plan-form")
    form.get_by_label("方案名称").fill(name)
    form.get_by_label("搜索用时").fill(seconds)
    form.get_by_role("button", name="提出方案").click()


@pytest.mark.full
def test_who_waits_for_a_plan_sees_the_place_in_the_queue(one_at_a_time, new_page):
    first = new_page(one_at_a_time)
    sign_in(first.page, one_at_a_time, "admin")
    first.page.get_by_role("button", name="规划", exact=True).click(timeout=60_000)
    plan(first.page, "甲一")
    expect(first.page.locator(".one-run h3")).to_have_text("甲一")
    first.page.get_by_text("再排一项", exact=True).click()
    plan(first.page, "甲二")
    expect(first.page.locator(".one-run h3")).to_have_text(["甲一", "甲二"])

    second = new_page(one_at_a_time)
    page = second.page
    sign_in(page, one_at_a_time, "second")
    page.get_by_role("button", name="规划", exact=True).click(timeout=60_000)
    plan(page, "乙一")
    expect(page.locator(".one-run")).to_contain_text("下一个就轮到")  # before the second of somebody who has one
    expect(first.page.locator(".one-run").nth(1)).to_contain_text("前面还有 1 项")
    first.shot("office-queue-first")
    second.shot("office-queue-second")
    first.page.get_by_role("button", name="停止, 保留最好的方案").click()
    expect(page.get_by_role("button", name="停止, 保留最好的方案")).to_be_visible(timeout=60_000)
    expect(first.page.locator(".one-run").nth(0)).to_contain_text("下一个就轮到")
    first.page.get_by_role("button", name="取消排队").click()
    expect(first.page.get_by_role("button", name="取消排队")).to_have_count(0)
    page.get_by_role("button", name="停止, 保留最好的方案").click()
    for watched in (first, second):
        watched.clean()


def test_signing_in_opens_the_workbench_and_signing_out_closes_it(office, new_page):
    watched = new_page(office)
    page = watched.page
    sign_in(page, office, "admin")
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    account = page.locator(".account-name")
    expect(account).to_have_text("王敏")
    expect(page.locator("#plan-line .plan-name")).to_contain_text("方案 PLAN")
    account.click()
    watched.shot("office-account")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto(f"{office}/story")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()

    sign_in(page, office, "west")  # the plan of the city is a draft: nothing of it is there
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    expect(page.locator("#plan-line")).to_have_text("尚无方案")
    watched.clean()


def test_the_administrator_finds_how_the_server_is(office, new_page, axe):
    watched = new_page(office)
    page = watched.page
    sign_in(page, office, "admin")
    page.locator(".account-name").click(timeout=60_000)
    page.get_by_role("link", name="运行状态").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("运行状态")
    expect(page.get_by_role("region", name="方案库和备份")).to_contain_text("检查无误")
    expect(page.get_by_role("region", name="规划任务")).to_contain_text("进行 0 项, 排队 0 项")
    watched.shot("office-status")
    assert faults(page, axe) == []
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How the server is")
    watched.clean()


def test_a_plan_is_put_forward_and_comes_back_with_an_opinion(office, new_page, axe):
    watched = new_page(office)
    page = watched.page
    sign_in(page, office, "admin")
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    page.locator("#plan-line").click()
    page.get_by_role("link", name="审批与意见").click()
    expect(page.locator("[aria-current=step]")).to_have_text("拟定")
    page.get_by_role("button", name="送出征求意见").click()
    expect(page.locator("[aria-current=step]")).to_have_text("征求意见")
    page.get_by_role("button", name="退出").click()

    sign_in(page, office, "west")  # now the street is shown the plan of the city
    page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    page.locator("#grid-areas .ag-center-cols-container [col-id=name]").first.click()
    page.locator(".explanation").get_by_role("link", name="提意见").click()
    expect(page.get_by_label("对哪个片区")).to_have_value(re.compile("^片区 1 ·"))
    page.get_by_label("意见", exact=True).fill("请与东侧小区合并。")
    page.get_by_role("button", name="提交意见").click()
    expect(page.locator(".opinion .said")).to_have_text("请与东侧小区合并。")
    expect(page.get_by_role("button", name="同意, 开始公示")).to_have_count(0)
    page.get_by_role("link", name="意见 1 请与东侧小区合并。").click()  # its pin on the drawing
    expect(page).to_have_url(re.compile("#opinion-1$"))
    expect(page.locator("#opinion-1")).to_be_in_viewport()
    assert faults(page, axe) == []
    watched.shot("office-approval")
    watched.clean()
