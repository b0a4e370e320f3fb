"""Text columns and geometries of a frame that may lack them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

UNNAMED_COMMUNITY = "未命名小区"
"""How the names of communities begin that have a shape and no name."""

Shapes = npt.NDArray[np.object_]


def text_value(frame: pd.DataFrame, column: str, position: int) -> str | None:
    """One text value; None where it is missing.

    Parameters
    ----------
    frame
        n rows.
    column
        Its name.
    position
        Of the row.
    """
    if column not in frame:
        return None
    value = frame[column].iloc[position]
    return value if isinstance(value, str) else None


def text_column(frame: pd.DataFrame, column: str) -> pd.Series:
    """(n,) a column as objects, None where it is missing or there is none.

    Parameters
    ----------
    frame
        n rows.
    column
        Its name.
    """
    if column not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    return frame[column].astype(object).where(frame[column].notna(), None)


def geometries(frame: pd.DataFrame) -> Shapes:
    """(n,) geometries, None where there is none; a copy."""
    if "geometry" not in frame:
        return np.full(len(frame), None, dtype=object)
    shapes = np.array(frame["geometry"].to_numpy(dtype=object), dtype=object)
    shapes[pd.isna(shapes)] = None
    return shapes


def centroids(frame: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """X and y (n,) of the centroids, NaN where there is no geometry."""
    centre = shapely.centroid(geometries(frame))
    return shapely.get_x(centre), shapely.get_y(centre)
