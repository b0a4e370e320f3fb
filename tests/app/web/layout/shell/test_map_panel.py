"""The map in the middle says what is selected and of when its figures are."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.shell.map_panel import map_panel
from tests.app.drawn import ids_in, text_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_map_stands_beside_its_selection_line_and_its_date(data, language):
    words = load_words(language)
    drawn = map_panel(data, words)
    assert {ids.MAP, ids.SELECTION_LINE, ids.CORNER} <= {one for one in ids_in(drawn) if isinstance(one, str)}
    assert words("page.data_date", date=data.bench.dataset.manifest.data_date) in text_in(drawn)
