"""Single sign-on in a real browser, with a real provider on this computer: there, back, and out of both."""

import shutil

import pytest
from playwright.sync_api import expect

from app.store.accounts import Accounts
from app.store.store import open_store
from tests.oidc import run_provider

pytestmark = pytest.mark.full  # tests/app/web/routes/test_single_sign_on.py asks the same without a browser


@pytest.fixture
def provider():
    with run_provider({"w7": {"preferred_username": "west"}, "n8": {"preferred_username": "nobody"}}) as running:
        yield running


@pytest.fixture
def office(serve, town, tmp_path, monkeypatch, provider):
    """Address of a server with one account, which has no password."""
    for name, value in {"ISSUER": provider.issuer, "CLIENT_ID": "pianqu", "SECRET": "s"}.items():
        monkeypatch.setenv(f"PIANQU_OIDC_{name}", value)
    folder = shutil.copytree(town[0], tmp_path / "town")
    url = f"sqlite:///{tmp_path / 'town-plans.sqlite'}"
    store = open_store(url)
    Accounts(store).add("west", None, "street", code="150299001", full_name="孙丽")
    store.close()
    yield from serve(folder, town[1], store=url)


def test_there_and_back_and_out_of_both(office, provider, new_page):
    watched = new_page(office)
    page = watched.page
    page.route(f"{provider.issuer}/**", lambda route: route.continue_())
    page.route(
        "https://cdn.jsdelivr.net/**", lambda route: route.fulfill(body="", content_type="text/css")
    )  # of its page
    page.goto(office)
    watched.shot("office-single-sign-on")
    page.get_by_role("link", name="单点登录").click()
    page.get_by_role("button", name="n8").click()
    expect(page.get_by_role("alert")).to_contain_text("没有账号“nobody”")
    watched.shot("office-single-sign-on-refused")
    watched.errors.clear()  # the page with the reason has the status of a refusal
    page.get_by_role("link", name="单点登录").click()
    page.get_by_role("button", name="w7").click()
    expect(page.locator(".account-name")).to_have_text("孙丽")
    page.locator(".account-name").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{provider.issuer}/**")  # signed out here, asked there
    page.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto(f"{office}/story")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    watched.clean()
