"""Addresses where one signs in and out, and changes the own password."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from app.desks.accounts.provider import Provider
from app.i18n import HTML_LANG, say
from app.session.reader import reader_words
from app.session.signed_in import SignedIn
from app.store.accounts import Account, Accounts
from geo.errors import PlanningError, UsageError

PER_NAME, PER_MACHINE = "5 per 40 seconds", "40 per 40 seconds"
"""Attempts to sign in by one name from one machine, and from one machine by all names."""
SIGNED_ON = "signed_on"
"""In the session of whoever came by single sign-on."""


def add_sign_in_routes(server: Flask, accounts: Accounts, limiter: Limiter, provider: Provider | None = None) -> None:
    """Add the addresses of a server with accounts.

    Parameters
    ----------
    server
        The server.
    accounts
        Who may sign in.
    limiter
        Counts the attempts.
    provider
        Of single sign-on, where one is set.
    """
    server.config["HAS_SINGLE_SIGN_ON"] = provider is not None

    @server.get("/sign-in")
    def show_sign_in() -> Response:
        if current_user.is_authenticated:
            return redirect_browser(_first_page(current_user.account))
        return show_form("sign_in", next=find_own_address(request.args.get("next")))

    @server.post("/sign-in")
    @limiter.limit(PER_MACHINE, key_func=get_remote_address)
    @limiter.limit(PER_NAME, key_func=lambda: f"{get_remote_address()} {_field('name')[:60].casefold()}")
    def sign_in() -> Response:
        account = accounts.authenticate(_field("name"), request.form.get("password", ""))
        there = find_own_address(_field("next"))
        if account is None:
            return show_form(
                "sign_in", fault=reader_words()("account.wrong"), name=_field("name")[:60], next=there
            ), 401  # type: ignore[return-value]
        return begin_session(account, there)

    @server.post("/sign-out")
    def sign_out() -> Response:
        is_signed_on = session.get(SIGNED_ON, False)
        logout_user()
        session.clear()
        back = url_for("show_sign_in", _external=True)
        there = provider.leave(back) if provider is not None and is_signed_on else None
        answer: Response = redirect_browser("/sign-in") if there is None else redirect(there, code=303)  # type: ignore[assignment]
        answer.headers["Clear-Site-Data"] = '"cache"'  # drafts of the editor stay
        return answer

    @server.get("/password")
    def show_password() -> Response:
        return show_form("password", name=current_user.account.full_name)

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
            return show_form("password", name=account.full_name, fault=words.pick(error.zh, error.en)), 422  # type: ignore[return-value]
        login_user(SignedIn(changed))
        return show_form("password", name=account.full_name, done=words("account.changed"))


def begin_session(account: Account, there: str) -> Response:
    """Sign somebody in who has shown who they are; the way to the first page.

    Parameters
    ----------
    account
        Of whoever it is.
    there
        The page they wanted.
    """
    session.clear()
    session.permanent = True
    login_user(SignedIn(account))
    return redirect_browser(_first_page(account) if account.role == "company" else there)


def _first_page(account: Account) -> str:
    """Where an account begins."""
    return "/company" if account.role == "company" else "/"


def _field(name: str) -> str:
    return request.form.get(name, "").strip()


def find_own_address(asked: str | None) -> str:
    """An address of this server, whatever was asked for.

    Examples
    --------
    >>> find_own_address("/story?plan=1"), find_own_address("//evil.example"), find_own_address(None)
    ('/story?plan=1', '/', '/')
    """
    text = asked or "/"
    is_own = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_own else "/"


def redirect_browser(there: str) -> Response:
    """The way to an address of this server.

    Parameters
    ----------
    there
        Its path.
    """
    return redirect(f"{request.script_root}{there}", code=303)  # type: ignore[return-value]


def show_form(form: str, **more: Any) -> Response:
    """A page of one form.

    Parameters
    ----------
    form
        "sign_in" or "password".
    more
        What stands in it.
    """
    words = reader_words()
    g.is_plain_page = True
    body = render_template(
        "account.html",
        form=form,
        lang=HTML_LANG[words.language],
        other=(words.pick("en", "zh"), words.pick("en", "zh-CN")),
        root=request.script_root,
        words=words,
        has_single_sign_on=current_app.config.get("HAS_SINGLE_SIGN_ON", False),
        **more,
    )
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer
