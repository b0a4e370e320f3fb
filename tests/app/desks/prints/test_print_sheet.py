"""The printed sheet shows what the map shows, and says what it hides."""

import json

import pytest

from app.desks.prints.print_sheet import build_print_sheet, parse_print_request
from app.i18n import load_words
from app.workbench.scenario import list_editable_entries, list_modes

ZH = load_words("zh")


def test_a_wish_that_makes_no_sense_prints_the_whole_plan():
    wish = parse_print_request({"bounds": "5,5,1,1", "paper": "x", "level": "moon", "classes": "?"})
    assert wish == parse_print_request({})


def test_the_sheet_shows_what_the_map_shows(bench, data):
    one = build_print_sheet(data, parse_print_request({"theme": "built_year", "classes": "natural"}), ZH)
    drawn = [b.zh for b in data.theme("built_year", "natural").bands if b.n_units]
    assert [entry[1] for entry in one.legend][: len(drawn)] == drawn
    assert ZH("legend.print_street") in [entry[1] for entry in one.legend]
    assert len(one.rows) == len(bench.areas)
    streets = build_print_sheet(data, parse_print_request({"theme": "professional_coverage", "level": "street"}), ZH)
    assert streets.caption.startswith(ZH("places.caption_professional_coverage"))
    assert "82%" in streets.caption


def test_the_sheet_hides_what_the_legend_hides_and_says_so(data):
    whole = build_print_sheet(data, parse_print_request({"theme": "owners_body"}), ZH)
    bands = data.theme("owners_body").bands
    seen = next(k for k, band in enumerate(bands) if band.n_units)
    less = build_print_sheet(
        data, parse_print_request({"theme": "owners_body", "hidden": f"{bands[seen].key},<b>"}), ZH
    )
    assert less.notes == (f"未显示: {bands[seen].zh}",)
    assert [e[1] for e in less.legend if e[2]] == [b.zh for k, b in enumerate(bands) if k != seen and b.n_units]
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
