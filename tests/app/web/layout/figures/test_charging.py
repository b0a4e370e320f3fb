"""The panel of charging places: what would write is idle where nothing may be written."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.figures.charging import charging_panel
from tests.app.drawn import disabled_in, ids_in, text_in

REASON = ("只读方式", "read only")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_write_is_idle_and_says_why(language):
    words = load_words(language)
    free, barred = charging_panel(words), charging_panel(words, REASON)
    assert ids.CHARGE_GRID in ids_in(free)
    assert len(disabled_in(barred)) > len(disabled_in(free))
    assert words.pick(*REASON) in text_in(barred)
