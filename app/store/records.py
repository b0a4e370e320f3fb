"""What the store hands out: plans, versions and audit rows, without the documents."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.store.access import STAGES, Stage

MOST_NAME, MOST_NOTE, MOST_AUTHOR, MOST_STEPS = 80, 2_000, 60, 200_000
"""Most characters of a plan's name, of a note, of an author's name, of all steps together."""


@dataclass(frozen=True)
class Version:
    """One version of a plan.

    Parameters
    ----------
    id
        Names it in an address.
    plan_id, plan_name
        The plan it belongs to.
    number
        From 1, without gaps, within its plan.
    parent_id
        The version it was made from, perhaps of another plan; None where it came from a file or a
        run that started from nothing.
    planning_sha256
        The planning data it was made for.
    plan_sha256
        Of its content (`analysis.bundling.document.schema.plan_sha`).
    author, note
        Who saved it and what they say of it; may be empty.
    steps
        Names of the editing steps since the parent, oldest first.
    created
        UTC.
    facts
        For a list: "mode", "status", "method", "areas", "left_over" (counts of rows) and
        "left_over_households" where the plan tells it.
    code
        Place of its plan, "" = the whole city.
    stage
        What has become of its plan (`app.store.access.STAGES`).
    """

    id: str
    plan_id: str
    plan_name: str
    number: int
    parent_id: str | None
    planning_sha256: str
    plan_sha256: str
    author: str
    note: str
    steps: tuple[str, ...]
    created: datetime.datetime
    facts: Mapping[str, Any] = field(hash=False)
    code: str = ""
    stage: Stage = STAGES[0]

    @property
    def created_text(self) -> str:
        """When it was saved, by the clock of this machine."""
        return self.created.astimezone().strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True)
class StoredPlan:
    """A plan: its name and its newest version.

    Parameters
    ----------
    id
        Stays the same when it is renamed.
    name
        As planners call it.
    is_archived
        Taken out of the lists, still there.
    newest
        Its newest version.
    """

    id: str
    name: str
    is_archived: bool
    newest: Version


@dataclass(frozen=True)
class AuditRow:
    """One write: who, when, what.

    Parameters
    ----------
    number
        In the order of writing.
    at
        UTC.
    author
        Who wrote; may be empty.
    action
        "plan.create", "plan.save", "plan.rename", "plan.archive", "plan.restore", "plan.current", "plan.check",
        "plan.export", "plan.stage", "comment.add", "comment.answer", "account.add", "account.change",
        "override.add", "override.remove", or what another writer calls its action.
    plan_id, version_id
        What was written; None where it was something else.
    subject
        What it is about, such as a plan's name or the id of a correction.
    before, after
        Of a plan the sha256 of its content, of other things their value; None where there was or is
        none.
    note
        More words.
    """

    number: int
    at: datetime.datetime
    author: str
    action: str
    plan_id: str | None
    version_id: str | None
    subject: str
    before: str | None
    after: str | None
    note: str
