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

from sqlalchemy import Connection, Engine, Select, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from analysis.bundling.document.schema import plan_sha
from app.store.access import EVERYTHING, PUBLISHED, Access, derive_plan_code
from app.store.engine import READS, begin_exclusive, open_engine, store_error
from app.store.errors import ConflictError
from app.store.records import MOST_AUTHOR, MOST_NAME, AuditRow, StoredPlan, Version
from app.store.rows import (
    add_audit_row,
    add_version,
    check_text,
    make_version_row,
    no_version,
    now,
    read_editable,
    read_marks,
    read_newest,
    read_revision,
    read_version,
    require_place,
    select_versions,
    to_version,
)
from app.store.tables import audit, plans, versions

CURRENT = "plan.current"
"""Action of the audit: a plan was chosen as the current one."""
CHECKED, EXPORTED = "plan.check", "plan.export"
"""Actions of the audit: what the independent check found of a version; files of a version were fetched."""


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
    """Plans and their versions; safe to be used by threads and processes at the same time.

    Parameters
    ----------
    engine
        The database.
    access
        Whoever uses it: other plans are as if they were not there.
    """

    engine: Engine
    access: Access = EVERYTHING

    def restrict(self, access: Access) -> Store:
        """The same store as somebody else sees it."""
        return self if access == self.access else Store(self.engine, access)

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
        query = self._select().where(versions.c.number == plans.c.newest)
        if not archived:
            query = query.where(plans.c.archived_at.is_(None))
        with self.reading() as connection:
            rows = connection.execute(query.order_by(versions.c.created_at.desc())).all()
        return [StoredPlan(row.plan_id, row.name, row.archived_at is not None, to_version(row)) for row in rows]

    def versions(self, plan_id: str) -> list[Version]:
        """The versions of a plan, newest first; none where there is no such plan."""
        query = self._select().where(plans.c.id == plan_id).order_by(versions.c.number.desc())
        with self.reading() as connection:
            return [to_version(row) for row in connection.execute(query)]

    def version(self, version_id: str) -> Version:
        """The facts of a version.

        Raises
        ------
        NotInStoreError
            If there is none of that id.
        """
        with self.reading() as connection:
            return read_version(connection, version_id, self.access)

    def document(self, version_id: str) -> dict[str, Any]:
        """The PLAN.json document of a version.

        Raises
        ------
        NotInStoreError
            If there is none of that id.
        StoreError
            If what is kept is damaged.
        """
        query = select(versions.c.document).join(plans).where(versions.c.id == version_id, self.access.sees())
        with self.reading() as connection:
            packed = connection.execute(query).scalar()
        if packed is None:
            raise no_version(version_id)
        try:
            document: dict[str, Any] = json.loads(zlib.decompress(packed))
        except (zlib.error, ValueError) as error:  # a file that was cut short and still opens
            raise store_error("read", self.place, error) from error
        return document

    def of_content(self, document: Mapping[str, Any]) -> Version | None:
        """A version that holds this very document; None where none does."""
        query = self._select().where(versions.c.plan_sha256 == plan_sha(document))
        with self.reading() as connection:
            row = connection.execute(query.order_by(versions.c.created_at)).first()
        return None if row is None else to_version(row)

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
        NotAllowedError
            If it is a plan of another place than the own one.
        StoreError
            If it cannot be written.
        """
        name = check_text(name, MOST_NAME, "name", needed=True)
        row = make_version_row(document, author, note, steps)
        plan_id, code = secrets.token_hex(8), derive_plan_code(document)
        require_place(code, self.access)
        with self.writing() as connection:
            connection.execute(insert(plans).values(id=plan_id, name=name, newest=1, code=code))
            return add_version(connection, plan_id, 1, parent_id, row, action="plan.create", before=None)

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
        NotInStoreError
            If there is no such plan.
        NotAllowedError
            If it is of another place than the own one, or fixed by its stage.
        MalformedPlanError, UsageError, StoreError
            As :meth:`create_plan`.
        """
        row, code = make_version_row(document, author, note, steps), derive_plan_code(document)
        with self.writing() as connection:
            stage = read_editable(connection, plan_id, self.access).stage
            require_place(code, self.access)
            seen = (plans.c.id == plan_id, plans.c.newest == parent, plans.c.stage == stage)
            taken = connection.execute(update(plans).where(*seen).values(newest=parent + 1, code=code))
            if taken.rowcount == 0:
                raise ConflictError(read_newest(connection, plan_id))
            before = connection.execute(
                select_versions().where(plans.c.id == plan_id, versions.c.number == parent)
            ).one()
            return add_version(
                connection, plan_id, parent + 1, before.id, row, action="plan.save", before=before.plan_sha256
            )

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
        name = check_text(name, MOST_NAME, "name", needed=True)
        row = make_version_row(document, "", note, ())
        with self.writing() as connection:
            begin_exclusive(connection)  # somebody else may take the same file at this moment
            is_same = versions.c.plan_sha256 == row["plan_sha256"]
            kept = connection.execute(select_versions().where(is_same)).first()
            if kept is not None:
                return to_version(kept)
            newest = connection.execute(
                select_versions()
                .where(plans.c.name == name, plans.c.archived_at.is_(None), versions.c.number == plans.c.newest)
                .where(plans.c.stage.not_in(PUBLISHED))
                .order_by(versions.c.created_at.desc())
            ).first()
            if newest is None:
                plan_id, code = secrets.token_hex(8), derive_plan_code(document)
                connection.execute(insert(plans).values(id=plan_id, name=name, newest=1, code=code))
                return add_version(connection, plan_id, 1, None, row, action="plan.create", before=None)
            before = to_version(newest)
            number = before.number + 1
            connection.execute(update(plans).where(plans.c.id == before.plan_id).values(newest=number))
            return add_version(
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
        NotInStoreError
            If there is no such plan.
        UsageError
            If the name is empty or too long.
        """
        name = check_text(name, MOST_NAME, "name", needed=True)
        author = check_text(author, MOST_AUTHOR, "author")
        with self.writing() as connection:
            old = read_editable(connection, plan_id, self.access)
            connection.execute(update(plans).where(plans.c.id == plan_id).values(name=name))
            add_audit_row(connection, author, "plan.rename", f"{old.plan_name} → {name}", plan_id=plan_id)

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
        NotInStoreError
            If there is no such plan.
        """
        author = check_text(author, MOST_AUTHOR, "author")
        with self.writing() as connection:
            name = read_editable(connection, plan_id, self.access).plan_name
            at = None if back else now()
            connection.execute(update(plans).where(plans.c.id == plan_id).values(archived_at=at))
            add_audit_row(connection, author, "plan.restore" if back else "plan.archive", name, plan_id=plan_id)

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
        NotInStoreError
            If there is no such plan.
        """
        author = check_text(author, MOST_AUTHOR, "author")
        require_place("", self.access)  # it is what everybody sees first
        with self.writing() as connection:
            name = read_newest(connection, plan_id).plan_name
            add_audit_row(connection, author, CURRENT, name, plan_id=plan_id)

    def current_plan(self) -> str | None:
        """Id of the plan chosen last as the current one, else of the first there was; None without any."""
        is_listed = plans.c.archived_at.is_(None) & self.access.sees()
        chosen = select(audit.c.plan_id).join(plans, plans.c.id == audit.c.plan_id)
        chosen = chosen.where(audit.c.action == CURRENT, is_listed).order_by(audit.c.number.desc())
        first = select(plans.c.id).join(versions).where(versions.c.number == 1, is_listed)
        with self.reading() as connection:
            found = (
                connection.execute(chosen).first() or connection.execute(first.order_by(versions.c.created_at)).first()
            )
        return None if found is None else str(found[0])

    def revision(self) -> tuple[int, int]:
        """What changes with every write: the last number of the audit, and how many rows are near it.

        PostgreSQL gives numbers before rows are committed: one that is late changes the second. Reads the end alone.
        """
        with self.reading() as connection:
            return read_revision(connection)

    def count_audit_rows(self) -> int:
        """How many audit rows there are; reads the whole index."""
        with self.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(audit)).scalar_one())

    def planning_hashes(self) -> set[str]:
        """The planning data that versions were made for."""
        with self.reading() as connection:
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
        with self.writing() as connection:
            add_audit_row(connection, author, action, subject, before=before, after=after, note=note)

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
        NotInStoreError
            If there is no such version.
        """
        with self.writing() as connection:
            version = read_version(connection, version_id)
            if read_marks(connection, action, [version_id]).get(version_id) != note:
                subject = f"{version.plan_name} {version.number}"
                of = {"plan_id": version.plan_id, "version_id": version_id}
                add_audit_row(connection, author[:MOST_AUTHOR], action, subject, note=note, **of)

    def marks(self, action: str, version_ids: Sequence[str]) -> dict[str, str]:
        """What was noted last of versions; those of which nothing was are not in it.

        Parameters
        ----------
        action
            `CHECKED` or `EXPORTED`.
        version_ids
            Of the versions.
        """
        with self.reading() as connection:
            return read_marks(connection, action, version_ids)

    def audit_rows(self, *, limit: int = 200, plan_id: str | None = None) -> list[AuditRow]:
        """The audit, latest first; with `plan_id` that of a plan alone.

        Parameters
        ----------
        limit
            Most rows.
        plan_id
            Of the plan; None = of everything.
        """
        query = select(audit).order_by(audit.c.number.desc()).limit(limit)
        if plan_id is not None:
            query = query.where(audit.c.plan_id == plan_id)
        with self.reading() as connection:
            return [
                AuditRow(**{**row._mapping, "at": datetime.datetime.fromisoformat(row.at)})
                for row in connection.execute(query)
            ]

    def counts(self) -> dict[str, int]:
        """Number of rows of each table, for a check of a backup."""
        with self.reading() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in (plans, versions, audit)
            }

    def _select(self) -> Select[Any]:
        """The versions that are seen."""
        return select_versions().where(self.access.sees())

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that looks, and waits for no writer."""
        try:
            with self.engine.connect().execution_options(**{READS: True}) as connection:
                yield connection
        except SQLAlchemyError as error:
            raise store_error("read", self.place, error) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: whole or not at all, on disk when it ends."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise store_error("write", self.place, error) from error
