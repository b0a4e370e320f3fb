"""Accounts: who signs in, as what, for which place; each change with its audit row."""

from __future__ import annotations

import hashlib
import secrets as randoms
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.i18n import say
from app.store.access import ROLES, Access, Role
from app.store.passwords import hash_password, is_outdated, is_password
from app.store.records import MOST_AUTHOR
from app.store.rows import REVISION, add_audit_row, check_text, now, to_revision
from app.store.store import Store
from app.store.tables import accounts, secrets, tokens
from geo.errors import UsageError

_SESSION_KEY = "session"
_WHO = select(accounts, *REVISION).where(accounts.c.disabled_at.is_(None))
_SIGNED_IN = _WHO.where(accounts.c.token == bindparam("asked"))
_READER = _WHO.join(tokens, tokens.c.account_id == accounts.c.id).where(tokens.c.hash == bindparam("asked"))
"""Asked at every request, so put together once, and the state of the store with it."""


@dataclass(frozen=True)
class Account:
    """Who may sign in.

    Parameters
    ----------
    id
        Stays the same.
    name
        Signs in by it; lower case.
    full_name
        Signs what is written.
    role, code, company
        As of `Access`.
    token
        Stands in the session; another one ends all sessions.
    is_disabled
        Does not sign in any more.
    has_password
        Whether it signs in by one; else by single sign-on alone.
    revision
        Of the store when it was found by its session or token (:meth:`app.store.store.Store.revision`).
    """

    id: str
    name: str
    full_name: str
    role: Role
    code: str
    company: str
    token: str
    is_disabled: bool
    has_password: bool = True
    revision: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def access(self) -> Access:
        """What is seen and changed."""
        return Access(self.role, self.code, self.company, self.full_name, self.id)


@dataclass(frozen=True, eq=False)
class Accounts:
    """The accounts of a store.

    Parameters
    ----------
    store
        Where they are kept.
    """

    store: Store

    def is_any(self) -> bool:
        """Whether there is an account that signs in: then nobody else is let in."""
        with self.store.reading() as connection:
            return connection.execute(select(accounts.c.id).where(accounts.c.disabled_at.is_(None))).first() is not None

    def list(self) -> Sequence[Account]:
        """All accounts by their name."""
        with self.store.reading() as connection:
            return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]

    def add(
        self,
        name: str,
        password: str | None,
        role: str,
        *,
        full_name: str = "",
        code: str = "",
        company: str = "",
        author: str = "",
    ) -> Account:
        """Add an account.

        Parameters
        ----------
        name
            Signs in by it.
        password
            The first one; None = it signs in by single sign-on alone.
        role
            One of `ROLES`.
        full_name
            Signs what is written; the name where it is empty.
        code
            Place: of a district or street, needed for these roles; "" = the city.
        company
            Id of the company, for its account.
        author
            Who adds it.

        Raises
        ------
        UsageError
            If the name is taken, the role unknown, its place or company missing, or the password weak.
        """
        name = _name(name)
        _check_role(role, code, company)
        row = {
            "id": randoms.token_hex(8),
            "name": name,
            "full_name": check_text(full_name or name, MOST_AUTHOR, "author", needed=True),
            "role": role,
            "code": code.strip()[:80],
            "company": company.strip(),
            "password": "" if password is None else hash_password(password, name),
            "token": randoms.token_urlsafe(24),
            "created_at": now(),
        }
        try:
            with self.store.engine.begin() as connection:
                connection.execute(insert(accounts).values(row))
                add_audit_row(connection, author, "account.add", name, after=f"{role} {code or company}".strip())
        except IntegrityError as error:
            raise UsageError(*say("account.taken", name=name)) from error
        return self._of(accounts.c.id == row["id"])

    def authenticate(self, name: str, password: str) -> Account | None:
        """The account of a name and its password; None where they do not belong together.

        Parameters
        ----------
        name, password
            As they were typed.
        """
        with self.store.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name.strip().casefold())).first()
        if not is_password(None if row is None else row.password, password) or row is None or row.disabled_at:
            return None
        if is_outdated(row.password):
            with self.store.writing() as connection:
                made = hash_password(password, row.name)
                connection.execute(update(accounts).where(accounts.c.id == row.id).values(password=made))
        return _account(row)

    def find(self, name: str) -> Account | None:
        """The account of a name, disabled or not; None where there is none.

        Parameters
        ----------
        name
            Of the account.
        """
        with self.store.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == _name(name))).first()
        return None if row is None else _account(row)

    def record_login(self, account: Account) -> None:
        """Note that somebody signed in whom the provider of single sign-on recognised.

        Parameters
        ----------
        account
            Theirs.
        """
        with self.store.writing() as connection:
            add_audit_row(connection, account.full_name, "account.sign_on", account.name)

    def find_session(self, token: str) -> Account | None:
        """Whose session it is; None where it has ended or the account is disabled."""
        with self.store.reading() as connection:
            row = connection.execute(_SIGNED_IN, {"asked": token}).first()
        return None if row is None else replace(_account(row), revision=to_revision(row))

    def set_password(self, name: str, password: str, author: str = "") -> Account:
        """Give an account another password; its sessions end.

        Parameters
        ----------
        name
            Of the account.
        password
            The new one.
        author
            Who does it.

        Raises
        ------
        UsageError
            If there is no such account, or the password is weak.
        """
        made = hash_password(password, _name(name))
        return self._change(name, author, "password", password=made)

    def move(self, name: str, role: str, code: str, company: str, author: str = "") -> Account:
        """Give an account another role and place; its sessions end.

        Parameters
        ----------
        name
            Of the account.
        role, code, company
            As of :meth:`add`.
        author
            Who does it.

        Raises
        ------
        UsageError
            If there is no such account, or role and place do not belong together.
        """
        _check_role(role, code, company)
        told = f"{role} {code or company}".strip()
        return self._change(name, author, told, role=role, code=code, company=company)

    def disable(self, name: str, author: str = "", *, back: bool = False) -> Account:
        """Let an account sign in no more, or again; its sessions end.

        Parameters
        ----------
        name
            Of the account.
        author
            Who does it.
        back
            Whether it signs in again.

        Raises
        ------
        UsageError
            If there is no such account.
        """
        return self._change(name, author, "enabled" if back else "disabled", disabled_at=None if back else now())

    def add_token(self, name: str, author: str = "") -> str:
        """A token by which a program reads what an account reads; shown once, only its hash is kept.

        Parameters
        ----------
        name
            Of the account.
        author
            Who asks for it.

        Raises
        ------
        UsageError
            If there is no such account.
        """
        account, token = self._of(accounts.c.name == _name(name)), randoms.token_urlsafe(32)
        row = {"hash": _hash(token), "account_id": account.id, "created_at": now()}
        with self.store.writing() as connection:
            connection.execute(insert(tokens).values(row))
            add_audit_row(connection, author, "account.change", account.name, after="token")
        return token

    def drop_tokens(self, name: str, author: str = "") -> int:
        """End all tokens of an account; how many there were.

        Parameters
        ----------
        name
            Of the account.
        author
            Who does it.

        Raises
        ------
        UsageError
            If there is no such account.
        """
        account = self._of(accounts.c.name == _name(name))
        with self.store.writing() as connection:
            ended = connection.execute(delete(tokens).where(tokens.c.account_id == account.id)).rowcount
            add_audit_row(connection, author, "account.change", account.name, after="no token")
        return ended

    def find_reader(self, token: str) -> Account | None:
        """The account a program reads as; None where the token has ended or the account is disabled."""
        with self.store.reading() as connection:
            row = connection.execute(_READER, {"asked": _hash(token)}).first()
        return None if row is None else replace(_account(row), revision=to_revision(row))

    def session_key(self) -> str:
        """The key that signs sessions, the same for all servers of the store; made when it is first asked for."""
        query = select(secrets.c.value).where(secrets.c.name == _SESSION_KEY)
        with self.store.reading() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            try:
                with self.store.engine.begin() as connection:
                    connection.execute(insert(secrets).values(name=_SESSION_KEY, value=randoms.token_hex(32)))
            except IntegrityError:
                pass  # another server was quicker
            with self.store.reading() as connection:
                found = connection.execute(query).scalar_one()
        return str(found)

    def _change(self, name: str, author: str, what: str, **values: Any) -> Account:
        account = self._of(accounts.c.name == _name(name))
        with self.store.writing() as connection:
            values["token"] = randoms.token_urlsafe(24)
            connection.execute(update(accounts).where(accounts.c.id == account.id).values(values))
            add_audit_row(connection, author, "account.change", account.name, after=what)
        return self._of(accounts.c.id == account.id)

    def _of(self, condition: Any) -> Account:
        with self.store.reading() as connection:
            row = connection.execute(select(accounts).where(condition)).first()
        if row is None:
            raise UsageError(*say("account.unknown"))
        return _account(row)


def _check_role(role: str, code: str, company: str) -> None:
    if role not in ROLES:
        raise UsageError(*say("account.no_role", role=role[:20], roles=", ".join(ROLES)))
    if (role in ("district", "street")) != bool(code) and role != "viewer":
        raise UsageError(*say("account.place", role=say(f"account.role_{role}")))
    if (role == "company") != bool(company):
        raise UsageError(*say("account.company"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _name(name: str) -> str:
    text = check_text(name, MOST_AUTHOR, "author", needed=True).casefold()
    if " " in text:
        raise UsageError(*say("account.name"))
    return text


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id,
        row.name,
        row.full_name,
        row.role,
        row.code,
        row.company,
        row.token,
        row.disabled_at is not None,
        has_password=bool(row.password),
    )
