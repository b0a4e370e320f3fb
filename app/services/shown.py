"""What the page shows now: replaced as a whole when the dataset or the plan on disk is a new one."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from analysis.policy import Policy, read_policy
from app.services.buildings import BuildingTiles, start_making
from app.services.page_data import PageData, prepare_page
from app.services.workbench import open_workbench
from geo.dataset import MANIFEST
from geo.errors import NotADatasetError, PlanningError

logger = logging.getLogger(__name__)


class StalePageError(PlanningError, LookupError):
    """An open page shows what is no longer there."""


class Shown:
    """The dataset folder a server shows, read when it changes.

    Parameters
    ----------
    folder
        A dataset folder; or one that is not there yet or empty, to be filled by an import.
    plan_path
        PLAN.json; None shows the plan made in the page, where there is one.
    policy
        Baotou's when None.

    Raises
    ------
    PlanningError
        If the dataset is damaged, the folder is something else, or the plan unreadable.
    """

    def __init__(self, folder: Path, plan_path: Path | None, policy: Policy | None = None) -> None:
        self.folder = folder
        self.plan_path = plan_path or (p if (p := plan_beside(folder)).is_file() else None)
        self.policy = policy or read_policy()
        self.changing = threading.Lock()
        """Held by whoever changes the dataset from the page; one at a time."""
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._data: PageData | None = None
        self._earlier: dict[str, bytes] = {}
        _refuse_other_folders(folder)
        self._read()

    @property
    def data(self) -> PageData | None:
        """What was read last; None while there is no dataset."""
        return self._data

    def there(self, version: str) -> PageData:
        """What was read last, for a page that shows it.

        Parameters
        ----------
        version
            `PageData.version` of the page.

        Raises
        ------
        StalePageError
            If the page shows an older dataset or plan.
        """
        if self._data is None or self._data.version != version:
            raise StalePageError(
                "数据或方案已经更新, 这个页面还是旧的; 请刷新。",
                "The data or the plan changed and this page is older; load it again.",
            )
        return self._data

    def current(self) -> PageData | None:
        """What is on disk now, read again where it changed; on failure what was read last."""
        with self._lock:
            if self._state() != self._seen:
                try:
                    self._read()
                except PlanningError:
                    logger.warning("the new dataset or plan cannot be shown", exc_info=True)
        return self._data

    def files(self) -> dict[str, bytes]:
        """The files of the page by name, and those of the page before: it may still be open."""
        return {**self._earlier, **(self._data.files if self._data else {})}

    def _read(self) -> None:
        self._seen = self._state()
        if not (self.folder / MANIFEST).is_file():
            self._data = None
            return
        data = prepare_page(open_workbench(self.folder, self.plan_path, self.policy))
        if isinstance(data.buildings, BuildingTiles):
            start_making(data.bench.dataset, data.buildings)
        self._earlier = self._data.files if self._data else {}
        self._data = data

    def _state(self) -> tuple[int, int]:
        return _changed_at(self.folder / MANIFEST), _changed_at(self.plan_path)


def plan_beside(folder: Path) -> Path:
    """Where a plan made in the page is kept: beside the dataset, named after it."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-plan.json")


def _changed_at(path: Path | None) -> int:
    return path.stat().st_mtime_ns if path is not None and path.is_file() else 0


def _refuse_other_folders(folder: Path) -> None:
    """A file, or a folder with other things in it, is not filled with a dataset."""
    is_other = folder.exists() and (
        not folder.is_dir()
        or (not (folder / MANIFEST).is_file() and any(p.name[0] != "." for p in folder.iterdir()))
    )
    if is_other:
        raise NotADatasetError(
            f"“{folder}”不是数据集, 里面有别的东西; 请指定数据集文件夹, 或一个空的(新的)文件夹。",
            f"'{folder}' is not a dataset and holds other things; name a dataset folder, or an empty "
            "or new one.",
        )
