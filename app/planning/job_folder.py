"""A job as a folder: what is asked, how far it is, a wish to stop, what came of it.

``request.json`` is there from the start; ``progress.json`` is replaced as a whole at least twice a
second; ``stop`` asks the job to end with its best; ``result.json`` is its last word. The process
holds ``lock`` as long as it lives, so that everybody can tell a running job from a dead one.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.sandbox.python_child import child_environment, detachment_options, module_command
from geo.storage.atomic_files import atomic_path
from geo.storage.locks import is_lock_held, lock_for_child

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
        return self.read("request.json") or {}

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
        try:
            body = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return body if isinstance(body, dict) else None

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


def start_job(
    jobs: Path, module: str, request: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
) -> tuple[JobFolder, subprocess.Popen[bytes]]:
    """Start a job in a process of its own, which goes on when this one ends.

    Parameters
    ----------
    jobs
        Folder of all jobs.
    module
        Run as ``python -m module FOLDER``.
    request
        Written as ``request.json``.
    files
        More JSON files the job needs, by name.

    Returns
    -------
    The folder, and the process.
    """
    path = jobs / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
    path.mkdir(parents=True)
    job = JobFolder(path)
    for name, body in {**files, "request.json": request}.items():
        job.write(name, body)
    with (path / "lock").open("wb") as lock, (path / "log.txt").open("wb") as log:
        held = lock_for_child(lock)  # the child's from its first moment to its last
        process = subprocess.Popen(
            module_command(module, str(path)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=child_environment(),
            pass_fds=held,
            **detachment_options(),
        )
    return job, process


def jobs_in(jobs: Path) -> list[JobFolder]:
    """The jobs of a folder, the latest first."""
    if not jobs.is_dir():
        return []
    found = [JobFolder(path) for path in jobs.iterdir() if (path / "request.json").is_file()]
    return sorted(found, key=lambda job: job.id, reverse=True)
