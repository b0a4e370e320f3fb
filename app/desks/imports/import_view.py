"""An import as the page shows it: its files, how far it is, what was chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from app.desks.imports.preview import FilePreview
from app.desks.imports.rules_choice import KINDS, RulesChoice
from app.desks.imports.runs import AboutDataset, FileChoice
from geo.importing import ImportReport

Phase = Literal["files", "trying", "tried", "storing", "stored"]


@dataclass(frozen=True, eq=False)
class DroppedFile:
    """One file of an import.

    Parameters
    ----------
    key
        Short name in the page.
    path
        Where it is kept.
    size
        Bytes, with the other parts of a shapefile.
    choice
        What the planner said about it.
    preview
        How it would be read.
    """

    key: str
    path: Path
    size: int
    choice: FileChoice
    preview: FilePreview


@dataclass(frozen=True, eq=False)
class ImportView:
    """An import as the page shows it.

    Parameters
    ----------
    phase
        "files": being chosen; "trying", "storing": at work; "tried": the report is there;
        "stored": done.
    files
        In the order they came.
    lone
        Names of parts of shapefiles whose .shp is missing.
    share, doing
        How far the work is, 0 to 1, and the file or step it is at.
    report
        What the try, or the import, found.
    fault
        Why the last work ended without a report, Chinese and English.
    is_new
        Whether there is no dataset yet.
    there
        Layers the dataset has.
    about
        What was stated of the dataset.
    rules
        Which policy and names were chosen.
    suggested
        Which the places of the files suggest; None = those in force.
    in_force
        Name of the policy in force; None where no one chose it.
    """

    phase: Phase = "files"
    files: tuple[DroppedFile, ...] = ()
    lone: tuple[str, ...] = ()
    share: float = 0.0
    doing: str = ""
    report: ImportReport | None = None
    fault: tuple[str, str] | None = None
    is_new: bool = False
    there: tuple[str, ...] = ()
    about: AboutDataset = field(default_factory=AboutDataset)
    rules: RulesChoice = field(default_factory=RulesChoice)
    suggested: str | None = None
    in_force: str | None = None

    @property
    def effective_rules(self) -> RulesChoice:
        """What was chosen; where nothing was, what the places of the files suggest, or what is in force."""
        kind = self.rules.kind or self.suggested or ("kept" if self.in_force else "baotou")
        return replace(self.rules, kind=next(known for known in KINDS if known == kind))

    @property
    def is_ready(self) -> bool:
        """Whether every file can be imported as it is."""
        return bool(self.files) and all(f.preview.is_ready for f in self.files) and not self.lone

    @property
    def is_busy(self) -> bool:
        """Whether work is going on."""
        return self.phase in ("trying", "storing")


def choose_detail_file(view: ImportView, key: str | None) -> DroppedFile | None:
    """The file a planner chose to see; else the first that needs an answer, else one with a place.

    Parameters
    ----------
    view
        What the wizard shows.
    key
        Of the file chosen; None = none was.
    """
    chosen = [file for file in view.files if file.key == key]
    waiting = [file for file in view.files if not file.preview.is_ready]
    placed = [f for f in view.files if any(one.shapes is not None for one in f.preview.layers)]
    return next(iter((*chosen, *waiting, *placed, *view.files)), None)
