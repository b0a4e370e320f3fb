"""The trail: an audit row for every correction and every taking back, and for what the check found of a version."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from analysis.bundling.verify.verdict import Verdict
from app.i18n import Words
from app.session.plan_session import PlanSession
from app.store.records import MOST_AUTHOR
from app.store.store import CHECKED, EXPORTED, Store
from geo.errors import PlanningError
from geo.messages import Sentence

logger = logging.getLogger(__name__)


def record_change(
    session: PlanSession,
    author: str,
    action: str,
    subject: str,
    *,
    before: str | None = None,
    after: str | None = None,
    note: str = "",
) -> None:
    """Note who changed what in the store.

    Parameters
    ----------
    session
        The dataset the page shows.
    author, action, subject, before, after, note
        As of `app.store.records.AuditRow`.
    """
    session.store.audit(author[:MOST_AUTHOR], action, subject, before=before, after=after, note=note)


def record_verdict(store: Store, version_id: str, verdict: Verdict) -> None:
    """Remember what the check found of a version, in a word, for the list of versions.

    Parameters
    ----------
    store
        Where plans are kept.
    version_id
        The one that was checked.
    verdict
        What was found.
    """
    _mark(store, version_id, "", CHECKED, f"{verdict.word_zh}\n{verdict.word_en}")


def record_export(store: Store, version_id: str, author: str, files: str) -> None:
    """Remember that files of a version were fetched.

    Parameters
    ----------
    store
        Where plans are kept.
    version_id
        The one they are of.
    author
        Who fetched them.
    files
        Their name.
    """
    _mark(store, version_id, author, EXPORTED, files)


def _mark(store: Store, version_id: str, author: str, action: str, note: str) -> None:
    """Note it where that can be; a store that cannot be written keeps nobody from a verdict or a file."""
    try:
        store.mark(version_id, author, action, note)
    except PlanningError:
        logger.warning("%s of version %s was not noted", action, version_id, exc_info=True)


def read_verdicts(store: Store, version_ids: Sequence[str]) -> Mapping[str, Sentence]:
    """What the check found last of versions, in a word; of those it has seen.

    Parameters
    ----------
    store
        Where plans are kept.
    version_ids
        Of the versions.
    """
    return {one: Sentence(*note.split("\n")) for one, note in store.marks(CHECKED, version_ids).items()}


def format_changes(session: PlanSession, words: Words, most: int = 30) -> list[str]:
    """Who changed the data last, latest first: corrections, talks, choices, and what was taken back.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    words
        Texts in the reader's language.
    most
        Lines that are listed.
    """
    rows = [row for row in session.store.audit_rows(limit=400) if row.action.startswith(_DATA)]
    return [
        words(
            "trail.line",
            at=row.at.astimezone().strftime("%Y-%m-%d %H:%M"),
            author=row.author or "—",
            action=_action(row.action, words),
            subject=row.subject,
            change=_change(row.before, row.after),
            note=row.note or "—",
        )
        for row in rows[:most]
    ]


_DATA = ("correct.", "take_back.", "consult", "charging.")


def _action(action: str, words: Words) -> str:
    known = {"consult": "trail.consult", "charging.choose": "trail.charging", "take_back.consult": "trail.consult_back"}
    if action in known:
        return words(known[action])
    kind, _, what = action.partition(".")
    label = words.section("correct").get(f"what_{what}", what)
    return words("trail.taken_back", what=label) if kind == "take_back" else label


def _change(before: str | None, after: str | None) -> str:
    return " → ".join(part for part in (before, after) if part)
