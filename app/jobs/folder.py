"""A job as a folder: what is asked, how far it is, a wish to stop, what came of it.

``request.json`` is there from the start; ``slot.json`` and ``process.json`` say how it was started;
``progress.json`` is replaced as a whole at least twice a second; ``stop`` asks the job to end with its
best; ``result.json`` is its last word. The process holds ``lock`` as long as it lives, so that everybody
can tell a running job from a dead one; a folder without it waits for its turn (`app.jobs.queue`).
"""

from __future__ import annotations

import datetime
import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.sandbox.python_child import child_environment, detachment_options, give_way, module_command
from geo.storage.atomic_files import atomic_path
from geo.storage.locks import is_lock_held, lock_for_child

_STAMP = "%Y%m%d-%H%M%S-%f"
_SILENT_S = 30.0
"""Without locks (Windows) a job that told nothing for so long is taken for dead."""


@dataclass(frozen=True)
class JobFolder:
    """The folder of one job, as the job and those who watch it see it."""

    path: Path

    @property
    def id(self) -> str:
        """Its name."""
        return self.path.name

    def request(self) -> dict[str, Any]:
        """What is asked; empty where the folder is damaged."""
        path = self.path / "request.json"
        try:
            return dict(_read_request(path, path.stat().st_mtime_ns))
        except OSError:
            return {}

    def result(self) -> dict[str, Any] | None:
        """Its last word; None while it has not ended, or was killed."""
        return self.read("result.json")

    def progress(self) -> dict[str, Any]:
        """How far it is; empty before it tells anything."""
        return self.read("progress.json") or {}

    def ask_stop(self) -> None:
        """Ask the job to end with the best it has."""
        (self.path / "stop").touch()

    def is_stop_asked(self) -> bool:
        """Whether somebody asked it to end."""
        return (self.path / "stop").exists()

    def is_waiting(self) -> bool:
        """Whether it waits for its turn."""
        return not (self.path / "lock").exists() and self.result() is None and bool(self.request())

    def is_unfinished(self) -> bool:
        """Whether it waits or runs and has not said its last word."""
        return self.result() is None and (self.is_waiting() or self.is_alive())

    def is_alive(self) -> bool:
        """Whether its process is running."""
        lock = self.path / "lock"
        if not lock.exists():
            return False
        is_held = is_lock_held(lock)
        if is_held is None:
            newest = max(p.stat().st_mtime for p in (lock, self.path / "progress.json") if p.exists())
            return self.result() is None and time.time() - newest < _SILENT_S
        return is_held

    def read(self, name: str) -> dict[str, Any] | None:
        """A JSON file of the folder; None where there is none, or it holds something else."""
        return _read(self.path / name)

    def write(self, name: str, body: Mapping[str, Any]) -> None:
        """Write a JSON file of the folder, whole or not at all.

        Parameters
        ----------
        name
            Of the file.
        body
            The object.
        """
        with atomic_path(self.path / name) as pending:
            pending.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")


def write_job(
    jobs: Path, request: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> JobFolder:
    """Write down a job that waits for its turn.

    Parameters
    ----------
    jobs
        Folder of all jobs.
    request
        Written as ``request.json``, last: a folder without it is no job yet.
    files
        More JSON files the job needs, by name.
    """
    path = jobs / _next_id(jobs)
    path.mkdir(parents=True)
    job = JobFolder(path)
    for name, body in {**files, "request.json": request}.items():
        job.write(name, body)
    return job


def start_job(job: JobFolder, module: str) -> subprocess.Popen[bytes]:
    """Start a job that waits, in a process of its own, which goes on when this one ends.

    It gives way to the server and whatever else the computer does for somebody who waits.

    Parameters
    ----------
    job
        The job.
    module
        Run as ``python -m module FOLDER``.
    """
    with (job.path / "lock").open("wb") as lock, (job.path / "log.txt").open("wb") as log:
        held = lock_for_child(lock)  # the child's from its first moment to its last
        process = subprocess.Popen(
            module_command(module, str(job.path)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=child_environment(),
            pass_fds=held,
            **detachment_options(),
        )
    give_way(process)
    return process


def jobs_in(jobs: Path) -> list[JobFolder]:
    """The jobs of a folder, the latest first."""
    if not jobs.is_dir():
        return []
    found = [JobFolder(path) for path in jobs.iterdir() if (path / "request.json").is_file()]
    return sorted(found, key=lambda job: job.id, reverse=True)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) else None


@lru_cache(maxsize=4096)
def _read_request(path: Path, changed_ns: int) -> dict[str, Any]:
    """What is asked never changes: with hundreds of jobs there it is read once."""
    return _read(path) or {}


def _next_id(jobs: Path) -> str:
    """A name after those of all jobs there, also where the clock was set back."""
    now, newest = datetime.datetime.now(), next(iter(jobs_in(jobs)), None)
    if newest is not None:
        with suppress(ValueError):
            last = datetime.datetime.strptime(newest.id.rpartition("-")[0], _STAMP)
            now = max(now, last + datetime.timedelta(microseconds=1))
    return f"{now.strftime(_STAMP)}-{secrets.token_hex(4)}"
