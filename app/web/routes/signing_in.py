"""Addresses where one signs in and out, and changes the own password."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from app.i18n import HTML_LANG, say
from app.session.reader import reader_words
from app.session.signed_in import SignedIn
from app.store.accounts import Account, Accounts
from geo.errors import PlanningError, UsageError

PER_NAME, PER_MACHINE = "5 per 40 seconds", "40 per 40 seconds"
"""Attempts to sign in by one name from one machine, and from one machine by all names."""


def add_sign_in_routes(server: Flask, accounts: Accounts, limiter: Limiter) -> None:
    """Add the addresses of a server with accounts.

    Parameters
    ----------
    server
        The server.
    accounts
        Who may sign in.
    limiter
        Counts the attempts.
    """

    @server.get("/sign-in")
    def show_sign_in() -> Response:
        if current_user.is_authenticated:
            return _go(_first_page(current_user.account))
        return _page("sign_in", next=_own_address(request.args.get("next")))

    @server.post("/sign-in")
    @limiter.limit(PER_MACHINE, key_func=get_remote_address)
    @limiter.limit(PER_NAME, key_func=lambda: f"{get_remote_address()} {_field('name')[:60].casefold()}")
    def sign_in() -> Response:
        account = accounts.authenticate(_field("name"), request.form.get("password", ""))
        there = _own_address(_field("next"))
        if account is None:
            return _page("sign_in", fault=reader_words()("account.wrong"), name=_field("name")[:60], next=there), 401  # type: ignore[return-value]
        session.clear()
        session.permanent = True
        login_user(SignedIn(account))
        return _go(_first_page(account) if account.role == "company" else there)

    @server.post("/sign-out")
    def sign_out() -> Response:
        logout_user()
        session.clear()
        answer = _go("/sign-in")
        answer.headers["Clear-Site-Data"] = '"cache"'  # drafts of the editor stay
        return answer

    @server.get("/password")
    def show_password() -> Response:
        return _page("password", name=current_user.account.full_name)

    @server.post("/password")
    @limiter.limit(PER_NAME)
    def change_password() -> Response:
        account, words = current_user.account, reader_words()
        try:
            if accounts.authenticate(account.name, request.form.get("old", "")) is None:
                raise UsageError(*say("account.wrong_old"))
            if request.form.get("password", "") != request.form.get("again", ""):
                raise UsageError(*say("account.not_equal"))
            changed = accounts.set_password(account.name, request.form.get("password", ""), account.full_name)
        except PlanningError as error:
            return _page("password", name=account.full_name, fault=words.pick(error.zh, error.en)), 422  # type: ignore[return-value]
        login_user(SignedIn(changed))
        return _page("password", name=account.full_name, done=words("account.changed"))


def _first_page(account: Account) -> str:
    return "/company" if account.role == "company" else "/"


def _field(name: str) -> str:
    return request.form.get(name, "").strip()


def _own_address(asked: str | None) -> str:
    """An address of this server, whatever was asked for."""
    text = asked or "/"
    is_own = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_own else "/"


def _go(there: str) -> Response:
    return redirect(f"{request.script_root}{there}", code=303)  # type: ignore[return-value]


def _page(form: str, **more: Any) -> Response:
    """A page of one form."""
    words = reader_words()
    g.is_plain_page = True
    body = render_template(
        "account.html",
        form=form,
        lang=HTML_LANG[words.language],
        other=(words.pick("en", "zh"), words.pick("en", "zh-CN")),
        root=request.script_root,
        words=words,
        **more,
    )
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
