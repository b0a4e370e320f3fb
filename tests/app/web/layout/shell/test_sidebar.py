"""The side panel: the legend of what the map shows, of units or of whole places."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.maps.admin_units import PLACE_INDICATORS
from app.maps.themes import AREAS
from app.web.layout.shell.sidebar import has_classes, legend, shows_places
from tests.app.drawn import text_in


def test_places_are_coloured_only_by_themes_that_have_a_figure_of_them():
    assert {AREAS, "professional_coverage"} < set(PLACE_INDICATORS)
    assert shows_places(AREAS, "street")
    assert not shows_places(AREAS, "unit")
    assert not shows_places("management_mode", "street")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_theme_has_a_legend_with_its_caption(data, language):
    words = load_words(language)
    for theme in data.theme_list:
        assert words("legend.title") in text_in(legend(data, theme.key, words))


def test_areas_have_one_way_of_classes(data):
    assert not has_classes(data.theme(AREAS), "unit")
