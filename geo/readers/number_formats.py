"""Number formats of Excel cells: the per cent sign or unit they show behind a number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping

from defusedxml import ElementTree

from geo.values.quantities import SQUARE_METRES

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PERCENT = (9, 10)
_UNITS = frozenset({*SQUARE_METRES, "万", "千", "亿", "元", "万户", "千户"}) - {""}

CellSuffixes = Mapping[str, Mapping[tuple[int, int], str]]
"""By sheet name: what stands behind the number of a cell (row, column from 0): "%" or a unit."""


def read_cell_suffixes(archive: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    """The cells of a .xlsx whose number format shows a per cent sign or a unit.

    Examples
    --------
    >>> parse_number_format("0.0%"), parse_number_format('0.00"万㎡"'), parse_number_format("#,##0.00")
    ('%', '万㎡', '')
    """
    try:
        styles = _read_style_suffixes(archive.read("xl/styles.xml"))
        if not styles:
            return {}
        parts = _sheet_parts(archive)
    except (KeyError, ElementTree.ParseError):
        return {}
    found = {}
    for name, part in parts.items():
        if part in archive.namelist():
            marked = _find_suffixed_cells(archive.read(part), styles)
            if marked:
                found[name] = marked
    return found


def parse_number_format(code: str) -> str:
    """What a number format puts behind a number: "%", a unit, or nothing.

    A format that scales what it shows ("0,", "0!.0,") shows another number: its unit is not the value's.
    """
    first = code.split(";")[0]
    literals = re.findall(r'"([^"]*)"', first)
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", first)
    if "%" in bare:
        return "%"
    if "!." in first or re.search(r"[0#?],+(?![0#?])", bare):
        return ""
    literals += [part for part in re.findall(r"[^\x00-\x7f]+\d?", bare) if part]
    for literal in literals:
        if literal.strip().lower() in _UNITS:
            return literal.strip()
    return ""


def _read_style_suffixes(xml: bytes) -> dict[str, str]:
    """Marks by number of the cell style, of styles that have one."""
    root = ElementTree.fromstring(xml)
    codes = {int(one.get("numFmtId", "0")): one.get("formatCode", "") for one in root.iter(f"{_MAIN}numFmt")}
    found = {}
    styles = root.find(f"{_MAIN}cellXfs")
    for number, style in enumerate(styles if styles is not None else ()):
        kind = int(style.get("numFmtId", "0"))
        mark = "%" if kind in _PERCENT else parse_number_format(codes.get(kind, ""))
        if mark:
            found[str(number)] = mark
    return found


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Parts of the archive by name of the sheet."""
    links = {
        link.get("Id"): link.get("Target", "")
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    parts = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        target = links.get(sheet.get(f"{_REL}id"), "")
        parts[sheet.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return parts


def _find_suffixed_cells(xml: bytes, styles: Mapping[str, str]) -> dict[tuple[int, int], str]:
    """Marked cells by place; only the opening tags of cells are looked at."""
    found = {}
    for tag in _CELL.findall(xml):
        attributes = dict(_ATTRIBUTE.findall(tag))
        mark = styles.get(attributes.get(b"s", b"").decode())
        place = re.fullmatch(rb"([A-Z]+)(\d+)", attributes.get(b"r", b""))
        if mark and place and attributes.get(b"t", b"n") == b"n":
            column = 0
            for letter in place.group(1):
                column = column * 26 + letter - 64
            found[int(place.group(2)) - 1, column - 1] = mark
    return found


_CELL = re.compile(rb"<c ([^>]*)>")
_ATTRIBUTE = re.compile(rb'([a-z]+)="([^"]*)"')
