"""The tables below the map: one tab each, the areas first."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.shell.tables import tables_panel
from tests.app.drawn import ids_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_there_once(bench, language):
    found = ids_in(tables_panel(bench, load_words(language)))
    for grid in (ids.AREA_GRID, ids.LEFT_OVER_GRID, ids.OUT_OF_SCOPE_GRID, ids.UNIT_GRID):
        assert found.count(grid) == 1
