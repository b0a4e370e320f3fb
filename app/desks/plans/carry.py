"""A plan goes on when its data were corrected: the same areas on today's data, as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pandas as pd

from analysis.bundling.document.read import open_plan, read_rules
from analysis.bundling.document.write import revise_document
from analysis.bundling.locks.locks import read_locks
from app.i18n import Words
from app.session.address import version_address
from app.session.plan_session import PlanSession
from app.store.errors import ConflictError
from app.store.records import MOST_NOTE, Version
from app.workbench.plans_on_disk import migrate_plan
from geo.adjacency.graph import has_fresh_graph, refresh_neighbours
from geo.errors import PlanningError
from geo.storage.dataset import Dataset, open_dataset

_MOST_CHANGES = 6


def carry_plan(session: PlanSession, version: Version, author: str, words: Words) -> Version | None:
    """Keep a plan as it is, on the data as they are now, as the next version of it.

    Areas, leaders, names and locks stay as far as their units are there; figures, reasons and levels are
    made anew, and no bound is carried. Rules may be broken then: the check says so.

    Parameters
    ----------
    session
        The dataset and the plans.
    version
        The version to go on from.
    author
        Who corrected the data.
    words
        Texts in the reader's language, for the note of the version.

    Returns
    -------
    The version on today's data, made now or there already; None where none of its units is in an area
    any more, or it can be written nowhere.
    """
    newest = session.store.versions(version.plan_id)[0]
    if newest.planning_sha256 == open_dataset(session.folder).manifest.planning_sha256:
        return newest
    before = session.store.document(version.id)
    try:
        rules = session.policy.neighbour_rules(within=read_rules(before["rules"]).within)
        dataset = open_dataset(session.folder)
        if not has_fresh_graph(dataset, rules):  # other limits change the neighbours of everybody
            with session.lock_dataset():
                dataset = refresh_neighbours(open_dataset(session.folder), rules)
        if newest.planning_sha256 == dataset.manifest.planning_sha256:
            return newest
        after = carry_document(before, dataset)
        if not after["areas"]:
            return None
        note = _describe_changes(session, version, before, after, words)
        return session.store.save(newest.plan_id, newest.number, after, author, note)
    except ConflictError as conflict:
        return conflict.newer
    except PlanningError:
        return None


def carry_document(document: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """The same areas on other data, everything that is stated of them made anew.

    Parameters
    ----------
    document
        PLAN.json made for other planning data.
    dataset
        The data at hand, with their graph.

    Raises
    ------
    PlanningError
        If the dataset has no graph.
    """
    moved = migrate_plan(document, dataset)
    known = dataset.layer("units")["unit_id"].astype(str)
    locks: list[Any] = []
    for row in document["locks"]:
        with suppress(PlanningError):
            locks += read_locks([row], known=known, document=moved)
    levels = [{**level, "bound": None, "gap": None, "method": None} for level in document["levels"]]
    start = {key: part for key, part in moved.items() if key not in ("certificate", "advice")}
    opened = open_plan(dataset, {**start, "levels": levels, "streets": [], "advice": []}, locks=locks)
    return revise_document(opened, opened.plan, unknown_units=opened.unknown_units)


def carry_page(session: PlanSession, page: str, author: str, words: Words) -> str | None:
    """Where a page goes on once its data were corrected; None where it may stay as it is.

    Parameters
    ----------
    session
        The dataset and the plans.
    page
        `PageData.version` of the page.
    author
        Who corrected the data.
    words
        Texts in the reader's language.
    """
    version_id = page.partition(".")[2]
    if version_id in ("", "-"):
        return None
    carried = carry_plan(session, session.store.version(version_id), author, words)
    return None if carried is None or carried.id == version_id else version_address(carried)


def _describe_changes(
    session: PlanSession, version: Version, before: Mapping[str, Any], after: Mapping[str, Any], words: Words
) -> str:
    """What was corrected since, and what that changes in the plan."""
    rows = [
        row
        for row in session.store.audit_rows(limit=400)
        if row.at >= version.created and row.action.startswith(("correct.", "take_back.", "consult"))
    ]
    changes = [
        " ".join(filter(None, (row.subject, " → ".join(filter(None, (row.before, row.after))))))
        for row in rows[:_MOST_CHANGES]
    ]
    homes = [int(pd.Series([area["households"] for area in one["areas"]]).sum()) for one in (before, after)]
    members = [{unit for area in one["areas"] for unit in area["unit_ids"]} for one in (before, after)]
    parts = [words("carry.note", n=version.number)]
    if changes:
        parts.append(words("carry.corrected", changes="; ".join(changes)))
    parts.append(
        words("carry.figures", before=f"{homes[0]:,}", after=f"{homes[1]:,}", gone=f"{len(members[0] - members[1]):,}")
    )
    return " ".join(parts)[:MOST_NOTE]
