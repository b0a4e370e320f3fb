"""The map as the page has it: layers that take a while are off at first."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout.map import explanation_card, first_map, map_sources, present_groups, visible_groups


def test_what_takes_a_while_is_off_at_first(data):
    present, visible = present_groups(data), visible_groups(data)
    assert set(visible) < set(present)
    assert set(present) - set(visible) == set(present) & set(data.lazy_layers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_layer_has_an_address_and_nothing_is_selected(data, language):
    words = load_words(language)
    assert map_sources(data, words).keys() >= {*data.layers, *data.lazy_layers}
    drawn = first_map(data, words)
    assert drawn.selected == {"area": None, "unit": None}
    assert drawn.cards_url == f"geo/{data.cards[language].name}"


def test_nothing_selected_has_no_card():
    assert explanation_card(None, load_words("zh")) == []
