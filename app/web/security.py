"""The page keeps to itself: its headers let nothing in from elsewhere, and foreign requests are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, Response, abort, g, request

OWN_HEADER = "X-Pianqu"
"""Sent by our page only: a page elsewhere would need our permission to send it."""

_UPLOADS = "/import/"
_EDITS = "/edit/"


def add_security_headers(app: Dash, map_host: str | None = None, sign_on: str | None = None) -> None:
    """Add the headers to every answer of an app whose callbacks are all registered.

    Scripts come from the server itself; of inline scripts only those Dash writes are let through,
    by their hash. Styles may be inline: Mantine writes its theme and AG Grid its sizes into style
    elements. `blob:` is where MapLibre keeps its worker in some browsers.

    Parameters
    ----------
    app
        Gets them.
    map_host
        The host of the base map an office chose, which alone may be asked for pictures; None = none may.
    sign_on
        Origin of the provider of single sign-on, to which signing out leads; None = none is set.
    """
    policy = content_security_policy(app.csp_hashes(), map_host, sign_on)
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # forms of our own pages must be known as such
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }

    @app.server.after_request
    def with_headers(answer: Response) -> Response:
        if g.get("is_plain_page"):  # no suite of Dash is on it: no inline style is needed
            answer.headers["Content-Security-Policy"] = policy.replace(" 'unsafe-inline'", "")
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        return answer


def content_security_policy(
    script_hashes: Iterable[str], map_host: str | None = None, sign_on: str | None = None
) -> str:
    """The policy as one header line.

    Parameters
    ----------
    script_hashes
        Of inline scripts that are let through.
    map_host
        The one foreign host tiles may come from.
    sign_on
        The one foreign origin a form may lead to.

    Examples
    --------
    >>> "script-src 'self' 'sha256-x'" in content_security_policy(["'sha256-x'"])
    True
    """
    foreign = [map_host] if map_host else []
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script_hashes],
        "worker-src": ["'self'", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *foreign],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'", *foreign],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'", *([sign_on] if sign_on else [])],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{rule} {' '.join(values)}" for rule, values in rules.items())


def add_request_guard(server: Flask) -> None:
    """Refuse whatever a foreign page asks of the server, before anything else looks at it."""

    def refuse_foreign() -> Response | None:
        changes = request.method not in ("GET", "HEAD", "OPTIONS")
        needs_header = changes and request.path.startswith((_UPLOADS, _EDITS))
        if changes or request.path.startswith(("/export/", _UPLOADS, _EDITS)):
            if not is_same_origin(dict(request.headers), request.host):
                abort(403)
            if needs_header and request.headers.get(OWN_HEADER) is None:
                abort(403)
        return None

    server.before_request_funcs.setdefault(None, []).insert(0, refuse_foreign)


def is_own_request(headers: Mapping[str, str], host: str) -> bool:
    """Whether the browser says that a request comes from a page of this server; silence does not count.

    Parameters
    ----------
    headers
        Of the request.
    host
        Name and port the request was made to.

    Examples
    --------
    >>> is_own_request({"Origin": "http://10.1.2.3:8050"}, "10.1.2.3:8050")
    True
    >>> is_own_request({}, "10.1.2.3:8050"), is_own_request({"Origin": "null"}, "10.1.2.3:8050")
    (False, False)
    """
    is_said = "Origin" in headers or headers.get("Sec-Fetch-Site") == "same-origin"
    return is_said and is_same_origin(headers, host)


def is_same_origin(headers: Mapping[str, str], host: str) -> bool:
    """Whether a request comes from a page of this server, or from no page at all.

    Parameters
    ----------
    headers
        Of the request.
    host
        Name and port the request was made to.

    Examples
    --------
    >>> is_same_origin({"Origin": "http://127.0.0.1:8050"}, "127.0.0.1:8050")
    True
    >>> is_same_origin({"Origin": "http://evil.example"}, "127.0.0.1:8050")
    False
    >>> is_same_origin({"Sec-Fetch-Site": "cross-site"}, "127.0.0.1:8050")
    False
    """
    if headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host
