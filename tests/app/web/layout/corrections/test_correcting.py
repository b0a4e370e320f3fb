"""The panel of corrections: idle with a reason where data may not be written."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.corrections.correcting import correcting_panel, fault_line, remarks_list
from tests.app.drawn import disabled_in, ids_in, text_in

REASON = ("只读方式", "read only")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_write_is_idle(language):
    words = load_words(language)
    free, barred = correcting_panel(words), correcting_panel(words, REASON)
    assert ids.CORRECT_KEEP in ids_in(free)
    assert len(disabled_in(barred)) > len(disabled_in(free))


def test_a_fault_and_remarks_are_said():
    assert "太小" in text_in(fault_line("太小"))
    drawn = remarks_list([("error", "自相交"), ("warning", "很小")])
    assert "自相交" in text_in(drawn)
