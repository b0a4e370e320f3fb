"""Single sign-on of an office: its settings, and which account somebody is whom the provider has recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.i18n import say
from app.store.access import ROLES
from app.store.accounts import Account, Accounts
from app.store.records import MOST_AUTHOR
from geo.errors import UsageError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BY = "OIDC"
"""Who signs in the audit what is done because the provider says so."""


class SignOnError(UsageError):
    """Somebody is not let in; `reason` is a short word for the log, with nothing of a person in it."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(*say(f"sign_on.{reason}", **values))
        self.reason = reason


@dataclass(frozen=True)
class SignOnRules:
    """How people are recognised.

    Parameters
    ----------
    issuer
        Address of the provider.
    client_id, secret
        Of this server, as the provider knows it.
    scope
        What is asked for.
    account_claim
        The claim that is the name of the account.
    role_claim, code_claim
        Claims that give a new account its role and its place (of a company its id); "" = none.
    is_creating
        Whether who has no account is given one.
    """

    issuer: str
    client_id: str
    secret: str
    scope: str = "openid profile"
    account_claim: str = "preferred_username"
    role_claim: str = ""
    code_claim: str = ""
    is_creating: bool = False

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> SignOnRules | None:
        """As it is set (``PIANQU_OIDC_…``); None where no provider is.

        Parameters
        ----------
        settings
            Texts by name of the setting.

        Raises
        ------
        UsageError
            If the issuer is no HTTPS address, the id or the secret is missing or unreadable, or accounts are to be
            made without a claim for their role.

        Examples
        --------
        >>> SignOnRules.from_settings({}) is None
        True
        """

        def told(name: str, default: str = "") -> str:
            return settings.get(f"PIANQU_OIDC_{name}", "").strip() or default

        if not told("ISSUER"):
            return None
        if not is_safe_address(told("ISSUER")):
            raise UsageError(*say("sign_on.issuer", issuer=told("ISSUER")))
        secret = told("SECRET") or _read_secret(told("SECRET_FILE"))
        if not told("CLIENT_ID") or not secret:
            raise UsageError(*say("sign_on.client"))
        is_creating = told("NEW_ACCOUNTS", "refuse") == "create"
        if is_creating and not told("ROLE_CLAIM"):
            raise UsageError(*say("sign_on.role_claim"))
        return cls(
            told("ISSUER").rstrip("/"),
            told("CLIENT_ID"),
            secret,
            told("SCOPE", cls.scope),
            told("ACCOUNT_CLAIM", cls.account_claim),
            told("ROLE_CLAIM"),
            told("CODE_CLAIM"),
            is_creating,
        )

    @property
    def origin(self) -> str:
        """Where the provider is, as a content security policy names it."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def is_safe_address(address: object) -> bool:
    """Whether what is sent there is read by nobody on the way: HTTPS, or this computer.

    Examples
    --------
    >>> is_safe_address("https://sso.example.gov.cn/realm"), is_safe_address("http://sso.example.gov.cn")
    (True, False)
    >>> is_safe_address("http://localhost:9000"), is_safe_address(None)
    (True, False)
    """
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


@dataclass(frozen=True)
class Claimed:
    """Somebody as the provider describes them.

    Parameters
    ----------
    name
        Of the account, lower case.
    full_name
        Signs what is written.
    role
        One of `ROLES`; "" where none is claimed.
    code
        Place, of a company its id; "" = none.
    """

    name: str
    full_name: str
    role: str
    code: str


def read_claims(claims: Mapping[str, Any], rules: SignOnRules) -> Claimed:
    """What the claims of a checked token say of somebody.

    Parameters
    ----------
    claims
        Of the token.
    rules
        Which of them count.

    Raises
    ------
    SignOnError
        If the name is missing, no name of an account, or an address of mail nobody has verified; if several roles
        are claimed.

    Examples
    --------
    >>> rules = SignOnRules("https://sso.example", "pianqu", "s", role_claim="groups", code_claim="area")
    >>> read_claims({"preferred_username": "Wang", "name": "王敏", "groups": ["all", "district"], "area": 15}, rules)
    Claimed(name='wang', full_name='王敏', role='district', code='15')
    """
    name = claims.get(rules.account_claim)
    if not isinstance(name, str) or not name.strip():
        raise SignOnError("no_claim", claim=rules.account_claim)
    name = name.strip().casefold()
    if len(name) > MOST_AUTHOR or any(sign.isspace() or not sign.isprintable() for sign in name):
        raise SignOnError("odd_name")
    if rules.account_claim == "email" and claims.get("email_verified") is not True:
        raise SignOnError("unverified")
    full_name = claims.get("name")
    told = claims.get(rules.role_claim) if rules.role_claim else None
    roles = [one for one in (told if isinstance(told, list) else [told]) if one in ROLES]
    if len(roles) > 1:
        raise SignOnError("many_roles")
    code = claims.get(rules.code_claim) if rules.code_claim else None
    return Claimed(
        name,
        full_name.strip()[:MOST_AUTHOR] if isinstance(full_name, str) and full_name.strip() else name,
        roles[0] if roles else "",
        str(code).strip()[:80] if isinstance(code, str | int) and not isinstance(code, bool) else "",
    )


def find_account(
    accounts: Accounts, who: Claimed, rules: SignOnRules, check: Callable[[str, str, str], None]
) -> Account:
    """The account somebody signs in with; made, or given another role, only where the rules say so.

    Accounts with a password belong to this program: the provider changes nothing of them.

    Parameters
    ----------
    accounts
        Of the store.
    who
        As the provider describes them.
    rules
        Whether accounts are made.
    check
        Refuses role, place and company the dataset does not know.

    Raises
    ------
    SignOnError
        If there is no such account and none is made, it is disabled, or no role is claimed for it.
    UsageError
        If role and place do not belong together, or the place is not known.
    """
    found = accounts.find(who.name)
    if found is not None and found.is_disabled:
        raise SignOnError("disabled")
    if not rules.is_creating:
        if found is None:
            raise SignOnError("no_account", name=who.name)
        return found
    if found is not None and found.has_password:
        return found
    if not who.role:
        raise SignOnError("no_role", claim=rules.role_claim)
    company = who.code if who.role == "company" else ""
    code = "" if who.role in ("company", "city") else who.code
    if found is not None and (found.role, found.code, found.company) == (who.role, code, company):
        return found
    check(who.role, code, company)
    if found is None:
        return accounts.add(who.name, None, who.role, full_name=who.full_name, code=code, company=company, author=_BY)
    return accounts.move(who.name, who.role, code, company, _BY)


def _read_secret(file: str) -> str:
    """The first line of the file of the secret; "" where none is named."""
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8-sig").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(*say("sign_on.secret_file", path=file, error=error)) from error
