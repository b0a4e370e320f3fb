"""Addresses of single sign-on: to the provider of the office, and back from it."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import Flask, Response, abort, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.desks.accounts.codes import check_code
from app.desks.accounts.provider import Provider
from app.desks.accounts.sign_on import SignOnError, find_account, read_claims
from app.session.reader import reader_words
from app.store.accounts import Accounts
from app.web.routes.signing_in import PER_MACHINE, SIGNED_ON, begin_session, find_own_address, show_form
from geo.errors import PlanningError

logger = logging.getLogger(__name__)

_NEXT = "sign_on_next"
_BAD_GATEWAY = ("provider", "foreign")
"""Reasons that are not those of whoever signs in."""


def add_single_sign_on_routes(
    server: Flask, accounts: Accounts, limiter: Limiter, provider: Provider | None, folder: Path
) -> None:
    """Add the addresses; without a provider there is nothing behind them.

    Parameters
    ----------
    server
        The server.
    accounts
        Who may sign in.
    limiter
        Counts the attempts.
    provider
        Of the office; None = none is set.
    folder
        The dataset, whose places new accounts are of.
    """

    @server.get("/sign-in/sso")
    @limiter.limit(PER_MACHINE, key_func=get_remote_address)
    def begin_sign_on() -> Response:
        if provider is None:
            abort(404)
        _forget_attempts()
        session[_NEXT] = find_own_address(request.args.get("next"))
        try:
            return provider.begin(url_for("finish_sign_on", _external=True))
        except SignOnError as error:
            return _refuse(error)

    @server.get("/sign-in/sso/back")
    @limiter.limit(PER_MACHINE, key_func=get_remote_address)
    def finish_sign_on() -> Response:
        if provider is None:
            abort(404)
        there = find_own_address(session.get(_NEXT))
        try:
            who = read_claims(provider.finish(), provider.rules)
            account = find_account(accounts, who, provider.rules, lambda *told: check_code(folder, *told))
        except PlanningError as error:
            return _refuse(error)
        accounts.record_login(account)
        answer = begin_session(account, there)
        session[SIGNED_ON] = True
        return answer


def _forget_attempts() -> None:
    """What was begun and not ended: the cookie has no room for many."""
    for name in [name for name in session if name.startswith(("_state_", _NEXT))]:
        session.pop(name)


def _refuse(error: PlanningError) -> Response:
    """The page where one signs in, with the reason; who was signed in stays so, for a foreign page may link here."""
    _forget_attempts()
    reason = error.reason if isinstance(error, SignOnError) else "place"
    logger.warning("single sign-on refused", extra={"reason": reason}, exc_info=error.__cause__)
    answer = show_form("sign_in", fault=reader_words().pick(error.zh, error.en), next="/")
    answer.status_code = 502 if reason in _BAD_GATEWAY else 403
    return answer
