"""Imports being prepared in the page: the files dropped, what was stated about them, how far they are."""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from app.desks.imports.import_view import DroppedFile, ImportView, Phase
from app.desks.imports.preview import FilePreview, preview_file
from app.desks.imports.rules_choice import KINDS, RulesChoice, save_rules_file, suggest_kind
from app.desks.imports.runs import AboutDataset, FileChoice, copy_dataset
from app.desks.imports.uploads import (
    RULES_SUFFIX,
    list_main_files,
    list_orphan_parts,
    list_parts,
    sanitise_name,
    save_stream,
)
from app.i18n import say
from app.session.plan_session import PAGE_WAIT_S, PlanSession
from app.settings import UPLOAD_FILES, UPLOAD_KEPT_S, UPLOADS_AT_ONCE
from app.workbench.policies import RulesInForce, resolve_folder_rules, store_rules
from geo.adjacency.graph import refresh_graph
from geo.errors import PlanningError, UsageError
from geo.importing import ImportFile, ImportReport, import_files
from geo.schema import IMPORTABLE
from geo.storage.commits import MANIFEST, lock_dataset
from geo.storage.dataset import open_dataset
from geo.storage.disk_errors import disk_error, memory_error

logger = logging.getLogger(__name__)

_PREFIX = "pianqu-upload-"
_ABANDONED_S = 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_UNEXPECTED = say("importing.unexpected")


class _Upload:
    """One planner's import in progress."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self.files_folder = self.folder / "files"
        self.files_folder.mkdir()
        self.lock = threading.RLock()
        self.view = ImportView()
        self.touched = time.monotonic()
        self.made = 0
        self.tried_on: str | None = None


class ImportSession:
    """All imports being prepared on one server; one at a time is stored.

    Parameters
    ----------
    shown
        The dataset folder they go into.
    """

    def __init__(self, session: PlanSession) -> None:
        self.session = session
        self._uploads: dict[str, _Upload] = {}
        self._lock = threading.Lock()
        remove_abandoned(Path(tempfile.gettempdir()))

    def view(self, token: str) -> ImportView:
        """An import as it stands; an empty one where nothing was dropped yet."""
        is_new = not (self.session.folder / MANIFEST).is_file()
        upload = self._uploads.get(token)
        data = self.session.data
        has = data.bench.dataset.has if data is not None and not is_new else lambda _: False
        there = tuple(name for name in IMPORTABLE if has(name))
        view = replace(upload.view if upload else ImportView(), is_new=is_new, there=there)
        return self._with_rules(view) if view.phase == "files" and view.files else view

    def _with_rules(self, view: ImportView) -> ImportView:
        """A view that says which policy is in force, or which the places of the files suggest."""
        rules = self.session.rules
        if not rules.is_default:
            return replace(view, in_force=rules.policy.name)
        return replace(view, suggested=suggest_kind(f.preview for f in view.files) if view.is_new else None)

    def add(self, token: str, name: str, stream: IO[bytes]) -> None:
        """Keep an uploaded file and look at it.

        Parameters
        ----------
        token
            Names the window's import.
        name
            Of the file.
        stream
            Its bytes.

        Raises
        ------
        PlanningError
            If its name or kind is not taken, it is too large, there are too many, or the dataset
            cannot be written.
        """
        self.session.rights.require("data")
        upload = self._upload(token)
        path = upload.files_folder / sanitise_name(name)
        if path.suffix == RULES_SUFFIX:
            self._add_rules(upload, stream, upload.folder / "rules" / f"own-{path.name}")
            return
        if len(list(upload.files_folder.iterdir())) >= UPLOAD_FILES:
            raise UsageError(*say("importing.too_many_files", most=UPLOAD_FILES))
        with upload.lock:
            _require_files_phase(upload)
            save_stream(stream, path)
            self._look(upload, path)

    def _add_rules(self, upload: _Upload, stream: IO[bytes], path: Path) -> None:
        """Keep a policy, or names, that somebody dropped: checked, and chosen from now on."""
        with upload.lock:
            _require_files_phase(upload)
            is_policy = save_rules_file(stream, path)
            upload.view = replace(upload.view, rules=upload.view.rules.add_file(path, is_policy=is_policy))

    def choose_rules(self, token: str, kind: str | None = None, city: str | None = None) -> None:
        """Note which policy and names the dataset is kept by.

        Parameters
        ----------
        token
            Names the window's import.
        kind
            One of `KINDS`; None leaves what was chosen.
        city
            Name of the city for the template; None leaves it.
        """
        upload = self._upload(token)
        with upload.lock:
            _require_files_phase(upload)
            rules = upload.view.rules
            rules = replace(rules, kind=next((k for k in KINDS if k == kind), rules.kind))
            upload.view = replace(upload.view, rules=rules if city is None else replace(rules, city=city))

    def answer(self, token: str, key: str, question: str, value: str | None) -> None:
        """Note what the planner says about a file, and look at it anew.

        Parameters
        ----------
        token
            Names the window's import.
        key
            Of the file.
        question
            Its key.
        value
            None or "" = the answer is taken back.
        """
        self._choose(token, key, lambda file: file.choice.with_answer(question, value))

    def answer_column(self, token: str, key: str, number: int, header: str, field: str | None) -> None:
        """Note what the planner says a column of a file's layer is, and look at it anew.

        Parameters
        ----------
        token
            Names the window's import.
        key
            Of the file.
        number
            Of the layer in the file, from 0.
        header
            Of the column.
        field
            None = the column is nothing.
        """

        def said(file: DroppedFile) -> FileChoice:
            layers = file.preview.layers
            taken = [layer.mapping for layer in layers if layer.mapping is not None]
            if len(taken) < len(layers):
                return file.choice  # drawn before the layer was asked again
            return file.choice.with_column(taken, number, header, field)

        self._choose(token, key, said)

    def _choose(self, token: str, key: str, said: Callable[[DroppedFile], FileChoice]) -> None:
        upload = self._upload(token)
        with upload.lock:
            for file in upload.view.files:
                if file.key == key:
                    changed = replace(file, choice=said(file))
                    self._put(upload, replace(changed, preview=self._seen(changed)))

    def answer_all(self, token: str, question: str, value: str) -> None:
        """Give all files that still ask a question the same answer.

        Files whose name or headers say another datum are not answered: they go on asking.

        Parameters
        ----------
        token
            Names the window's import.
        question
            Its key.
        value
            The answer.
        """
        for file in self._upload(token).view.files:
            if question not in file.preview.questions:
                continue
            if question == "datum" and file.preview.contradicts(value):
                continue
            self.answer(token, file.key, question, value)

    def try_on_datum(self, token: str, key: str, datum: str) -> threading.Thread | None:
        """Take a file to be on another datum than was stated, and check everything once more.

        Parameters
        ----------
        token
            Names the window's import.
        key
            Of the file.
        datum
            The other datum.
        """
        self.back(token)
        self.answer(token, key, "datum", datum)
        return self.start_trying(token)

    def remove(self, token: str, key: str | None = None) -> None:
        """Take a file out of an import, or all of them.

        Parameters
        ----------
        token
            Names the window's import.
        key
            Of the file; None = all.
        """
        upload = self._upload(token)
        with upload.lock:
            _require_files_phase(upload)
            gone = [file for file in upload.view.files if key in (None, file.key)]
            paths = [part for file in gone for part in list_parts(file.path)]
            if key is None:
                paths = list(upload.files_folder.iterdir())
            for path in paths:
                path.unlink(missing_ok=True)
            kept = tuple(file for file in upload.view.files if file not in gone)
            upload.view = replace(upload.view, files=kept, lone=_lone(upload))

    def back(self, token: str) -> None:
        """From the report to the files again; nothing was stored."""
        upload = self._upload(token)
        with upload.lock:
            if not upload.view.is_busy:
                upload.view = replace(upload.view, phase="files", report=None, fault=None)

    def start_over(self, token: str) -> None:
        """Forget an import with its files."""
        with self._lock:
            upload = self._uploads.get(token)
            if upload is not None and not upload.view.is_busy:
                self._forget(token)

    def start_trying(self, token: str) -> threading.Thread | None:
        """Import into a copy of the dataset, in the background; nothing is stored."""
        return self._start(token, "trying", self._try)

    def start_storing(self, token: str, about: AboutDataset) -> threading.Thread | None:
        """Do the import that was tried, in the background.

        Parameters
        ----------
        token
            Names the window's import.
        about
            What the planner says of the dataset.
        """
        upload = self._upload(token)
        if upload.view.phase != "tried" or upload.view.report is None:
            return None
        upload.view = replace(upload.view, about=about)
        return self._start(token, "storing", self._store)

    def close(self) -> None:
        """Remove all uploaded files; called when the server ends."""
        with self._lock:
            for token in list(self._uploads):
                self._forget(token)

    # --- work -----------------------------------------------------------------------------------

    def _start(self, token: str, phase: Phase, work: Callable[[_Upload], None]) -> threading.Thread | None:
        upload = self._upload(token)
        with upload.lock:
            if upload.view.is_busy or not upload.view.is_ready:
                return None
            upload.view = replace(upload.view, phase=phase, share=0.0, doing="", fault=None)
        thread = threading.Thread(target=self._guarded, args=(upload, work), name=phase, daemon=True)
        thread.start()
        return thread

    def _guarded(self, upload: _Upload, work: Callable[[_Upload], None]) -> None:
        """Do the work; whatever goes wrong becomes a sentence in the page."""
        before: Phase = "tried" if upload.view.phase == "storing" else "files"
        try:
            work(upload)
        except PlanningError as error:
            upload.view = replace(upload.view, phase=before, fault=(error.zh, error.en))
        except Exception as error:
            logger.exception("an import through the page failed")
            reason = disk_error(error, is_write=False) or memory_error(error)
            fault = _UNEXPECTED if reason is None else (reason.zh, reason.en)
            upload.view = replace(upload.view, phase=before, fault=fault)

    def _try(self, upload: _Upload) -> None:
        trial = upload.folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        folder = trial / self.session.folder.resolve().name
        with lock_dataset(self.session.folder, wait_s=PAGE_WAIT_S):  # of one version
            upload.tried_on = _state_of(self.session.folder)
            copy_dataset(self.session.folder, folder)
        try:
            report = self._import(upload, folder, AboutDataset(), self._rules_of(upload), of_work=1.0)
        finally:
            shutil.rmtree(trial, ignore_errors=True)
        upload.view = replace(upload.view, phase="tried", report=replace(report, dataset=None))

    def _store(self, upload: _Upload) -> None:
        with self.session.lock_dataset():
            if _state_of(self.session.folder) != upload.tried_on:
                upload.view = replace(upload.view, report=None, phase="files")
                raise UsageError(*say("importing.changed_meanwhile"))
            rules = self._rules_of(upload)
            report = self._import(upload, self.session.folder, upload.view.about, rules, of_work=0.6)
            self._tell(upload, 0.6, "graph")
            try:
                refresh_graph(open_dataset(self.session.folder), self.session.policy.neighbour_rules())
            except PlanningError as error:  # tables without places: there is nothing to connect yet
                logger.info("no graph after the import: %s", error.en)
            self._tell(upload, 0.85, "page")
            self.session.current_page()
        for path in upload.files_folder.iterdir():
            path.unlink()
        done = replace(upload.view, phase="stored", report=report, files=(), share=1.0)
        upload.view = replace(done, rules=RulesChoice())

    def _rules_of(self, upload: _Upload) -> RulesInForce:
        """The policy and names to import with: as chosen, else those in force."""
        is_new = not (self.session.folder / MANIFEST).is_file()
        choice = self._with_rules(replace(upload.view, is_new=is_new)).effective_rules
        if self.session.policy_file is not None or (choice.kind == "baotou" and upload.view.rules.kind is None):
            return self.session.rules  # named when the server was started, or nobody chose
        policy, names = choice.files(upload.folder)
        return resolve_folder_rules(self.session.folder, policy, names or self.session.names_file)

    def _import(
        self, upload: _Upload, folder: Path, about: AboutDataset, rules: RulesInForce, *, of_work: float
    ) -> ImportReport:
        files = [ImportFile(f.path, f.choice.options()) for f in upload.view.files]
        report = import_files(
            files,
            folder,
            options=about.options(),
            unit_rules=rules.policy.unit_rules(),
            names=rules.names,
            on_progress=lambda share, what: self._tell(upload, share * of_work, what),
        )
        if report.dataset is not None:
            store_rules(folder, rules)
        return report

    def _tell(self, upload: _Upload, share: float, doing: str) -> None:
        upload.touched = time.monotonic()
        upload.view = replace(upload.view, share=share, doing=doing)

    # --- files ----------------------------------------------------------------------------------

    def _look(self, upload: _Upload, path: Path) -> None:
        """Preview what just came: the file itself, or the .shp it is a part of."""
        main = path if list_main_files([path]) else path.with_suffix(".shp")
        if main.is_file():
            known = next((f for f in upload.view.files if f.path == main), None)
            choice = known.choice if known else FileChoice()
            if known is None:
                upload.made += 1
            size = sum(part.stat().st_size for part in list_parts(main))
            key = known.key if known else f"f{upload.made}"
            file = DroppedFile(key, main, size, choice, FilePreview())
            self._put(upload, replace(file, preview=self._seen(file)))
        upload.view = replace(upload.view, lone=_lone(upload))

    def _seen(self, file: DroppedFile) -> FilePreview:
        return preview_file(file.path, file.choice, folder=self.session.folder)

    def _put(self, upload: _Upload, file: DroppedFile) -> None:
        """Add a file, or replace the one of its key."""
        there = {known.key: known for known in upload.view.files} | {file.key: file}
        upload.view = replace(upload.view, files=tuple(there.values()))

    def _upload(self, token: str) -> _Upload:
        """The import of a token; a new one the first time."""
        if not _TOKEN.fullmatch(token or ""):
            raise UsageError(*say("importing.page_expired"))
        with self._lock:
            if token not in self._uploads:
                self._sweep()
                self._uploads[token] = _Upload()
            upload = self._uploads[token]
            upload.touched = time.monotonic()
            return upload

    def _sweep(self) -> None:
        """Forget imports nobody touches, and the oldest where there are too many."""
        now = time.monotonic()
        idle = sorted((u.touched, token) for token, u in self._uploads.items() if not u.view.is_busy)
        for number, (touched, token) in enumerate(idle):
            if now - touched > UPLOAD_KEPT_S or len(idle) - number >= UPLOADS_AT_ONCE:
                self._forget(token)

    def _forget(self, token: str) -> None:
        shutil.rmtree(self._uploads.pop(token).folder, ignore_errors=True)


def remove_abandoned(folder: Path) -> None:
    """Remove what servers that were killed left behind: uploads nobody touched for a day."""
    for left in folder.glob(f"{_PREFIX}*"):
        try:
            newest = max(p.stat().st_mtime for p in (left, *left.glob("*")))
        except OSError:  # of another user, or gone meanwhile
            continue
        if time.time() - newest > _ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def _lone(upload: _Upload) -> tuple[str, ...]:
    return tuple(sorted(path.name for path in list_orphan_parts(upload.files_folder.iterdir())))


def _require_files_phase(upload: _Upload) -> None:
    if upload.view.phase != "files":
        raise UsageError(*say("importing.busy"))


def _state_of(folder: Path) -> str:
    """What identifies the dataset's content; empty while there is none."""
    if not (folder / MANIFEST).is_file():
        return ""
    return open_dataset(folder).manifest.all_sha256
