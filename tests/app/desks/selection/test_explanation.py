"""The card that explains what is selected: of an area, of a unit, of nothing."""

import pytest

from app.desks.selection.explanation import selection_card
from app.desks.selection.selected import NOTHING, Selection
from app.i18n import LANGUAGES, load_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_area_has_a_card_and_nothing_has_none(bench, language):
    words = load_words(language)
    assert selection_card(bench, NOTHING, words) is None
    card = selection_card(bench, Selection(area=0), words)
    assert card is not None
    assert card.title
