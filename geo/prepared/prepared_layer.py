"""The rows of one source layer in the fields of a dataset layer, and the record of what was noticed in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.datum import Datum
from geo.findings import Finding
from geo.pii import remove_pii
from geo.readers import RawLayer
from geo.tables.mappings import SavedMapping


@dataclass(frozen=True, eq=False)
class SourceTable:
    """The rows of one file as they were, to show a planner where a finding is.

    Parameters
    ----------
    file, layer
        Bare file name; the dataset layer it was read as.
    frame
        n rows with the source's columns, without geometry and personal columns.
    rows, sheets
        (n,) where each row stood; sheets None where there are none.
    """

    file: str
    layer: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    sheets: npt.NDArray[np.object_] | None = None


@dataclass(frozen=True)
class DatumShift:
    """A layer lies next to a reference by what a wrong datum would do.

    Parameters
    ----------
    reference
        Name of the layer it was compared with.
    datum
        What the coordinates most likely are on; None where they were converted once too often.
    converted
        The shift taken out too often ("gcj02" or "bd09") where `datum` is None.
    east_m, north_m
        Measured: how far the layer lies east and north of its place, metres.
    expected_east_m, expected_north_m
        What the datum would do at this place, metres.
    misfit, misfit_after
        Mean misfit to the reference before and after undoing it, fractions in [0, 1].
    n_points
        Number of places compared.
    """

    reference: str
    datum: Datum | None
    converted: Datum | None
    east_m: float
    north_m: float
    expected_east_m: float
    expected_north_m: float
    misfit: float
    misfit_after: float
    n_points: int


@dataclass(frozen=True, eq=False)
class PreparedLayer:
    """The rows of one source layer, in the fields of a dataset layer.

    Parameters
    ----------
    file, layer
        Bare file name; name of the dataset layer.
    frame
        n rows: fields of the layer and helping fields (`geo.tables.headers.ColumnMatch`), object dtype;
        "geometry" for map layers and, once placed, for every layer with a place.
    source
        The same n rows as the file has them, without geometry and personal columns.
    rows, sheets
        (n,) where each row stood; sheets None where there are none.
    encoding, datum
        How text and coordinates were read; None where that was no question.
    findings, rejected
        What was noticed, and the rows that could not be used.
    mapping, original
        Which column was what, and all rows as they were.
    joins
        How rows found the unit they speak of: frames of the layer `joins`.
    titles
        (sheet, text above its header).
    shift
        How they lie next to what is there, where a wrong datum explains it.
    """

    file: str
    layer: str
    frame: pd.DataFrame
    source: pd.DataFrame
    rows: npt.NDArray[np.int64]
    sheets: npt.NDArray[np.object_] | None
    encoding: str | None = None
    datum: str | None = None
    findings: tuple[Finding, ...] = ()
    rejected: tuple[pd.DataFrame, ...] = ()
    mapping: SavedMapping | None = None
    original: SourceTable | None = None
    joins: tuple[pd.DataFrame, ...] = ()
    titles: tuple[tuple[str | None, str], ...] = ()
    shift: DatumShift | None = None

    def found(self, *findings: Finding) -> PreparedLayer:
        """The same with more findings."""
        return replace(self, findings=(*self.findings, *findings))

    def finding(self, severity: Any, rule: str, zh: str, en: str, **where: Any) -> Finding:
        """A finding about this file; `position` names a row of the frame.

        Parameters
        ----------
        severity
            "error", "warning" or "info".
        rule
            Id of the rule.
        zh, en
            The sentence in both languages.
        **where
            Row, column and value; `position` for the row's place in the frame.
        """
        position = where.pop("position", None)
        if position is not None:
            where["row"] = int(self.rows[position])
            if self.sheets is not None:
                where["sheet"] = self.sheets[position]
        return Finding(severity, rule, zh, en, file=self.file, layer=self.layer, **where)

    def without(self, bad: npt.NDArray[np.bool_], rule: str, zh: str, en: str) -> PreparedLayer:
        """The same without the rows marked (n,), which go to `rejected` with the reason.

        Parameters
        ----------
        bad
            (n,) rows that go.
        rule
            Id of the rule they break.
        zh, en
            Why, in both languages.
        """
        if not bad.any():
            return self
        found = [self.finding("error", rule, zh, en, position=p) for p in np.flatnonzero(bad)]
        sheets = self.sheets[bad] if self.sheets is not None else None
        rejected = self._rejected(self.source[bad], self.rows[bad], sheets, zh, en)
        keep = ~bad
        return replace(
            self,
            frame=self.frame[keep].reset_index(drop=True),
            source=self.source[keep].reset_index(drop=True),
            rows=self.rows[keep],
            sheets=None if self.sheets is None else self.sheets[keep],
            findings=(*self.findings, *found),
            rejected=(*self.rejected, rejected),
        )

    def without_shifted(self, raw: RawLayer, *, has_persons: bool) -> PreparedLayer:
        """The same with the shifted rows of a table told, and rejected with the reason.

        Parameters
        ----------
        raw
            Those rows only.
        has_persons
            Whether the table has columns about persons: then the cells are left out, for which of
            them is about whom cannot be known.
        """
        if not len(raw.rows):
            return self
        zh = "这一行比表头多出几格, 可能是值里的逗号没有加引号, 各列已错位, 没有采用; 请改正后重新导入。"
        en = (
            "This row has more cells than the header, as when a comma inside a value is not quoted; "
            "its columns are shifted and it was not used. Correct it and import again."
        )
        cells = raw.frame[[]] if has_persons else raw.frame
        found = [
            Finding(
                "error",
                "table.row_too_long",
                zh,
                en,
                file=self.file,
                layer=self.layer,
                row=int(row),
                sheet=None if raw.sheets is None else raw.sheets[i],
            )
            for i, row in enumerate(raw.rows)
        ]
        rejected = self._rejected(cells, raw.rows, raw.sheets, zh, en)
        return replace(self, findings=(*self.findings, *found), rejected=(*self.rejected, rejected))

    def _rejected(
        self, cells: pd.DataFrame, rows: npt.NDArray[np.int64], sheets: npt.NDArray[np.object_] | None, zh: str, en: str
    ) -> pd.DataFrame:
        """Rows for `rejected`: where each stood, why it was not used, its cells without persons."""
        table = cells.map(lambda c: remove_pii(c) if isinstance(c, str) else c)
        where = {"file": self.file, "layer": self.layer, "sheet": sheets, "row": rows, "reason_zh": zh, "reason_en": en}
        table = table.rename(columns={c: f"{c} (source)" for c in where if c in table})
        for place, (name, value) in enumerate(where.items()):
            table.insert(place, name, value)
        return table
