"""The table of formats: each line can be written, and has its texts in both languages."""

import pytest

from app.exports.formats import FORMATS, LEVELS
from app.i18n import LANGUAGES, load_words


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.key)
def test_every_format_has_a_writer_and_its_texts(one):
    assert callable(one.load_writer())
    assert one.levels
    assert set(one.levels) <= set(LEVELS)
    assert one.suffix.startswith(".")
    for language in LANGUAGES:
        words = load_words(language)
        assert all(words(f"export.{one.key}{ending}") for ending in ("", "_hint", "_file"))


def test_keys_are_there_once():
    assert len({one.key for one in FORMATS}) == len(FORMATS)
