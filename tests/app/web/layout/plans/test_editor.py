"""The editor says why it may not save, and offers its tools on the map."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.plans.editor import editor_parts
from tests.app.drawn import ids_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_editor_is_there_once(data, language):
    assert ids_in(editor_parts(data, load_words(language))).count(ids.EDITOR) == 1
