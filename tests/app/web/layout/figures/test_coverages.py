"""Coverages of the city come at once, those of its districts and streets when opened."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.figures.coverages import coverages_section
from tests.app.drawn import each_part, ids_in


def rows(drawn):
    return sum(type(part).__name__ == "Tr" for part in each_part(drawn))


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_of_streets_come_when_they_are_opened(bench, language):
    words = load_words(language)
    closed, opened = coverages_section(bench, words), coverages_section(bench, words, opened=("street",))
    assert 0 < rows(closed) < rows(opened)
    assert [one for one in ids_in(closed) if isinstance(one, dict) and one.get("type") == ids.COVERAGE_ROWS]
