"""Search and filter offer what the dataset holds."""

import json

import pytest

from app.i18n import LANGUAGES, load_words
from app.web.layout import ids
from app.web.layout.shell.search_box import filter_box, search_box
from tests.app.drawn import ids_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_search_is_given_the_file_of_its_language(data, language):
    told = json.loads(search_box(data, load_words(language)).to_plotly_json()["props"]["data-told"])
    assert told["index"] == f"geo/{data.indexes[language].name}"


def test_the_filter_can_be_cleared(data):
    assert ids.FILTER_CLEAR in ids_in(filter_box(data, load_words("zh")))
