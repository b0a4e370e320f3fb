"""Sheets of single buildings: a page that needs nothing else, and says when there is none."""

import pytest

from app.exports.stray_sheet import consultation_sheet
from app.i18n import LANGUAGES, load_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_buildings_it_says_so_and_nothing_is_loaded(language):
    words = load_words(language)
    page = consultation_sheet(None, [], words)
    assert words("work.none") in page
    assert "http" not in page
    chosen = consultation_sheet(None, [], words, filtered="<街道>")
    assert words("sheet.nothing") in chosen
    assert "&lt;街道&gt;" in chosen
