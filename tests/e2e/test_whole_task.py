"""The whole task of a planner: two streets bundled, proposals compared, two islands put right, printed, exported."""

import os
import re
import shutil

import pytest
from playwright.sync_api import expect

from tests.e2e.city import pianqu
from tests.e2e.desk import WAYS, Desk

MOST_ACTIONS = 30
MOST_TABS = 60
STREETS = {"town": ("西街道", "东街道"), "demo": ("漪园街道", "瑾宁街道")}


@pytest.fixture(scope="module")
def demo_town(tmp_path_factory):
    """The small invented town as `pianqu demo` makes it: no graph, no plan."""
    place = tmp_path_factory.mktemp("demo")
    pianqu("demo", "--raw", place / "raw", "--into", place / "town")
    return place / "town"


@pytest.fixture(params=["town", pytest.param("demo", marks=pytest.mark.full)])
def begun(request, serve, new_page, tmp_path):
    """A page on data without a plan, and the names of two streets."""
    source = request.getfixturevalue("town")[0] if request.param == "town" else request.getfixturevalue("demo_town")
    folder = shutil.copytree(source, tmp_path / "town")
    for origin in serve(folder, None, store=f"sqlite:///{tmp_path / 'plans.sqlite'}"):
        watched = new_page(origin).open()
        yield Desk(watched), STREETS[request.param]
        watched.clean()


@pytest.mark.full  # by keyboard it is the same task, and the harder one
def test_by_mouse_in_thirty_actions(begun):
    desk, streets = begun
    page = desk.page
    desk.click(page.locator(WAYS["explore"]))
    form = page.locator(".plan-panel")
    desk.click(form.get_by_placeholder("全部街道"))
    for street in streets:
        desk.click(page.get_by_role("option", name=street))
    desk.watched.shot("task-form")
    desk.click(form.get_by_role("button", name="三个方案"))
    desk.click(proposals(page).last.get_by_role("button"))
    be_taken(desk)
    desk.click(page.locator(WAYS["edit"]))
    desk.wait()
    desk.actions += 1
    page.locator("#edit-panel .edit-row > select").select_option("left_over")
    for _ in range(2):
        left = left_over(desk)
        desk.click(page.locator(".edit-problems button").first)
        desk.click(page.locator("[data-focus=suggestion-0]"))  # an island has the nearest areas
        desk.click(page.locator("[data-focus=assign]"))
        assert left_over(desk) == left - 1
    desk.watched.shot("task-islands")
    desk.click(page.locator("[data-focus=save]"))
    box = page.locator("dialog.edit-dialog")
    desk.type(box.get_by_label("署名"), "李工")
    desk.click(box.get_by_role("button", name="保存"))
    be_saved(desk)
    with page.context.expect_page() as opened:
        desk.click(page.locator("#print-open"))
    be_printed(opened.value)
    desk.click(page.locator("#exports summary"))
    with page.expect_download() as waiting:
        desk.click(page.locator("#exports a").first)
    be_exported(desk, waiting.value)
    assert desk.actions <= MOST_ACTIONS
    desk.watched.keep("task-by-mouse", f"{desk.actions} actions")


@pytest.mark.full
def test_by_keyboard_alone(begun):
    desk, streets = begun
    page = desk.page
    tab_to(desk, '#steps [id*="plan"]')
    desk.press("Enter")
    expect(page.locator(".plan-panel")).to_be_visible()
    desk.until("document.activeElement.closest('.plan-panel')")  # the form goes on where one is
    tab_to(desk, '[id*="streets"]')
    for street in streets:
        page.keyboard.type(street)
        expect(page.get_by_role("option", name=street)).to_have_attribute("data-combobox-selected", "true")
        desk.press("Enter")
    expect(page.locator(".plan-panel .mantine-Pill-label")).to_have_text(list(streets))
    tab_to(desk, '.plan-form [id*="proposals"]')
    desk.press("Enter")
    proposals(page)
    tab_to(desk, ".proposal:last-child button")
    desk.press("Enter")
    be_taken(desk)
    tab_to(desk, '#steps [id*="adjust"]')
    desk.press("Enter")
    desk.wait()
    desk.until("document.activeElement.closest('#map')")  # on the button, Enter would press it again
    for _ in range(2):
        left = left_over(desk)
        desk.press("j", "1", "Enter")
        assert left_over(desk) == left - 1
    desk.press("Control+s")
    expect(page.locator("dialog.edit-dialog").get_by_label("署名")).to_be_focused()
    page.keyboard.type("李工")
    desk.press("Enter")
    be_saved(desk)
    with page.context.expect_page() as opened:
        desk.press("Control+p")
    be_printed(opened.value)
    tab_to(desk, "#exports summary", "Shift+Tab")  # the header stands before the map
    desk.press("Enter")
    tab_to(desk, "#exports a")
    with page.expect_download() as waiting:
        desk.press("Enter")
    be_exported(desk, waiting.value)
    desk.watched.keep("task-by-keyboard", f"{desk.actions} keys besides Tab and what was typed")


def tab_to(desk, selector, key="Tab"):
    """Press Tab until a control has the focus."""
    for _ in range(MOST_TABS):
        desk.page.keyboard.press(key)
        if desk.page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
    pytest.fail(f"{selector} is not reached by {MOST_TABS} tabs")


def proposals(page):
    """Wait for the proposals side by side."""
    cards = page.locator(".proposal")
    expect(cards.first).to_be_visible(timeout=300_000)
    assert cards.count() >= 2  # the third keeps to neighbourhoods, where they are known
    expect(page.locator(".mantine-Modal-content :focus")).to_have_count(1)
    return cards


def be_taken(desk):
    """The page shows the proposal taken as a plan that may be edited."""
    desk.page.wait_for_url("**plan=**")
    desk.page.wait_for_selector(".map-box[data-ready=map]", timeout=60_000)
    expect(desk.page.locator("#plan-line")).to_contain_text("第 1 版")
    expect(desk.page.locator(".panel.right").get_by_text("只看不改")).to_have_count(0)
    desk.watched.shot("task-taken")


def left_over(desk):
    """Units the plan is for that are in no area."""
    return desk.page.evaluate(
        """() => { const { model } = document.getElementById("editor").editor;
            return [...model.area].filter((_, i) => model.isLeftOver(i)).length; }"""
    )


def be_saved(desk):
    expect(desk.page.locator("#edit-status")).to_contain_text("第 2 版")
    expect(desk.page.locator("#plan-line")).to_contain_text("第 2 版")


def be_printed(sheet):
    """The sheet is of what was saved."""
    expect(sheet.locator(".plate-head .meta")).to_contain_text("第 2 版")
    sheet.close()


def be_exported(desk, download):
    """The file is there, and the last step of the path is done."""
    assert os.path.getsize(download.path()) > 100
    last = desk.page.locator("#steps .path-step").nth(4)
    expect(last).to_have_class(re.compile("done"))
    expect(last).to_contain_text("✓")
    desk.watched.shot("task-exported")
