"""The work list of single buildings: its table and its ways to print."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.corrections.worklist import work_panel
from tests.app.drawn import ids_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_its_counts_and_its_print_are_there(bench, language):
    found = ids_in(work_panel(bench, load_words(language)))
    assert all(one in found for one in (ids.WORK_GRID, ids.WORK_COUNTS, ids.WORK_PRINT))
