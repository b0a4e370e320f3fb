"""What every reader returns: the source's own columns and values, and where each row stood."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding


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
    """

    file: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    sheet: str | None = None
    sheets: npt.NDArray[np.object_] | None = None
    encoding: str | None = None
    crs_stated: bool = False
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_map(self) -> bool:
        """Whether the rows carry geometries of their own."""
        return "geometry" in self.frame.columns and hasattr(self.frame, "crs")
