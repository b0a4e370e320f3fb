"""A plan as File Geodatabase for ArcGIS, zipped: its folder is to be unpacked."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.exports.gis.gdal import write_layer, zip_files
from app.exports.gis.layers import make_layers
from app.exports.request import ExportPart, ExportRequest


def write_gdb(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write one zipped geodatabase; layers and fields have ASCII names, layers a title in the reader's language.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    name = request.file_name(request.words("export.gdb_file"), part, "")
    base = folder / f"{name}.gdb"
    for layer in make_layers(request, part):
        options = {"LAYER_ALIAS": layer.title(request.words)}
        write_layer(base, layer.key, layer.table, "OpenFileGDB", layer.geometry_type, layer_options=options)
    files = {f"{base.name}/{path.name}": path for path in sorted(base.iterdir())}
    archive = zip_files(folder / f"{name}.zip", files)
    shutil.rmtree(base)
    return (archive,)
