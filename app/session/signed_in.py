"""Who is signed in, as flask-login wants it."""

from __future__ import annotations

from flask_login import UserMixin

from app.store.accounts import Account


class SignedIn(UserMixin):
    """An account in its session.

    Parameters
    ----------
    account
        Whoever it is.
    """

    def __init__(self, account: Account) -> None:
        self.account = account

    def get_id(self) -> str:
        """What stands in the session; it changes with the password."""
        return self.account.token
