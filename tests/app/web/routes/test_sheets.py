"""The briefing and the printed sheet: right numbers, every unit drawn, nothing hostile let through."""

import json
import re
from html.parser import HTMLParser

import pytest
import shapely

from analysis.indicators.registry import THEMES
from app.desks.prints.briefing import build_briefing
from app.desks.prints.print_sheet import build_print_sheet, parse_print_request
from app.i18n import LANGUAGES, load_words
from app.maps.svg_map import HEIGHT, WIDTH, Frame, class_pattern, draw_unit_map, find_label_points, make_frame
from app.session.page import prepare_page
from app.workbench.scenario import list_editable_entries, list_modes
from tests.app.opened import open_workbench

ZH = load_words("zh")


VOID = {"meta", "link", "input", "br", "hr"}


class Balanced(HTMLParser):
    """Tags are closed in the order in which they were opened."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_briefing_has_five_maps_each_with_a_sentence_and_numbers(data, language):
    slides = build_briefing(data, language)
    assert [slide.key for slide in slides] == ["state", "gap", "plan", "rest", "next"]
    for slide in slides:
        assert slide.sentence
        assert len(slide.numbers) >= 2
        assert slide.drawing.startswith("<svg")
        assert slide.legend


def test_the_numbers_of_the_briefing_are_those_of_the_plan(data, bench):
    numbers = [{name: value for value, name in slide.numbers} for slide in build_briefing(data, "zh")]
    assert numbers[2][ZH("story.areas")] == str(len(bench.areas))
    assert numbers[3][ZH("story.left_units")] == str(len(bench.left_over))


def test_without_a_plan_the_briefing_tells_of_none(town):
    bare = prepare_page(open_workbench(town[0], None))
    assert [slide.key for slide in build_briefing(bare, "zh")] == ["state", "gap", "next"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_every_unit_is_drawn_once_inside_the_paper(bench, data, theme):
    drawing = draw_unit_map(bench, data.theme(theme.key), make_frame(bench), "x")
    fills = set(data.theme(theme.key).palette)
    paths = [p for p in re.findall(r"<path [^>]*>", drawing) if 'stroke="#5b6672"' in p]
    assert {re.search(r'fill="([^"]+)"', p)[1] for p in paths} <= fills
    assert sum(p.count("M") for p in paths) == len(bench.units)
    numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(paths))
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in numbers)


def test_a_name_is_written_where_its_place_is_widest():
    hall, corridor = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 400, 30)
    spots, room = find_label_points([hall | corridor], Frame(0, 0, 400, 100))
    assert spots[0].within(hall)
    assert room[0] == pytest.approx(50 * Frame(0, 0, 400, 100).scale, rel=0.05)


def test_classes_without_order_differ_in_grey(data):
    theme = data.theme("owners_body")
    patterns = [class_pattern(theme, number) for number in range(len(theme.palette)) if theme.bands[number].n_units]
    assert len(set(patterns)) == len(patterns)


@pytest.mark.parametrize(
    "address",
    [
        "/story",
        "/print",
        "/print?theme=ebike_ports&level=street&table=left_over",
        "/print?theme=<script>&bounds=1,2,x,nan&paper=A0&table=../etc",
    ],
)
def test_both_are_whole_pages_without_foreign_addresses(client, address):
    answer = client.get(address)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    parser = Balanced()
    parser.feed(body)
    assert parser.open == []
    assert "<script>" not in body
    assert not re.search(r'(?:src|href)="(?:https?:)?//', body)
    assert "演示数据" in body
    assert ZH("page.footer_note") in body


def test_a_wish_that_makes_no_sense_prints_the_whole_plan():
    wish = parse_print_request({"bounds": "5,5,1,1", "paper": "x", "level": "moon", "classes": "?"})
    assert wish == parse_print_request({})


def test_the_sheet_shows_what_the_map_shows(bench, data):
    one = build_print_sheet(data, parse_print_request({"theme": "built_year", "classes": "natural"}), ZH)
    assert [entry[1] for entry in one.legend] == [b.zh for b in data.theme("built_year", "natural").bands]
    assert len(one.rows) == len(bench.areas)
    streets = build_print_sheet(data, parse_print_request({"theme": "professional_coverage", "level": "street"}), ZH)
    assert streets.caption == ZH("places.caption_professional_coverage")


def test_too_long_an_address_is_refused(client):
    assert client.get("/print?theme=" + "x" * 7_000).status_code == 400


def test_the_sheets_of_single_buildings_say_what_they_leave_out(client):
    body = client.get("/print/single-buildings?stage=operating&agrees=no").get_data(as_text=True)
    assert "只列: 阶段 已进驻 · 意愿 不同意" in body
    assert ZH("sheet.nothing") in body
    assert "只列" not in client.get("/print/single-buildings").get_data(as_text=True)
    assert client.get("/print/single-buildings?stage=moon").status_code == 404


def test_the_sheet_hides_what_the_legend_hides_and_says_so(data):
    whole = build_print_sheet(data, parse_print_request({"theme": "owners_body"}), ZH)
    bands = data.theme("owners_body").bands
    seen = next(k for k, band in enumerate(bands) if band.n_units)
    less = build_print_sheet(
        data, parse_print_request({"theme": "owners_body", "hidden": f"{bands[seen].key},<b>"}), ZH
    )
    assert less.notes == (f"未显示: {bands[seen].zh}",)
    assert [e[1] for e in less.legend] == [b.zh for k, b in enumerate(bands) if k != seen]
    faint = f'fill="{bands[seen].colours[0]}" stroke="#5b6672" stroke-width=".5" fill-opacity'
    assert faint in less.drawing
    assert faint not in whole.drawing
    assert whole.notes == ()


def test_the_sheet_shows_what_is_tried_and_says_so(data):
    entries = list_editable_entries(data.bench.policy)
    entry = next(one for one in entries if not isinstance(one.value, bool))
    values = {entry.key: entry.value + 1}
    tried = {"year": 2027, "modes": list_modes(data.bench.policy), "values": values}
    told = {"theme": "professional_coverage", "tried": json.dumps(tried)}
    whole, one = (
        build_print_sheet(data, parse_print_request({"theme": told["theme"]}), ZH),
        build_print_sheet(data, parse_print_request(told), ZH),
    )
    assert one.notes[0] == "目标年份 2027 (数据年份 2026)"
    assert "(原 专业物业、标准物业服务)" in one.notes[1]
    assert f"{entry.label_zh} {entry.value + 1:g} (原 {entry.value:g})" in one.notes[1]
    assert [e[2] for e in one.legend] != [e[2] for e in whole.legend]
    assert any("2027" in figure.target for figure in one.figures)
    assert any("原" in figure.target for figure in one.figures)
    street = build_print_sheet(data, parse_print_request({**told, "level": "street"}), ZH)
    assert (
        street.drawing
        != build_print_sheet(data, parse_print_request({"theme": told["theme"], "level": "street"}), ZH).drawing
    )


@pytest.mark.parametrize("tried", ["x", "[]", "[" * 5_000, '{"values": [1]}', '{"year": 1e999}'])
def test_what_is_tried_by_no_reader_is_nothing(data, tried):
    assert build_print_sheet(data, parse_print_request({"tried": tried}), ZH).notes == ()
