"""What a planner says about each file of an import, and the copy of a dataset to try it on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.settings import upload_limits
from geo.datum import Datum
from geo.importing import ImportOptions
from geo.mappings import SavedMapping

QUESTIONS = ("layer", "datum", "crs", "encoding", "kind")
"""What may be asked of a file."""


@dataclass(frozen=True)
class FileChoice:
    """What a planner says about one file; None where nothing needed to be said.

    Parameters
    ----------
    layer, datum, crs, encoding, kind, mappings, replace
        As in :class:`geo.importing.ImportOptions`.
    """

    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    kind: str | None = None
    mappings: tuple[SavedMapping, ...] = ()
    replace: bool = False

    def with_answer(self, question: str, answer: str | None) -> FileChoice:
        """The same with one answer changed; an empty answer takes it back.

        Another layer or encoding makes other columns: what was said of them is forgotten.

        Raises
        ------
        KeyError
            If there is no such question: a programmer's mistake.

        Examples
        --------
        >>> FileChoice().with_answer("datum", "bd09").datum
        'bd09'
        """
        if question == "replace":
            return replace(self, replace=answer == "replace")
        if question not in QUESTIONS:
            raise KeyError(question)
        changed: dict[str, Any] = {question: (answer or "").strip() or None}
        if question in ("layer", "encoding"):
            changed["mappings"] = ()
        return replace(self, **changed)

    def with_column(
        self, taken: Sequence[SavedMapping], number: int, header: str, field: str | None
    ) -> FileChoice:
        """The same with one column meaning something else.

        Parameters
        ----------
        taken
            What the columns of each layer of the file are taken for now.
        number
            Of the layer in `taken`.
        header
            The column.
        field
            What it is; None to leave it out. A column that was taken for this field before is
            left out.
        """
        changed = [
            mapping.with_column(header, field) if place == number else mapping
            for place, mapping in enumerate(taken)
        ]
        return replace(self, mappings=tuple(changed))

    def options(self) -> ImportOptions:
        """The options of the command line that say the same, with the limits of uploads."""
        return ImportOptions(
            layer=self.layer, datum=self.datum, crs=self.crs, encoding=self.encoding,
            kind=self.kind, mappings=self.mappings, replace=self.replace, limits=upload_limits(),
        )  # fmt: skip


@dataclass(frozen=True)
class AboutDataset:
    """What is said of the whole dataset; None and False leave what is there."""

    name: str | None = None
    demo: bool = False
    data_date: str | None = None

    def options(self) -> ImportOptions:
        """The options of the command line that say the same."""
        return ImportOptions(name=self.name, demo=self.demo, data_date=self.data_date)


def copy_dataset(folder: Path, into: Path) -> None:
    """A second dataset folder with the same content, to try an import on.

    Layers are hard links where the disk allows: they are replaced by renaming, never edited.
    """
    into.mkdir(parents=True)
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if any(part.startswith(".") for part in inside.parts) or not path.is_file():
            continue
        target = into / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            _link(path, target)
        else:
            shutil.copy2(path, target)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # another disk, or a file system without links
        shutil.copy2(path, target)
