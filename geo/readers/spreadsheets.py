"""Sheets as grids of cells: out of Excel and WPS books, text tables, and HTML named .xls."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import python_calamine
from defusedxml import ElementTree

from geo.errors import UnreadableFileError
from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.readers.archive import open_archive
from geo.readers.kml import HtmlTableParser
from geo.readers.number_formats import CellSuffixes, read_cell_suffixes
from geo.readers.text import decode_file, decode_mojibake
from geo.sandbox.processes import ReadLimits

say = load_catalogue(__file__)

_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
TABLE_SUFFIXES = (*_TEXT_SUFFIXES, ".xlsx", ".xlsm", ".xls", ".et")

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PARTS_OF_A_BOOK = 5000
_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*>\s*<f[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_SHOWN = 20


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet as a grid of cells; `merges` are (top, left, bottom, right), from 0, inclusive."""

    name: str | None
    cells: list[list[Any]]
    merges: tuple[tuple[int, int, int, int], ...] = ()


SheetGrids = tuple[list[Sheet], str | None, list[Finding]]


def read_grids(path: Path, file: str, encoding: str | None, limits: ReadLimits) -> SheetGrids:
    """The visible sheets of a table file.

    Its first bytes decide what a file is: many systems write HTML or text and name it .xls.

    Parameters
    ----------
    path, file
        The file, and the name to report.
    encoding
        Of text; by default UTF-8, then GB18030.
    limits
        Of the archive a .xlsx is.

    Returns
    -------
    The sheets, the encoding of text (None for books), and what was noticed.

    Raises
    ------
    UnreadableFileError
        If the file is damaged, protected by a password, or no table.
    """
    with path.open("rb") as handle:
        head = handle.read(4096)
    is_text_suffix = path.suffix.lower() in _TEXT_SUFFIXES
    if head.startswith((_ZIP, _OLE)):
        if is_text_suffix:
            raise UnreadableFileError(*say("error.not_text", file=file, suffix=path.suffix))
        found = _check_book(path, file, limits) if head.startswith(_ZIP) else []
        sheets, hidden = _book_sheets(path, file)
        if head.startswith(_ZIP):
            try:
                with zipfile.ZipFile(path) as archive:
                    marks = read_cell_suffixes(archive)
            except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
                raise _not_excel(file) from error  # without the formats 0.85 could be 85 %
            sheets = [append_suffixes(sheet, marks) for sheet in sheets]
        return sheets, None, [*found, *hidden]
    is_utf16 = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in head and not is_utf16:
        raise _not_excel(file) if not is_text_suffix else _not_text(file)
    looks_html = re.search(rb"<(html|table|!doctype html)", head.lower()) is not None
    if not is_text_suffix and not (looks_html or _is_tabular(head)):
        raise _not_excel(file)
    text, used = decode_file(file, path.read_bytes(), encoding)
    meant = decode_mojibake(text)
    found = [] if meant is None else [_repaired(file)]
    text = text if meant is None else meant
    if is_text_suffix:
        return [_text_sheet(file, text)], used, found
    sheets = _html_sheets(text) if looks_html else [_text_sheet(file, text)]
    return sheets, used, [*found, _other_kind(file, path.suffix, "HTML" if looks_html else "text")]


def _repaired(file: str) -> Finding:
    return Finding("info", "encoding.repaired", *say("encoding.file_repaired"), file=file)


def _is_tabular(head: bytes) -> bool:
    lines = head.splitlines()[:3]
    return len(lines) > 1 and all(b"\t" in line or b"," in line for line in lines[:2])


def _not_text(file: str) -> UnreadableFileError:
    return UnreadableFileError(*say("error.no_text_table", file=file))


def _not_excel(file: str) -> UnreadableFileError:
    return UnreadableFileError(*say("error.no_excel", file=file))


def _other_kind(file: str, suffix: str, kind: str) -> Finding:
    named = Sentence("网页表格" if kind == "HTML" else "文本表格", kind)
    return Finding("info", "file.other_kind", *say("file.other_kind", suffix=suffix, named=named), file=file)


# --- text and HTML ------------------------------------------------------------------------------


def _text_sheet(file: str, text: str) -> Sheet:
    """Rows of a text table; a quote that is never closed would swallow the rest, and is refused."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;|", key=first.count)
    lines = re.sub(r"\r\n?", "\n", text).replace("\x00", "").splitlines(keepends=True)
    try:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise
            rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableFileError(*say("error.broken_csv", file=file, error=error)) from error
    return Sheet(None, [[cell if cell.strip() else None for cell in row] for row in rows])


def _html_sheets(text: str) -> list[Sheet]:
    grid = HtmlTableParser()
    grid.feed(text)
    grid.close()
    sheets = [
        _spread(f"表{number}", cells, spans)
        for number, (cells, spans) in enumerate(zip(grid.tables, grid.spans, strict=True), start=1)
        if cells
    ]
    return sheets or [Sheet(None, [])]


def _spread(name: str, cells: list[list[str]], spans: list[list[tuple[int, int]]]) -> Sheet:
    """Cells that span rows and columns at their places in a full grid."""
    placed: dict[tuple[int, int], str | None] = {}
    merges = []
    for row, (texts, sizes) in enumerate(zip(cells, spans, strict=True)):
        column = 0
        for text, (down, right) in zip(texts, sizes, strict=True):
            while (row, column) in placed:
                column += 1
            down = min(down, len(cells) - row)
            right = min(right, 200)
            for i in range(row, row + down):
                for j in range(column, column + right):
                    placed[i, j] = None
            placed[row, column] = text or None
            if down > 1 or right > 1:
                merges.append((row, column, row + down - 1, column + right - 1))
            column += right
    width = max((j for _, j in placed), default=-1) + 1
    full = [[placed.get((i, j)) for j in range(width)] for i in range(len(cells))]
    return Sheet(name, full, tuple(merges))


# --- books --------------------------------------------------------------------------------------


def _book_sheets(path: Path, file: str) -> tuple[list[Sheet], list[Finding]]:
    """The visible sheets, and those that are hidden told.

    Calamine reads a 20,000-row book 15 times faster than openpyxl.
    """
    data = path.read_bytes()
    if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableFileError(*say("error.password", file=file))
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = [s for s in book.sheets_metadata if s.typ == python_calamine.SheetTypeEnum.WorkSheet]
        is_shown = {s.name: s.visible == python_calamine.SheetVisibleEnum.Visible for s in tables}
        sheets = {s.name: _book_sheet(s.name, book.get_sheet_by_name(s.name)) for s in tables}
        hidden = [_hidden(file, sheet) for name, sheet in sheets.items() if not is_shown[name] and sheet.cells]
        return [sheet for name, sheet in sheets.items() if is_shown[name]], hidden
    except BaseException as error:
        # A panic in calamine's Rust code is no Exception, and its class cannot be imported.
        known = (python_calamine.CalamineError, OSError, ValueError, OverflowError)
        if isinstance(error, known) or type(error).__name__ == "PanicException":
            raise _not_excel(file) from error
        raise


def _hidden(file: str, sheet: Sheet) -> Finding:
    n_rows = len(sheet.cells)
    is_table = sum(sum(cell is not None for cell in row) >= 3 for row in sheet.cells) >= 2
    return Finding(
        "warning" if is_table else "info",
        "table.sheet_hidden",
        *say("table.sheet_hidden", name=sheet.name, n_rows=n_rows),
        file=file,
        sheet=sheet.name,
    )


def _book_sheet(name: str, sheet: python_calamine.CalamineSheet) -> Sheet:
    rows = sheet.to_python(skip_empty_area=False)
    while rows and all(cell == "" for cell in rows[-1]):  # a format down to the last row
        rows.pop()
    cells = [[None if cell == "" else cell for cell in row] for row in rows]
    merges = tuple(sorted((a[0], a[1], b[0], b[1]) for a, b in sheet.merged_cell_ranges or []))
    return Sheet(name, cells, merges)


def append_suffixes(sheet: Sheet, marks: CellSuffixes) -> Sheet:
    """A sheet whose numbers carry what their format shows behind them: "85%", "3.2万㎡".

    Parameters
    ----------
    sheet
        Cells as calculated.
    marks
        What stands behind the number of a cell (row, column from 0).
    """
    for (row, column), mark in marks.get(sheet.name or "", {}).items():
        if row < len(sheet.cells) and column < len(sheet.cells[row]):
            cell = sheet.cells[row][column]
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                number = cell * 100 if mark == "%" else cell
                sheet.cells[row][column] = f"{number:.12f}".rstrip("0").rstrip(".") + mark
    return sheet


def _check_book(path: Path, file: str, limits: ReadLimits) -> list[Finding]:
    """Refuse a .xlsx that is a bomb; report formulas that were never calculated."""
    if not zipfile.is_zipfile(path):
        raise _not_excel(file)
    many = max(_PARTS_OF_A_BOOK, limits.archive_members)
    with open_archive(path, replace(limits, archive_members=many)) as archive:
        if not any(name.startswith("xl/") for name in archive.namelist()):
            raise _not_excel(file)
        found: list[Finding] = []
        try:
            for name in archive.namelist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                    cells = [m.group(1).decode() for m in _CELL.finditer(archive.read(name))]
                    if cells:
                        found += _not_calculated(file, _sheet_title(archive, name), cells)
        except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError) as error:
            raise _not_excel(file) from error
    return found


def _sheet_title(archive: zipfile.ZipFile, part: str) -> str | None:
    """The name a worksheet part goes by."""
    try:
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except (KeyError, ElementTree.ParseError):
        return None
    ids = {link.get("Target", "").split("/")[-1]: link.get("Id") for link in links}
    wanted = ids.get(part.split("/")[-1])
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet") and wanted in sheet.attrib.values():
            return sheet.get("name")
    return None


def _not_calculated(file: str, sheet: str | None, cells: list[str]) -> list[Finding]:
    place: Callable[[str], re.Match[str] | None] = re.compile(r"([A-Z]+)(\d+)").fullmatch
    found = []
    for cell in cells[:_SHOWN]:
        at = place(cell)
        assert at is not None
        found.append(
            Finding(
                "warning",
                "table.formula_uncalculated",
                *say("table.formula_uncalculated"),
                file=file,
                sheet=sheet,
                row=int(at.group(2)),
                column=at.group(1),
                value=cell,
            )
        )
    if len(cells) > _SHOWN:
        found.append(
            Finding(
                "warning",
                "table.formula_uncalculated",
                *say("table.formulas_uncalculated", n=len(cells), shown=_SHOWN),
                file=file,
                sheet=sheet,
            )
        )
    return found
