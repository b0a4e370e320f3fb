"""Rows of the store: made, added and read inside a transaction of `app.store.store`."""

from __future__ import annotations

import datetime
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from analysis.bundling.document.schema import check_document, plan_sha
from app.i18n import say
from app.store.access import EVERYTHING, PUBLISHED, Access
from app.store.errors import NotAllowedError, NotInStoreError
from app.store.records import MOST_AUTHOR, MOST_NOTE, MOST_STEPS, Version
from app.store.tables import audit, plans, versions
from geo.errors import UsageError


def make_version_row(document: Mapping[str, Any], author: str, note: str, steps: Sequence[str]) -> dict[str, Any]:
    """The columns of a version, without its place among the others.

    Parameters
    ----------
    document
        PLAN.json.
    author, note, steps
        As :meth:`app.store.store.Store.create_plan`.

    Raises
    ------
    MalformedPlanError
        If the document is no plan.
    UsageError
        If a text is too long.
    """
    check_document(document)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return {
        "planning_sha256": document["planning_sha256"],
        "plan_sha256": plan_sha(document),
        "author": check_text(author, MOST_AUTHOR, "author"),
        "note": check_text(note, MOST_NOTE, "note"),
        "steps": check_text(json.dumps(list(steps), ensure_ascii=False), MOST_STEPS, "steps"),
        "facts": json.dumps(_facts(document), ensure_ascii=False),
        "document": zlib.compress(text.encode()),
    }


def _facts(document: Mapping[str, Any]) -> dict[str, Any]:
    levels = {level["name"]: level["value"] for level in document["levels"]}
    return {
        "mode": document["mode"],
        "status": document["status"],
        "method": document.get("method", "search"),
        "areas": len(document["areas"]),
        "left_over": len(document["left_over"]),
        "left_over_households": levels.get("left_over_households"),
    }


_NEAR = 1000
"""Numbers of the audit below its last that a write may still commit; more are not given out at the same time."""
_LAST = select(func.coalesce(func.max(audit.c.number), 0)).scalar_subquery()
_REVISION = select(_LAST, func.count()).select_from(audit).where(audit.c.number > _LAST - _NEAR)
REVISION = (
    _LAST.label("last_number"),
    select(func.count()).select_from(audit).where(audit.c.number > _LAST - _NEAR).scalar_subquery().label("near"),
)
"""The same as columns of another question; see :func:`to_revision`."""


def read_revision(connection: Connection) -> tuple[int, int]:
    """The last number of the audit, and how many rows are near it; see :meth:`app.store.store.Store.revision`."""
    last, near = connection.execute(_REVISION).one()
    return int(last), int(near)


def to_revision(row: Row[Any]) -> tuple[int, int]:
    """The same of a row with the columns `REVISION`."""
    return int(row.last_number), int(row.near)


def add_version(
    connection: Connection,
    plan_id: str,
    number: int,
    parent_id: str | None,
    row: Mapping[str, Any],
    *,
    action: str,
    before: str | None,
) -> Version:
    """Add a version and its audit row.

    Parameters
    ----------
    connection
        Inside a transaction.
    plan_id, number, parent_id
        The plan, the number in it, the version it was made from.
    row
        Of :func:`make_version_row`.
    action, before
        Of the audit row: what is done, and the digest of the document it replaces.
    """
    version_id = secrets.token_hex(8)
    connection.execute(
        insert(versions).values(
            id=version_id, plan_id=plan_id, number=number, parent_id=parent_id, created_at=now(), **row
        )
    )
    version = read_version(connection, version_id)
    add_audit_row(
        connection,
        row["author"],
        action,
        f"{version.plan_name} {number}",
        plan_id=plan_id,
        version_id=version_id,
        before=before,
        after=row["plan_sha256"],
        note=row["note"],
    )
    return version


def add_audit_row(connection: Connection, author: str, action: str, subject: str, **more: Any) -> None:
    """Add a row to the audit.

    Parameters
    ----------
    connection
        Inside a transaction.
    author, action, subject, more
        See `AuditRow`.
    """
    connection.execute(
        insert(audit).values({"note": "", **more, "at": now(), "author": author, "action": action, "subject": subject})
    )


def read_marks(connection: Connection, action: str, version_ids: Sequence[str]) -> dict[str, str]:
    """The newest note of an action by version; versions without one are not in it.

    Parameters
    ----------
    connection
        Open.
    action, version_ids
        As :meth:`app.store.store.Store.marks`.
    """
    query = select(audit.c.version_id, audit.c.note).where(
        audit.c.action == action, audit.c.version_id.in_(version_ids)
    )
    return {row.version_id: row.note for row in connection.execute(query.order_by(audit.c.number))}


def select_versions() -> Select[Any]:
    """All versions with the name of their plan, without the documents."""
    columns = [column for column in versions.c if column.name != "document"]
    return select(*columns, plans.c.name, plans.c.archived_at, plans.c.code, plans.c.stage).join(plans)


def read_version(connection: Connection, version_id: str, access: Access = EVERYTHING) -> Version:
    """A version by its id.

    Parameters
    ----------
    connection
        Open.
    version_id
        Of the version.
    access
        Whoever asks.

    Raises
    ------
    NotInStoreError
        If there is none.
    """
    row = connection.execute(select_versions().where(versions.c.id == version_id, access.sees())).first()
    if row is None:
        raise no_version(version_id)
    return to_version(row)


def read_newest(connection: Connection, plan_id: str, access: Access = EVERYTHING) -> Version:
    """The newest version of a plan.

    Parameters
    ----------
    connection
        Open.
    plan_id
        Of the plan.
    access
        Whoever asks.

    Raises
    ------
    NotInStoreError
        If there is no such plan.
    """
    row = connection.execute(
        select_versions().where(plans.c.id == plan_id, versions.c.number == plans.c.newest, access.sees())
    ).first()
    if row is None:
        raise NotInStoreError(*say("storing.no_plan"))
    return to_version(row)


def read_editable(connection: Connection, plan_id: str, access: Access) -> Version:
    """The newest version of a plan that somebody is going to change.

    Parameters
    ----------
    connection
        Inside a transaction.
    plan_id
        Of the plan.
    access
        Whoever changes it.

    Raises
    ------
    NotInStoreError
        If there is no such plan that they see.
    NotAllowedError
        If it is of another place, or fixed: shown to the public or approved.
    """
    newest = read_newest(connection, plan_id, access)
    require_place(newest.code, access)
    if newest.stage in PUBLISHED:
        raise NotAllowedError(*say("storing.fixed", name=newest.plan_name, stage=say(f"approval.{newest.stage}")))
    return newest


def require_place(code: str, access: Access) -> None:
    """Refuse a plan of a place that is not one's own.

    Parameters
    ----------
    code
        Of the plan.
    access
        Whoever makes or changes it.

    Raises
    ------
    NotAllowedError
        If it is of another place, or they change no plans at all.
    """
    if not access.edits(code):
        raise NotAllowedError(*say("storing.not_own_place"))


def no_version(version_id: str) -> NotInStoreError:
    """The error of a version that is not there."""
    return NotInStoreError(*say("storing.no_version", version_id=version_id[:40]))


def to_version(row: Row[Any]) -> Version:
    """A version from its row, see :func:`select_versions`."""
    return Version(
        id=row.id,
        plan_id=row.plan_id,
        plan_name=row.name,
        number=row.number,
        parent_id=row.parent_id,
        planning_sha256=row.planning_sha256,
        plan_sha256=row.plan_sha256,
        author=row.author,
        note=row.note,
        steps=tuple(json.loads(row.steps)),
        created=datetime.datetime.fromisoformat(row.created_at),
        facts=json.loads(row.facts),
        code=row.code,
        stage=row.stage,
    )


def check_text(value: str, most: int, field: str, *, needed: bool = False) -> str:
    """A text a planner wrote, trimmed.

    Parameters
    ----------
    value
        The text.
    most
        Most characters.
    field
        What it is, a key under `storing` of the sentences.
    needed
        Whether it may not be empty.

    Raises
    ------
    UsageError
        If it is too long or, where `needed`, empty.
    """
    text = " ".join(value.split()) if most < MOST_NOTE else value.strip()
    if needed and not text:
        raise UsageError(*say("storing.needed", what=say(f"storing.{field}")))
    if len(text) > most or "\x00" in text:
        raise UsageError(*say("storing.too_long", what=say(f"storing.{field}"), most=most))
    return text


def now() -> str:
    """The present moment as it is stored: ISO 8601, UTC, microseconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
