"""A planner edits the plan in a real browser: with the mouse, with the keyboard alone, over reloads."""

import json
import os
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import EDITOR, WAYS, Desk, save

MOST_ACTIONS = 40


def test_units_are_picked_assigned_taken_back_and_done_again(desk):
    source, target = 2, 3
    unit = next(i for i in desk.members(source) if desk.tell()["anchors"][source] != i)
    desk.page.mouse.click(*desk.place(unit))
    expect(desk.page.locator(".edit-chosen")).to_contain_text("已选 1 个单元")
    desk.page.locator("#edit-target").fill(str(target + 1))
    expect(desk.page.locator(".edit-effect tbody tr")).to_have_count(2)
    desk.press("Tab")  # what is done with it stands next to it
    expect(desk.page.locator(".edit-target .edit-button")).to_be_focused()
    desk.press("Shift+Tab")
    desk.press("Enter")  # in the field: it assigns, and the next keys are the map's
    expect(desk.page.locator("#edit-target")).not_to_be_focused()
    assert desk.tell()["area"][unit] == target
    assert desk.checked()["areas"]
    assert desk.watched.selected_rows("grid-edit-units") == []
    desk.drawn()
    colours = [desk.watched.state_of("units", i)["f"] for i in (unit, desk.members(target)[0])]
    assert colours[0] == colours[1]
    desk.press("Control+z")
    assert desk.tell()["area"][unit] == source
    desk.press("Control+Shift+z")
    assert desk.tell()["area"][unit] == target
    assert "已重做" in desk.status()
    history = desk.page.locator(".edit-history button")
    expect(history).to_have_count(2)
    history.first.click()
    assert desk.tell()["done"] == 0
    desk.watched.clean()


def test_lasso_and_brush_take_many_and_tell_the_effect_meanwhile(either_desk):
    desk = either_desk
    desk.press("l")
    units = desk.planned()
    places = [desk.place(i) for i in units]
    left, right = min(x for x, _ in places) - 25, max(x for x, _ in places) + 25
    top, bottom = min(y for _, y in places) - 20, max(y for _, y in places) + 20
    page = desk.page
    page.mouse.move(left, top)
    page.mouse.down()
    for place in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(*place, steps=5)
        page.wait_for_timeout(80)
    expect(page.locator(".edit-chosen")).to_contain_text("已选")  # before the button is let go
    page.mouse.up()
    assert set(units) <= set(desk.tell()["chosen"])
    desk.watched.shot("edit-lasso")
    desk.press("Escape", "b", "]")
    x, y = desk.place(units[0])
    desk.drag([(x - 20, y), (x + 20, y + 4)])
    assert units[0] in desk.tell()["chosen"]
    page.keyboard.down("Alt")
    desk.drag([(x - 20, y), (x + 20, y + 4)])
    page.keyboard.up("Alt")
    assert desk.tell()["chosen"] == []
    desk.watched.clean()


def test_a_border_is_moved_by_dragging_out_of_an_area(either_desk):
    desk = either_desk
    told = desk.tell()
    inside, other = across_a_border(desk)
    desk.press("f")
    desk.drag([desk.place(inside), desk.place(other)])
    assert desk.tell()["area"][other] == told["area"][inside]
    assert desk.tell()["done"] == 1
    desk.press("Control+z")
    desk.page.mouse.move(*desk.place(inside))
    desk.page.wait_for_timeout(200)
    desk.page.mouse.move(*desk.place(other), steps=8)
    desk.page.wait_for_timeout(200)
    desk.page.mouse.click(*desk.place(other))  # joins the area the pointer came from
    assert desk.tell()["area"][other] == told["area"][inside]
    desk.press("Control+z")
    assert desk.tell()["area"] == told["area"]
    desk.watched.clean()


def across_a_border(desk):
    """Two neighbours in two areas; the plan is for the second."""
    told = desk.tell()
    return next(
        (a, b)
        for k in range(4)
        for a in desk.members(k)
        for b in desk.page.evaluate(f"{EDITOR}.model.links[{a}]")
        if told["area"][b] not in (-1, k) and told["target"][b]
    )


def test_an_area_is_cut_along_a_line_by_mouse_and_by_keys(either_desk):
    desk = either_desk
    page = desk.page
    k = next(k for k in range(len(desk.tell()["anchors"])) if len(desk.members(k)) >= 4)
    units = desk.members(k)
    east = sorted(units, key=lambda i: desk.place(i)[0])
    x = (desk.place(east[1])[0] + desk.place(east[2])[0]) / 2
    heights = [desk.place(i)[1] for i in units]
    desk.press("c")
    page.mouse.move(x, min(heights) - 30)
    page.mouse.down()
    page.mouse.move(x, max(heights) + 30, steps=6)
    expect(page.locator("#edit-status")).to_contain_text("个另成片区")  # before it is let go
    desk.watched.shot("edit-cut")
    page.mouse.up()
    areas = desk.tell()["area"]
    assert len({areas[i] for i in east[:2]}) == len({areas[i] for i in east[2:]}) == 1
    assert areas[east[0]] != areas[east[-1]]
    assert "划线拆分" in desk.status()
    desk.press("Control+z")
    assert desk.members(k) == units
    page.evaluate(f"{EDITOR}.select([{units[0]}], 'key')")
    drawn = f"{EDITOR}.cutting.line"
    before = page.evaluate(drawn)
    desk.press("ArrowUp", "ArrowDown", "]", "[", "ArrowRight")
    after = page.evaluate(drawn)
    assert after[0][0] > before[0][0]
    assert after[0][1] == pytest.approx(before[0][1])
    desk.watched.shot("edit-cut-keys")
    desk.press("Enter")
    assert 0 < len(desk.members(k)) < len(units)
    assert desk.checked()["figures"]["areas"] == len(set(desk.tell()["area"]) - {-1})
    desk.press("Escape", "Control+z")
    assert desk.members(k) == units
    desk.watched.clean()


def legend_counts(page):
    return [
        int("".join(filter(str.isdigit, page.locator(f"#legend .band-{one} .legend-count").inner_text())))
        for one in ("area", "left_over", "out_of_scope")
    ]


def test_the_legend_counts_the_plan_as_edited(either_desk):
    desk, page = either_desk, either_desk.page
    areas, left, other = legend_counts(page)
    assert areas + left + other == len(desk.tell()["ids"])
    assert areas == sum(k >= 0 for k in desk.tell()["area"])
    unit = desk.planned()[0]
    page.evaluate(f"{EDITOR}.select([{unit}], 'key')")
    desk.press("Delete")
    assert legend_counts(page) == [areas - 1, left + 1, other]
    page.evaluate("window.dash_clientside.set_props('theme', { value: 'built_year' })")
    expect(page.locator("#legend .band-area")).to_have_count(0)
    page.evaluate("window.dash_clientside.set_props('theme', { value: 'areas' })")
    expect(page.locator("#legend .band-area .legend-count")).to_contain_text(str(areas - 1))
    assert legend_counts(page) == [areas - 1, left + 1, other]
    page.locator("#legend .band-left_over button").click()  # what is left over now gives way, not what was
    painted = f"document.querySelector('.map-box').mapView.painted[{unit}].d"
    desk.until(f"{painted} === 1")
    desk.watched.shot("edit-legend")
    desk.press("Escape", "Control+z")
    assert legend_counts(page) == [areas, left, other]
    desk.until(f"{painted} === 0")
    desk.press("Control+Shift+z")
    assert legend_counts(page) == [areas - 1, left + 1, other]
    page.locator(WAYS["explore"]).click()
    page.wait_for_selector("#page.mode-explore")
    expect(page.locator("#legend .band-area .legend-count")).to_contain_text(str(areas))
    assert legend_counts(page) == [areas, left, other]
    desk.watched.clean()


def test_new_areas_merging_splitting_anchors_and_locks(desk):
    page = desk.page
    units = desk.planned()[:2]
    page.evaluate(f"{EDITOR}.select({units}, 'key')")
    desk.press("n")
    new = desk.tell()["area"][units[0]]
    assert new == desk.tell()["area"][units[1]]
    desk.drawn()
    colour = desk.watched.state_of("units", units[0])["f"]
    beside = page.evaluate(
        f"(() => {{ const m = {EDITOR}.model; return {json.dumps(units)}.flatMap((i) => m.links[i]); }})()"
    )
    areas = desk.tell()["area"]
    for other in beside:
        if areas[other] not in (-1, new):
            assert desk.watched.state_of("units", other)["f"] != colour
    page.evaluate(f"{EDITOR}.select([{units[0]}], 'key')")
    desk.press("k")
    assert desk.tell()["locked"] == [units[0]]
    desk.press("Delete")
    assert desk.tell()["area"][units[0]] == new
    assert "没有改动" in desk.status()
    desk.press("k", "Escape")
    page.evaluate(f"{EDITOR}.select([{units[0]}], 'key')")
    desk.press("Delete")
    assert desk.tell()["area"][units[0]] == -1
    desk.press("Control+z", "Control+z", "Control+z", "Control+z")
    assert desk.tell()["done"] == 0
    assert desk.tell()["locked"] == []
    desk.watched.clean()


def test_areas_are_merged_split_led_and_locked_by_keys(desk):
    page = desk.page
    k, home = next(
        (k, members)
        for k in range(len(desk.tell()["anchors"]))
        if len(members := desk.members(k)) >= 2 and all(desk.tell()["target"][i] for i in members[:1])
    )
    other = next(j for j in range(len(desk.tell()["anchors"])) if j != k and desk.members(j))
    both = {*home, *desk.members(other)}

    def select(units):
        page.evaluate(f"{EDITOR}.select({units}, 'key')")

    select([home[0], desk.members(other)[0]])
    desk.press("g")
    merged = {desk.tell()["area"][unit] for unit in both}
    assert len(merged) == 1
    desk.press("Control+z")
    assert {desk.tell()["area"][unit] for unit in both} == {k, other}

    select(home[:1])
    desk.press("x")
    told = desk.tell()["area"]
    assert told[home[0]] not in (k, -1)
    assert {told[unit] for unit in home[1:]} == {k}
    desk.press("Control+z")

    lead = desk.tell()["anchors"][k]
    follower = next(unit for unit in home if unit != lead)
    select([follower])
    desk.press("a")
    assert desk.tell()["anchors"][k] == follower
    desk.press("Control+z")
    assert desk.tell()["anchors"][k] == lead

    select([follower])
    desk.press("Shift+K", "Delete")
    assert desk.tell()["area"][follower] == k
    assert "没有改动" in desk.status()
    desk.checked()
    page.keyboard.press("Escape")
    desk.watched.shot("edit-area-locked")
    desk.press("Control+z")
    assert desk.tell()["done"] == 0
    assert desk.tell()["steps"] == 1  # what was taken back can be done again
    desk.watched.clean()


def test_the_keyboard_alone_reaches_every_unit(desk):
    page = desk.page
    page.locator("#edit-filter input").focus()
    page.keyboard.type("铁西")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    desk.until(f"{EDITOR}.selection.size === 1")
    unit = desk.tell()["chosen"][0]
    was = desk.tell()["area"][unit]
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    desk.until(f"{EDITOR}.model.done === 1")
    assert desk.tell()["area"][unit] != was
    expect(page.locator("#edit-status")).to_contain_text("违规")
    page.keyboard.press("?")
    expect(page.locator("dialog.edit-dialog")).to_contain_text("快捷键")
    desk.watched.shot("edit-keys")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.edit-dialog")).to_have_count(0)
    desk.watched.clean()


def test_what_a_repair_proposes_is_shown_before_it_is_taken(desk):
    page = desk.page
    desk.checked()
    before = desk.tell()["area"]
    page.keyboard.press("r")
    expect(page.locator(".edit-box")).to_be_visible()
    assert desk.tell()["area"] == before
    desk.watched.shot("edit-repair")
    page.locator(".edit-box button").first.click()
    assert desk.tell()["done"] == 1
    assert desk.checked()["violations"] == []
    page.keyboard.press("Control+z")
    assert desk.tell()["area"] == before
    desk.watched.clean()


def test_problems_are_visited_one_after_the_other(desk):
    desk.press("j")
    first = desk.tell()["chosen"]
    assert first
    desk.press("j")
    assert desk.tell()["chosen"] != first
    desk.press("Shift+j")
    assert desk.tell()["chosen"] == first
    desk.watched.clean()


@pytest.mark.full
def test_a_reload_loses_no_step(fresh_desk):
    desk = fresh_desk
    page = desk.page
    unit = desk.members(1)[0]
    page.evaluate(f"{EDITOR}.select([{unit}], 'key')")
    desk.press("Delete", "j", "k")
    steps = desk.tell()["done"]
    area = desk.tell()["area"]
    page.reload()
    desk.begin()
    expect(desk.offered()).to_contain_text(f"{steps} 步")
    desk.watched.shot("edit-draft")
    desk.offered().get_by_text("继续").click()
    assert desk.tell()["done"] == steps
    assert desk.tell()["area"] == area
    desk.press("Control+z", "Control+z")
    assert desk.tell()["done"] == steps - 2
    page.reload()
    desk.begin()
    if desk.tell()["done"] == 0 and steps > 2:
        desk.offered().get_by_text("放弃").click()
    page.reload()
    desk.begin()
    expect(desk.offered()).to_be_empty()
    desk.watched.clean()


def test_saving_makes_a_version_with_its_steps_and_a_verdict(own_desk, office):
    desk = own_desk
    unit = desk.members(1)[0]
    desk.page.evaluate(f"{EDITOR}.select([{unit}], 'key')")
    desk.press("Delete")
    save(desk)
    expect(desk.page.locator("#edit-status")).to_contain_text("第 2 版")
    newest = office.versions()[0]
    assert (newest.number, newest.author, newest.note) == (2, "李工", "测试")
    assert len(newest.steps) == 1
    line = desk.page.locator("#plan-line")
    expect(line).to_contain_text("第 2 版")  # the header does not wait for the end of editing
    line.click()
    expect(desk.page.locator(".plan-menu a[aria-current=page]")).to_contain_text("李工")
    desk.watched.shot("edit-saved")
    desk.page.keyboard.press("Escape")
    exports = desk.page.locator("#exports a").first.get_attribute("href")
    assert exports.endswith(f".{newest.id}")
    own = f"plan={newest.plan_id}&version={newest.number}"
    assert desk.page.locator("#language").get_attribute("href").endswith(own)
    verdict = desk.page.locator("#edit-panel").get_by_text("独立核验未通过")
    expect(verdict).to_be_visible(timeout=120_000)
    assert desk.page.url.endswith(own)
    desk.press("Control+z")
    expect(desk.page.locator(".edit-state")).to_contain_text("未保存")
    desk.begin(f"/?plan={newest.id}")
    assert desk.tell()["area"][unit] == -1
    desk.watched.clean()


@pytest.mark.full
def test_two_windows_on_one_plan_lose_nothing(own_desk, office, new_page):
    desk = own_desk
    other = Desk(new_page(office.address)).begin()
    mine, theirs = desk.members(1)[0], other.members(7)[0]
    desk.page.evaluate(f"{EDITOR}.select([{mine}], 'key')")
    desk.press("Delete")
    other.page.evaluate(f"{EDITOR}.select([{theirs}], 'key')")
    other.press("Delete")
    save(other, "王工")
    expect(other.page.locator("#edit-status")).to_contain_text("第 2 版")
    save(desk, "李工")
    expect(desk.offered()).to_contain_text("王工")
    desk.watched.shot("edit-conflict")
    assert [version.number for version in office.versions()] == [2, 1]
    desk.offered().get_by_text("在新版上重做").click()
    desk.page.wait_for_url("**plan=**")
    desk.wait()
    desk.until(f"{EDITOR}.model.done === 1")
    area = desk.tell()["area"]
    assert area[mine] == -1
    assert area[theirs] == -1
    save(desk, "李工")
    expect(desk.page.locator("#edit-status")).to_contain_text("第 3 版")
    assert {version.author for version in office.versions()} >= {"李工", "王工"}
    assert desk.watched.foreign == []


@pytest.mark.full
def test_a_server_killed_during_a_save_loses_nothing_and_saves_once(own_desk, office):
    desk = own_desk
    page = desk.page
    unit = desk.members(1)[0]
    page.evaluate(f"{EDITOR}.select([{unit}], 'key')")
    desk.press("Delete")
    desk.checked()

    def kept_but_not_told(route):
        route.fetch()  # the server has written the version
        office.kill()
        route.abort()

    page.route("**/edit/save", kept_but_not_told, times=1)
    save(desk)
    expect(desk.offered()).to_contain_text("没有保存成功")
    office.start()
    page.keyboard.press("Escape")
    save(desk)
    expect(page.locator("#edit-status")).to_contain_text("第 2 版")
    assert [version.number for version in office.versions()] == [2, 1]

    page.evaluate(f"{EDITOR}.select([{desk.members(2)[0]}], 'key')")
    desk.press("Delete")
    office.kill()  # nothing is written
    save(desk)
    expect(desk.offered()).to_contain_text("没有保存成功")
    office.start()
    page.reload()
    desk.begin()
    expect(desk.offered()).to_contain_text("未保存的编辑")
    desk.offered().get_by_text("继续").click()
    save(desk)
    expect(page.locator("#edit-status")).to_contain_text("第 3 版")


@pytest.mark.full
@pytest.mark.parametrize(("width", "height", "language"), [(1366, 768, "zh"), (1920, 1080, "zh"), (1366, 768, "en")])
def test_the_editor_fits_the_screens_of_an_office(shared, new_page, width, height, language):
    watched = new_page(shared.address)
    watched.page.set_viewport_size({"width": width, "height": height})
    watched.speak(language)
    desk = Desk(watched).begin()
    desk.press("j", "Enter")
    watched.settle()
    panel = "document.getElementById('edit-panel')"
    assert watched.page.evaluate(f"{panel}.scrollWidth <= {panel}.clientWidth")
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    watched.shot(f"edit-{language}-{width}x{height}")
    watched.clean()


@pytest.mark.full
def test_a_morning_of_work_takes_few_actions(own_desk, office):
    """Bundle units of one street, fix two islands, save, compare with the automatic plan, export."""
    desk, page = own_desk, own_desk.page
    start, begun = desk.actions, time.perf_counter()
    desk.type(page.locator("#edit-filter input"), "西街道")
    rows = page.locator("#grid-edit-units .ag-center-cols-container .ag-row")
    desk.click(rows.first).click(rows.nth(5), modifiers=["Shift"])
    desk.press("n", "r")
    expect(page.locator(".edit-box")).to_be_visible()
    desk.press("Enter")
    desk.checked()
    desk.actions += 1
    page.locator("#edit-panel select").select_option("left_over")
    for _ in range(2):
        was = desk.tell()["area"].count(-1)
        desk.press("j")
        while not page.evaluate(f"{EDITOR}.suggestions.length"):  # with no area beside it
            desk.press("j")
        desk.press("1", "Enter")
        desk.checked()
        assert desk.tell()["area"].count(-1) < was  # its anchor may be an island too
    expect(page.locator(".compare-draft")).to_be_hidden()
    desk.click(page.locator(WAYS["compare"]))
    expect(page.locator(".compare-draft")).to_be_visible()  # what is not saved takes no part
    desk.click(page.locator(WAYS["edit"]))
    page.wait_for_selector("#page.mode-edit")
    desk.press("Control+s")
    box = page.locator("dialog.edit-dialog")
    desk.type(box.get_by_label("署名"), "李工")
    desk.click(box.get_by_role("button", name="保存"))
    expect(page.locator("#edit-status")).to_contain_text("第 2 版")
    newest = office.versions()[0]

    desk.click(page.locator(WAYS["compare"]))  # the page comes anew, with what was saved
    panel = page.locator(".compare-panel")
    expect(panel).to_contain_text("由“PLAN v1”到“PLAN v2”", timeout=60_000)
    expect(panel.locator("#grid-compare .ag-row").first).to_be_visible()
    page.wait_for_url(f"**plan={newest.plan_id}&version={newest.number}**")
    expect(page.locator("#page.mode-compare")).to_be_visible()
    expect(page.locator("#compare-checked")).to_contain_text("PLAN v2", timeout=60_000)
    page.wait_for_selector("#compare-map[data-swipe=on]", timeout=60_000)
    desk.watched.settle()
    desk.watched.shot("morning-compared")
    desk.click(page.locator("#exports summary"))
    with page.expect_download() as waiting:
        desk.click(page.locator("#exports a").first)
    assert os.path.getsize(waiting.value.path()) > 100
    assert desk.actions - start <= MOST_ACTIONS
    desk.watched.keep("morning", f"{desk.actions - start} actions, {time.perf_counter() - begun:.0f} s")
    desk.watched.clean()
