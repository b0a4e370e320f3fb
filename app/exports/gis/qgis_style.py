"""Styles of QGIS (QML) for the layers of a plan: quiet outlines of areas, units by their role, dotted lines."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from analysis.bundling.document.roles import ROLE_NAMES
from app.exports.gis.layers import Layer
from app.i18n import Words

_ROLE_FILLS = {
    "anchor": "18,63,102,255",
    "absorbed": "86,156,208,255",
    "unled": "255,255,255,255",
    "companion": "86,156,208,140",
    "member": "205,223,236,255",
    "left_over": "230,159,120,255",
    "out_of_scope": "225,225,225,255",
}
_ROLE_EDGES = {"unled": "179,64,28,255", "left_over": "179,64,28,255", "out_of_scope": "170,170,170,255"}
_EDGE = "60,90,115,255"
_NO_FILL = "0,0,0,0"
_CLOSES_M, _LEAVES_M = 30, 8
_NAMES_TO, _UNITS_TO = 12_000, 6_000
"""1:N down to which areas are labelled with their names beside their numbers, and units at all."""
_ROOM_MM = 3
"""Of a unit on the picture: a smaller one has no label."""


def make_style(layer: Layer, words: Words) -> str:
    """QML of a layer, with titles of its columns in the reader's language.

    Parameters
    ----------
    layer
        Areas, units or lines of who leads whom.
    words
        Texts in the reader's language.
    """
    root = ET.Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling|Fields", labelsEnabled="1")
    if layer.key == "areas":
        _renderer(root, "singleSymbol", [_area_symbol()])
        text = f"if(@map_scale <= {_NAMES_TO}, to_string(area_number) || ' ' || name, to_string(area_number))"
        _labels(root, text, "9", "18,63,102,255", priority=10)
    elif layer.key == "units":
        roles = [_fill(fill, _ROLE_EDGES.get(role, _EDGE), "0.15") for role, fill in _ROLE_FILLS.items()]
        names = {role: words.pick(name.zh, name.en) for role, name in ROLE_NAMES.items()}
        _renderer(root, "categorizedSymbol", roles, {role: names[role] for role in _ROLE_FILLS})
        _labels(root, "if(role = 'anchor', '★ ' || name, name)", "6", "70,70,70,255", priority=2, to_scale=_UNITS_TO)
    else:
        _renderer(root, "singleSymbol", [_line()])
        root.set("labelsEnabled", "0")
    aliases = ET.SubElement(root, "aliases")
    for number, field in enumerate(layer.fields, 1):
        title = words(f"export_field.{field.key}")
        ET.SubElement(aliases, "alias", index=str(number), field=field.key, name=title)
    return ET.tostring(root, encoding="unicode")


def _renderer(
    root: ET.Element, kind: str, symbols: list[ET.Element], categories: Mapping[str, str] | None = None
) -> None:
    renderer = ET.SubElement(root, "renderer-v2", type=kind, enableorderby="0", symbollevels="0")
    if categories is not None:
        renderer.set("attr", "role")
        listed = ET.SubElement(renderer, "categories")
        for number, (value, label) in enumerate(categories.items()):
            ET.SubElement(
                listed, "category", symbol=str(number), value=value, label=label, render="true", type="string"
            )
    own = ET.SubElement(renderer, "symbols")
    for number, symbol in enumerate(symbols):
        symbol.set("name", str(number))
        own.append(symbol)


def _area_symbol() -> ET.Element:
    """One outline around all units of an area: lanes narrower than twice `_CLOSES_M` are closed for the eye."""
    options = {
        "SymbolType": "Fill",
        "geometryModifier": f"buffer(buffer($geometry, {_CLOSES_M}), {_LEAVES_M - _CLOSES_M})",
        "units": "MapUnit",
    }
    symbol = _symbol("fill", "GeometryGenerator", options)
    inner = _fill(_NO_FILL, "18,63,102,255", "0.6")
    inner.set("name", "@0@0")
    symbol[0].append(inner)
    return symbol


def _fill(fill: str, edge: str, width: str) -> ET.Element:
    style = "no" if fill == _NO_FILL else "solid"
    options = {
        "color": fill,
        "style": style,
        "outline_color": edge,
        "outline_style": "solid",
        "outline_width": width,
        "outline_width_unit": "MM",
    }
    return _symbol("fill", "SimpleFill", options)


def _line() -> ET.Element:
    return _symbol("line", "SimpleLine", {"line_color": "18,63,102,255", "line_style": "dot", "line_width": "0.35"})


def _symbol(kind: str, layer: str, options: Mapping[str, str]) -> ET.Element:
    symbol = ET.Element("symbol", type=kind, alpha="1", force_rhr="0", clip_to_extent="1")
    drawn = ET.SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    _options(drawn, options)
    return symbol


def _options(parent: ET.Element, options: Mapping[str, str]) -> None:
    own = ET.SubElement(parent, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(own, "Option", name=name, type="QString", value=value)


def _labels(
    root: ET.Element, expression: str, size: str, colour: str, *, priority: int, to_scale: int | None = None
) -> None:
    """Labels inside their shapes; of two that meet, the one of lower priority is left out."""
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings,
        "text-style",
        fieldName=expression,
        isExpression="1",
        fontFamily="Noto Sans CJK SC",
        fontSize=size,
        fontSizeUnit="Point",
        textColor=colour,
        namedStyle="Regular",
        fontWeight="50",
    )
    ET.SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
        bufferNoFill="0",
    )
    ET.SubElement(
        settings,
        "placement",
        placement="1",
        centroidWhole="1",
        centroidInside="1",
        layerType="PolygonGeometry",
        priority=f"{priority}",
        overlapHandling="PreventOverlap",
    )
    shown = {"scaleVisibility": "0" if to_scale is None else "1", "obstacle": "0"}
    if to_scale is not None:
        shown |= {"scaleMin": "1", "scaleMax": f"{to_scale}", "minFeatureSize": f"{_ROOM_MM}", "limitNumLabels": "0"}
    ET.SubElement(settings, "rendering", shown)
