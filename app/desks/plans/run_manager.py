"""Planning runs of the page: started, followed, stopped, and what comes of them kept, once."""

from __future__ import annotations

import datetime
import hashlib
import shutil
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from app.desks.accounts.codes import list_own_streets
from app.i18n import say
from app.jobs.folder import JobFolder, jobs_in
from app.jobs.limits import JobLimits
from app.jobs.queue import JobQueue, read_owner
from app.maps.buildings import cache_folder
from app.planning import child
from app.planning.child import BEST, PLAN, START, RunKind, RunState, read_run_state, run_kind
from app.planning.request import Permit, PlanRequest
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.session.reader import reader_access
from app.settings import job_limits
from app.store.access import derive_plan_code
from app.store.errors import ConflictError
from app.store.records import MOST_NOTE, Version
from app.store.rows import require_place
from app.workbench.plans_on_disk import migrate_plan, read_plan
from app.workbench.rights import report_write_errors
from geo.adjacency.graph import refresh_graph
from geo.admin.gazetteer import gazetteer_layers, known_streets
from geo.corrections.permits import CROSS_STREET
from geo.errors import PlanningError, UnknownCodeError
from geo.storage.commits import transaction
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.locks import acquire_lock

SECONDS: float | None = None
"""Search time of a run that names none; the policy's when None."""
MOST_JOBS = 10
"""Folders of ended runs that are kept of each owner."""
MOST_TOLD = 3
"""Ended runs that are told of, the latest."""
_COLLECTED, _SEEN = "collected.json", "seen.json"


class PlanRunManager:
    """Starts, follows and ends planning runs: some at a time, the others wait for their turn.

    A run is a process of its own that goes on when the server ends; the next server finds it by its
    folder. Everybody sees the own runs alone.

    Parameters
    ----------
    session
        The dataset folder they are for, and the store their plans are kept in.
    limits
        What they may take; None = as the settings say.
    """

    def __init__(self, session: PlanSession, limits: JobLimits | None = None) -> None:
        self.session = session
        self._collecting = threading.Lock()
        self.limits = limits or job_limits()
        if session.server_rights.runs is None and self._of_dataset():
            self.queue.wake()

    @cached_property
    def jobs(self) -> Path:
        """Folder of all jobs."""
        return cache_folder(self.session.folder) / "jobs"

    @cached_property
    def queue(self) -> JobQueue:
        """The runs of all, and those that wait."""
        return JobQueue(self.jobs, child.MODULE, self.limits, self._end_of)

    def start(
        self, wish: PlanRequest, author: str, note: str = "", kind: RunKind = "plan", *, is_next: bool = False
    ) -> str:
        """Ask for a run, which starts when it is its turn; the id of its job.

        Parameters
        ----------
        wish
            What is asked.
        author
            Who asks.
        note
            What the version says of itself.
        kind
            Whether one plan is made, or several to choose from, for the streets and in the time asked for.
        is_next
            Whether it becomes the next version of the plan it starts from.

        Raises
        ------
        UsageError
            If too many of the own runs wait.
        PlanningError
            If the version to start from is not there, the permit cannot be added, or no run can be
            written.
        """
        self.session.rights.require("runs")
        if wish.permit is not None:
            add_permit(self.session, wish.permit, author)
        start = None
        if wish.start is not None:
            dataset = open_dataset(self.session.folder)
            start = migrate_plan(self.session.store.document(wish.start), dataset)
        policy = self.session.policy_file
        options = self._in_own_place(wish.options.record)
        options["seconds"] = options["seconds"] or SECONDS
        request = {
            "data": str(self.session.folder.resolve()),
            "options": options,
            "name": wish.name,
            "policy": None if policy is None else str(policy.resolve()),
            "author": author,
            "note": note[:MOST_NOTE],
            "parent": wish.start,
            "kind": kind,
            "is_next": is_next,
            "code": derive_plan_code({"rules": options}),
            "has_start": start is not None,
        }
        files = {} if start is None else {START: start}
        with report_write_errors(self.jobs):
            self._forget_ended()
            return self.queue.add(request, files, reader_access().account).id

    def states(self) -> tuple[RunState, ...]:
        """The reader's runs to tell of: those that run, those that wait by their turn, then those that ended.

        The plans of those that ended are kept by then.
        """
        jobs = [job for job in self._own() if not (job.path / _SEEN).exists()]
        states = [(job, read_run_state(job)) for job in jobs]
        turns = self.queue.waiting() if any(state.phase == "waiting" for _, state in states) else ()
        running = [state for _, state in reversed(states) if state.phase in ("running", "stopping")]
        waiting = [replace(state, ahead=_ahead(turns, state.job)) for _, state in states if state.phase == "waiting"]
        ended = [replace(state, version=self._collect(job, state)) for job, state in states if not state.is_unfinished]
        return (*running, *sorted(waiting, key=lambda state: state.ahead), *ended[:MOST_TOLD])

    def stop(self, job_id: str) -> None:
        """Ask a run of the reader to end with the best it has; one that waits is taken out of the queue."""
        job = self._find(job_id)
        if job is not None and not (job.is_waiting() and self.queue.withdraw(job)) and job.is_alive():
            job.ask_stop()

    def dismiss(self, job_id: str) -> None:
        """Speak no more of a run of the reader that has ended."""
        job = self._find(job_id)
        if job is not None and not job.is_unfinished():
            job.write(_SEEN, {})

    def _in_own_place(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of a run for the reader's own streets, where none are chosen; others are refused."""
        access = reader_access()
        if access.code and not options.get("streets"):
            options["streets"] = list_own_streets(open_dataset(self.session.folder), access)
        require_place(derive_plan_code({"rules": options}), access)
        return options

    def _of_dataset(self) -> list[JobFolder]:
        """The runs of the dataset, of everybody, latest first."""
        data = str(self.session.folder.resolve())
        return [job for job in jobs_in(self.jobs) if job.request().get("data") == data]

    def _own(self) -> list[JobFolder]:
        """The reader's runs, latest first; a server that may write none leaves them alone."""
        if self.session.server_rights.runs is not None:
            return []
        owner = reader_access().account
        return [job for job in self._of_dataset() if read_owner(job) == owner]

    def _find(self, job_id: str) -> JobFolder | None:
        return next((job for job in self._own() if job.id == job_id), None)

    def _end_of(self, job: JobFolder) -> None:
        """Keep the plan of a run that ended, also where nobody looks."""
        if job.request().get("data") == str(self.session.folder.resolve()) and job.read(_COLLECTED) is None:
            self._collect(job, read_run_state(job))

    def _collect(self, job: JobFolder, state: RunState) -> Version | None:
        """Keep the plan of an ended run as a new plan; once, whoever asks and however often."""
        if state.kind != "plan":
            return None  # its plans wait to be chosen from
        with self._collecting, acquire_lock(job.path):
            there = job.read(_COLLECTED)
            if there is not None:
                return self.session.whole_store.version(there["version"])
            path = job.path / (PLAN if state.phase == "done" else BEST)
            if not path.is_file():
                return None
            document, request = read_plan(path), job.request()
            store = self.session.whole_store  # whoever asks first, it is of whoever started it
            version = store.of_content(document)
            if version is None or version.plan_name != request["name"]:
                version = self._keep(document, request)
            job.write(_COLLECTED, {"version": version.id})
            return version

    def _keep(self, document: dict[str, Any], request: Mapping[str, Any]) -> Version:
        """A plan as a new one, or as the next version of the one it started from, where nobody was quicker."""
        store, by = self.session.whole_store, (request["author"], request["note"])
        parent = _still_there(self.session, request.get("parent"))
        if parent is not None and request.get("is_next"):
            start = store.version(parent)
            with suppress(ConflictError):
                return store.save(start.plan_id, start.number, document, *by)
        return store.create_plan(request["name"], document, *by, parent_id=parent)

    def find_proposals(self, job_id: str) -> JobFolder | None:
        """A run of the reader that made several plans and ended; None for any other.

        Parameters
        ----------
        job_id
            Its id.
        """
        job = self._find(job_id)
        is_there = job is not None and run_kind(job.request()) != "plan" and job.result()
        return job if is_there else None

    def _forget_ended(self) -> None:
        """Where nothing of the reader goes on, those that ended are told of no more; old folders are removed."""
        own = self._own()
        if not any(job.is_unfinished() for job in own):
            for job in own[:MOST_JOBS]:
                job.write(_SEEN, {})
        for job in own[MOST_JOBS:]:
            if not job.is_unfinished():
                shutil.rmtree(job.path, ignore_errors=True)


def _ahead(turns: tuple[str, ...], job_id: str) -> int:
    """How many get their turn before a job."""
    return turns.index(job_id) if job_id in turns else 0


def _still_there(session: PlanSession, version_id: str | None) -> str | None:
    """The id of a version, None where another store is used by now."""
    if version_id is None:
        return None
    try:
        return session.whole_store.version(version_id).id
    except PlanningError:
        return None


def add_permit(session: PlanSession, permit: Permit, author: str) -> str:
    """Keep a permit in the dataset, with an audit row, and renew who is next to whom.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    permit
        Who may be next to whom, and why.
    author
        Who does it.

    Returns
    -------
    Its id.

    Raises
    ------
    UnknownCodeError
        If a street is not in the data.
    PlanningError
        If the dataset or the store cannot be written.
    """
    with session.lock_dataset(), transaction(session.folder):
        dataset = open_dataset(session.folder)
        known = {street.code for street in known_streets(gazetteer_layers(dataset))}
        for code in (permit.street_a, permit.street_b):
            if code not in known:
                raise UnknownCodeError(*say("planning.street_unknown", code=code))
        digest = hashlib.sha256("\x1f".join(permit.model_dump().values()).encode()).hexdigest()
        row = {
            "permit_id": f"p{digest[:12]}",
            "kind": CROSS_STREET,
            "street_a": permit.street_a,
            "street_b": permit.street_b,
            "reason": permit.reason or author,
            "approved_date": datetime.datetime.now().astimezone().date().isoformat(),
            "document_no": permit.document_no,
        }
        there = dataset.layer("permits")
        rest = there[there["permit_id"].ne(row["permit_id"])]
        frame = pd.concat([rest, pd.DataFrame([row])], ignore_index=True) if len(rest) else pd.DataFrame([row])
        dataset = write_dataset(session.folder, dataset.manifest, {"permits": frame})
        refresh_graph(dataset, session.policy.neighbour_rules())
    record_change(
        session,
        author,
        "correct.permit",
        f"{permit.street_a}–{permit.street_b}",
        after=row["permit_id"],
        note=permit.document_no,
    )
    session.current_page()
    return row["permit_id"]
