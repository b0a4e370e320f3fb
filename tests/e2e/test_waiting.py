"""Charts and comparison while the server takes its time, when no answer comes, and when there is nothing to show."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import WAYS


class Held:
    """The callback requests that fill one component, held back until it is said what becomes of them."""

    def __init__(self, page, output_id):
        self.output_id, self.routes = output_id, []
        page.route(re.compile("_dash-update-component"), self._take)  # Dash adds a query

    def _take(self, route):
        outputs = route.request.post_data_json["outputs"]
        named = outputs if isinstance(outputs, list) else [outputs]
        if any(output["id"] == self.output_id for output in named):
            self.routes.append(route)
        else:
            route.fallback()

    def answer(self):
        """Let what was held go to the server."""
        while self.routes:
            self.routes.pop(0).fallback()

    def fail(self):
        """What was held has no answer."""
        while self.routes:
            self.routes.pop(0).abort()

    def break_down(self):
        """The server fails over what was held."""
        while self.routes:
            self.routes.pop(0).fulfill(status=500, body="")


def box_of(page, output_id):
    box = page.locator(f"[data-awaits={output_id}]")
    return box, box.locator(".awaited-loading"), box.locator(".awaited-failed")


@pytest.mark.full
def test_charts_say_that_they_come_and_that_they_did_not(new_page, origin):
    watched = new_page(origin).open()
    page = watched.page
    page.keyboard.press("2")
    held = Held(page, "charts")
    page.get_by_role("tab", name="图表").click()
    _, loading, failed = box_of(page, "charts")
    expect(loading).to_have_text("正在绘制图表…")
    expect(loading).to_be_visible()
    watched.shot("charts-loading")
    held.fail()
    expect(failed).to_be_visible()
    expect(loading).to_be_hidden()
    watched.shot("charts-failed")
    failed.get_by_role("button", name="重试").click()
    expect(loading).to_be_visible()
    expect(failed).to_be_hidden()
    held.answer()
    expect(page.locator(".chart-progress .bars .point").first).to_be_visible()
    expect(loading).to_be_hidden()
    page.keyboard.press("3")  # what was there stays, paled
    expect(loading).to_be_visible()
    expect(page.locator(".chart-progress .bars .point").first).to_be_visible()
    watched.shot("charts-again")
    held.break_down()
    expect(failed).to_be_visible()
    assert watched.foreign == []


def test_a_comparison_says_that_it_comes_and_that_it_did_not(new_page, origin):
    watched = new_page(origin).open()
    page = watched.page
    held = Held(page, "compared")
    page.locator(WAYS["compare"]).click()
    _, loading, failed = box_of(page, "compared")
    expect(loading).to_have_text("正在对比…")
    expect(loading).to_be_visible()
    expect(page.locator(".scenarios")).to_be_empty()
    watched.shot("compare-loading")
    held.fail()
    expect(failed).to_be_visible()
    watched.shot("compare-failed")
    failed.get_by_role("button", name="重试").click()
    expect(loading).to_be_visible()
    held.answer()
    expect(page.locator("#compared .empty")).to_contain_text("还没有同一份数据的其他方案")
    expect(failed).to_be_hidden()
    watched.settle()
    watched.shot("compare-empty")
    assert watched.foreign == []
