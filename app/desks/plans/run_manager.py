"""Planning runs of the page: started, followed, stopped, and what comes of them kept, once."""

from __future__ import annotations

import datetime
import hashlib
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from app.desks.accounts.codes import list_own_streets
from app.i18n import say
from app.maps.buildings import cache_folder
from app.planning.child import BEST, PLAN, RunKind, RunState, read_run_state, run_kind, start_run
from app.planning.job_folder import JobFolder, jobs_in
from app.planning.request import Permit, PlanRequest
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.session.reader import reader_access
from app.store.access import derive_plan_code, is_inside
from app.store.errors import ConflictError
from app.store.records import MOST_NOTE, Version
from app.store.rows import require_place
from app.workbench.plans_on_disk import migrate_plan, read_plan
from app.workbench.rights import report_write_errors
from geo.adjacency.graph import refresh_graph
from geo.admin.gazetteer import gazetteer_layers, known_streets
from geo.corrections.permits import CROSS_STREET
from geo.errors import PlanningError, UnknownCodeError, UsageError
from geo.storage.commits import transaction
from geo.storage.dataset import open_dataset, write_dataset

SECONDS: float | None = None
"""Search time of a run that names none; the policy's when None."""
MOST_JOBS = 30
"""Folders of ended runs that are kept."""
_COLLECTED, _SEEN = "collected.json", "seen.json"


class PlanRunManager:
    """Starts, follows and ends planning runs, one at a time.

    A run is a process of its own that goes on when the server ends; the next server finds it by its
    folder.

    Parameters
    ----------
    shown
        The dataset folder they are for, and the store their plans are kept in.
    """

    def __init__(self, session: PlanSession) -> None:
        self.session = session
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @cached_property
    def jobs(self) -> Path:
        """Folder of all jobs."""
        return cache_folder(self.session.folder) / "jobs"

    def start(
        self, wish: PlanRequest, author: str, note: str = "", kind: RunKind = "plan", *, is_next: bool = False
    ) -> str:
        """Start a run; the id of its job.

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
            If a run is under way.
        PlanningError
            If the version to start from is not there, the permit cannot be added, or no run can be
            written.
        """
        self.session.rights.require("runs")
        with self._lock:
            latest = next(iter(self._of_dataset()), None)
            if latest is not None and read_run_state(latest).is_running:
                raise UsageError(*say("planning.run_under_way"))
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
            }
            self._clear()
            with report_write_errors(self.jobs):
                job, self._process = start_run(self.jobs, request, start)
            return job.id

    def state(self) -> RunState | None:
        """The latest run, its plan kept when it has ended; None when there is none to tell of."""
        with self._lock:
            if self._process is not None:
                self._process.poll()  # so that it does not linger
            job = self._latest()
            if job is None or (job.path / _SEEN).exists():
                return None
            state = read_run_state(job)
            return state if state.is_running else replace(state, version=self._collect(job, state))

    def stop(self) -> None:
        """Ask the run that is under way to end with the best it has."""
        job = self._latest()
        if job is not None and read_run_state(job).is_running:
            job.ask_stop()

    def dismiss(self) -> None:
        """Speak no more of a run that has ended."""
        job = self._latest()
        if job is not None and not read_run_state(job).is_running:
            job.write(_SEEN, {})

    def _in_own_place(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of a run for the reader's own streets, where none are chosen; others are refused."""
        access = reader_access()
        if access.code and not options.get("streets"):
            options["streets"] = list_own_streets(open_dataset(self.session.folder), access)
        require_place(derive_plan_code({"rules": options}), access)
        return options

    def _latest(self) -> JobFolder | None:
        """The run of the reader's place started last; a server that may write none leaves those of others alone."""
        if self.session.rights.runs is not None:
            return None
        own = reader_access().code
        return next((job for job in self._of_dataset() if is_inside(str(job.request().get("code", "")), own)), None)

    def _of_dataset(self) -> Iterator[JobFolder]:
        """The runs of the dataset, of all places, latest first."""
        data = str(self.session.folder.resolve())
        return (job for job in jobs_in(self.jobs) if job.request().get("data") == data)

    def _collect(self, job: JobFolder, state: RunState) -> Version | None:
        """Keep the plan of an ended run as a new plan; once, whoever asks and however often."""
        if state.kind != "plan":
            return None  # its plans wait to be chosen from
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
        """The job of the latest run, where it made several plans and ended; None for any other.

        Parameters
        ----------
        job_id
            Its id.
        """
        job = self._latest()
        is_there = job is not None and job.id == job_id and run_kind(job.request()) != "plan" and job.result()
        return job if is_there else None

    def _clear(self) -> None:
        """Remove the folders of runs that ended long ago."""
        for job in jobs_in(self.jobs)[MOST_JOBS:]:
            if not job.is_alive():
                shutil.rmtree(job.path, ignore_errors=True)


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
