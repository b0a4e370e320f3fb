"""A plan as GeoPackage: layers named in the reader's language, opened styled by QGIS."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from app.exports.gis.gdal import PINNED_TIME, write_layer
from app.exports.gis.layers import Layer, make_layers
from app.exports.gis.qgis_style import make_style
from app.exports.request import ExportPart, ExportRequest
from app.i18n import Words


def write_gpkg(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write one GeoPackage with areas, units, who leads whom, and what the file is.

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
    path = folder / request.file_name(words("export.gpkg_file"), part, ".gpkg")
    layers = make_layers(request, part)
    for layer in layers:
        write_layer(path, layer.title(words), layer.table, "GPKG", layer.geometry_type)
    _add_styles(path, layers, words)
    return (path,)


def _add_styles(path: Path, layers: tuple[Layer, ...], words: Words) -> None:
    """The table `layer_styles` that QGIS reads, and titles of columns as the GeoPackage schema extension has them."""
    styled = [layer for layer in layers if layer.geometry_type]
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_STYLES)
        base.execute(_COLUMNS)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)",
            (PINNED_TIME,),
        )
        base.executemany(
            "INSERT INTO layer_styles VALUES (?, '', '', ?, 'geom', ?, ?, '', 1, '', '', '', ?)",
            [
                (number, layer.title(words), layer.title(words), make_style(layer, words), PINNED_TIME)
                for number, layer in enumerate(styled, 1)
            ],
        )
        base.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)",
            [
                (layer.title(words), field.key, field.key, words(f"export_field.{field.key}"))
                for layer in styled
                for field in layer.fields
            ],
        )
        base.executemany(
            "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) "
            "VALUES (?, NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write')",
            [("gpkg_data_columns",)],
        )


_STYLES = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
 f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
 useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""
_COLUMNS = """
CREATE TABLE gpkg_data_columns (
 table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
 constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""
