"""Layers written by GDAL, the same bytes for the same layers."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio

PINNED_TIME = "2000-01-01T00:00:00.000Z"
"""The time written where a format wants one: the same plan gives the same bytes."""

_OPTIONS = {"OGR_CURRENT_DATE": PINNED_TIME, "OPENFILEGDB_REPRODUCIBLE_UUID": "YES"}
_AT_A_TIME = threading.Lock()
_SAME_TIME = (1980, 1, 1, 0, 0, 0)


def write_layer(
    path: Path, name: str, table: pd.DataFrame, driver: str, geometry_type: str | None, **options: Any
) -> None:
    """Add a layer to a file.

    Parameters
    ----------
    path
        The file, or the folder of a geodatabase; made with its first layer.
    name
        Of the layer.
    table
        Its rows; a GeoDataFrame where it has geometry.
    driver
        Of GDAL.
    geometry_type
        Of GDAL; None without geometry.
    **options
        Of the driver.
    """
    has_geometry = geometry_type is not None
    with pin_times():
        pyogrio.write_dataframe(
            table,
            path,
            layer=name,
            driver=driver,
            append=path.exists(),
            geometry_type=geometry_type,
            promote_to_multi=geometry_type == "MultiPolygon" if has_geometry else None,
            **options,
        )


@contextmanager
def pin_times() -> Iterator[None]:
    """GDAL writes the same times and ids each time inside the block; one thread at a time."""
    with _AT_A_TIME:
        before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
        pyogrio.set_gdal_config_options(_OPTIONS)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def zip_files(archive: Path, files: Mapping[str, Path]) -> Path:
    """Files in an archive, the same bytes for the same files.

    Parameters
    ----------
    archive
        The archive.
    files
        By their names in it, in this order.

    Returns
    -------
    Path of the archive.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name, _SAME_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, path.read_bytes())
    return archive
