"""Reading and writing the store; see the package for an example."""

from __future__ import annotations

import datetime
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from analysis.bundling.document.schema import check_document, plan_sha
from app.i18n import say
from app.store.engine import READS, begin_exclusive, open_engine, store_error
from app.store.errors import ConflictError, NotInStoreError
from app.store.records import AuditRow, StoredPlan, Version
from app.store.tables import audit, plans, versions
from geo.errors import UsageError

CURRENT = "plan.current"
"""Action of the audit: a plan was chosen as the current one."""
CHECKED, EXPORTED = "plan.check", "plan.export"
"""Actions of the audit: what the independent check found of a version; files of a version were fetched."""
MOST_NAME, MOST_NOTE, MOST_AUTHOR, MOST_STEPS = 80, 2_000, 60, 200_000
"""Most characters of a plan's name, of a note, of an author's name, of all steps together."""


def open_store(url: str) -> Store:
    """Open a store of plans; made where it is not there yet.

    Parameters
    ----------
    url
        See :func:`app.store.engine.open_engine`.

    Raises
    ------
    StoreError
        If it cannot be opened.
    """
    return Store(open_engine(url))


@dataclass(frozen=True, eq=False)
class Store:
    """Plans and their versions; safe to be used by threads and processes at the same time."""

    engine: Engine

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def is_kept(self) -> bool:
        """Whether it outlives the process."""
        return bool(self.engine.url.database)

    def plans(self, *, archived: bool = False) -> list[StoredPlan]:
        """The plans, those saved last first; with `archived` also those taken out of the lists."""
        query = _versions().where(versions.c.number == plans.c.newest)
        if not archived:
            query = query.where(plans.c.archived_at.is_(None))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(versions.c.created_at.desc())).all()
        return [StoredPlan(row.plan_id, row.name, row.archived_at is not None, _version(row)) for row in rows]

    def versions(self, plan_id: str) -> list[Version]:
        """The versions of a plan, newest first; none where there is no such plan."""
        query = _versions().where(plans.c.id == plan_id).order_by(versions.c.number.desc())
        with self._reading() as connection:
            return [_version(row) for row in connection.execute(query)]

    def version(self, version_id: str) -> Version:
        """The facts of a version.

        Raises
        ------
        NotKeptError
            If there is none of that id.
        """
        with self._reading() as connection:
            return _one(connection, version_id)

    def document(self, version_id: str) -> dict[str, Any]:
        """The PLAN.json document of a version.

        Raises
        ------
        NotKeptError
            If there is none of that id.
        """
        query = select(versions.c.document).where(versions.c.id == version_id)
        with self._reading() as connection:
            packed = connection.execute(query).scalar()
        if packed is None:
            raise _no_version(version_id)
        document: dict[str, Any] = json.loads(zlib.decompress(packed))
        return document

    def of_content(self, document: Mapping[str, Any]) -> Version | None:
        """A version that holds this very document; None where none does."""
        query = _versions().where(versions.c.plan_sha256 == plan_sha(document))
        with self._reading() as connection:
            row = connection.execute(query.order_by(versions.c.created_at)).first()
        return None if row is None else _version(row)

    def create_plan(
        self,
        name: str,
        document: Mapping[str, Any],
        author: str,
        note: str = "",
        *,
        parent_id: str | None = None,
        steps: Sequence[str] = (),
    ) -> Version:
        """Keep a document as the first version of a new plan.

        Parameters
        ----------
        name
            1 to 80 characters; another plan may bear it.
        document
            PLAN.json.
        author, note
            Who, and what they say of it; may be empty.
        parent_id
            The version it was made from.
        steps
            Names of the editing steps.

        Raises
        ------
        MalformedPlanError
            If the document is no plan.
        UsageError
            If the name is empty or a text too long.
        StoreError
            If it cannot be written.
        """
        name = _text(name, MOST_NAME, "name", needed=True)
        row = _row(document, author, note, steps)
        plan_id = secrets.token_hex(8)
        with self._writing() as connection:
            connection.execute(insert(plans).values(id=plan_id, name=name, newest=1))
            return _add(connection, plan_id, 1, parent_id, row, action="plan.create", before=None)

    def save(
        self,
        plan_id: str,
        parent: int,
        document: Mapping[str, Any],
        author: str,
        note: str = "",
        *,
        steps: Sequence[str] = (),
    ) -> Version:
        """Keep a document as the next version of a plan, if nobody was quicker.

        Parameters
        ----------
        plan_id
            Of the plan.
        parent
            Number of the version that was changed.
        document, author, note, steps
            As :meth:`create_plan`.

        Raises
        ------
        ConflictError
            If the plan has a version newer than `parent`; nothing is written.
        NotKeptError
            If there is no such plan.
        MalformedPlanError, UsageError, StoreError
            As :meth:`create_plan`.
        """
        row = _row(document, author, note, steps)
        with self._writing() as connection:
            taken = connection.execute(
                update(plans).where(plans.c.id == plan_id, plans.c.newest == parent).values(newest=parent + 1)
            )
            if taken.rowcount == 0:
                raise ConflictError(_newest(connection, plan_id))
            before = connection.execute(_versions().where(plans.c.id == plan_id, versions.c.number == parent)).one()
            return _add(connection, plan_id, parent + 1, before.id, row, action="plan.save", before=before.plan_sha256)

    def import_plan(self, name: str, document: Mapping[str, Any], note: str = "") -> Version:
        """Keep a document that came as a file, once.

        A document that is kept already is not kept again; a new one under the name of a plan that
        is there becomes its next version.

        Parameters
        ----------
        name
            Of the plan.
        document
            The plan.
        note
            Kept next to the version.

        Raises
        ------
        MalformedPlanError, UsageError, StoreError
            As :meth:`create_plan`.
        """
        there = self.of_content(document)
        if there is not None:
            return there
        name = _text(name, MOST_NAME, "name", needed=True)
        row = _row(document, "", note, ())
        with self._writing() as connection:
            begin_exclusive(connection)  # somebody else may take the same file at this moment
            is_same = versions.c.plan_sha256 == row["plan_sha256"]
            kept = connection.execute(_versions().where(is_same)).first()
            if kept is not None:
                return _version(kept)
            newest = connection.execute(
                _versions()
                .where(plans.c.name == name, plans.c.archived_at.is_(None), versions.c.number == plans.c.newest)
                .order_by(versions.c.created_at.desc())
            ).first()
            if newest is None:
                plan_id = secrets.token_hex(8)
                connection.execute(insert(plans).values(id=plan_id, name=name, newest=1))
                return _add(connection, plan_id, 1, None, row, action="plan.create", before=None)
            before = _version(newest)
            number = before.number + 1
            connection.execute(update(plans).where(plans.c.id == before.plan_id).values(newest=number))
            return _add(
                connection, before.plan_id, number, before.id, row, action="plan.save", before=before.plan_sha256
            )

    def rename(self, plan_id: str, name: str, author: str) -> None:
        """Give a plan another name.

        Parameters
        ----------
        plan_id
            Id of the plan.
        name
            The new name.
        author
            Who does it.

        Raises
        ------
        NotKeptError
            If there is no such plan.
        UsageError
            If the name is empty or too long.
        """
        name = _text(name, MOST_NAME, "name", needed=True)
        author = _text(author, MOST_AUTHOR, "author")
        with self._writing() as connection:
            old = _newest(connection, plan_id)
            connection.execute(update(plans).where(plans.c.id == plan_id).values(name=name))
            _note(connection, author, "plan.rename", f"{old.plan_name} → {name}", plan_id=plan_id)

    def archive(self, plan_id: str, author: str, *, back: bool = False) -> None:
        """Take a plan out of the lists, or put it `back`; its versions stay.

        Parameters
        ----------
        plan_id
            Id of the plan.
        author
            Who does it.
        back
            Whether it is put back.

        Raises
        ------
        NotKeptError
            If there is no such plan.
        """
        author = _text(author, MOST_AUTHOR, "author")
        with self._writing() as connection:
            name = _newest(connection, plan_id).plan_name
            at = None if back else _now()
            connection.execute(update(plans).where(plans.c.id == plan_id).values(archived_at=at))
            _note(connection, author, "plan.restore" if back else "plan.archive", name, plan_id=plan_id)

    def choose_current(self, plan_id: str, author: str) -> None:
        """Make a plan the one that is shown where none is asked for.

        Parameters
        ----------
        plan_id
            Of the plan.
        author
            Who chooses.

        Raises
        ------
        NotKeptError
            If there is no such plan.
        """
        author = _text(author, MOST_AUTHOR, "author")
        with self._writing() as connection:
            name = _newest(connection, plan_id).plan_name
            _note(connection, author, CURRENT, name, plan_id=plan_id)

    def current_plan(self) -> str | None:
        """Id of the plan chosen last as the current one, else of the first there was; None without any."""
        is_listed = plans.c.archived_at.is_(None)
        chosen = select(audit.c.plan_id).join(plans, plans.c.id == audit.c.plan_id)
        chosen = chosen.where(audit.c.action == CURRENT, is_listed).order_by(audit.c.number.desc())
        first = select(plans.c.id).join(versions).where(versions.c.number == 1, is_listed)
        with self._reading() as connection:
            found = (
                connection.execute(chosen).first() or connection.execute(first.order_by(versions.c.created_at)).first()
            )
        return None if found is None else str(found[0])

    def revision(self) -> int:
        """How many audit rows there are: rises with every write, also where a later number was committed first."""
        with self._reading() as connection:
            return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())

    def planning_hashes(self) -> set[str]:
        """The planning data that versions were made for."""
        with self._reading() as connection:
            return set(connection.execute(select(versions.c.planning_sha256).distinct()).scalars())

    def audit(
        self,
        author: str,
        action: str,
        subject: str,
        *,
        before: str | None = None,
        after: str | None = None,
        note: str = "",
    ) -> None:
        """Note a write that was done elsewhere, such as a correction of the data.

        Parameters
        ----------
        author, action, subject, before, after, note
            See `AuditRow`.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        with self._writing() as connection:
            _note(connection, author, action, subject, before=before, after=after, note=note)

    def mark(self, version_id: str, author: str, action: str, note: str) -> None:
        """Note what was done with a version, or found of it, unless that is what was noted last.

        Parameters
        ----------
        version_id
            Of the version.
        author
            Who did it; empty for the machine.
        action
            `CHECKED` or `EXPORTED`.
        note
            What was found, or which files.

        Raises
        ------
        NotKeptError
            If there is no such version.
        """
        with self._writing() as connection:
            version = _one(connection, version_id)
            if _marks(connection, action, [version_id]).get(version_id) != note:
                subject = f"{version.plan_name} {version.number}"
                of = {"plan_id": version.plan_id, "version_id": version_id}
                _note(connection, author[:MOST_AUTHOR], action, subject, note=note, **of)

    def marks(self, action: str, version_ids: Sequence[str]) -> dict[str, str]:
        """What was noted last of versions; those of which nothing was are not in it.

        Parameters
        ----------
        action
            `CHECKED` or `EXPORTED`.
        version_ids
            Of the versions.
        """
        with self._reading() as connection:
            return _marks(connection, action, version_ids)

    def audit_rows(self, *, limit: int = 200) -> list[AuditRow]:
        """The audit, latest first."""
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        with self._reading() as connection:
            return [
                AuditRow(**{**row._mapping, "at": datetime.datetime.fromisoformat(row.at)})
                for row in connection.execute(query)
            ]

    def counts(self) -> dict[str, int]:
        """Number of rows of each table, for a check of a backup."""
        with self._reading() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in (plans, versions, audit)
            }

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**{READS: True}) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise store_error("read", self.place, error) from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction: whole or not at all, on disk when it ends."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise store_error("write", self.place, error) from error


def _row(document: Mapping[str, Any], author: str, note: str, steps: Sequence[str]) -> dict[str, Any]:
    """What a version holds, its place among the others aside."""
    check_document(document)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return {
        "planning_sha256": document["planning_sha256"],
        "plan_sha256": plan_sha(document),
        "author": _text(author, MOST_AUTHOR, "author"),
        "note": _text(note, MOST_NOTE, "note"),
        "steps": _text(json.dumps(list(steps), ensure_ascii=False), MOST_STEPS, "steps"),
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


def _add(
    connection: Connection,
    plan_id: str,
    number: int,
    parent_id: str | None,
    row: Mapping[str, Any],
    *,
    action: str,
    before: str | None,
) -> Version:
    """Add a version and its audit row."""
    version_id = secrets.token_hex(8)
    connection.execute(
        insert(versions).values(
            id=version_id, plan_id=plan_id, number=number, parent_id=parent_id, created_at=_now(), **row
        )
    )
    version = _one(connection, version_id)
    _note(
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


def _note(connection: Connection, author: str, action: str, subject: str, **more: Any) -> None:
    connection.execute(
        insert(audit).values({"note": "", **more, "at": _now(), "author": author, "action": action, "subject": subject})
    )


def _marks(connection: Connection, action: str, version_ids: Sequence[str]) -> dict[str, str]:
    """The newest note of an action by version."""
    query = select(audit.c.version_id, audit.c.note).where(
        audit.c.action == action, audit.c.version_id.in_(version_ids)
    )
    return {row.version_id: row.note for row in connection.execute(query.order_by(audit.c.number))}


def _versions() -> Select[Any]:
    """All versions with the name of their plan, without the documents."""
    columns = [column for column in versions.c if column.name != "document"]
    return select(*columns, plans.c.name, plans.c.archived_at).join(plans)


def _one(connection: Connection, version_id: str) -> Version:
    row = connection.execute(_versions().where(versions.c.id == version_id)).first()
    if row is None:
        raise _no_version(version_id)
    return _version(row)


def _newest(connection: Connection, plan_id: str) -> Version:
    row = connection.execute(_versions().where(plans.c.id == plan_id, versions.c.number == plans.c.newest)).first()
    if row is None:
        raise NotInStoreError(*say("storing.no_plan"))
    return _version(row)


def _no_version(version_id: str) -> NotInStoreError:
    return NotInStoreError(*say("storing.no_version", version_id=version_id[:40]))


def _version(row: Row[Any]) -> Version:
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
    )


def _text(value: str, most: int, field: str, *, needed: bool = False) -> str:
    """A text a planner wrote, trimmed; refused where it is too long or holds nothing."""
    text = " ".join(value.split()) if most < MOST_NOTE else value.strip()
    if needed and not text:
        raise UsageError(*say("storing.needed", what=say(f"storing.{field}")))
    if len(text) > most or "\x00" in text:
        raise UsageError(*say("storing.too_long", what=say(f"storing.{field}"), most=most))
    return text


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
