"""Edited plans kept as versions of the store, and checked independently afterwards."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from analysis.bundling.document.schema import plan_sha
from analysis.bundling.verify.verdict import Verdict, make_verdict
from app.desks.editing.request import SaveBody
from app.desks.editing.session import EditSession, edited_document
from app.i18n import say
from app.session.audit import record_verdict
from app.store.errors import ConflictError
from app.store.records import MOST_STEPS, Version
from app.workbench.verify_subprocess import verify_in_subprocess
from geo.errors import UsageError

_MOST_WAITING = 20


def save_edit(edits: EditSession, body: SaveBody) -> Version:
    """Keep an edited plan: as the next version of its plan, or as a new plan where a name is given.

    Saving the same again, because the first answer was lost, makes no second version.

    Parameters
    ----------
    edits
        Plans being edited.
    body
        The edit, and how it is to be kept.

    Raises
    ------
    ConflictError
        If the plan has a newer version with other content.
    EditError
        If the edit does not fit its base.
    PlanningError
        If the page is behind, or the store cannot be written.
    """
    edits.session.rights.require("plans")
    opened, store = edits.at(body.base), edits.session.store
    document = edited_document(opened, body.to_edit())
    steps = _fitting(body.steps)
    if body.name is not None:
        shown = opened.bench.version
        return store.create_plan(
            body.name, document, body.author, body.note, parent_id=shown.id if shown else None, steps=steps
        )
    if body.parent is None:
        raise UsageError(*say("editing.not_in_store"))
    try:
        return store.save(body.parent.plan_id, body.parent.number, document, body.author, body.note, steps=steps)
    except ConflictError as conflict:
        if conflict.newer.plan_sha256 == plan_sha(document):
            return conflict.newer
        raise


class BackgroundVerifier:
    """The independent check of saved versions, in a process of its own: it takes seconds for a city.

    Parameters
    ----------
    desk
        Whose dataset and store are meant.
    """

    def __init__(self, edits: EditSession) -> None:
        self._edits = edits
        self._found: dict[str, Verdict | None] = {}
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._one = threading.Semaphore(1)

    def ask(self, version_id: str) -> bool:
        """Whether the verdict on a version is there; the first to ask starts the check.

        Raises
        ------
        NotInStoreError
            If the store has no such version.
        """
        self._edits.session.store.version(version_id)  # refuses one the reader does not see
        with self._lock:
            if version_id in self._asked:
                return version_id in self._found
            document = self._edits.session.store.document(version_id)
            if len(self._asked) >= _MOST_WAITING:
                self._asked.clear()
                self._found.clear()
            self._asked.add(version_id)
        work = threading.Thread(target=self._work, args=(version_id, document), daemon=True)
        work.start()
        return False

    def verdict(self, version_id: str) -> Verdict | None:
        """What the check found; None where it could not be made."""
        return self._found.get(version_id)

    def _work(self, version_id: str, document: Mapping[str, Any]) -> None:
        with self._one:
            session = self._edits.session
            found = verify_in_subprocess(session.folder, document, session.policy_file, gives_way=True)
        verdict = None if found is None else make_verdict(found)
        self._found[version_id] = verdict
        if verdict is not None:
            record_verdict(self._edits.session.whole_store, version_id, verdict)


def _fitting(steps: list[str]) -> list[str]:
    """The last steps as far as the store has room for their names."""
    room, kept = MOST_STEPS - 100, []
    for step in reversed(steps):
        room -= len(json.dumps(step, ensure_ascii=False)) + 2
        if room < 0:
            break
        kept.append(step)
    return kept[::-1]
