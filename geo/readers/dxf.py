"""DXF drawings: closed outlines with the label that stands in them."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from geo.errors import UnreadableFileError
from geo.findings import Finding
from geo.messages import join_names, load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.text import choose_encoding, wrong_encoding_error
from geo.readers.vector import drop_empty_layers, make_raw_layer, read_layers, wrong_format_error

say = load_catalogue(__file__)

_UNITS_M = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 14: 0.1}
"""$INSUNITS: inches, feet, millimetres, centimetres, metres, kilometres, decimetres."""
_NORTHING = (1.8e6, 6.0e6)
"""Northings in China, metres."""
_NAME = re.compile(r"小区|社区|花园|家园|苑|园|里|坊|村|公寓|大厦|广场|城|庭|府|院|宿舍|栋|楼")


def read_dxf(path: Path, *, encoding: str | None = None, file: str | None = None) -> tuple[RawLayer, ...]:
    """Read a DXF drawing: its closed outlines, or where there is none its lines, else its labels.

    A drawing states no CRS; the layer has none and the import asks for it. Where northings fit
    China only after conversion from the drawing's unit to metres, they are converted.

    Parameters
    ----------
    path
        An ASCII .dxf.
    encoding
        Of its text; by default UTF-8, then GB18030.
    file
        Name to report instead of the path's own.

    Returns
    -------
    One layer with the columns 名称 (the label in the outline, or missing) and CAD图层.

    Raises
    ------
    UnreadableFileError
        If it is damaged, binary, or not DXF.
    EmptyLayerError
        If nothing is drawn.
    """
    file = file or path.name
    data = path.read_bytes()
    used = _detect_encoding(data, file, encoding)
    drawn = _read_entities(path, file, used)
    drawn, found = _convert_to_metres(drawn, data, file)
    kind = shapely.get_type_id(drawn.geometry.to_numpy())
    is_label = (kind == 0) & drawn["Text"].notna().to_numpy()
    is_area = np.isin(kind, (3, 6))
    labels = drawn[is_label]
    if is_area.any():
        shapes, names, noticed = _assign_labels(drawn[is_area], labels, file)
        n_lines = int((np.isin(kind, (1, 5))).sum())
        found += [*noticed, *_left_out_findings(n_lines, file)]
    else:
        shapes = drawn[np.isin(kind, (1, 5))]
        if len(shapes):
            names = [None] * len(shapes)
        else:
            shapes = labels
            names = [_clean_label(str(text)) for text in labels["Text"]]
    frame = gpd.GeoDataFrame(
        {"名称": pd.Series(names, dtype="str"), "CAD图层": shapes["Layer"].to_numpy()},
        geometry=shapely.force_2d(shapes.geometry.to_numpy()),
    )
    frame.attrs["broken"] = []
    return drop_empty_layers([make_raw_layer(frame, file, encoding=used, findings=tuple(found))], file)


def _detect_encoding(data: bytes, file: str, encoding: str | None) -> str:
    """The encoding of a drawing that is one; the code page in its head is wrong as often as not."""
    if data.startswith(b"AutoCAD Binary DXF"):
        raise UnreadableFileError(*say("cad.binary", file=file))
    if data.startswith(b"AC10"):
        raise UnreadableFileError(*say("cad.dwg", file=file))
    if not re.match(rb"(\xef\xbb\xbf)?\s*(999\s*\n.*\n\s*)*0\s*\r?\n\s*SECTION", data[:2000]):
        raise wrong_format_error(file, ".dxf")
    if b"EOF" not in data[-200:]:
        raise UnreadableFileError(*say("cad.cut_short", file=file))
    samples = [line for line in data.splitlines() if not line.isascii()]
    chosen = encoding or choose_encoding(samples, None)
    try:
        data.decode(chosen)
    except (UnicodeDecodeError, LookupError) as error:
        raise wrong_encoding_error(file, chosen) from error
    return chosen


def _read_entities(path: Path, file: str, encoding: str) -> gpd.GeoDataFrame:
    """What is drawn in model space; closed polylines as polygons."""
    name = {"utf-8": "UTF-8", "gb18030": "CP936"}.get(encoding, encoding)
    options = {"DXF_ENCODING": name, "DXF_CLOSED_LINE_AS_POLYGON": True}
    pyogrio.set_gdal_config_options(options)
    try:
        layers = [frame for _, frame in read_layers(str(path.resolve()), file)]
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(options))
    frame = layers[0] if layers else gpd.GeoDataFrame({"Layer": [], "Text": []}, geometry=[])
    if "PaperSpace" in frame:
        frame = frame[~frame["PaperSpace"].isin([True])]
    shapes = frame.geometry.to_numpy()
    return frame[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)].reset_index(drop=True)


def _convert_to_metres(drawn: gpd.GeoDataFrame, data: bytes, file: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Coordinates in metres, by the unit in the head where the coordinates agree with it."""
    if drawn.empty:
        return drawn, []
    stated = re.search(rb"\$INSUNITS\s+70\s+(\d+)", data[:100_000])
    factor = _UNITS_M.get(int(stated.group(1)), 1.0) if stated else 1.0
    y = shapely.bounds(drawn.geometry.to_numpy())[:, 1]
    middle = float(np.median(np.abs(y)))
    fits = {f: _NORTHING[0] < middle * f < _NORTHING[1] for f in (1.0, factor)}
    if fits[1.0]:
        return drawn, []
    if not fits[factor]:
        return drawn, [
            Finding("warning", "cad.local_coordinates", *say("cad.local_coordinates"), file=file, value=f"{middle:.0f}")
        ]
    scaled = shapely.transform(drawn.geometry.to_numpy(), lambda xy: xy * factor)
    return drawn.set_geometry(gpd.GeoSeries(scaled, drawn.index)), [
        Finding("info", "cad.units_converted", *say("cad.units_converted", factor=factor), file=file)
    ]


def _assign_labels(
    areas: gpd.GeoDataFrame, labels: gpd.GeoDataFrame, file: str
) -> tuple[gpd.GeoDataFrame, list[str | None], list[Finding]]:
    """Each outline with the best of the labels for which it is the smallest around."""
    areas = areas.reset_index(drop=True)
    shapes = areas.geometry.to_numpy()
    inside: list[list[str]] = [[] for _ in shapes]
    n_outside = 0
    order = np.argsort(shapely.area(shapes), kind="stable")
    for text, home in zip(labels["Text"], _find_enclosing(shapes[order], labels), strict=True):
        name = _clean_label(str(text))
        if home < 0:
            n_outside += 1
        elif name is not None:
            inside[order[home]].append(name)
    names = [_choose_label(texts) for texts in inside]
    several = [i for i, texts in enumerate(inside) if len({t for t in texts if _looks_like_name(t)}) > 1]
    return areas, names, _label_findings(inside, several, n_outside, file)


def _find_enclosing(shapes: npt.NDArray[np.object_], labels: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """For each label the position of the first (smallest) outline around it; -1 for none."""
    homes = np.full(len(labels), -1, dtype=np.int64)
    points = shapely.force_2d(labels.geometry.to_numpy())
    at, around = shapely.STRtree(shapes).query(points, predicate="intersects")
    for label, outline in zip(at, around, strict=True):
        if homes[label] < 0 or outline < homes[label]:
            homes[label] = outline
    return homes


def _clean_label(text: str) -> str | None:
    """The line of a label that reads most like a name."""
    lines = [re.sub(r"\s+", "", line) for line in re.split(r"\\P|\n", text)]
    return _choose_label([line for line in lines if line])


def _looks_like_name(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]{2}", text) is not None


def _choose_label(texts: list[str]) -> str | None:
    """Names before other text, those ending like a community's before others, then the longest."""
    ranked = sorted(texts, key=lambda t: (_looks_like_name(t), _NAME.search(t) is not None, len(t)), reverse=True)
    return ranked[0] if ranked else None


def _label_findings(inside: list[list[str]], several: list[int], n_outside: int, file: str) -> list[Finding]:
    found = [
        Finding(
            "warning",
            "cad.several_labels",
            *say("cad.several_labels", labels=join_names(dict.fromkeys(inside[i])), chosen=_choose_label(inside[i])),
            file=file,
            row=i + 1,
        )
        for i in several[:20]
    ]
    n_bare = sum(not texts for texts in inside)
    if n_bare or n_outside:
        found.append(
            Finding(
                "info",
                "cad.labels_unjoined",
                *say("cad.labels_unjoined", n_bare=n_bare, n_outside=n_outside),
                file=file,
            )
        )
    return found


def _left_out_findings(n_lines: int, file: str) -> list[Finding]:
    if not n_lines:
        return []
    return [Finding("info", "cad.open_lines", *say("cad.open_lines", n_lines=n_lines), file=file)]
