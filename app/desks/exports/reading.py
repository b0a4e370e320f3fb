"""A file somebody edited becomes, once the reader has seen what it changes, a version of the plan shown."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from analysis.bundling.verify.verdict import Verdict, make_verdict
from analysis.bundling.verify.verify import verify_plan
from app.desks.imports.uploads import sanitise_name, save_stream
from app.i18n import say
from app.plan_files.answer import MOST_LISTED, list_changes
from app.plan_files.plan_edit import ReadPlan, read_plan_rows
from app.plan_files.rows import read_rows
from app.session.plan_session import PlanSession
from app.store.records import MOST_NOTE, Version
from geo.errors import UsageError
from geo.messages import Sentence
from geo.sandbox.processes import UPLOAD_LIMITS

MOST_WAITING = 6
"""Files read that wait for the reader's word; the oldest is forgotten."""


@dataclass(frozen=True, eq=False)
class PendingPlan:
    """A plan read from a file, not kept yet.

    Parameters
    ----------
    found
        The plan, its changes and remarks.
    verdict
        Of the independent check.
    base
        The version it was made from.
    file
        Name of the file.
    """

    found: ReadPlan
    verdict: Verdict
    base: Version
    file: str

    def lines(self) -> list[Sentence]:
        """Changes and remarks, a sentence each; the first ones where there are many."""
        remarks = [one.sentence for one in self.found.remarks]
        return [*list_changes(self.found)[:MOST_LISTED], *remarks[:MOST_LISTED]]


class PlanFileReader:
    """Files of readers of one server: read by a child process with limits, kept only when asked to.

    Parameters
    ----------
    session
        The dataset and the plans.
    """

    def __init__(self, session: PlanSession) -> None:
        self.session = session
        self._lock = threading.Lock()
        self._pending: OrderedDict[str, PendingPlan] = OrderedDict()

    def read(self, page: str, name: str, stream: IO[bytes]) -> tuple[str, PendingPlan]:
        """Read a file onto the plan a page shows; a token for keeping it, and what it changes.

        Parameters
        ----------
        page
            `PageData.version`.
        name
            Of the file, as the browser sends it.
        stream
            Its content.

        Raises
        ------
        PlanningError
            If plans may not be changed, the page is old, or the file is too large, of no known kind,
            damaged, or says nothing of areas.
        """
        self.session.rights.require("plans")
        bench = self.session.require_today(page).bench
        if bench.plan is None or bench.version is None:
            raise UsageError(*say("planning.no_plan"))
        with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
            path = Path(folder) / sanitise_name(name)
            save_stream(stream, path)
            rows = read_rows(path, limits=UPLOAD_LIMITS)
        found = read_plan_rows(rows, bench.dataset, bench.policy, dict(bench.plan))
        verdict = make_verdict(verify_plan(bench.dataset, found.document, bench.policy))
        pending = PendingPlan(found, verdict, bench.version, rows.file)
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._pending[token] = pending
            while len(self._pending) > MOST_WAITING:
                self._pending.popitem(last=False)
        return token, pending

    def keep(self, token: str, author: str, reason: str) -> Version:
        """Keep a plan read from a file as the next version of its plan.

        Parameters
        ----------
        token
            From :meth:`read`.
        author, reason
            Who keeps it and why; both go into the version.

        Raises
        ------
        UsageError
            If the token is not known any more, nothing changed, or no reason is given.
        ConflictError
            If the plan has a newer version.
        """
        self.session.rights.require("plans")
        with self._lock:
            pending = self._pending.get(token)
        if pending is None:
            raise UsageError(*say("plan_file.forgotten"))
        if not pending.found.changes:
            raise UsageError(*say("plan_file.no_change"))
        if not reason.strip():
            raise UsageError(*say("plan_file.no_reason"))
        document: dict[str, Any] = {
            **pending.found.document,
            "read_back": {"file": pending.file, "by": author, "reason": reason.strip()},
        }
        note = f"{reason.strip()} ({pending.file})"[:MOST_NOTE]
        version = self.session.store.save(pending.base.plan_id, pending.base.number, document, author, note)
        with self._lock:
            self._pending.pop(token, None)
        return version
