"""What becomes of a plan: drafted, opinions asked, shown to the public, approved; and the opinions on it."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update

from app.i18n import say
from app.store.access import STAGES, Access, Stage
from app.store.errors import NotAllowedError, NotInStoreError, StageConflictError
from app.store.records import MOST_NOTE, AuditRow, Version
from app.store.rows import add_audit_row, check_text, now, read_newest
from app.store.store import Store
from app.store.tables import comments, plans, versions
from geo.errors import UsageError

MOVED, COMMENTED, ANSWERED = "plan.stage", "comment.add", "comment.answer"
Target = Literal["plan", "area", "unit"]
MOST_COMMENTS = 500
"""Opinions on one plan."""


@dataclass(frozen=True)
class Comment:
    """An opinion on a plan.

    Parameters
    ----------
    id
        Names it.
    number
        Of the version it was given on.
    target, target_id
        What it is about: the plan, an area or a unit, by its id.
    text, author, at
        What was said, by whom and when (UTC).
    answer, answered_by
        How it was dealt with; None where it was not yet.
    """

    id: str
    number: int
    target: Target
    target_id: str
    text: str
    author: str
    at: datetime.datetime
    answer: str | None
    answered_by: str | None


def list_moves(version: Version, access: Access) -> tuple[Stage, ...]:
    """The stages somebody may move a plan to: the next one first, then back to drafting.

    Whoever makes a plan asks for opinions. The level above shows it to the public, the city approves it; whoever
    may do the next step may send it back.

    Parameters
    ----------
    version
        The newest of the plan.
    access
        Whoever moves it.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import datetime
    >>> draft = Version("v", "p", "", 1, None, "", "", "", "", (), datetime.datetime.now(), {}, "150203001", "draft")
    >>> list_moves(draft, Access("street", "150203001")), list_moves(draft, Access("viewer"))
    (('consultation',), ())
    >>> asked = replace(draft, stage="consultation")
    >>> list_moves(asked, Access("street", "150203001")), list_moves(asked, Access("district", "150203"))
    (('draft',), ('publicity', 'draft'))
    """
    edits = access.edits(version.code)
    decides = edits and (not access.code or access.code != version.code)
    is_city = edits and not access.code
    moves: dict[Stage, tuple[tuple[Stage, bool], ...]] = {
        "draft": (("consultation", edits),),
        "consultation": (("publicity", decides), ("draft", edits)),
        "publicity": (("approved", is_city), ("draft", decides)),
        "approved": (("draft", is_city),),
    }
    return tuple(stage for stage, is_allowed in moves[version.stage] if is_allowed)


@dataclass(frozen=True, eq=False)
class Approvals:
    """Stages of plans and opinions on them, as somebody sees them.

    Parameters
    ----------
    store
        Where they are kept, by whose access everything is done and signed.
    """

    store: Store

    def move(self, plan_id: str, seen: tuple[int, Stage], to: Stage, note: str) -> Version:
        """Move a plan to another stage, if nobody was quicker; its audit row is of the same transaction.

        Parameters
        ----------
        plan_id
            Of the plan.
        seen
            Number of its newest version and its stage, as they were when it was decided.
        to
            The new stage.
        note
            Why, or by which document; needed for the way back.

        Raises
        ------
        StageConflictError
            If the plan was saved or moved meanwhile; nothing is written.
        NotAllowedError
            If it is not for them to do.
        NotInStoreError
            If they see no such plan.
        UsageError
            If a reason is needed and missing.
        """
        note = check_text(note, MOST_NOTE, "note", needed=to == STAGES[0])
        access = self.store.access
        with self.store.writing() as connection:
            newest = read_newest(connection, plan_id, access)
            if (newest.number, newest.stage) != seen:
                raise StageConflictError(newest)
            if to not in list_moves(newest, access):
                raise NotAllowedError(*say("approval.not_yours", stage=say(f"approval.{to}")))
            at = (plans.c.id == plan_id, plans.c.newest == seen[0], plans.c.stage == seen[1])
            moved = connection.execute(update(plans).where(*at).values(stage=to))
            if moved.rowcount == 0:
                raise StageConflictError(read_newest(connection, plan_id, access))
            subject = f"{newest.plan_name} {newest.number}"
            of = {"plan_id": plan_id, "version_id": newest.id, "before": newest.stage, "after": to}
            add_audit_row(connection, access.name, MOVED, subject, note=note, **of)
            return read_newest(connection, plan_id, access)

    def comment(self, version_id: str, target: Target, target_id: str, text: str) -> None:
        """Keep an opinion on a version, pinned to what it is about.

        Parameters
        ----------
        version_id
            Of the version.
        target, target_id
            What it is about.
        text
            What is said.

        Raises
        ------
        NotInStoreError
            If they see no such version.
        UsageError
            If nothing is said, too much, or there are too many already.
        """
        text = check_text(text, MOST_NOTE, "note", needed=True)
        version, author = self.store.version(version_id), self.store.access.name
        row = {"id": secrets.token_hex(8), "plan_id": version.plan_id, "version_id": version_id, "target": target}
        row |= {"target_id": target_id, "text": text, "author": author, "created_at": now()}
        if len(self.comments(version.plan_id)) >= MOST_COMMENTS:
            raise UsageError(*say("approval.too_many", most=MOST_COMMENTS))
        with self.store.writing() as connection:
            connection.execute(insert(comments).values(row))
            of = {"plan_id": version.plan_id, "version_id": version_id, "after": text}
            add_audit_row(connection, author, COMMENTED, f"{target} {target_id}".strip(), **of)

    def answer(self, plan_id: str, comment_id: str, text: str) -> None:
        """Say how an opinion was dealt with; once.

        Parameters
        ----------
        plan_id, comment_id
            Of the plan and the opinion.
        text
            The answer.

        Raises
        ------
        NotAllowedError
            If it is a plan of another place, or it was answered meanwhile.
        NotInStoreError
            If they see no such plan.
        UsageError
            If nothing is said, or too much.
        """
        text, access = check_text(text, MOST_NOTE, "note", needed=True), self.store.access
        with self.store.writing() as connection:
            newest = read_newest(connection, plan_id, access)
            if not access.edits(newest.code):
                raise NotAllowedError(*say("storing.not_own_place"))
            open_one = (comments.c.id == comment_id, comments.c.plan_id == plan_id, comments.c.answer.is_(None))
            row = connection.execute(select(comments.c.text, comments.c.version_id).where(*open_one)).first()
            values = {"answer": text, "answered_by": access.name}
            if row is None or connection.execute(update(comments).where(*open_one).values(values)).rowcount == 0:
                raise NotAllowedError(*say("approval.answered_already"))
            of = {"plan_id": plan_id, "version_id": row.version_id, "before": row.text, "after": text}
            add_audit_row(connection, access.name, ANSWERED, newest.plan_name, **of)

    def comments(self, plan_id: str) -> list[Comment]:
        """The opinions on a plan, oldest first; none where they see no such plan."""
        query = select(comments, versions.c.number).join(versions, versions.c.id == comments.c.version_id)
        query = query.join(plans, plans.c.id == comments.c.plan_id)
        query = query.where(comments.c.plan_id == plan_id, self.store.access.sees())
        with self.store.reading() as connection:
            return [_comment(row) for row in connection.execute(query.order_by(comments.c.created_at))]

    def history(self, plan_id: str) -> list[AuditRow]:
        """Everything that was done with a plan, latest first.

        Raises
        ------
        NotInStoreError
            If they see no such plan.
        """
        if not self.store.versions(plan_id):
            raise NotInStoreError(*say("storing.no_plan"))
        return self.store.audit_rows(limit=5_000, plan_id=plan_id)


def _comment(row: Row[Any]) -> Comment:
    at = datetime.datetime.fromisoformat(row.created_at)
    return Comment(row.id, row.number, row.target, row.target_id, row.text, row.author, at, row.answer, row.answered_by)
