"""The language of the reader, from the cookie of the request."""

from __future__ import annotations

from flask import has_request_context, request

from app.i18n import DEFAULT, Words, load_words

COOKIE = "lang"


def reader_words() -> Words:
    """The texts in the reader's language; Chinese outside a request (Dash asks for that once)."""
    if not has_request_context():
        return load_words(DEFAULT)
    return load_words(request.cookies.get(COOKIE, DEFAULT))
