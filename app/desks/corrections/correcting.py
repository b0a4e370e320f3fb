"""Corrections of the page are stored and taken back, and the neighbours found again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from app.desks.corrections.correction_form import CorrectionForm, parse_form
from app.desks.corrections.overrides import list_corrections, remove_correction, store_corrections
from app.i18n import say
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.session.reader import reader_access
from app.store.access import is_inside
from app.store.errors import NotAllowedError
from geo.adjacency import graph
from geo.corrections.model import Correction
from geo.errors import PlanningError, UsageError
from geo.storage.dataset import open_dataset


def apply_corrections(
    session: PlanSession, parse: Callable[[], Sequence[Correction]], *, after: str | None = None
) -> int:
    """Store corrections of the page, rebuild the neighbours, and record who made them.

    Parameters
    ----------
    session
        The dataset the page shows.
    parse
        Makes the corrections, while nobody else writes the data.
    after
        What the audit says of the new state; the new value when None.

    Returns
    -------
    How many corrections were stored.

    Raises
    ------
    PlanningError
        If they cannot be made, or make no sense.
    """
    with session.lock_dataset(is_shared=False):
        corrections = parse()
        for one in corrections:
            session.require_own_units(one.units or filter(None, (one.target,)))
            if one.field == "street_code" and not is_inside(one.value or "", reader_access().code):
                raise NotAllowedError(*say("rights.not_own_units"))
        store_corrections(session.folder, corrections, session.policy)
        refresh_neighbours(session)
    for one in corrections:
        subject = format_subject(one)
        record_change(session, one.author, f"correct.{one.what}", subject, after=after or one.value, note=one.reason)
    return len(corrections)


def store_form(session: PlanSession, version: str, form: CorrectionForm) -> int:
    """Keep what a planner filled in, derive the units, rebuild the neighbours.

    Parameters
    ----------
    session
        The dataset the page shows.
    version
        Of the page: somebody else may have corrected meanwhile.

    Returns
    -------
    How many corrections were kept.

    Raises
    ------
    PlanningError
        If the page is an older one, or something is missing or makes no sense.
    """
    return apply_corrections(session, lambda: parse_form(session.require_today(version).bench, form))


def withdraw(session: PlanSession, version: str, override_id: str, author: str, reason: str) -> None:
    """Take a correction back: what the data say holds again; who did it and why is kept.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    version
        Of the page; one that is behind is refused.
    override_id
        Id of the correction.
    author
        Who does it.
    reason
        Why.

    Raises
    ------
    PlanningError
        If the page is an older one, nobody says who and why, or there is no such correction.
    """
    for value, field in ((author, "who"), (reason, "why")):
        if not value.strip():
            raise UsageError(*say("correction.withdraw_needs", what=say(f"correction.{field}")))
    with session.lock_dataset(is_shared=False):
        session.require_today(version)  # refuses a page that is behind
        was = withdraw_correction(session, override_id)
    subject = was.get("target_id") or f"{was.get('unit_a')}–{was.get('unit_b')}"
    record_change(
        session,
        author,
        f"take_back.{was.get('what')}",
        str(subject),
        before=was.get("new"),
        after=was.get("old"),
        note=reason,
    )


def withdraw_correction(session: PlanSession, override_id: str) -> dict[str, Any]:
    """Remove a correction and rebuild the neighbours, under the lock of the dataset; what it was.

    Parameters
    ----------
    session
        The dataset the page shows.
    override_id
        Of the correction.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    records = list_corrections(open_dataset(session.folder))
    was = next((one for one in records if one["override_id"] == override_id), {})
    about = (was.get("unit_a"), was.get("unit_b")) if was.get("unit_b") else (was.get("target_id"),)
    session.require_own_units(filter(None, about))
    remove_correction(session.folder, override_id, session.policy)
    refresh_neighbours(session)
    return was


def refresh_neighbours(session: PlanSession) -> None:
    """Rebuild the neighbours where they changed, and read the dataset again."""
    with contextlib.suppress(PlanningError):  # the last place was taken away: nothing to connect
        graph.refresh_neighbours(open_dataset(session.folder), session.policy.neighbour_rules())
    session.renew()


def format_subject(one: Correction) -> str:
    """What a correction is about, for the audit."""
    about = one.target or "–".join(one.units or ())
    return f"{about} {one.field}" if one.field else about or one.kind
