"""The briefing: five maps, each with a sentence and the numbers of the plan."""

import pytest

from app.desks.prints.briefing import build_briefing
from app.i18n import LANGUAGES, load_words
from app.session.page import prepare_page
from tests.app.opened import open_workbench

ZH = load_words("zh")


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


def test_the_briefing_of_leaders_counts_the_led_and_who_has_no_leader(led_data):
    bench = led_data.bench
    slides = {slide.key: slide for slide in build_briefing(led_data, "zh")}
    numbers = {name: value for slide in slides.values() for value, name in slide.numbers}
    assert numbers[ZH("story.led_units")] == str(len(bench.leaders))
    assert ZH("story.rest_unled", n=len(bench.unled_reasons)) in slides["rest"].sentence
