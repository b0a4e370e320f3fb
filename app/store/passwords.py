"""Passwords of accounts: hashed by Argon2id, never kept or shown; which ones are taken."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.i18n import say
from geo.errors import UsageError

SHORTEST, LONGEST, FEWEST_SIGNS = 10, 200, 5
"""Characters of a password, and how many different ones are in it."""
HASHER = PasswordHasher()
"""RFC 9106, low memory: 64 MiB, three passes, four lanes; some 50 ms."""


def hash_password(password: str, name: str) -> str:
    """The hash that is kept.

    Parameters
    ----------
    password
        As it was typed.
    name
        The account's, which may not be in it.

    Raises
    ------
    UsageError
        If it is too short, too long, of too few different characters, or contains the name.
    """
    text = _normalise(password)
    is_weak = len(text) < SHORTEST or len(set(text)) < FEWEST_SIGNS or name.casefold() in text.casefold()
    if is_weak or len(text) > LONGEST:
        raise UsageError(*say("account.weak", shortest=SHORTEST, longest=LONGEST, signs=FEWEST_SIGNS))
    return HASHER.hash(text)


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; takes as long where there is none.

    Parameters
    ----------
    kept
        The hash; None = there is no such account, "" = it has no password.
    password
        As it was typed.
    """
    try:
        HASHER.verify(kept or _nobody(), _normalise(password[: 2 * LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with less effort than is made today."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return HASHER.hash("nobody has this password")


def _normalise(password: str) -> str:
    """The same letters typed on another keyboard are the same."""
    return unicodedata.normalize("NFKC", password)
