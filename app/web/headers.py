"""Headers that keep the page to itself: nothing from elsewhere, nothing inside other pages."""

from __future__ import annotations

from collections.abc import Iterable

from dash import Dash
from flask import Response


def add_security_headers(app: Dash) -> None:
    """Add the headers to every answer of an app whose callbacks are all registered.

    Scripts come from the server itself; of inline scripts only those Dash writes are let through,
    by their hash. Styles may be inline: Mantine writes its theme and AG Grid its sizes into style
    elements. `blob:` is where MapLibre keeps its worker in some browsers.
    """
    policy = content_security_policy(app.csp_hashes())
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }

    @app.server.after_request
    def with_headers(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        return answer


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """The policy as one header line.

    Examples
    --------
    >>> "script-src 'self' 'sha256-x'" in content_security_policy(["'sha256-x'"])
    True
    """
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", *script_hashes],
        "worker-src": ["'self'", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{rule} {' '.join(values)}" for rule, values in rules.items())
