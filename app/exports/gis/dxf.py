"""A plan as CAD drawing: outlines of areas and units with texts, in metres of the dataset's CRS."""

from __future__ import annotations

import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ezdxf
import geopandas as gpd
import shapely
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts import Modelspace

from app.exports.gis.layers import make_about
from app.exports.request import ExportPart, ExportRequest

_VERSION = "R2000"
_LETTERS_A_LINE = 80
_AT_A_TIME = threading.Lock()
_STYLE, _FONT = "PIANQU", "simsun.ttc"
_AREA_TEXT_M, _UNIT_TEXT_M, _ABOUT_TEXT_M, _DRAFT_TEXT_M = 20.0, 6.0, 30.0, 300.0
_COLOURS = {"area_outlines": 5, "area_texts": 5, "unit_outlines": 8, "unit_texts": 8, "about": 7}
"""Layers (`export_layer.<key>`) with their colour of the AutoCAD palette."""


def write_dxf(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write one drawing: R2000 in GBK, which CAD programs of offices open, old ones too.

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
    path = folder / request.file_name(words("export.dxf_file"), part, ".dxf")
    with _same_meta_data():
        _draw(request, part).saveas(path)
    return (path,)


def _draw(request: ExportRequest, part: ExportPart) -> Drawing:
    words = request.words
    drawing = ezdxf.new(_VERSION, units=ezdxf.units.M)
    drawing.encoding = "gbk"
    drawing.styles.add(_STYLE, font=_FONT)
    layers = {key: words(f"export_layer.{key}") for key in _COLOURS}
    for key, colour in _COLOURS.items():
        drawing.layers.add(layers[key], color=colour)
    space = drawing.modelspace()
    _add_outlines(space, part.units, layers["unit_outlines"])
    _add_texts(space, part.units, [*part.units["name"]], layers["unit_texts"], _UNIT_TEXT_M)
    _add_outlines(space, part.areas, layers["area_outlines"])
    titles = [f"{row.area_number} {row.name}" for row in part.areas[["area_number", "name"]].itertuples(index=False)]
    _add_texts(space, part.areas, titles, layers["area_texts"], _AREA_TEXT_M)
    _add_about(space, request, part, layers["about"])
    return drawing


@contextmanager
def _same_meta_data() -> Iterator[None]:
    """Times and ids of drawings are the same each time inside the block; one thread at a time."""
    with _AT_A_TIME:
        before = ezdxf.options.write_fixed_meta_data_for_testing
        ezdxf.options.write_fixed_meta_data_for_testing = True
        try:
            yield
        finally:
            ezdxf.options.write_fixed_meta_data_for_testing = before


def _rings(shape: shapely.Geometry) -> Iterator[shapely.Geometry]:
    for polygon in shapely.get_parts(shape):
        if shapely.get_dimensions(polygon) == 2:
            yield from shapely.get_rings(polygon)


def _add_outlines(space: Modelspace, table: gpd.GeoDataFrame, layer: str) -> None:
    for shape in table.geometry.dropna():
        for ring in _rings(shape):
            space.add_lwpolyline(shapely.get_coordinates(ring)[:-1], close=True, dxfattribs={"layer": layer})


def _add_texts(space: Modelspace, table: gpd.GeoDataFrame, texts: list[str], layer: str, height_m: float) -> None:
    for shape, text in zip(table.geometry, texts, strict=True):
        if shape is None or not isinstance(text, str) or shape.is_empty:
            continue
        place = shapely.point_on_surface(shape)
        _add_text(space, text, (place.x, place.y), layer, height_m, TextEntityAlignment.MIDDLE_CENTER)


def _add_about(space: Modelspace, request: ExportRequest, part: ExportPart, layer: str) -> None:
    """What the drawing is, below it."""
    west, south, _, _ = part.units.total_bounds if part.units.geometry.notna().any() else (0.0, 0.0, 0.0, 0.0)
    rows = [f"{item}: {value}" for item, value in make_about(request).itertuples(index=False)]
    if request.is_draft:  # readable where the whole drawing is seen
        _add_text(
            space,
            request.marks["draft"],
            (west, south - _DRAFT_TEXT_M),
            layer,
            _DRAFT_TEXT_M,
            TextEntityAlignment.TOP_RIGHT,
        )
    lines = [line for row in rows for line in textwrap.wrap(row, _LETTERS_A_LINE)]
    for number, text in enumerate(lines, 2):
        at = (west, south - number * 2 * _ABOUT_TEXT_M)
        _add_text(space, text, at, layer, _ABOUT_TEXT_M, TextEntityAlignment.LEFT)


def _add_text(
    space: Modelspace, text: str, at: tuple[float, float], layer: str, height_m: float, align: TextEntityAlignment
) -> None:
    line = " ".join(text.split())
    attributes = {"layer": layer, "style": _STYLE}
    space.add_text(line, height=height_m, dxfattribs=attributes).set_placement(at, align=align)
