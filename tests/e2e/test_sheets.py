"""The briefing and the printed sheet in a real browser, network closed."""

import re

import pytest
from playwright.sync_api import expect

from app.i18n import LANGUAGES, load_words


@pytest.fixture
def wall(new_page, origin):
    watched = new_page(origin)
    watched.page.set_viewport_size({"width": 1920, "height": 1080})
    watched.page.goto(origin + "/story")
    yield watched
    watched.clean()


def test_the_briefing_is_told_by_keys_and_left_by_escape(wall):
    page = wall.page
    for number in range(1, 6):
        expect(page.locator("#story-at")).to_have_text(f"{number} / 5")
        expect(page.locator(".slide:visible svg.plate-map")).to_have_count(1)
        wall.shot(f"story-{number}")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#story-at")).to_have_text("5 / 5")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#slide-rest h2")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/\?plan=\w+&version=1$"))


def test_the_briefing_prints_as_five_pages(wall):
    body = wall.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", body)) == 5


def test_ctrl_p_opens_the_sheet_of_what_is_on_the_map(watched):
    watched.page.keyboard.press("2")
    expect(watched.page.locator("#legend .band-professional")).to_be_visible()
    with watched.page.context.expect_page() as opened:
        watched.page.keyboard.press("Control+p")
    sheet = opened.value
    sheet.wait_for_load_state()
    expect(sheet.locator("h1")).to_contain_text("专业化物业管理覆盖")
    sheet.set_viewport_size({"width": 1366, "height": 900})
    sheet.screenshot(path="tests/artefacts/sheet.png")
    body = sheet.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", body)) >= 2
    sheet.locator("select[name=table]").select_option("none")
    sheet.wait_for_url(re.compile("table=none"))
    assert len(re.findall(rb"/Type\s*/Page[^s]", sheet.pdf(prefer_css_page_size=True))) == 1
    sheet.close()


def test_the_sheet_is_the_map_as_seen(new_page, origin):
    watched = new_page(origin).open()
    page = watched.page
    page.keyboard.press("2")
    page.get_by_role("slider", name="目标年份").press("ArrowRight")
    expect(page.locator(".indicator").first).to_contain_text("2027 年目标")
    page.wait_for_load_state("networkidle")  # the legend comes anew with the year
    page.locator("#legend .band-unmanaged button").click()
    with page.context.expect_page() as opened:
        page.locator("#print-open").click()
    sheet = opened.value
    notes = sheet.locator(".plate-note")
    expect(notes).to_have_count(2)
    expect(notes.first).to_contain_text("未显示")
    expect(notes.last).to_contain_text("目标年份 2027")
    sheet.locator("select[name=paper]").select_option("A3")
    sheet.wait_for_url(re.compile("paper=A3"))
    expect(notes).to_have_count(2)
    sheet.close()
    watched.clean()


BOXES = """(root) => [...document.querySelectorAll(root + " svg.plate-map text")].map((text) => {
    const { left, top, right, bottom } = text.getBoundingClientRect();
    const inside = (bottom - top) * 0.18;
    return [left + 1, top + inside, right - 1, bottom - inside, text.textContent];
})"""
"""What texts on a map cover, without the air above and below the letters."""


def check_boxes(page, root):
    boxes = page.evaluate(BOXES, root)
    assert boxes
    frame = page.evaluate(
        "(root) => document.querySelector(root + ' svg.plate-map').getBoundingClientRect().toJSON()", root
    )
    for box in boxes:
        assert frame["left"] - 1 <= box[0] <= box[2] <= frame["right"] + 1, box[4]
    straight = [box for box in boxes if box[2] - box[0] > box[3] - box[1]]  # turned ones have larger boxes than text
    for k, one in enumerate(straight):
        for other in straight[k + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one[4], other[4])


def test_names_on_slides_do_not_overlap(wall):
    for key in ("state", "gap", "plan", "rest", "next"):
        check_boxes(wall.page, f"#slide-{key}")
        wall.page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_fills_its_frame_at_a_true_scale_and_is_signed(new_page, origin, language):
    words = load_words(language)
    watched = new_page(origin).speak(language)
    page = watched.page
    page.goto(origin + "/print?table=none")
    check_boxes(page, ".plate")
    svg, box = (page.locator(at).bounding_box() for at in (".plate svg.plate-map", ".plate-map-box"))
    assert [svg["width"], svg["height"]] == pytest.approx([box["width"], box["height"]], abs=1)
    view = [float(part) for part in page.locator("svg.plate-map").get_attribute("viewBox").split()]
    assert svg["width"] / (96 / 25.4) * 5 == pytest.approx(view[2], rel=0.002)
    page.locator("input[name=agency]").fill("岚渡区住建局")
    with page.expect_navigation():  # the boxes are those of the whole new sheet, not of one half laid out
        page.locator("input[name=agency]").press("Enter")
    expect(page.locator(".title-block")).to_contain_text("岚渡区住建局")
    expect(page.locator(".title-block")).to_contain_text(words("print.approval"))
    foot, head = page.locator(".plate footer").bounding_box(), page.locator(".plate").bounding_box()
    assert box["y"] + box["height"] <= foot["y"] + 1
    assert foot["y"] + foot["height"] <= head["y"] + head["height"]
    for paper in ("A3", "16:9"):
        with page.expect_navigation():  # the sheet comes anew; what is half there cannot be printed
            page.locator("select[name=paper]").select_option(paper)
        page.screenshot(path=f"tests/artefacts/sheet-{paper[:2]}.png")
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) == 1
    watched.clean()
