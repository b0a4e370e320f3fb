"""Files with the choices a planner made for each become one import, first tried, then done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.policy import Policy
from geo.datum import Datum
from geo.findings import Finding
from geo.importing import ImportOptions, ImportReport, import_paths
from geo.names import NameRules
from geo.sandbox import UPLOAD_LIMITS
from geo.schema import IMPORTABLE

OnProgress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and the name of what is being done."""


@dataclass(frozen=True)
class FileChoice:
    """What a planner says about one file; None where nothing needed to be said.

    Parameters
    ----------
    layer, datum, crs, encoding, kind
        As in :class:`geo.importing.ImportOptions`.
    """

    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    kind: str | None = None

    def with_answer(self, question: str, answer: str | None) -> FileChoice:
        """The same with one answer changed; an empty answer takes it back.

        Raises
        ------
        KeyError
            If there is no such question: a programmer's mistake.

        Examples
        --------
        >>> FileChoice().with_answer("datum", "bd09").datum
        'bd09'
        """
        if question not in {field.name for field in fields(self)}:
            raise KeyError(question)
        changed: dict[str, Any] = {question: (answer or "").strip() or None}
        return replace(self, **changed)

    def options(self, about: AboutDataset | None = None) -> ImportOptions:
        """The options of the command line that say the same, with the limits of uploads."""
        said = about or AboutDataset()
        return ImportOptions(
            layer=self.layer, datum=self.datum, crs=self.crs, encoding=self.encoding,
            kind=self.kind, name=said.name, demo=said.demo, data_date=said.data_date,
            limits=UPLOAD_LIMITS,
        )  # fmt: skip


@dataclass(frozen=True)
class AboutDataset:
    """What is said of the whole dataset; None and False leave what is there."""

    name: str | None = None
    demo: bool = False
    data_date: str | None = None


@dataclass(frozen=True)
class ImportItem:
    """One file to import.

    Parameters
    ----------
    path
        Where it is; a shapefile's other parts stand beside it.
    choice
        What the planner said about it.
    layers
        Layers it was recognised as; they decide the order.
    """

    path: Path
    choice: FileChoice
    layers: tuple[str, ...] = ()


def import_items(
    items: Sequence[ImportItem],
    folder: Path,
    policy: Policy,
    names: NameRules,
    *,
    about: AboutDataset | None = None,
    on_progress: OnProgress = lambda share, what: None,
) -> ImportReport:
    """Import files into a dataset, those with the same answers together, as the command line does.

    Parameters
    ----------
    items
        The files.
    folder
        The dataset; made when it does not exist.
    policy
        How figures of units are derived.
    names
        Aliases of districts and streets.
    about
        Name, date and demo flag of the dataset.
    on_progress
        Told before each group of files.

    Returns
    -------
    One report of all groups together.

    Raises
    ------
    PlanningError
        As :func:`geo.importing.import_paths`.
    """
    groups = grouped(items)
    reports = []
    for number, (choice, paths) in enumerate(groups):
        on_progress(number / len(groups), paths[0].name)
        reports.append(
            import_paths(
                paths,
                folder,
                options=choice.options(about),
                unit_rules=policy.unit_rules(),
                names=names,
            )
        )
    return merged_report(reports)


def grouped(items: Sequence[ImportItem]) -> list[tuple[FileChoice, list[Path]]]:
    """Files with the same answers together, groups in the order layers are best imported.

    Examples
    --------
    >>> a = ImportItem(Path("a.csv"), FileChoice(datum="bd09"), ("ebike_sites",))
    >>> b = ImportItem(Path("b.geojson"), FileChoice(datum="cgcs2000"), ("streets",))
    >>> [(choice.datum, [p.name for p in paths]) for choice, paths in grouped([a, b])]
    [('cgcs2000', ['b.geojson']), ('bd09', ['a.csv'])]
    """
    groups: dict[FileChoice, list[ImportItem]] = {}
    for item in items:
        groups.setdefault(item.choice, []).append(item)
    ordered = sorted(groups.items(), key=lambda group: min(map(_place_in_order, group[1])))
    return [(choice, [item.path for item in members]) for choice, members in ordered]


def merged_report(reports: Sequence[ImportReport]) -> ImportReport:
    """The reports of one import after the other as one; the dataset is the last one's.

    Findings about the dataset as a whole (without a file) are those of the last that had any:
    the later import saw more.
    """
    of_files = [f for report in reports for f in report.findings if f.file is not None]
    of_whole: list[Finding] = []
    for report in reports:
        of_whole = [f for f in report.findings if f.file is None] or of_whole
    rejected = [report.rejected for report in reports if len(report.rejected)]
    return replace(
        reports[-1],
        rows=_sum(report.rows for report in reports),
        stored=_sum(report.stored for report in reports),
        findings=(*of_files, *of_whole),
        rejected=pd.concat(rejected, ignore_index=True) if rejected else reports[-1].rejected,
        sources=tuple(source for report in reports for source in report.sources),
    )


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


def _place_in_order(item: ImportItem) -> int:
    places = [IMPORTABLE.index(layer) for layer in item.layers if layer in IMPORTABLE]
    return min(places, default=len(IMPORTABLE))


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for layer, n in count.items():
            total[layer] = total.get(layer, 0) + n
    return total
