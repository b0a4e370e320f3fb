"""The body of an edit: read strictly, refused with where it is wrong."""

import json

import pytest

from app.desks.editing.request import EditBody, EditRequestError, SaveBody, read_edit


def test_a_body_becomes_the_edit_it_says():
    edit = read_edit(b'{"base": "0123abcd.1", "moves": {"a": null, "b": "k1"}}', EditBody).to_edit()
    assert edit.moves == {"a": None, "b": "k1"}


@pytest.mark.parametrize(
    "told", [{}, {"base": "0123abcd.1", "more": 1}, {"base": "0123abcd.1", "moves": {"a": 3}}, [], "x"]
)
def test_what_is_no_edit_is_refused_with_a_sentence(told):
    with pytest.raises(EditRequestError):
        read_edit(json.dumps(told).encode(), SaveBody)


def test_a_body_too_long_is_not_even_read():
    with pytest.raises(EditRequestError, match="太大"):
        read_edit(b" " * 50_000_000, EditBody)
