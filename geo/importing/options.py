"""What an import is asked for, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geo.datum import Datum
from geo.findings import Finding
from geo.georeferencing.georeference import CoordinateOptions
from geo.prepared.prepared_layer import DatumShift, SourceTable
from geo.sandbox.processes import ReadLimits
from geo.storage.dataset import Dataset
from geo.tables.mappings import SavedMapping


@dataclass(frozen=True)
class ImportOptions:
    """How files are to be read.

    Parameters
    ----------
    layer
        The layer all files are; None to recognise each by its columns.
    layers_of
        Pairs (name of a layer or sheet inside the file, or of the file; layer), above `layer`.
    datum
        What coordinates in degrees are on, for files that do not say so themselves.
    datum_is_own
        A person stated `datum` of this very file: it stands above what its name, headers and CRS say.
    crs
        CRS of x/y columns, or of map files that state none or a wrong one; "EPSG:4546".
    encoding
        Of text, where the format does not fix it.
    metric_crs
        CRS of a new dataset; None to choose it by place.
    replace
        Replace the layers instead of adding to them.
    strict
        Store nothing when any value or row was unusable.
    name, demo, data_date
        Of the dataset; None and False leave what is there.
    kind
        Kind of all barriers or crossings in files without a column that says so.
    mappings
        Which column is what, where the planner says so: one for each layer of the file that needs
        it; the others go by their headers.
    limits
        What reading one file may cost.
    """

    layer: str | None = None
    layers_of: tuple[tuple[str, str], ...] = ()
    datum: Datum | None = None
    datum_is_own: bool = False
    crs: str | None = None
    encoding: str | None = None
    metric_crs: str | None = None
    replace: bool = False
    strict: bool = False
    name: str | None = None
    demo: bool = False
    data_date: str | None = None
    kind: str | None = None
    mappings: tuple[SavedMapping, ...] = ()
    limits: ReadLimits = field(default_factory=ReadLimits)

    @property
    def coordinates(self) -> CoordinateOptions:
        """What is stated of the coordinates."""
        return CoordinateOptions(self.crs, self.datum, self.datum_is_own)


@dataclass(frozen=True)
class ImportFile:
    """One of several files of an import that are read in different ways.

    Parameters
    ----------
    path
        The file.
    options
        How it is read; `replace` is its layer's.
    """

    path: Path
    options: ImportOptions


OnProgress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and the name of the file or step at work."""


@dataclass(frozen=True, eq=False)
class ImportReport:
    """What came of an import.

    Parameters
    ----------
    dataset
        The dataset as it is now; None when nothing was stored (strict).
    rows, stored
        Rows read and rows used, by layer.
    findings
        Everything wrong or doubtful, of all files together.
    rejected
        The source rows that could not be used: file, layer, sheet, row, reason_zh, reason_en, then
        the source's own columns. Personal columns are left out.
    sources
        All rows as they were, by file and layer.
    shifts
        Files that lie next to the dataset by what a wrong datum would do: file, layer, how.
    """

    dataset: Dataset | None
    rows: Mapping[str, int]
    stored: Mapping[str, int]
    findings: tuple[Finding, ...]
    rejected: pd.DataFrame
    sources: tuple[SourceTable, ...] = ()
    shifts: tuple[tuple[str, str, DatumShift], ...] = ()
