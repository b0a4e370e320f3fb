"""What is said after a placement: a fault as an alert, else that it is done."""

from app.i18n import load_words
from app.web.layout.corrections.placing import placed_list, placing_message
from tests.app.drawn import text_in

ZH = load_words("zh")


def test_a_fault_is_the_sentence_itself():
    assert "不在城里" in text_in(placing_message("不在城里", ZH))
    assert text_in(placing_message(None, ZH)) != text_in(placing_message("不在城里", ZH))


def test_nothing_placed_lists_no_buttons():
    assert [part for part in placed_list([], ZH) if getattr(part, "id", None)] == []
