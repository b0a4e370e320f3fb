"""The trail of changes of the data: an audit row for every correction and every taking back."""

from __future__ import annotations

from app.i18n import Words
from app.session.plan_session import PlanSession
from app.store.store import MOST_AUTHOR


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
