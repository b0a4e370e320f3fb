"""What a planner says about each file of an import, and the copy of a dataset to try it on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.i18n import say
from app.settings import upload_limits
from geo.datum import DATUMS, Datum
from geo.errors import UsageError
from geo.importing import ImportFile, ImportOptions
from geo.messages import join_names
from geo.schema import IMPORTABLE
from geo.tables.mappings import SavedMapping

QUESTIONS = ("layer", "datum", "crs", "encoding", "kind")
"""What may be asked of a file."""


@dataclass(frozen=True)
class FileChoice:
    """What a planner says about one file; None where nothing needed to be stated.

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

        Another layer or encoding makes other columns: what was stated of them is forgotten.

        Parameters
        ----------
        question
            Its key.
        answer
            None or "" = none.

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

    def with_column(self, taken: Sequence[SavedMapping], number: int, header: str, field: str | None) -> FileChoice:
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
            mapping.with_column(header, field) if place == number else mapping for place, mapping in enumerate(taken)
        ]
        return replace(self, mappings=tuple(changed))

    def options(self) -> ImportOptions:
        """The options of the command line that say the same, with the limits of uploads."""
        return ImportOptions(
            layer=self.layer,
            datum=self.datum,
            datum_is_own=self.datum is not None,
            crs=self.crs,
            encoding=self.encoding,
            kind=self.kind,
            mappings=self.mappings,
            replace=self.replace,
            limits=upload_limits(),
        )


@dataclass(frozen=True)
class AboutDataset:
    """What is stated of the whole dataset; None and False leave what is there."""

    name: str | None = None
    demo: bool = False
    data_date: str | None = None

    def options(self) -> ImportOptions:
        """The options of the command line that say the same."""
        return ImportOptions(name=self.name, demo=self.demo, data_date=self.data_date)


def parse_datums(paths: Sequence[Path], told: Sequence[str], options: ImportOptions) -> list[ImportFile]:
    """The files of an import; what is stated of the datum of one of them stands above the rest.

    Parameters
    ----------
    paths
        The files.
    told
        Any number of "FILE=DATUM", FILE being a file's name or its path.
    options
        Of all files.

    Raises
    ------
    UsageError
        If one of `told` is written otherwise, or names a file that is not imported, or one twice.

    Examples
    --------
    >>> files = parse_datums([Path("a.csv"), Path("b.csv")], ["b.csv=bd09"], ImportOptions())
    >>> [(file.options.datum, file.options.datum_is_own) for file in files]
    [(None, False), ('bd09', True)]
    """
    own: dict[Path, Datum] = {}
    for text in told:
        name, _, said = (part.strip().strip('"“”') for part in text.rpartition("="))
        datum = next((known for known in DATUMS if known == said.lower()), None)
        meant = [path for path in paths if name in (path.name, str(path))]
        if datum is None or not name:
            raise UsageError(*say("importing.datum_form", text=text, datums=join_names(DATUMS)))
        if not meant:
            raise UsageError(*say("importing.datum_file_unknown", name=name, files=join_names(p.name for p in paths)))
        for path in meant:
            if own.setdefault(path, datum) != datum:
                raise UsageError(*say("importing.two_datums", name=name, own=own[path], datum=datum))
    return [
        ImportFile(path, replace(options, datum=own[path], datum_is_own=True))
        if path in own
        else ImportFile(path, options)
        for path in paths
    ]


def parse_layer_names(told: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Which layer single layers of files are, as written on the command line.

    Parameters
    ----------
    told
        Any number of "NAME=LAYER".

    Raises
    ------
    UsageError
        If one is written otherwise, or names no layer there is.

    Examples
    --------
    >>> parse_layer_names(["路网=roads"])
    (('路网', 'roads'),)
    """
    pairs = []
    for text in told:
        name, _, layer = (part.strip().strip('"“”') for part in text.rpartition("="))
        if not name or layer not in IMPORTABLE:
            raise UsageError(*say("importing.layer_form", text=text, layers=join_names(IMPORTABLE)))
        pairs.append((name, layer))
    return tuple(pairs)


def copy_dataset(folder: Path, into: Path) -> None:
    """A second dataset folder with the same content, to try an import on.

    Layers are hard links where the disk allows: they are replaced by renaming, never edited.

    Parameters
    ----------
    folder
        The dataset's folder.
    into
        The folder to make.
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
