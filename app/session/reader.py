"""Who reads the page: the account that is signed in; from the cookies the language, and a name to sign with."""

from __future__ import annotations

from urllib.parse import unquote

from flask import g, has_request_context, request

from app.i18n import DEFAULT, Words, load_words
from app.store.access import EVERYTHING, Access
from app.store.records import MOST_AUTHOR
from app.store.store import Store

LANGUAGE_COOKIE = "lang"
AUTHOR_COOKIE = "author"
"""Set by `page.js` when the name is written; percent-encoded."""


def reader_words() -> Words:
    """The texts in the reader's language; Chinese outside a request (Dash asks for that once)."""
    if not has_request_context():
        return load_words(DEFAULT)
    return load_words(request.cookies.get(LANGUAGE_COOKIE, DEFAULT))


def reader_access() -> Access:
    """What the reader sees and changes, as the guard of the server found out; everything outside a request."""
    access: Access = g.get("access", EVERYTHING) if has_request_context() else EVERYTHING
    return access


def reader_author() -> str:
    """The reader's name: of the account that is signed in, else of the cookie; empty where none was given."""
    if not has_request_context():
        return ""
    return sign_as(" ".join(unquote(request.cookies.get(AUTHOR_COOKIE, "")).split())[:MOST_AUTHOR])


def reader_revision(store: Store) -> tuple[int, int]:
    """The state of the store (:meth:`Store.revision`), of a request that only reads as the guard found it.

    Parameters
    ----------
    store
        Asked where no guard was, or the request may change something.
    """
    known: tuple[int, int] | None = g.get("revision") if has_request_context() else None
    return known or store.revision()


def forget_revision() -> None:
    """Have the store asked again by a request that writes although it was to read, as when a file is found."""
    if has_request_context():
        g.pop("revision", None)


def sign_as(given: str | None) -> str:
    """Who signs what is written: the account that is signed in; without accounts whoever was named."""
    return reader_access().name or given or ""
