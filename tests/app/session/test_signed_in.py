"""A session names the token of an account, which changes with its password."""

from app.session.signed_in import SignedIn
from app.store.accounts import Account


def test_the_session_holds_the_token_and_no_name():
    signed = SignedIn(Account("id", "wang", "王敏", "city", "", "", "token", is_disabled=False))
    assert signed.get_id() == "token"
    assert signed.is_authenticated
