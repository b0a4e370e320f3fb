"""What a server may write: the dataset, plans, runs; and the sentence why where it may not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from app.i18n import say
from app.store.access import Access
from geo.errors import PlanningError
from geo.messages import Sentence
from geo.storage.disk_errors import classify_disk_error, explain_disk_errors

READ_ONLY_REASON = say("rights.read_only")


class ReadOnlyError(PlanningError, PermissionError):
    """Something was to be changed that this server may not write."""


@dataclass(frozen=True)
class Rights:
    """Why something may not be written, Chinese and English; None where it may.

    Parameters
    ----------
    data
        The dataset: corrections, imports, talks, chosen places, months.
    plans
        The store of plans: saving, renaming, taking out of the list.
    runs
        Planning runs.
    """

    data: Sentence | None = None
    plans: Sentence | None = None
    runs: Sentence | None = None

    @property
    def reasons(self) -> tuple[Sentence, ...]:
        """The reasons, each once; none where everything may be written."""
        reasons = (getattr(self, field.name) for field in fields(self))
        return tuple(dict.fromkeys(reason for reason in reasons if reason is not None))

    def require(self, what: Literal["data", "plans", "runs"]) -> None:
        """Refuse where something may not be written.

        Raises
        ------
        ReadOnlyError
            With the reason.
        """
        reason = getattr(self, what)
        if reason is not None:
            raise ReadOnlyError(*reason)


def limit_rights(rights: Rights, access: Access) -> Rights:
    """What somebody may write of what the server may.

    Parameters
    ----------
    rights
        Of the server.
    access
        Of the account.
    """
    if access.role in ("viewer", "company"):
        reason = say("rights.only_views")
        return Rights(reason, reason, reason)
    return rights


ALL_RIGHTS = Rights()
"""Everything may be written."""


def probe_rights(folder: Path, store: Path | None, jobs: Path, *, read_only: bool) -> Rights:
    """What may be written now, found out by writing: permissions alone do not tell.

    Parameters
    ----------
    folder
        The dataset folder; it need not be there.
    store
        File of the store of plans; None where it is no file.
    jobs
        Folder of the planning runs.
    read_only
        Nothing is to be written.
    """
    if read_only:
        return Rights(READ_ONLY_REASON, READ_ONLY_REASON, READ_ONLY_REASON)
    return Rights(_of_data(folder), None if store is None else _of_plans(store), _of_runs(jobs))


@contextmanager
def report_write_errors(place: Path) -> Iterator[None]:
    """Work that writes a place; what the system refuses becomes a sentence.

    Raises
    ------
    NotWrittenError
        If the place cannot be written: rights, a read-only file system, a full disk.
    """
    with explain_disk_errors(place, *say("rights.no_change")):
        yield


def _of_data(folder: Path) -> Sentence | None:
    why, name = _fault(folder), folder.resolve().name
    return why and say("rights.data", name=name, why=why)


def _of_plans(store: Path) -> Sentence | None:
    why = _fault_of_file(store)
    return why and say("rights.plans", name=store.name, why=why)


def _of_runs(jobs: Path) -> Sentence | None:
    why = _fault(jobs)
    return why and say("rights.runs", jobs=jobs, why=why)


def _fault(folder: Path) -> Sentence | None:
    """Why nothing can be put into a folder, or into the nearest one that is there."""
    there = next(place for place in (folder, *folder.resolve().parents) if place.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return _why(error)


def _fault_of_file(path: Path) -> Sentence | None:
    """Why a file, or what its database puts next to it, cannot be written."""
    try:
        if path.exists():
            with path.open("r+b"):
                pass
    except OSError as error:
        return _why(error)
    return _fault(path.parent)


def _why(error: OSError) -> Sentence:
    told, reason = error.strerror or type(error).__name__, classify_disk_error(error)
    return Sentence(told if reason is None else reason.reason.zh, told)
