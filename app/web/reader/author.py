"""The name a reader signs with, from the cookie of the request."""

from __future__ import annotations

from urllib.parse import unquote

from flask import has_request_context, request

from app.store.store import MOST_AUTHOR

COOKIE = "author"
"""Set by `page.js` when the name is written; percent-encoded."""


def reader_author() -> str:
    """The reader's name; empty where none was given, or outside a request."""
    if not has_request_context():
        return ""
    return " ".join(unquote(request.cookies.get(COOKIE, "")).split())[:MOST_AUTHOR]
