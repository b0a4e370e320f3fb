"""Small parts of many views: what is awaited can be asked for again, what may not be written says why."""

from app.i18n import load_words
from app.web.layout import ids
from app.web.layout.widgets import disabled_note, loading_state, source_tag
from tests.app.drawn import ids_in, text_in

WORDS = load_words("en")


def test_what_is_awaited_names_its_output_and_can_be_asked_for_again():
    drawn = loading_state("figures", ["before"], "counting", WORDS)
    assert ids_in(drawn) == [ids.again("figures")]
    assert "before" in text_in(drawn)
    assert "counting" in text_in(drawn)
    assert drawn.to_plotly_json()["props"]["data-awaits"] == "figures"


def test_a_reason_is_a_line_beside_the_control_and_none_is_nothing():
    assert disabled_note(None, WORDS) == []
    assert text_in(disabled_note(("只读", "read only"), WORDS)) == "read only"


def test_a_source_is_tagged_by_its_kind():
    tag = source_tag("S3", WORDS)
    assert (tag.children, tag.className) == ("[S3]", "source source-S")
