"""What the page of approval shows of a plan: its stage, what may be done, opinions, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.desks.approvals.opinion_map import draw_opinions
from app.i18n import Words, say
from app.session.plan_session import PlanSession
from app.store.access import STAGES, Access, Stage
from app.store.approvals import COMMENTED, MOVED, Approvals, Comment, Target, list_moves
from app.store.records import AuditRow, StoredPlan, Version
from app.store.store import CHECKED
from geo.errors import UsageError

MOST_LISTED = 60
"""Rows of the history on the page; the workbook has all."""


@dataclass(frozen=True)
class Step:
    """A stage on the way of a plan.

    Parameters
    ----------
    name
        What it is called.
    state
        "done", "now" or "later".
    """

    name: str
    state: str


@dataclass(frozen=True)
class ApprovalView:
    """The page.

    Parameters
    ----------
    version
        The newest of the plan.
    steps
        The stages in order.
    moves
        Where the reader may move it: the stage and what the button says.
    comments
        Opinions, each with its number, which it keeps, and what it is about in words; those without an answer first.
    drawing
        Where they are about; None where none has a place, or the dataset of the plan is not there.
    subjects
        What an opinion may be about: what is written in the field, and what it means.
    may_answer
        Whether the reader deals with opinions.
    may_comment
        Whether the reader gives one.
    history
        What was done, latest first.
    plans
        All the reader sees, saved last first.
    """

    version: Version
    steps: tuple[Step, ...]
    moves: tuple[tuple[Stage, str], ...]
    comments: tuple[tuple[int, Comment, str], ...]
    drawing: Markup | None
    subjects: Mapping[str, tuple[Target, str]]
    may_answer: bool
    may_comment: bool
    history: tuple[tuple[str, ...], ...]
    plans: tuple[StoredPlan, ...]


def make_approval_view(session: PlanSession, version: Version, words: Words) -> ApprovalView:
    """The page of approval of a plan.

    Parameters
    ----------
    session
        The dataset and the plans, as the reader sees them.
    version
        The newest of the plan.
    words
        Texts in the reader's language.

    Raises
    ------
    PlanningError
        If the store cannot be read.
    """
    store = session.store
    approvals, access = Approvals(store), store.access
    subjects = list_subjects(session, version, words)
    labels = {about: label for label, about in subjects.items()}
    opinions = approvals.comments(version.plan_id)
    open_first = sorted(enumerate(opinions, 1), key=lambda one: one[1].answer is not None)
    at = STAGES.index(version.stage)
    states = ["done" if k < at else "now" if k == at else "later" for k in range(len(STAGES))]
    return ApprovalView(
        version,
        tuple(Step(words(f"approval.{stage}"), state) for stage, state in zip(STAGES, states, strict=True)),
        tuple((to, words(f"approval.to_{to}")) for to in list_moves(version, access)),
        tuple((number, one, _about(one, labels, words)) for number, one in open_first),
        _draw(session, version, opinions, words),
        subjects,
        access.edits(version.code),
        _comments(access),
        tuple(history_cells(row, words) for row in approvals.history(version.plan_id)[:MOST_LISTED]),
        tuple(store.plans()),
    )


def list_subjects(session: PlanSession, version: Version, words: Words) -> dict[str, tuple[Target, str]]:
    """What an opinion on a plan may be pinned to: its areas, then its units, by what a reader writes.

    Parameters
    ----------
    session
        The dataset and the plans.
    version
        Of the plan.
    words
        Texts in the reader's language.
    """
    document, data = session.store.document(version.id), session.data
    names: dict[str, str] = {}
    if data is not None:
        units = data.bench.units
        names = dict(zip(units["unit_id"], units["name"].astype(str), strict=True))
    found: dict[str, tuple[Target, str]] = {}
    for number, area in enumerate(document["areas"], 1):
        label = words("approval.area", n=number, name=area.get("name") or area["area_id"])
        found[label] = ("area", area["area_id"])
    members = [unit for area in document["areas"] for unit in area["unit_ids"]]
    for unit in [*members, *(row["unit_id"] for row in document["left_over"])]:
        found[words("approval.unit", name=names.get(unit, unit), id=unit)] = ("unit", unit)
    return found


def read_subject(subjects: Mapping[str, tuple[Target, str]], written: str) -> tuple[Target, str]:
    """What somebody wrote an opinion is about; nothing = the plan.

    Parameters
    ----------
    subjects
        Of :func:`list_subjects`.
    written
        The whole text of one, or a part that only one has.

    Raises
    ------
    UsageError
        If it is none, or could be several.
    """
    if not written.strip():
        return "plan", ""
    if written in subjects:
        return subjects[written]
    fitting = [about for label, about in subjects.items() if written.strip() in label]
    if len(fitting) != 1:
        raise UsageError(*say("approval.no_subject", written=written.strip()[:40], n=len(fitting)))
    return fitting[0]


def history_cells(row: AuditRow, words: Words) -> tuple[str, ...]:
    """A row of the audit as cells: when, who, what, about what, before, after, note.

    Parameters
    ----------
    row
        Of the audit.
    words
        Texts in the reader's language.
    """
    known = words.section("audit")
    stages: dict[str, str] = {stage: words(f"approval.{stage}") for stage in STAGES} if row.action == MOVED else {}
    before, after = (_value(stages.get(str(value), value)) for value in (row.before, row.after))
    at = row.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    zh, _, en = row.note.partition("\n")
    note = words.pick(zh, en) if row.action == CHECKED and en else row.note
    kind, _, about = row.subject.partition(" ")
    subject = f"{words(f'audit.{kind}')} {about}".strip() if row.action == COMMENTED else row.subject
    deed = known.get(row.action.replace(".", "_"), row.action)
    return at, row.author or "—", deed, subject, before, after, note


def _draw(session: PlanSession, version: Version, opinions: Sequence[Comment], words: Words) -> Markup | None:
    if all(one.target == "plan" for one in opinions):
        return None
    data = session.open(version)
    return None if data is None else draw_opinions(data, opinions, words)


def _value(value: Any) -> str:
    """A value of the audit; of a digest the beginning."""
    text = "" if value is None else str(value)
    return text[:12] if len(text) == 64 and " " not in text else text


def _about(one: Comment, labels: Mapping[tuple[Target, str], str], words: Words) -> str:
    if one.target == "plan":
        return words("approval.whole_plan")
    return labels.get((one.target, one.target_id), words("approval.gone", id=one.target_id))


def _comments(access: Access) -> bool:
    return access.role in ("city", "district", "street")
