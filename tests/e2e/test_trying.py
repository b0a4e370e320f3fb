"""Year, switches, levels and candidate sites in a real browser with the network closed."""

import re

from playwright.sync_api import expect

HEADLINE = ".indicator .card-value"
SITES = """async () => {
    const { map } = document.querySelector(".map-box").mapView;
    return (await map.getSource("sites").getData()).features.length;
}"""
ON_SITE = """async () => {
    const { map } = document.querySelector(".map-box").mapView;
    const data = await map.getSource("sites").getData();
    const ring = data.features[0].geometry.coordinates[0].slice(1);
    const mean = (k) => ring.reduce((sum, point) => sum + point[k], 0) / ring.length;
    map.jumpTo({ center: [mean(0), mean(1)], zoom: 16.5 });
    const { left, top, width, height } = map.getCanvas().getBoundingClientRect();
    return [left + width / 2, top + height / 2];
}"""


def level(watched, name):
    watched.page.locator("#level label", has_text=name).click()
    watched.settle()


def test_streets_and_districts_take_the_colour_of_their_figure(watched):
    watched.page.keyboard.press("2")
    level(watched, "街道")
    expect(watched.page.locator("#legend")).to_contain_text("个街道")
    assert watched.state_of("places", 0)["f"].startswith("#")
    hidden = "document.querySelector('.map-box').mapView.map.getLayoutProperty('units-fill', 'visibility')"
    assert watched.page.evaluate(hidden) == "none"
    watched.shot("level-street")
    level(watched, "旗县区")
    expect(watched.page.locator("#legend")).to_contain_text("个旗县区")
    level(watched, "单元")
    assert watched.page.evaluate(hidden) != "none"


def test_the_slider_turns_the_year_of_the_targets(watched):
    card = watched.page.locator(".indicator").first
    expect(card).to_contain_text("2026 年目标 ≥ 82%")
    slider = watched.page.get_by_role("slider", name="目标年份")
    slider.press("ArrowRight")
    expect(card).to_contain_text("2027 年目标 ≥ 90%")
    expect(watched.page.locator(".coverages")).to_contain_text("2027 年目标")
    slider.press("ArrowLeft")
    expect(card).to_contain_text("2026 年目标 ≥ 82%")


def test_a_level_of_the_coverages_comes_when_opened_and_follows_the_year(watched):
    opened = watched.page.locator(".coverages details").last
    assert opened.locator("tr").count() == 0
    opened.locator("summary").focus()
    watched.page.keyboard.press("Enter")
    rows = opened.locator("tbody tr")
    expect(rows.first).to_be_visible()
    n_rows = rows.count()
    assert f"({n_rows} 行)" in opened.locator("summary").inner_text()
    targets = rows.first.locator("td").nth(1)
    expect(targets).to_have_attribute("title", re.compile("目标 82%"))
    watched.shot("coverages-street")
    slider = watched.page.get_by_role("slider", name="目标年份")
    slider.press("ArrowRight")
    expect(targets).to_have_attribute("title", re.compile("目标 90%"))
    slider.press("ArrowLeft")
    expect(targets).to_have_attribute("title", re.compile("目标 82%"))
    opened.locator("summary").press("Enter")
    expect(rows.first).to_be_hidden()
    opened.locator("summary").press("Enter")
    expect(rows).to_have_count(n_rows)
    opened.locator("summary").press("Enter")


def test_a_switch_recomputes_the_headline_with_the_original_beside(watched):
    watched.page.keyboard.press("2")
    value = watched.page.locator(HEADLINE).first
    before = value.inner_text()
    managed = watched.page.locator("#legend .band-professional .legend-count")
    counted = managed.inner_text()
    watched.page.locator(".what-if summary").click()
    watched.page.get_by_label("准物业", exact=True).check()
    expect(value).not_to_have_text(before)
    expect(watched.page.locator(".indicator").first).to_contain_text(f"原 {before}")
    expect(managed).not_to_have_text(counted)
    watched.shot("switch-tried")
    watched.page.get_by_role("button", name="恢复原口径").click()
    expect(value).to_have_text(before)
    expect(watched.page.locator(".indicator .was")).to_have_count(0)
    watched.page.locator(".what-if summary").click()


def test_the_units_behind_a_figure_are_outlined_and_let_go(watched):
    marks = """async () => (await document.querySelector(".map-box").mapView.map.getSource("marks").getData())
        .features.filter((feature) => feature.properties.mark === "counted").length"""
    button = watched.page.locator(".indicator").first.get_by_role("button", name="看单元")
    counted = int(watched.page.locator(".indicator .fraction").first.inner_text().split()[1])
    button.click()
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(marks) == counted
    watched.shot("units-behind")
    button.click()
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(marks) == 0


def test_candidate_sites_come_on_demand_with_their_notice(watched):
    box = watched.page.get_by_label("候选充电场地 (初筛)")
    assert not box.is_checked()
    box.check()
    for _ in range(600):
        if watched.page.evaluate(SITES):
            break
        watched.page.wait_for_timeout(200)
    x, y = watched.page.evaluate(ON_SITE)
    card = watched.page.locator(".map-card")
    for step in range(100):
        watched.page.mouse.move(x + step % 2, y)
        watched.page.wait_for_timeout(200)
        if card.is_visible() and "候选充电场地" in card.inner_text():
            break
    expect(card).to_contain_text("初筛, 以消防部门意见为准")
    watched.shot("sites")
    box.uncheck()
    watched.whole()


def test_the_corner_names_source_and_date(watched):
    expect(watched.page.locator("#corner")).to_contain_text("数据日期 2026-06-30")
    expect(watched.page.locator("#corner")).to_contain_text("来源")
