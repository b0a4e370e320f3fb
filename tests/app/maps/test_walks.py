"""Walks are drawn in degrees with a sentence; a pair that is none draws nothing."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.maps.walks import draw_pair_walk, draw_unit_reach


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_unit_reaches_is_drawn_with_a_sentence(bench, language):
    found = draw_unit_reach(bench, 0, load_words(language))
    assert found is not None
    whats = {feature["properties"]["what"] for feature in found.features["features"]}
    assert "reach_area" in whats
    assert bench.units["name"].iloc[0] in found.sentences[0]


@pytest.mark.parametrize("pair", ["", "nobody|nowhere", "|"])
def test_a_pair_that_is_none_draws_nothing(bench, pair):
    assert draw_pair_walk(bench, pair, load_words("zh")) is None
