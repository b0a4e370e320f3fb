"""What a server may write: the dataset, plans, runs; and the sentence why where it may not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from geo.errors import PlanningError
from geo.storage.disk_errors import classify_disk_error, explain_disk_errors

Sentence = tuple[str, str]
"""Chinese and English."""

READ_ONLY_REASON: Sentence = (
    "服务器以只读方式打开 (--read-only): 可以浏览、试着编辑、对比、导出和打印, 不能改动数据和方案。",
    "The server is read only (--read-only): explore, try edits, compare, export and print; the data and "
    "the plans cannot be changed.",
)


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
    with explain_disk_errors(place, "没有改动。", "Nothing was changed."):
        yield


def _of_data(folder: Path) -> Sentence | None:
    why, name = _fault(folder), folder.resolve().name
    return why and (
        f"数据集文件夹“{name}”不可写 ({why[0]}), 不能更正、导入或登记; 请给运行本程序的用户写入权限, 然后重新启动。",
        f"The dataset folder '{name}' cannot be written ({why[1]}): no corrections, imports or records. "
        "Let the user of this program write it, then start again.",
    )


def _of_plans(store: Path) -> Sentence | None:
    why = _fault_of_file(store)
    return why and (
        f"方案库“{store.name}”不可写 ({why[0]}), 方案不能保存; 编辑留在浏览器的草稿中, 可下载方案文件。",
        f"The store of plans '{store.name}' cannot be written ({why[1]}): plans cannot be saved. Edits stay "
        "as a draft in the browser and can be downloaded as a plan file.",
    )


def _of_runs(jobs: Path) -> Sentence | None:
    why = _fault(jobs)
    return why and (
        f"规划任务的文件夹“{jobs}”不可写 ({why[0]}), 不能开始规划。",
        f"The folder of planning runs '{jobs}' cannot be written ({why[1]}): no run can be started.",
    )


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
    return (told if reason is None else reason.zh), told
