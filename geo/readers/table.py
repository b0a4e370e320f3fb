"""Tables as bureaus send them: title rows, merged cells, totals, notes, several sheets."""

from __future__ import annotations

import datetime
import functools
import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import EmptyLayerError, UnknownLayerError, UnreadableFileError
from geo.findings import Finding
from geo.raw_layer import UNNAMED, RawLayer
from geo.readers.spreadsheets import TABLE_SUFFIXES, Sheet, read_grids
from geo.sandbox.processes import ReadLimits
from geo.schema import Field
from geo.tables.header_text import normalise_header
from geo.tables.headers import find_additive_field, has_required_fields, is_known_header, recognise_layer
from geo.tables.headings import detect_heading, heading_finding, read_title
from geo.values.parsing import UnreadableValueError, is_blank, parse_number

logger = logging.getLogger(__name__)

__all__ = ["TABLE_SUFFIXES", "read_table"]

_HEADER_WITHIN = 15
_SHOWN = 20


@dataclass(frozen=True, eq=False)
class _SheetBody:
    """The rows of one sheet: header, data, their row numbers, what was noticed."""

    frame: pd.DataFrame
    rows: list[int]
    findings: list[Finding]
    shifted: list[bool]
    headings: list[str]
    title: str = ""


def read_table(
    path: Path, *, encoding: str | None = None, limits: ReadLimits | None = None, file: str | None = None
) -> tuple[RawLayer, ...]:
    """Read an Excel, WPS or text table.

    The header is looked for in the first 15 rows by the names bureaus use; merged and two-row
    headers are joined by "/"; merged text cells are filled down; totals are dropped after being
    compared with the sum of their rows; notes are dropped. Sheets with the same headers are put
    together; a sheet with headers of its own is a table of its own, for its columns mean what its own
    headers and units say.

    Parameters
    ----------
    path
        A .xlsx, .xlsm, .xls, .et, .csv, .tsv or .txt file.
    encoding
        Of a text table; by default strict UTF-8, then GB18030.
    limits
        Of the archive a .xlsx is.
    file
        Name to report instead of the path's own.

    Returns
    -------
    One table for each set of headers; cells are text, numbers, dates or None.

    Raises
    ------
    UnreadableFileError
        If the file is missing, damaged or not what its name says, or no header is found.
    EmptyLayerError
        If there is a header but no row.
    """
    file = file or path.name
    if not path.is_file():
        raise UnreadableFileError(f"找不到文件“{path}”; 请检查路径。", f"File '{path}' does not exist; check the path.")
    sheets, used, found = read_grids(path, file, encoding, limits or ReadLimits())
    return _combine_sheets(file, sheets, used, found)


def _combine_sheets(
    file: str, sheets: Sequence[Sheet], encoding: str | None, found: Sequence[Finding]
) -> tuple[RawLayer, ...]:
    """The bodies of all sheets, put together by the layer their headers tell of."""
    bodies: list[tuple[Sheet, _SheetBody]] = []
    skipped: list[Finding] = list(found)
    for sheet in sheets:
        if not any(not is_blank(cell) for row in sheet.cells for cell in row):
            continue
        header = _find_header(sheet)
        if header is None:
            skipped.append(_no_header_finding(file, sheet))
            continue
        bodies.append((sheet, _read_body(file, sheet, *header)))
    if not bodies:  # no name is known anywhere: what stands above the rows may still be names
        bodies, skipped = _read_unknown_headers(file, sheets, found)
    if not bodies:
        _raise_no_table(file, any(f.rule == "table.sheet_skipped" for f in skipped))
    if not any(len(body.frame) for _, body in bodies):
        raise EmptyLayerError(
            f"“{file}”只有表头, 没有数据行; 请检查文件。", f"'{file}' has a header but no row; check the file."
        )
    groups, unclear = _group_by_headers(bodies)
    skipped += [_no_layer_finding(file, sheet, len(body.frame)) for sheet, body in unclear]
    raws = [
        replace(_concat_sheets(file, group, encoding), layer=layer, is_part=len(groups) > 1) for layer, group in groups
    ]
    return (replace(raws[0], findings=(*skipped, *raws[0].findings)), *raws[1:])


_Group = tuple[str | None, list[tuple[Sheet, _SheetBody]]]


def _group_by_headers(
    bodies: Sequence[tuple[Sheet, _SheetBody]],
) -> tuple[list[_Group], list[tuple[Sheet, _SheetBody]]]:
    """Sheets of one layer and the same headers together, and sheets that cannot be told.

    A sheet that tells nothing is what the others are, where these are of one layer and it names what
    that layer needs.
    """
    used = [(sheet, body, _guess_layer(body)) for sheet, body in bodies if len(body.frame)]
    known = {layer for _, _, layer in used if layer}
    groups: dict[tuple[str, frozenset[str]], list[tuple[Sheet, _SheetBody]]] = {}
    hints: dict[tuple[str, frozenset[str]], str | None] = {}
    unclear: list[tuple[Sheet, _SheetBody]] = []
    for sheet, body, layer in used:
        columns = [str(c) for c in body.frame.columns]
        hint = None
        if not layer and known:
            hint = next(iter(known)) if len(known) == 1 else None
            if hint is None or not has_required_fields(columns, hint):
                unclear.append((sheet, body))
                continue
        key = (layer or hint or "", frozenset(columns))
        groups.setdefault(key, []).append((sheet, body))
        hints[key] = hint
    return [(hints[key], group) for key, group in groups.items()], unclear


def _read_unknown_headers(
    file: str, sheets: Sequence[Sheet], found: Sequence[Finding]
) -> tuple[list[tuple[Sheet, _SheetBody]], list[Finding]]:
    """The bodies of sheets whose header is told by its looks only, and what was noticed."""
    bodies, noticed = [], list(found)
    for sheet in sheets:
        row = _find_unknown_header(sheet)
        if row is not None:
            bodies.append((sheet, _read_body(file, sheet, row, row)))
            noticed.append(_unknown_header_finding(file, sheet, row))
        elif any(not is_blank(cell) for cells in sheet.cells for cell in cells):
            noticed.append(_no_header_finding(file, sheet))
    return bodies, noticed


def _guess_layer(body: _SheetBody) -> str:
    try:
        return recognise_layer([str(c) for c in body.frame.columns])
    except UnknownLayerError:
        return ""


def _concat_sheets(file: str, group: list[tuple[Sheet, _SheetBody]], encoding: str | None) -> RawLayer:
    frame = pd.concat([body.frame for _, body in group], ignore_index=True)
    headings = [heading for _, body in group for heading in body.headings]
    logger.info("%s: %d rows in %d sheets", file, len(frame), len(group))
    return RawLayer(
        file=file,
        frame=frame.astype(object).where(frame.notna(), None),
        rows=np.array([row for _, body in group for row in body.rows], dtype=np.int64),
        sheets=np.array([s.name for s, body in group for _ in body.rows], dtype=object),
        encoding=encoding,
        findings=tuple(finding for _, body in group for finding in body.findings),
        shifted=np.array([shift for _, body in group for shift in body.shifted], dtype=bool),
        titles=tuple((sheet.name, body.title) for sheet, body in group if body.title),
        headings=np.array(headings, dtype=object) if any(headings) else None,
    )


def _raise_no_table(file: str, any_text: bool) -> None:
    if any_text:
        raise UnreadableFileError(
            f"“{file}”前 {_HEADER_WITHIN} 行里找不到表头; 请让表头含有“小区名称、户数、街道”等常用列名。",
            f"No header was found in the first {_HEADER_WITHIN} rows of '{file}'; "
            "use common column names such as 小区名称, 户数, 街道.",
        )
    raise EmptyLayerError(f"“{file}”是空表; 请检查文件。", f"'{file}' is empty; check the file.")


def _no_header_finding(file: str, sheet: Sheet) -> Finding:
    """A sheet without a header is a note, or, where it has rows of several cells, perhaps data."""
    n_rows = sum(sum(not is_blank(cell) for cell in row) >= 3 for row in sheet.cells)
    if n_rows < 2:
        return Finding(
            "info",
            "table.sheet_skipped",
            f"工作表“{sheet.name}”里没有找到表头, 已跳过。",
            f"Sheet '{sheet.name}' has no header that is known; it was skipped.",
            file=file,
            sheet=sheet.name,
        )
    return Finding(
        "warning",
        "table.sheet_skipped",
        f"工作表“{sheet.name}”里没有找到表头, 其中约 {n_rows} 行没有读取; 如是数据, 请补上表头后重新导入。",
        f"Sheet '{sheet.name}' has no header that is known; its {n_rows} rows were not read. If they are "
        "data, add the header and import again.",
        file=file,
        sheet=sheet.name,
    )


def _no_layer_finding(file: str, sheet: Sheet, n_rows: int) -> Finding:
    return Finding(
        "warning",
        "table.sheet_skipped",
        f"看不出工作表“{sheet.name}”是哪一种表(如汇总表), 其 {n_rows} 行没有读取; "
        "如是数据, 请单独存为一个文件并指明图层。",
        f"It is not clear what sheet '{sheet.name}' is (a summary, perhaps); its {n_rows} rows were not "
        "read. If they are data, save it as a file of its own and name its layer.",
        file=file,
        sheet=sheet.name,
    )


def _unknown_header_finding(file: str, sheet: Sheet, row: int) -> Finding:
    return Finding(
        "warning",
        "table.header_unknown",
        f"第 {row + 1} 行看起来是表头, 但列名都不认识; 请在导入窗口里说明各列是什么, 或用 --mapping。",
        f"Row {row + 1} looks like a header, but no name in it is known; say what the columns are in "
        "the import window, or with --mapping.",
        file=file,
        sheet=sheet.name,
        row=row + 1,
    )


# --- the header ---------------------------------------------------------------------------------


def _find_header(sheet: Sheet) -> tuple[int, int] | None:
    """First and last row of the header, from 0; None where no row reads like one."""
    grid = _fill_merges(sheet, sheet.merges)
    counts = [
        len({normalise_header(cell) for cell in row if _is_word(cell) and is_known_header(cell)})
        for row in grid[:_HEADER_WITHIN]
    ]
    if not counts or max(counts) == 0:
        return None
    best = counts.index(max(counts))
    filled = sum(not is_blank(cell) for cell in grid[best])
    if counts[best] < 2 and filled > 2:
        return None
    top = bottom = best
    width = max(len(row) for row in grid)
    for up, left, down, right in sheet.merges:
        if up <= best <= down and down - up < 3:
            top, bottom = min(top, up), max(bottom, down)
        elif up == down == best - 1 and 1 <= right - left < 0.7 * width:
            top = min(top, up)
    if bottom == best and _is_one_header(grid, best, best + 1):
        bottom = best + 1
    if top == best and _is_one_header(grid, best - 1, best):
        top = best - 1
    return top, bottom


def _find_unknown_header(sheet: Sheet) -> int | None:
    """The first row of different words, two at least, that has as many cells as rows below it."""
    grid = _fill_merges(sheet, sheet.merges)
    filled = [sum(not is_blank(cell) for cell in row) for row in grid]
    for index, row in enumerate(grid[:_HEADER_WITHIN]):
        names = [str(cell) for cell in row if not is_blank(cell)]
        below = filled[index + 1 :]
        if (
            len(set(names)) == len(names) >= 2
            and all(_is_word(cell) for cell in row if not is_blank(cell))
            and below
            and max(below) <= len(names)
            and 2 * max(below) >= len(names)
        ):
            return index
    return None


def _is_one_header(grid: list[list[Any]], upper: int, lower: int) -> bool:
    """Whether two rows are one header, cells merged or not: each names columns the other leaves open.

    No name may stand under another: "户数" below "规模" splits a group, "120" or "红星小区" below
    "小区名称" is a row of data.
    """
    if upper < 0 or lower >= len(grid):
        return False
    pairs = list(zip(grid[upper], grid[lower], strict=True))
    for row in (upper, lower):
        if not all(is_blank(cell) or _is_word(cell) for cell in grid[row]):
            return False
    if any(
        not is_blank(above) and not is_blank(below) and above != below and is_known_header(above)
        for above, below in pairs
    ):
        return False
    opens = any(is_known_header(a) for a, b in pairs if _is_word(a) and is_blank(b))
    splits = any(is_known_header(b) for a, b in pairs if _is_word(b) and a != b)
    return opens and splits


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) <= 40 and re.search(r"[^\W\d_]", cell) is not None


def _header_names(sheet: Sheet, top: int, bottom: int) -> list[str]:
    """Column names: the distinct parts from top to bottom joined by "/", doubles numbered."""
    grid = _fill_merges(sheet, sheet.merges)
    width = max(len(row) for row in grid)
    names: list[str] = []
    for column in range(width):
        parts: list[str] = []
        for row in range(top, bottom + 1):
            cell = grid[row][column] if column < len(grid[row]) else None
            text = "" if cell is None else re.sub(r"\s+", "", str(cell))
            if text and text not in parts:
                parts.append(text)
        names.append("/".join(parts))
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        names[i] = name if name and seen[name] == 1 else f"{name or '列'}#{i + 1}"
    return names


def _fill_merges(sheet: Sheet, merges: Sequence[tuple[int, int, int, int]]) -> list[list[Any]]:
    """The grid with the value of each merged range in all of its cells."""
    width = max((len(row) for row in sheet.cells), default=0)
    grid = [list(row) + [None] * (width - len(row)) for row in sheet.cells]
    for top, left, bottom, right in merges:
        if top >= len(grid) or left >= width:
            continue
        value = grid[top][left]
        for row in range(top, min(bottom, len(grid) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                grid[row][column] = value
    return grid


# --- the rows -----------------------------------------------------------------------------------


def _read_body(file: str, sheet: Sheet, top: int, bottom: int) -> _SheetBody:
    """The data rows below a header, without totals, notes and repeated headers."""
    names = _header_names(sheet, top, bottom)
    grid = _fill_merges(sheet, _text_merges(sheet, bottom))
    bare = [normalise_header(name) for name in names]
    header = [_normalise(cell) for cell in grid[bottom]]
    findings: list[Finding] = []
    kept: list[list[Any]] = []
    rows: list[int] = []
    shifted: list[bool] = []
    headings: list[str] = []
    above: list[str] = []
    wide = {(top, left) for top, left, down, right in sheet.merges if right - left >= 2}
    totals = _Totals(file, sheet.name, names)
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
    return _SheetBody(frame[shown], rows, _cap_findings(findings, file), shifted, headings, title)


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
        Finding(
            "warning",
            "table.row_too_short",
            f"共有 {len(places)} 行比表头少几格, 只列出前 {_SHOWN} 行。",
            f"{len(places)} rows have fewer cells than the header; the first {_SHOWN} are listed.",
            file=file,
        )
    )
    return findings


def _too_short_finding(file: str, number: int, n: int, width: int) -> Finding:
    return Finding(
        "warning",
        "table.row_too_short",
        f"这一行只有 {n} 格, 表头有 {width} 列; 缺的格按空白处理, 请核对有没有错位。",
        f"This row has {n} cells, the header {width}; the others were taken as blank. Check that none is shifted.",
        file=file,
        row=number,
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
        "info",
        "table.note",
        "表中的说明文字, 不是数据, 已跳过。",
        "A note in the table, not data; it was skipped.",
        file=file,
        sheet=sheet.name,
        row=number,
        value=str(cell)[:60],
    )


def _normalise(cell: object) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", "" if cell is None else str(cell)))


class _Totals:
    """Running sums, to compare 小计 and 合计 rows with the rows they stand for."""

    def __init__(self, file: str, sheet: str | None, names: list[str]) -> None:
        self.file, self.sheet, self.names = file, sheet, names
        fields = {i: find_additive_field(name) for i, name in enumerate(names)}
        self.columns = {i: field for i, field in fields.items() if field is not None}
        self.all = dict.fromkeys(self.columns, 0.0)
        self.part = dict.fromkeys(self.columns, 0.0)

    def add(self, row: list[Any]) -> None:
        for column in self.columns:
            value = self._value(column, row[column]) or 0.0
            self.all[column] += value
            self.part[column] += value

    def compare(self, row: list[Any], number: int) -> list[Finding]:
        """What differs between a total row and the sum of its rows; the row itself is dropped."""
        found = [
            Finding(
                "info",
                "table.total_row",
                "合计或小计行, 不是小区, 已跳过。",
                "A row of totals, not a thing of its own; it was skipped.",
                file=self.file,
                sheet=self.sheet,
                row=number,
            )
        ]
        for column in self.columns:
            stated = self._value(column, row[column])
            if stated is None:
                if not is_blank(row[column]):
                    found.append(self._unread(row[column], number, column))
                continue
            sums = (self.part[column], self.all[column])
            slack = max(0.5, _rounding(row[column], stated))
            if not any(abs(stated - s) <= max(slack, 0.001 * abs(s)) for s in sums):
                nearest = min(sums, key=lambda s: abs(s - stated))
                factor = self.columns[column][1]
                found.append(
                    Finding(
                        "warning",
                        "table.total_differs",
                        f"合计写的是 {_format_cell(row[column])}, 各行相加是 {nearest / factor:.10g}; "
                        "请核对, 未作改动。",
                        f"The total says {_format_cell(row[column])}, its rows add up to {nearest / factor:.10g}; "
                        "check them, nothing was changed.",
                        file=self.file,
                        sheet=self.sheet,
                        row=number,
                        column=self.names[column],
                        value=_format_cell(row[column]),
                    )
                )
        self.part = dict.fromkeys(self.columns, 0.0)
        return found

    def _value(self, column: int, cell: object) -> float | None:
        """A cell in the unit of its field, whatever unit the cell or the header names."""
        if is_blank(cell) or isinstance(cell, (bool, datetime.date)):
            return None
        field, factor = self.columns[column]
        if isinstance(cell, (int, float)):
            return float(cell) * factor
        return _parse_total(str(cell), field, factor)

    def _unread(self, cell: object, number: int, column: int) -> Finding:
        return Finding(
            "warning",
            "table.total_unread",
            "合计读不懂, 没有与各行核对; 请改正。",
            "The total cannot be read and was not compared with its rows; correct it.",
            file=self.file,
            sheet=self.sheet,
            row=number,
            column=self.names[column],
            value=str(cell)[:60],
        )


def _rounding(cell: object, value: float) -> float:
    """Half of the last digit a total is written with, in the unit of its value."""
    digits = re.search(r"(\d[\d,]*)(?:\.(\d+))?", _format_cell(cell))
    if digits is None:
        return 0.0
    written = float(digits.group().replace(",", ""))
    return 0.5 * 10.0 ** -len(digits.group(2) or "") * (value / written if written else 1.0)


def _format_cell(cell: object) -> str:
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


@functools.lru_cache(maxsize=65_536)
def _parse_total(text: str, field: Field, factor: float) -> float | None:
    """A number as the import reads it; of a count under a unit it does not know, the number alone."""
    for tried in (text, re.sub(r"[^\d.,]+$", "", unicodedata.normalize("NFKC", text))):
        try:
            value = parse_number(tried, field, factor).value
        except UnreadableValueError:
            if field.name.endswith("_m2"):
                return None
            continue
        return None if value is None else float(value)
    return None
