"""What every reader returns: the source's own columns and values, and where each row stood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding

UNNAMED = re.compile(r"列#\d+")
"""What columns without a header are called."""


@dataclass(frozen=True, eq=False)
class RawLayer:
    """One table or map layer as it stands in a file, before anything is interpreted.

    Parameters
    ----------
    file
        Bare file name.
    sheet
        Name of the layer inside the file (GPKG, KML); None for tables and single layers.
    frame
        n rows with the source's columns; values are text, numbers, dates or missing. A
        GeoDataFrame (column "geometry") for map layers, in the CRS the file states, if any.
    rows
        (n,) row numbers as the reader of the source counts them, 1-based.
    sheets
        (n,) sheet of each row; None where there are no sheets.
    encoding
        How text was decoded; None where the format leaves no choice.
    crs_stated
        True where the file itself names its CRS, False where the format implies one.
    findings
        What was noticed while reading.
    shifted
        (n,) rows that have more cells than the header: their values stand in wrong columns. None
        where there are none.
    layer
        What the other sheets of the book are, where the headers of these do not tell.
    is_part
        Whether the file has other tables next to this one.
    titles
        (sheet, text above its header) of the sheets that have any.
    headings
        (n,) lines that stand alone in the table right above a row ("一、前进道街道"), joined by line
        ends; "" where there are none. None where no row has any.
    """

    file: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    sheet: str | None = None
    sheets: npt.NDArray[np.object_] | None = None
    encoding: str | None = None
    crs_stated: bool = False
    findings: tuple[Finding, ...] = field(default=())
    shifted: npt.NDArray[np.bool_] | None = None
    layer: str | None = None
    is_part: bool = False
    titles: tuple[tuple[str | None, str], ...] = ()
    headings: npt.NDArray[np.object_] | None = None

    @property
    def is_map(self) -> bool:
        """Whether the rows carry geometries of their own."""
        return "geometry" in self.frame.columns and hasattr(self.frame, "crs")

    def split_shifted(self) -> tuple[RawLayer, RawLayer]:
        """The rows that stand in their columns, and the shifted ones."""
        shifted = self.shifted if self.shifted is not None else np.zeros(len(self.rows), dtype=bool)
        kept, others = self._select(~shifted), self._select(shifted)
        if not shifted.any():
            return self, others
        beyond = [c for c in kept.frame if UNNAMED.fullmatch(str(c)) and kept.frame[c].isna().all()]
        return replace(kept, frame=kept.frame.drop(columns=beyond)), others

    def _select(self, kept: npt.NDArray[np.bool_]) -> RawLayer:
        return replace(
            self,
            frame=self.frame[kept].reset_index(drop=True),
            rows=self.rows[kept],
            sheets=None if self.sheets is None else self.sheets[kept],
            shifted=None if self.shifted is None else self.shifted[kept],
            headings=None if self.headings is None else self.headings[kept],
        )
