"""Exports of the page: started, followed, and their file handed out."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from app.desks.plans.downloads import file_name
from app.exports.formats import ALL, FORMAT_KEYS, Level, choose_formats, find_format
from app.exports.proof.manifest import PLAN_NAME
from app.i18n import Words, say
from app.jobs.folder import JobFolder, jobs_in
from app.jobs.limits import JobLimits
from app.jobs.queue import JobQueue
from app.session.reader import reader_access
from app.settings import job_limits
from app.workbench.workbench import Workbench
from geo.errors import UsageError

MOST_RUNNING, MOST_KEPT = 2, 24
"""Exports at a time, and ended ones that are kept until the server ends."""
_MODULE = "app.desks.exports.child"


@dataclass(frozen=True)
class ExportState:
    """How far an export is.

    Parameters
    ----------
    share
        Done, 0 to 1.
    what
        Format that is being written.
    is_done
        Whether it has ended.
    fault
        Why it failed; None where it did not.
    ahead
        How many exports get their turn before it, while it waits; None once it is being made.
    """

    share: float
    what: str
    is_done: bool
    fault: tuple[str, str] | None = None
    ahead: int | None = None


class ExportJobs:
    """Exports of one server, each a process of its own with a folder among temporary files.

    A server that may write nothing beside the data makes files all the same: nothing is left of them
    when it ends.

    Parameters
    ----------
    limits
        What one may take; None = as the settings say. `MOST_RUNNING` are made at a time.
    """

    def __init__(self, limits: JobLimits | None = None) -> None:
        self._limits = replace(limits or job_limits(), slots=MOST_RUNNING)

    @cached_property
    def folder(self) -> Path:
        """Folder of all jobs."""
        path = Path(tempfile.mkdtemp(prefix="pianqu-exports-"))
        atexit.register(shutil.rmtree, path, ignore_errors=True)
        return path

    @cached_property
    def queue(self) -> JobQueue:
        """Those that are made, and those that wait."""
        return JobQueue(self.folder, _MODULE, self._limits)

    def start(
        self, bench: Workbench, kind: str, by: Level | None, words: Words, author: str, *, is_public: bool = False
    ) -> str:
        """Start an export of the plan shown; the id of its job.

        Parameters
        ----------
        bench
            The data and the plan.
        kind
            A format, or "all".
        by
            What files are cut by; None, or one the format does not take = its own way.
        words
            Texts in the reader's language.
        author
            Who exports.
        is_public
            Whether the files are for the public.

        Raises
        ------
        UsageError
            If no plan is shown, the format has no files for the public, or too many exports of the reader wait.
        """
        if bench.plan is None:
            raise UsageError(*say("planning.no_plan"))
        choose_formats(kind, is_public=is_public)
        if kind != ALL and by not in find_format(kind).levels:
            by = None
        policy = bench.context.rules.policy_file
        named = [f"{kind}_file", *(["mark_public"] if is_public else [])]
        request = {
            "data": str(bench.dataset.folder.resolve()),
            "policy": None if policy is None else str(policy.resolve()),
            "kind": kind,
            "by": by,
            "language": words.language,
            "number": None if bench.version is None else bench.version.number,
            "version": None if bench.version is None else bench.version.id,
            "author": author,
            "public": is_public,
            "name": file_name(bench, words, "_".join(words(f"export.{key}") for key in named), ""),
        }
        for old in jobs_in(self.folder)[MOST_KEPT:]:
            if not old.is_unfinished():
                shutil.rmtree(old.path, ignore_errors=True)
        return self.queue.add(request, {PLAN_NAME: bench.plan}, reader_access().account).id

    def state(self, job_id: str) -> ExportState | None:
        """How far an export is; None where there is none of that id."""
        job = self._find(job_id)
        if job is None:
            return None
        is_waiting, is_alive = job.is_waiting(), job.is_alive()  # asked before the result: it may come in between
        result, progress = job.result(), job.progress()
        if result is None and is_waiting:
            turns = self.queue.waiting()
            return ExportState(0.0, "", is_done=False, ahead=turns.index(job.id) if job.id in turns else 0)
        if result is None and is_alive:
            return ExportState(float(progress.get("share", 0.0)), str(progress.get("what", "")), is_done=False)
        if result is None:
            return ExportState(1.0, "", is_done=True, fault=(*say("export_job.ended"),))
        fault = (str(result["zh"]), str(result["en"])) if "zh" in result else None
        return ExportState(1.0, "", is_done=True, fault=fault)

    def file(self, job_id: str) -> tuple[Path, str] | None:
        """The file of an export that has ended, and its name; None where there is none."""
        job = self._find(job_id)
        result = None if job is None else job.result()
        if job is None or result is None or "file" not in result:
            return None
        path = job.path / str(result["file"])
        return path, f"{job.request()['name']}{path.suffix}"

    def version(self, job_id: str) -> str | None:
        """Id of the version whose files an export makes; None where it is in no store."""
        job = self._find(job_id)
        return None if job is None else job.request().get("version")

    def _find(self, job_id: str) -> JobFolder | None:
        return next((job for job in jobs_in(self.folder) if job.id == job_id), None)


def is_kind(kind: str) -> bool:
    """Whether an export is known by this name.

    Examples
    --------
    >>> is_kind("gpkg"), is_kind("all"), is_kind("../x")
    (True, True, False)
    """
    return kind in (*FORMAT_KEYS, ALL)
