"""What the page shows: versions of plans on the dataset of a folder, a few of them kept ready."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from analysis.policy import Policy
from app.i18n import DEFAULT, load_words, say
from app.maps.buildings import BuildingTiles, cache_folder
from app.maps.layers import BrowserFile, LateFile
from app.session.address import find_version
from app.session.folders import default_plan_path, default_store_path, open_kept_store, refuse_other_folders
from app.session.own_place import require_own_units
from app.session.page import DatasetState, PageData, page_version, prepare_page
from app.session.reader import forget_revision, reader_access, reader_revision
from app.store.access import Access
from app.store.copying import store_file
from app.store.errors import NotInStoreError
from app.store.records import MOST_NAME, Version
from app.store.store import Store
from app.workbench.plans_on_disk import read_plan
from app.workbench.policies import RulesInForce, resolve_folder_rules
from app.workbench.rights import Rights, limit_rights, probe_rights, report_write_errors
from app.workbench.workbench import DatasetContext, Workbench, build_workbench, open_context
from geo.errors import PlanningError
from geo.storage.commits import MANIFEST, lock_dataset, read_file_hashes
from geo.storage.dataset import Dataset
from geo.storage.kept_datasets import (
    default_kept_place,
    differs_by_limits,
    drop_kept_datasets,
    find_kept_dataset,
    keep_dataset,
)

logger = logging.getLogger(__name__)

MOST_KEPT, MOST_KEPT_OFFICE = 4, 24
"""Pages kept ready, for one planner and for an office; others are made again when they are asked for."""
MOST_PAST = 2
"""Older states of the dataset kept ready, for the plans made for them."""
PAGE_WAIT_S = 30.0
"""How long a page waits while another program writes the dataset."""


class StalePageError(PlanningError, LookupError):
    """An open page shows what is no longer there."""


class PlanSession:
    """The dataset folder a server shows, read when it changes, and the plans kept for it.

    Parameters
    ----------
    folder
        A dataset folder; or one that is not there yet or empty, to be filled by an import.
    plan_path
        PLAN.json, taken into the store; None takes the one next to the dataset, where there is one.
    policy, names
        Files named for this server; None = what the dataset is kept by.
    store_url
        Address of the store of plans; a SQLite file next to the dataset when None.
    read_only
        Nothing is changed: of the store a copy in memory is shown, as where it cannot be written.

    Raises
    ------
    PlanningError
        If the dataset is damaged, the folder is something else, the plan unreadable, or the store
        cannot be opened.
    """

    def __init__(
        self,
        folder: Path,
        plan_path: Path | None,
        policy: Path | None = None,
        store_url: str | None = None,
        *,
        read_only: bool = False,
        names: Path | None = None,
    ) -> None:
        refuse_other_folders(folder)
        self.folder = folder
        self.plan_path = plan_path or default_plan_path(folder)
        self.policy_file, self.names_file = policy, names
        address = store_url or f"sqlite:///{default_store_path(folder)}"
        jobs = folder if read_only else cache_folder(folder)
        self.server_rights = probe_rights(folder, store_file(address), jobs, read_only=read_only)
        """What may be written, found out when the server starts."""
        for zh, en in self.server_rights.reasons:
            logger.warning("not to be written: %s %s", zh, en)
        self.whole_store = open_kept_store(address, is_kept=self.server_rights.plans is None)
        """The store as the program itself sees it."""
        self._changing = threading.Lock()
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._imported: int | None = None
        self._kept_place = default_kept_place(folder)
        self._past: OrderedDict[str, DatasetState] = OrderedDict()
        self._today: DatasetState | None = None
        self._kept: OrderedDict[str, PageData] = OrderedDict()
        self._last: PageData | None = None
        self._earlier: dict[str, tuple[BrowserFile | LateFile, Version | None]] = {}
        self._current: dict[Access, tuple[tuple[int, int], Version | None]] = {}
        if plan_path is not None and not plan_path.is_file():
            read_plan(plan_path)  # says that it is not there
        self._import_plan()
        if plan_path is not None and self.server_rights.plans is None:
            self._choose(plan_path)
        self._read()
        self.open(None)

    @property
    def store(self) -> Store:
        """The store as the reader sees it: plans of other places are as if they were not there."""
        return self.whole_store.restrict(reader_access())

    @property
    def rights(self) -> Rights:
        """What the reader may write."""
        return limit_rights(self.server_rights, reader_access())

    @property
    def rules(self) -> RulesInForce:
        """The policy and the names in force for the dataset as it is now."""
        return resolve_folder_rules(self.folder, self.policy_file, self.names_file)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.rules.policy

    @property
    def data(self) -> PageData | None:
        """What was opened last; None while there is no dataset."""
        return self._last

    @contextmanager
    def lock_dataset(self, *, is_shared: bool = True) -> Iterator[None]:
        """Held by whoever changes the dataset from the page; one at a time.

        Parameters
        ----------
        is_shared
            Whether it changes what all places share; else :meth:`require_own_units` is asked.

        Raises
        ------
        ReadOnlyError
            If the dataset cannot be written.
        NotAllowedError
            If it is shared and the reader is of one place.
        NotWrittenError
            If that turns out while it is done.
        """
        self.rights.require("data")
        if is_shared:
            self.require_own_units(())
        with self._changing, report_write_errors(self.folder), lock_dataset(self.folder, wait_s=PAGE_WAIT_S):
            yield

    def require_own_units(self, units: Iterable[str]) -> None:
        """Refuse a change of data elsewhere, as :func:`app.session.own_place.require_own_units`."""
        require_own_units(None if self._today is None else self._today.context, units)

    def open(self, asked: str | Version | None) -> PageData | None:
        """A version of a plan on the data as they are now on disk.

        Parameters
        ----------
        asked
            A version the store told the reader of, or its id; None = the newest of the current plan.

        Returns
        -------
        The page; None while there is no dataset. When the new dataset cannot be read, what was
        read last.

        Raises
        ------
        NotInStoreError
            If the store has no such version.
        """
        with self._lock:
            self._renew()
            if self._today is None:
                return None
            version = self.find_current() if asked is None else asked
            self._last = self._page(self.store.version(version) if isinstance(version, str) else version)
            return self._last

    def page(self, version: str) -> PageData:
        """What a page shows that was opened before.

        Parameters
        ----------
        version
            `PageData.version` of the page.

        Raises
        ------
        StalePageError
            If the page shows an older dataset.
        """
        if (found := self._find_kept(version)) is not None:  # without waiting for whoever opens another
            return found
        with self._lock:
            return self._find_kept(version) or self._page(self._find_shown(version))

    def _find_kept(self, version: str) -> PageData | None:
        """A page that is kept ready, where the reader may see it."""
        data = self._kept.get(version)
        return data if data is not None and self._is_seen(data.bench.version) else None

    def _find_shown(self, version: str) -> Version | None:
        """The version a page shows, as :meth:`page`."""
        key, _, version_id = version.partition(".")
        if self._today is None:
            raise StalePageError(*say("session.page_behind"))
        try:
            shown = None if version_id == "-" else self.store.version(version_id)
        except NotInStoreError:
            if key == self._today.context.key:
                raise
            shown = None
        if key != self._state_of(shown).context.key:
            raise StalePageError(*say("session.page_behind"))
        return shown

    def require_seen(self, version: str) -> None:
        """Refuse a page of a plan the reader does not see.

        Raises
        ------
        NotInStoreError
            As if the plan were not there.
        """
        if not reader_access().is_all:
            self.store.version(version.partition(".")[2])

    def require_today(self, version: str) -> PageData:
        """What a page shows, for whoever changes the data or the plan: it must be of today's data.

        Parameters
        ----------
        version
            `PageData.version` of the page.

        Raises
        ------
        StalePageError
            If the page shows an older dataset.
        """
        data = self.page(version)
        with self._lock:
            self._require_today(data.bench)
        return data

    def require_bench(self, version: str) -> Workbench:
        """The plan of such a page on its data, without the files for the browser, which take longest.

        Parameters
        ----------
        version
            As :meth:`require_today`.

        Raises
        ------
        StalePageError
            As :meth:`require_today`.
        """
        with self._lock:
            data = self._find_kept(version)
            bench = self._bench(self._find_shown(version)) if data is None else data.bench
            self._require_today(bench)
            return bench

    def _require_today(self, bench: Workbench) -> None:
        if self._today is None or bench.context.key != self._today.context.key:
            raise StalePageError(*say("session.page_behind"))

    def open_requested(self, asked: Mapping[str, str]) -> PageData | None:
        """The version an address names (`app.session.address`), else the current plan.

        Parameters
        ----------
        asked
            Of the address.

        Raises
        ------
        NotInStoreError
            If it names a version that is not there.
        """
        version = find_version(self.store, asked)
        return self.open(None if version is None else version.id)

    def current_page(self) -> PageData | None:
        """The page that opens without the name of a version, read again where it changed."""
        return self.open(None)

    def find_context(self, planning_sha256: str) -> DatasetContext | None:
        """The data a plan was made for: today's, or a state that was kept; None where neither is there."""
        with self._lock:
            found = self._find_state(planning_sha256)
            return None if found is None else found.context

    def has_other_limits(self, planning_sha256: str) -> bool:
        """Whether a plan was made for the data of today, but with the neighbours of other limits."""
        with self._lock:
            return self._has_other_limits(planning_sha256)

    def renew(self) -> str | None:
        """Read again what changed on disk; pages of it are made when somebody opens them. The key of the data."""
        with self._lock:
            self._renew()
            return None if self._today is None else self._today.context.key

    def import_plan(self, plan_path: Path) -> Version:
        """Take a plan file into the store, once.

        Raises
        ------
        PlanningError
            If it is no plan or the store cannot be written.
        """
        note = load_words(DEFAULT)("store.imported", name=plan_path.name)
        forget_revision()
        return self.whole_store.import_plan(plan_path.stem[:MOST_NAME], read_plan(plan_path), note)

    def invalidate(self, plan_id: str) -> None:
        """Make the pages of a plan again when they are next asked for: its name has changed."""
        with self._lock:
            for name, data in list(self._kept.items()):
                if data.bench.version is not None and data.bench.version.plan_id == plan_id:
                    self._earlier.update(self._remember(self._kept.pop(name)))

    def lazy_file(self, name: str) -> BrowserFile | bool:
        """A map layer that takes a while, by its name: the file, True while it is made, else False."""
        for layer in self._today.files.lazy_layers.values() if self._today else ():
            language = layer.language_of(name)
            if language:
                return layer.ask(language) or True
        return False

    def buildings(self) -> BrowserFile | BuildingTiles | None:
        """The outlines of the buildings, of the dataset shown."""
        return self._today.files.buildings if self._today else None

    def files(self) -> dict[str, BrowserFile | LateFile]:
        """The files of the pages by name, and those of pages before: they may still be open."""
        with self._lock:
            files = {name: file for name, (file, version) in self._earlier.items() if self._is_seen(version)}
            for data in self._kept.values():
                if self._is_seen(data.bench.version):
                    files.update(data.files)
            if self._today is not None:
                files.update({file.name: file for file in self._today.list_shared()})
            return files

    def _is_seen(self, version: Version | None) -> bool:
        """Whether the reader may see a version: what a page shows is not everybody's."""
        if version is None or reader_access().is_all:
            return True
        try:
            self.store.version(version.id)
        except NotInStoreError:
            return False
        return True

    def _remember(self, data: PageData) -> dict[str, tuple[BrowserFile | LateFile, Version | None]]:
        """The files of a page that goes: it may still be open."""
        return {name: (file, data.bench.version) for name, file in data.files.items()}

    def _page(self, version: Version | None) -> PageData:
        """A page from those kept, or made now; the dataset's half is shared."""
        state = self._state_of(version)
        name = page_version(state.context, version)
        if name not in self._kept:
            self._kept[name] = prepare_page(self._bench(version), state.files)
            if len(self._kept) > (MOST_KEPT_OFFICE if reader_access().name else MOST_KEPT):
                _, gone = self._kept.popitem(last=False)
                self._earlier = self._remember(gone)
        self._kept.move_to_end(name)
        return self._kept[name]

    def _bench(self, version: Version | None) -> Workbench:
        """A version on the data it was made for."""
        context = self._state_of(version).context
        plan = None if version is None else self.whole_store.document(version.id)
        plan_name = None if version is None else version.plan_name
        if context.is_past and self._has_other_limits(context.dataset.manifest.planning_sha256):
            context = replace(context, has_other_limits=True)
        return build_workbench(context, plan, name=plan_name, version=version)

    def _has_other_limits(self, planning_sha256: str) -> bool:
        today = self._today
        manifest = None if today is None else today.context.dataset.manifest
        return manifest is not None and differs_by_limits(self._kept_place, planning_sha256, manifest)

    def _state_of(self, version: Version | None) -> DatasetState:
        """The data a version was made for, where they are there; else today's."""
        assert self._today is not None  # asked before
        found = None if version is None else self._find_state(version.planning_sha256)
        return found or self._today

    def _find_state(self, planning_sha256: str) -> DatasetState | None:
        """Today's data, or a state that was kept, read once; None where neither is there."""
        if self._today is None or planning_sha256 == self._today.context.dataset.manifest.planning_sha256:
            return self._today
        if planning_sha256 not in self._past:
            folder = find_kept_dataset(self._kept_place, planning_sha256)
            if folder is None:
                return None
            try:
                state = DatasetState(open_context(folder, self.policy_file, is_past=True))
            except PlanningError:
                logger.warning("a kept state of the dataset cannot be read", exc_info=True)
                return None
            self._keep_past(state)
        self._past.move_to_end(planning_sha256)
        return self._past[planning_sha256]

    def _keep_past(self, state: DatasetState) -> None:
        self._past[state.context.dataset.manifest.planning_sha256] = state
        while len(self._past) > MOST_PAST:
            self._past.popitem(last=False)

    def find_current(self) -> Version | None:
        """The newest version of the current plan, looked for again when the store was written to."""
        store, revision = self.store, reader_revision(self.whole_store)
        known = self._current.get(store.access)
        if known is None or known[0] != revision:
            plan = store.current_plan()
            known = revision, None if plan is None else next(iter(store.versions(plan)), None)
            self._current[store.access] = known
        return known[1]

    def _renew(self) -> None:
        """Read again what changed on disk; on failure what was read last stays."""
        try:
            self._import_plan()
            if _changed_at(self.folder / MANIFEST) != self._seen:
                self._read()
        except PlanningError:
            logger.warning("the new dataset or plan cannot be shown", exc_info=True)

    def _read(self) -> None:
        self._seen = _changed_at(self.folder / MANIFEST)
        before = self._today
        if not self._seen:
            self._today = self._last = None
            self._kept.clear()
            return
        context = open_context(self.folder, self.policy_file)
        if before is not None and before.context.key == context.key:
            return
        self._earlier = self._remember(self._last) if self._last else {}
        self._kept.clear()
        self._today = DatasetState(context, before)
        if self.server_rights.data is None:
            if before is not None:
                self._put_aside(before)
            keep_dataset(context.dataset, self._kept_place)
            needed = {*self.whole_store.planning_hashes(), context.dataset.manifest.planning_sha256}
            drop_kept_datasets(self._kept_place, needed)

    def _put_aside(self, state: DatasetState) -> None:
        """What was today's is a kept state now: not read again, for the plans made for it."""
        manifest = state.context.dataset.manifest
        folder = find_kept_dataset(self._kept_place, manifest.planning_sha256)
        if folder is not None and read_file_hashes(folder) == dict(manifest.files):
            past = replace(state.context, dataset=Dataset(folder, manifest), is_past=True)
            self._keep_past(DatasetState(past, state))

    def _choose(self, plan_path: Path) -> None:
        """The plan that whoever starts the server names is the current one."""
        named = self.whole_store.of_content(read_plan(plan_path))
        if named is not None and named.plan_id != self.whole_store.current_plan():
            self.whole_store.choose_current(named.plan_id, "")

    def _import_plan(self) -> None:
        """Take the plan file into the store when it is new; what is kept already is not kept twice."""
        changed = _changed_at(self.plan_path)
        if not changed or changed == self._imported:
            return
        self._imported = changed
        self.import_plan(self.plan_path)


def _changed_at(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0
