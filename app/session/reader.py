"""Who reads the page, from the cookies of the request: the language, and the name that steps are signed with."""

from __future__ import annotations

from urllib.parse import unquote

from flask import has_request_context, request

from app.i18n import DEFAULT, Words, load_words
from app.store.records import MOST_AUTHOR

LANGUAGE_COOKIE = "lang"
AUTHOR_COOKIE = "author"
"""Set by `page.js` when the name is written; percent-encoded."""


def reader_words() -> Words:
    """The texts in the reader's language; Chinese outside a request (Dash asks for that once)."""
    if not has_request_context():
        return load_words(DEFAULT)
    return load_words(request.cookies.get(LANGUAGE_COOKIE, DEFAULT))


def reader_author() -> str:
    """The reader's name; empty where none was given, or outside a request."""
    if not has_request_context():
        return ""
    return " ".join(unquote(request.cookies.get(AUTHOR_COOKIE, "")).split())[:MOST_AUTHOR]
