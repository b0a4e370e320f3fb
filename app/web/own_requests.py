"""Requests that change something come from our own page, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

HEADER = "X-Pianqu"
"""Sent by our page only: a page elsewhere would need our permission to send it."""

_UPLOADS = "/import/"
_EDITS = "/edit/"


def add_request_guard(server: Flask) -> None:
    """Refuse whatever a foreign page asks of the server, before anything else looks at it."""

    @server.before_request
    def refuse_foreign() -> Response | None:
        changes = request.method not in ("GET", "HEAD", "OPTIONS")
        needs_header = changes and request.path.startswith((_UPLOADS, _EDITS))
        if changes or request.path.startswith(("/export/", _UPLOADS, _EDITS)):
            if not is_own(dict(request.headers), request.host):
                abort(403)
            if needs_header and request.headers.get(HEADER) is None:
                abort(403)
        return None


def is_own(headers: Mapping[str, str], host: str) -> bool:
    """Whether a request comes from a page of this server, or from no page at all.

    Parameters
    ----------
    headers
        Of the request.
    host
        Name and port the request was made to.

    Examples
    --------
    >>> is_own({"Origin": "http://127.0.0.1:8050"}, "127.0.0.1:8050")
    True
    >>> is_own({"Origin": "http://evil.example"}, "127.0.0.1:8050")
    False
    >>> is_own({"Sec-Fetch-Site": "cross-site"}, "127.0.0.1:8050")
    False
    """
    if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host
