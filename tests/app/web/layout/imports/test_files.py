"""The drop zone tells the browser what it takes, how much, and for which import."""

import pytest

from app.i18n import LANGUAGES, load_words
from app.settings import UPLOAD_MB
from app.web.layout.imports.files import drop_zone
from tests.app.drawn import text_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browser_is_told_token_kinds_and_size(language):
    words = load_words(language)
    drawn = drop_zone("t" * 24, words, large=True)
    told = drawn.to_plotly_json()["props"]
    assert told["data-token"] == "t" * 24
    assert told["data-most"] == str(UPLOAD_MB * 1_000_000)
    assert ".xlsx" in told["data-accept"].split(",")
    assert words("wizard.drop_title") in text_in(drawn)
