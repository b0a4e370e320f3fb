"""The rows of a sheet below its header, without totals, notes and headings."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.raw_layer import UNNAMED
from geo.readers.sheet_header import fill_merges, name_columns
from geo.readers.spreadsheets import Sheet
from geo.readers.totals import Totals
from geo.tables.header_text import normalise_header
from geo.tables.headers import is_known_header
from geo.tables.headings import detect_heading, heading_finding, read_title
from geo.values.texts import is_blank

say = load_catalogue(__file__)

_SHOWN = 20
"""Rows of too few cells that are listed one by one."""


@dataclass(frozen=True, eq=False)
class SheetBody:
    """The rows of one sheet.

    Parameters
    ----------
    frame
        n rows of cells, one column for each name of the header that holds anything.
    rows
        n row numbers in the sheet, from 1.
    findings
        What was noticed.
    shifted
        n: whether the row has more cells than the header.
    headings
        n: lines that stand alone right above the row, joined by line ends; "" = none.
    title
        Text above the header.
    """

    frame: pd.DataFrame
    rows: list[int]
    findings: list[Finding]
    shifted: list[bool]
    headings: list[str]
    title: str = ""


def read_body(file: str, sheet: Sheet, top: int, bottom: int) -> SheetBody:
    """The data rows below a header, without totals, notes and repeated headers.

    Parameters
    ----------
    file
        Name to report.
    sheet
        The sheet.
    top, bottom
        First and last row of its header, from 0.
    """
    names = name_columns(sheet, top, bottom)
    grid = fill_merges(sheet, _text_merges(sheet, bottom))
    bare = [normalise_header(name) for name in names]
    header = [_normalise(cell) for cell in grid[bottom]]
    findings: list[Finding] = []
    kept: list[list[Any]] = []
    rows: list[int] = []
    shifted: list[bool] = []
    headings: list[str] = []
    above: list[str] = []
    wide = {(top, left) for top, left, down, right in sheet.merges if right - left >= 2}
    totals = Totals(file, sheet.name, names)
    width = _header_width(sheet, names)
    for index in range(bottom + 1, len(grid)):
        own = sheet.cells[index] + [None] * (len(names) - len(sheet.cells[index]))
        row, number = grid[index], index + 1
        filled = [i for i, cell in enumerate(own) if not is_blank(cell)]
        if not filled or (
            _normalise(row[filled[0]]) == header[filled[0]] and [_normalise(cell) for cell in row] == header
        ):
            continue
        if _is_total([own[i] for i in filled[:3]]):
            findings += totals.compare(own, number)
        elif heading := detect_heading(own, filled, names, is_wide=(index, filled[0]) in wide):
            findings.append(heading_finding(file, sheet.name, number, heading))
            above.append(heading)
        elif _is_note(own, filled, names):
            findings.append(_note_finding(file, sheet, number, own[filled[0]]))
        elif filled[-1] >= width:
            kept.append(own[: len(names)])
            rows.append(number)
            shifted.append(True)
            headings.append(_pop_headings(above))
        elif {bare[i] for i in filled} != {"序号"}:
            if len(sheet.cells[index]) < width and sheet.name is None:
                findings.append(_too_short_finding(file, number, len(sheet.cells[index]), width))
            kept.append([cell for cell, name in zip(row, names, strict=False)])
            rows.append(number)
            shifted.append(False)
            headings.append(_pop_headings(above))
            totals.add(row)
    frame = pd.DataFrame(kept, columns=names, dtype=object)
    shown = [n for n in names if not _is_empty_column(frame, n)]
    title = read_title(sheet.cells, top)
    return SheetBody(frame[shown], rows, _cap_findings(findings, file), shifted, headings, title)


def _pop_headings(above: list[str]) -> str:
    """The headings since the row before, joined; none is left for the next row."""
    text = "\n".join(above)
    above.clear()
    return text


def _header_width(sheet: Sheet, names: list[str]) -> int:
    """Columns a text table has by its header; more cells than that are values cut in two."""
    if sheet.name is not None:
        return len(names)
    return max((i + 1 for i, name in enumerate(names) if not UNNAMED.fullmatch(name)), default=0)


def _cap_findings(findings: list[Finding], file: str) -> list[Finding]:
    """The findings with the first rows that are too short only, and how many there are."""
    places = [i for i, f in enumerate(findings) if f.rule == "table.row_too_short"]
    if len(places) <= _SHOWN:
        return findings
    hidden = set(places[_SHOWN:])
    findings = [f for i, f in enumerate(findings) if i not in hidden]
    findings.append(
        Finding("warning", "table.row_too_short", *say("table.rows_too_short", n=len(places), shown=_SHOWN), file=file)
    )
    return findings


def _too_short_finding(file: str, number: int, n: int, width: int) -> Finding:
    return Finding(
        "warning", "table.row_too_short", *say("table.row_too_short", n=n, width=width), file=file, row=number
    )


def _is_empty_column(frame: pd.DataFrame, name: str) -> bool:
    return UNNAMED.fullmatch(name) is not None and not frame[name].notna().any()


def _text_merges(sheet: Sheet, bottom: int) -> list[tuple[int, int, int, int]]:
    """Merged ranges below the header that hold text; a merged number counts once, not per row."""
    merges = []
    for top, left, down, right in sheet.merges:
        if top <= bottom or (left < right and top == down):
            continue
        value = sheet.cells[top][left] if left < len(sheet.cells[top]) else None
        if isinstance(value, str) and not re.fullmatch(r"[\d.,]+", value.strip()):
            merges.append((top, left, down, right))
    return merges


def _is_total(first: list[Any]) -> bool:
    """Whether one of the first cells of a row says so."""
    for text in (re.sub(r"[\s:：]+", "", cell) for cell in map(str, first) if "计" in cell):
        if re.fullmatch(r"(.{0,12})?(合计|小计|总计|共计)(\(.*\)|（.*）)?(\d.{0,6})?", text):
            return True
    return False


def _is_note(row: list[Any], filled: list[int], names: list[str]) -> bool:
    """A line of prose: one cell that says so, or one cell where a name would not stand."""
    first = row[filled[0]]
    text = _normalise(first)
    if re.match(r"^(注|备注|说明|填表|填报|制表|审核|单位负责人|数据来源|附注|联系)[^,，]{0,6}[:：]", text):
        return True
    if len(filled) > 1 or len(names) < 3 or not isinstance(first, str):
        return False
    if re.match(r"^[一二三四五六七八九十]+、|^\(?[一二三四五六七八九十]+\)|^注", text) or len(text) > 30:
        return True
    return normalise_header(names[filled[0]]) == "序号" or not is_known_header(names[filled[0]])


def _note_finding(file: str, sheet: Sheet, number: int, cell: object) -> Finding:
    return Finding(
        "info", "table.note", *say("table.note"), file=file, sheet=sheet.name, row=number, value=str(cell)[:60]
    )


def _normalise(cell: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if cell is None else str(cell)))
