"""The trail of changes of the data: an audit row beside every correction and every taking back."""

from __future__ import annotations

from app.services.shown import Shown
from app.store.store import MOST_AUTHOR


def leave_trail(
    shown: Shown,
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
    shown
        The dataset the page shows.
    author, action, subject, before, after, note
        As of `app.store.records.AuditRow`.
    """
    shown.store.audit(author[:MOST_AUTHOR], action, subject, before=before, after=after, note=note)
