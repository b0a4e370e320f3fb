"""Texts of planners are trimmed and kept within their limits."""

import pytest

from app.store.records import MOST_NAME, MOST_NOTE
from app.store.rows import check_text
from geo.errors import UsageError


def test_a_name_is_one_line_and_a_note_keeps_its_lines():
    assert check_text("  春风路\n片区  ", MOST_NAME, "name") == "春风路 片区"
    assert check_text(" 一\n二 ", MOST_NOTE, "note") == "一\n二"


@pytest.mark.parametrize("value", ["", "  \n", "长" * (MOST_NAME + 1), "a\x00b"])
def test_a_name_that_is_empty_too_long_or_binary_is_refused_in_both_languages(value):
    with pytest.raises(UsageError) as refused:
        check_text(value, MOST_NAME, "name", needed=True)
    assert refused.value.zh != refused.value.en


def test_a_note_may_be_empty():
    assert check_text(" ", MOST_NOTE, "note") == ""
