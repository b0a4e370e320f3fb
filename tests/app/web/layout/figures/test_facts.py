"""Everything about a unit: a table a section, the kinds of sources below."""

from app.i18n import load_words
from app.web.layout import ids
from app.web.layout.figures.facts import facts_button, facts_drawer, facts_view
from tests.app.drawn import ids_in, text_in

ZH = load_words("zh")


def test_without_sections_the_name_and_the_kinds_of_sources_stay():
    drawn = text_in(facts_view("甲园", (), ZH))
    assert "甲园" in drawn
    assert ZH("source.S") in drawn


def test_the_drawer_is_filled_by_the_button():
    assert ids.FACTS_OPEN in ids_in(facts_button(ZH))
    assert ids.FACTS in ids_in(facts_drawer(ZH))
