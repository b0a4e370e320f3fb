"""Planning in the page: asked for, followed, found again after a reload, stopped, relaxed."""

import shutil
import time

import pytest
from playwright.sync_api import expect

from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import open_dataset, write_dataset

ADVICE = {
    "kind": "relax",
    "rules": ["R31"],
    "what": [{"kind": "lower", "value": 500}],
    "households": 1200,
    "units": 3,
    "sentence_zh": "片区下限由 1,000 降到 500 户: 至少可再划入 1,200 户 (3 个单元)。",
    "sentence_en": "a least size of 500 instead of 1,000 households: at least 1,200 more households.",
}


CROSSING = {
    **ADVICE,
    "rules": ["R23"],
    "what": [{"kind": "crossing", "barrier": "railway:R1"}],
    "sentence_zh": "在铁路 R1 处增设通道: 至少可再划入 900 户 (2 个单元)。",
    "sentence_en": "a crossing at railway R1: at least 900 more households (2 units) covered.",
}


def barred_by_the_railway(folder):
    """The units of a refused pair, one of them left over by the plan, now with the railway between."""
    dataset = open_dataset(folder)
    edges = dataset.layer("edges").copy()
    row = edges.index[~edges["allowed"].astype(bool)][0]
    edges.loc[row, "blocked_by"] = "railway:R1"
    written = write_dataset(folder, dataset.manifest, {"edges": edges})
    return edges.loc[row, "unit_a"], written.manifest.planning_sha256


@pytest.fixture(scope="module")
def planned(town, tmp_path_factory):
    """A town of its own, and the store of its plans."""
    place = tmp_path_factory.mktemp("planned")
    folder = shutil.copytree(town[0], place / "town")
    url = f"sqlite:///{place / 'plans.sqlite'}"
    unit, made_for = barred_by_the_railway(folder)
    document = {**read_plan(town[1]), "advice": [ADVICE, CROSSING], "planning_sha256": made_for}
    areas = [{**one, "unit_ids": [other for other in one["unit_ids"] if other != unit]} for one in document["areas"]]
    left = [row for row in document["left_over"] if row["unit_id"] != unit]
    out = [row for row in document["out_of_scope"] if row["unit_id"] != unit]
    document |= {
        "areas": [one for one in areas if one["unit_ids"]],
        "left_over": [*left, {"unit_id": unit, "reason": "no_neighbour", "rules": ["R22"]}],
        "out_of_scope": out,
    }
    return folder, url, open_store(url), open_store(url).create_plan("自动方案", document, "王敏")


@pytest.fixture(scope="module")
def planned_origin(serve, planned):
    yield from serve(planned[0], None, store=planned[1])


@pytest.fixture(scope="module")
def slow_origin(serve, planned):
    """A server whose runs take their time."""
    yield from serve(planned[0], None, store=planned[1], slow=True)


@pytest.mark.parametrize("kind", ["map", pytest.param("lite", marks=pytest.mark.full)])
def test_a_plan_is_asked_for_and_opens(new_page, planned_origin, planned, kind):
    start = planned[3].id  # what the form begins with is the plan shown
    address = f"/?plan={start}&lite={int(kind == 'lite')}"
    watched = new_page(planned_origin).open(address, shows=kind)
    page, name = watched.page, f"只划西街 {kind}"
    page.route("**/_dash-update-component?*", slowly)
    page.get_by_role("button", name="规划", exact=True).click()
    form = page.locator(".plan-form")
    form.get_by_label("方案名称").fill(name)
    form.get_by_placeholder("全部街道").click()
    page.get_by_role("option", name="西街道").click()
    page.keyboard.press("Escape")
    watched.settle()
    watched.shot(f"planning-form-{kind}")
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator(".plan-run h3")).to_have_text(name)
    page.wait_for_url(lambda url: "plan=" in url and start not in url, timeout=240_000)
    page.wait_for_selector(f".map-box[data-ready={kind}]")
    expect(page.locator("#plan-line")).to_contain_text(name)
    version = planned[2].plans()[0].newest
    rules = planned[2].document(version.id)["rules"]
    assert (version.plan_name, len(rules["streets"])) == (name, 1)
    watched.clean()


def slowly(route):
    """Answers about the run that take longer than the page's clock."""
    if "plan-timer.disabled" in (route.request.post_data or ""):
        time.sleep(1)
    route.fallback()


@pytest.mark.full
def test_a_run_is_found_again_after_a_reload_and_stopped(new_page, slow_origin, planned):
    watched = new_page(slow_origin).open(f"/?plan={planned[3].id}")
    page = watched.page
    page.get_by_role("button", name="规划", exact=True).click()
    form = page.locator(".plan-form")
    form.get_by_label("方案名称").fill("长跑")
    form.get_by_label("搜索用时").fill("300")
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator(".plan-run h3")).to_have_text("长跑")
    expect(page.locator(".plan-run .js-plotly-plot")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(1500)
    watched.shot("planning-run")
    watched.open()
    button = page.get_by_role("button", name="规划中")
    expect(button).to_be_visible()
    button.click()
    expect(page.locator(".plan-run h3")).to_have_text("长跑")
    page.get_by_role("button", name="停止, 保留最好的方案").click()
    expect(page.get_by_role("link", name="查看方案")).to_be_visible(timeout=60_000)
    watched.shot("planning-done")
    page.get_by_role("link", name="查看方案").click()
    expect(page.locator("#plan-line")).to_contain_text("长跑")
    expect(page.get_by_role("button", name="规划", exact=True)).to_be_visible()
    expect(page.locator(".plan-run h3")).to_have_count(0)  # its plan is on the screen
    watched.clean()


@pytest.mark.full
def test_an_advice_is_applied(new_page, planned_origin, planned):
    watched = new_page(planned_origin).open(f"/?plan={planned[3].id}")
    page = watched.page
    page.get_by_role("button", name="去更正: 确有通道").click()
    expect(page.locator("#correct-section input:checked")).to_have_value("passage")
    expect(page.locator(".barred li")).to_have_count(1)
    watched.settle()
    watched.shot("advice-passage")
    page.locator(".barred").get_by_role("button", name="确认相邻").click()
    expect(page.get_by_role("radio", name="确认相邻")).to_be_checked()
    expect(page.get_by_role("textbox", name="另一个单元")).not_to_have_value("")
    watched.shot("advice-pair")
    page.locator("#correct-close").click()
    page.get_by_role("button", name="按此再做一个方案").click()
    form = page.locator(".plan-form")
    expect(form.locator(".menu-note")).to_contain_text("降到 500 户")
    expect(form.get_by_label("从哪个方案出发").first).to_have_value("自动方案 · 第 1 版")
    watched.settle()
    watched.shot("planning-advice")
    form.get_by_label("方案名称").fill("放宽下限")
    form.get_by_role("button", name="提出方案").click()
    page.wait_for_url(lambda url: planned[3].id not in url, timeout=90_000)
    version = planned[2].plans()[0].newest
    assert version.parent_id == planned[3].id
    assert planned[2].document(version.id)["rules"]["lower"] == 500
    assert "降到 500 户" in version.note
    watched.clean()


@pytest.mark.full
def test_further_bounds_are_folded_and_those_of_the_first_weight_not_shown(new_page, planned_origin):
    watched = new_page(planned_origin).open()
    page = watched.page
    page.get_by_role("button", name="规划", exact=True).click()
    form = page.locator(".plan-form").first
    expect(form.get_by_label("单元数下限")).to_be_hidden()
    form.get_by_text("更多规模限制").click()
    form.get_by_label("单元数下限").fill("9")
    form.get_by_label("单元数上限").fill("3")
    expect(form.get_by_label("户数下限")).to_be_hidden()
    expect(form.get_by_label("建筑面积下限")).to_be_visible()
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator("#plan-fault")).to_contain_text("单元数下限大于上限")
    watched.settle()
    watched.shot("planning-bounds")
    form.get_by_role("textbox", name="规模按什么算").click()
    page.get_by_role("option", name="建筑面积").click()
    expect(form.get_by_label("建筑面积下限")).to_be_hidden()
    expect(form.get_by_label("户数下限")).to_be_visible()
    page.keyboard.press("Escape")
    watched.clean()


def test_what_is_missing_is_said_beside_the_button(new_page, planned_origin):
    watched = new_page(planned_origin).open()
    page = watched.page
    page.get_by_role("button", name="规划", exact=True).click()
    form = page.locator(".plan-form")
    form.get_by_label("规模下限").fill("9000")
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator("#plan-fault")).to_contain_text("规模下限大于上限")
    form.get_by_label("规模下限").fill("900")
    expect(page.locator("#plan-fault")).to_be_empty()  # what was said is of before
    form.get_by_text("更多选项", exact=True).click()
    expect(form.get_by_text("目标的次序")).to_be_hidden()
    form.get_by_role("textbox", name="目标", exact=True).click()
    page.get_by_role("option", name="按次序").click()
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator("#plan-fault")).to_contain_text("没有填写任何目标")
    form.get_by_role("textbox", name="目标的次序").click()
    expect(page.locator("#plan-fault")).to_contain_text("没有填写任何目标")  # nothing was changed
    page.get_by_role("option", name="与出发方案接近").click()
    page.get_by_role("option", name="步行").click()
    page.keyboard.press("Escape")
    form.get_by_label("片区个数").fill("3")
    form.get_by_label("随机种子").scroll_into_view_if_needed()
    watched.settle()
    watched.shot("planning-more")
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator("#plan-fault")).to_contain_text("片区个数只用于“整体划分”")
    form.get_by_label("片区个数").fill("")
    form.get_by_role("button", name="提出方案").click()
    expect(page.locator("#plan-fault")).to_contain_text("接近”须先选一个现有方案")
    page.keyboard.press("Escape")
    watched.clean()


@pytest.mark.full
def test_a_method_says_beside_it_what_it_does_not_heed(new_page, planned_origin, planned):
    watched = new_page(planned_origin).open(f"/?plan={planned[3].id}")
    page = watched.page
    page.get_by_role("button", name="规划", exact=True).click()
    form = page.locator("#plan-form")
    form.get_by_text("更多选项", exact=True).click()
    aim, hints = (form.get_by_role("textbox", name="目标", exact=True), form.locator(".method-hint:visible"))
    expect(aim).to_be_visible()
    expect(hints).to_have_count(0)
    for method, hint, has_aims in (("对照: 就近", "只供对照", True), ("改动最少", "不按目标优化", False)):
        form.get_by_role("textbox", name="方法", exact=True).click()
        page.get_by_role("option", name=method).click()
        expect(hints).to_contain_text(hint)
        expect(hints).to_have_count(1)
        expect(aim).to_be_visible(visible=has_aims)
    watched.settle()
    watched.shot("planning-least-change")
    form.get_by_role("textbox", name="方法", exact=True).click()
    page.get_by_role("option", name="优化搜索").click()
    expect(aim).to_be_visible()
    expect(hints).to_have_count(0)
    page.keyboard.press("Escape")
    watched.clean()
