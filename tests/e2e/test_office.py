"""An office signs in: the real page, by keyboard, and what a street is then shown."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from app.store.accounts import Accounts
from app.store.store import open_store

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


def test_a_plan_is_put_forward_and_comes_back_with_an_opinion(office, new_page):
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
    watched.shot("office-approval")
    watched.clean()
