"""Who is asking: sessions, and the guard that stands before every address of a server with accounts."""

from __future__ import annotations

import datetime
from html import escape
from urllib.parse import quote

from flask import Flask, Request, Response, g, jsonify, redirect, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from werkzeug.exceptions import TooManyRequests

from app.session.reader import reader_words
from app.session.signed_in import SignedIn
from app.settings import FORM_KB, SIGN_IN_KB, SIGNED_IN_H
from app.store.accounts import Account, Accounts
from app.web.counted import SweptStorage
from app.web.permissions import CALLBACKS, GRANTS, ROUTES, Permission, first_output
from app.web.security import is_own_request

_CALLBACK = "/_dash-update-component"
_LARGE = ("receive_file", "read_plan_file")
PER_ACCOUNT = "1000 per second"
"""Requests of one account: a page that opens sends some fifty at once, a program that reads hundreds a second."""


def add_guard(server: Flask, accounts: Accounts | None, *, is_https: bool = False) -> Limiter | None:
    """Refuse every request that is not allowed by the tables of `app.web.permissions`, before anything looks at it.

    Parameters
    ----------
    server
        Gets it, before the guards and answers of others.
    accounts
        Who may sign in; None = one planner alone on the own computer, who may everything.
    is_https
        Whether browsers reach the server by HTTPS alone: then cookies go no other way.

    Returns
    -------
    What counts the requests of accounts; None without accounts.
    """
    limiter = None if accounts is None else _keep_sessions(server, accounts, is_https=is_https)

    def guard() -> Response | None:
        needed = ROUTES.get(request.endpoint or "")
        if request.endpoint is None:
            return None  # there is no such address
        if request.endpoint not in _LARGE:
            request.max_content_length = SIGN_IN_KB * 1000 if needed == "anyone" else FORM_KB * 1000
        if needed == "read" and request.endpoint == _CALLBACK:
            needed = _needed_by_callback()
        if needed is None:
            return _refuse(404 if accounts is None else 403)
        if accounts is None or needed == "anyone":
            return None
        if not current_user.is_authenticated:
            return _ask_to_sign_in()
        account: Account = current_user.account
        g.access = account.access
        if request.method in ("GET", "HEAD"):  # what changes something asks again
            g.revision = account.revision
        return None if needed in GRANTS[account.role] else _refuse(403)

    server.before_request_funcs.setdefault(None, []).insert(0, guard)
    if accounts is not None:
        server.before_request_funcs[None].insert(0, _refuse_foreign)
    return limiter


def _keep_sessions(server: Flask, accounts: Accounts, *, is_https: bool) -> Limiter:
    server.secret_key = accounts.session_key()
    server.config.update(
        SESSION_COOKIE_NAME="__Host-pianqu" if is_https else "pianqu",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=datetime.timedelta(hours=SIGNED_IN_H),
        RATELIMIT_HEADERS_ENABLED=True,
    )
    manager = LoginManager(server)

    @manager.user_loader
    def load(token: str) -> SignedIn | None:
        account = accounts.find_session(token)
        return None if account is None else SignedIn(account)

    @manager.request_loader
    def load_reader(asked: Request) -> SignedIn | None:
        """A program that reads by a token; elsewhere a token opens nothing."""
        scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or ROUTES.get(asked.endpoint or "") != "api":
            return None
        account = accounts.find_reader(token.strip())
        return None if account is None else SignedIn(account)

    limiter = Limiter(
        _counted_by,
        app=server,
        storage_uri=f"{SweptStorage.STORAGE_SCHEME[0]}://",
        application_limits=[PER_ACCOUNT],
        application_limits_exempt_when=lambda: ROUTES.get(request.endpoint or "") == "anyone",
    )
    server.after_request(_keep_private)
    server.register_error_handler(TooManyRequests, lambda _: _refuse(429))
    return limiter


def _counted_by() -> str:
    account = getattr(current_user, "account", None)
    return get_remote_address() if account is None else str(account.id)


def _needed_by_callback() -> Permission | None:
    asked = request.get_json(silent=True)
    output = first_output(str(asked.get("output"))) if isinstance(asked, dict) else ""
    g.callback = output if output in CALLBACKS else ""
    return CALLBACKS.get(output)


def _refuse_foreign() -> Response | None:
    """With sessions in cookies, what changes something must prove that it comes from a page of this server."""
    is_read = request.method in ("GET", "HEAD", "OPTIONS")
    return None if is_read or is_own_request(dict(request.headers), request.host) else _refuse(403)


def _ask_to_sign_in() -> Response:
    """To the page where one signs in; for what scripts ask the status alone."""
    is_page = not request.path.startswith(("/_dash", "/api/"))
    if request.method == "GET" and request.accept_mimetypes.accept_html and is_page:
        there = request.full_path.rstrip("?")
        return redirect(f"{request.script_root}/sign-in?next={quote(there)}", code=303)  # type: ignore[return-value]
    return _refuse(401)


def _refuse(status: int) -> Response:
    """Why not, as a page for people and JSON for scripts."""
    sentence = reader_words()(f"account.refused_{status}")
    is_page = request.method == "GET" and not request.path.startswith("/api/")
    if is_page and request.accept_mimetypes.accept_html:
        answer = Response(f"<!DOCTYPE html><meta charset='utf-8'><p>{escape(sentence)}</p>")
    else:
        answer = jsonify({"sentence": sentence})
    answer.status_code = status
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _keep_private(answer: Response) -> Response:
    """What one account is told is kept by its own browser alone, not by a proxy on the way."""
    if ROUTES.get(request.endpoint or "") != "anyone":
        kept = answer.headers.get("Cache-Control", "")
        answer.headers["Cache-Control"] = kept.replace("public", "private") if kept else "private, no-cache"
        answer.vary.add("Cookie")
    return answer
