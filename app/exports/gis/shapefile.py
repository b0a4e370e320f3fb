"""A plan as shapefiles in GBK, zipped, with a table of what their ASCII field names mean."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from app.exports.gis.gdal import write_layer, zip_files
from app.exports.gis.layers import Layer, make_layers
from app.exports.request import ExportPart, ExportRequest
from app.i18n import Words

ENCODING = "GBK"
MOST_BYTES = 254
"""Of a text in a shapefile."""


def write_shp(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write one zip with a shapefile of each layer, the table of field names, and what the files are.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    words = request.words
    name = request.file_name(words("export.shp_file"), part, "")
    base = folder / name
    base.mkdir()
    layers = make_layers(request, part)
    for layer in layers:
        if layer.geometry_type is not None:
            path = base / f"{layer.key}.shp"
            write_layer(path, layer.key, _short(layer), "ESRI Shapefile", layer.geometry_type, encoding=ENCODING)
            path.with_suffix(".cpg").write_text(ENCODING, encoding="ascii")
    _write_table(base / f"{words('export_layer.fields')}.csv", _field_table(layers, words))
    _write_table(base / f"{words('export_layer.about')}.csv", layers[-1].table)
    files = {f"{name}/{path.name}": path for path in sorted(base.iterdir())}
    archive = zip_files(folder / f"{name}.zip", files)
    shutil.rmtree(base)
    return (archive,)


def _short(layer: Layer) -> pd.DataFrame:
    """The rows under short names, texts such as GBK holds in the room a shapefile has."""
    texts = [field.key for field in layer.fields if field.kind in ("text", "list")]
    cut = layer.table.assign(**{key: layer.table[key].map(fit_text, na_action="ignore") for key in texts})
    return cut.rename(columns={field.key: field.short for field in layer.fields})


def fit_text(text: str) -> str:
    """A text as a shapefile in GBK holds it: letters GBK lacks become "?", what has no room is cut off.

    Examples
    --------
    >>> fit_text("和平😀小区"), len(fit_text("区" * 200))
    ('和平?小区', 127)
    """
    return text.encode(ENCODING, errors="replace")[:MOST_BYTES].decode(ENCODING, errors="ignore")


def _field_table(layers: tuple[Layer, ...], words: Words) -> pd.DataFrame:
    rows = [
        (f"{layer.key}.shp", layer.title(words), field.short, words(f"export_field.{field.key}"), field.key)
        for layer in layers
        if layer.geometry_type is not None
        for field in layer.fields
    ]
    return pd.DataFrame(rows, columns=[*words("export_layer.fields_heads").split("|")])


def _write_table(path: Path, table: pd.DataFrame) -> None:
    """A table that Excel opens with its letters right."""
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
