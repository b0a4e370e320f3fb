"""Excel workbooks as the program writes them: text stays text, whatever it looks like, and is never a formula."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import xlsxwriter

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_CREATED = datetime(2000, 1, 1)  # the same content gives the same bytes, whenever it is written
_A3, _A4 = 8, 9
_HEAD_ROW = 2
_NARROWEST, _WIDEST_TEXT, _WIDEST = 6.0, 17.0, 50.0
_LETTERS_ON_A4 = 240
"""Letters across a page of A4 that are still read: 6 points."""
_MOST_MEASURED = 400
"""Rows a column's width is taken from."""
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
MOST_TEXT = 32_000
"""Letters of a cell; Excel takes 32,767."""

KINDS: Mapping[str, Mapping[str, Any]] = {
    "t": {"num_format": "@", "text_wrap": True},
    "w": {"num_format": "@", "text_wrap": True},
    "n": {"num_format": "#,##0_ "},
    "d": {"num_format": "#,##0.0_ "},
    "m": {"num_format": "0.00_ "},
    "p": {"num_format": "0.0%_ "},
    "y": {"num_format": "0_ "},
    "g": {},
}
"""Kinds of columns by letter: text, long text, whole number, one and two decimals, share, year, as it is."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    head
        What stands on top.
    kind
        Letter of `KINDS`.
    is_summed
        Whether the line of totals adds it up.
    """

    head: str
    kind: str = "t"
    is_summed: bool = False


@dataclass(frozen=True)
class SheetTable:
    """A table to print.

    Parameters
    ----------
    title
        Of the sheet.
    note
        Under the title: what is counted, and what is not.
    columns
        From left to right.
    rows
        Texts and numbers, None = nothing is known.
    rows_of
        What a row speaks of by its first cell: "units" or "areas"; "places" by its entry of `codes`; "" where
        the table is the same whatever part of a plan is printed.
    codes
        Of the place of each row.
    total
        What the line of totals is called; "" = there is none.
    heading
        Above the table; "" = the title.
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    rows_of: Literal["units", "areas", "places", ""] = ""
    codes: tuple[str, ...] = ()
    total: str = ""
    heading: str = ""

    @property
    def head(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return tuple(column.head for column in self.columns)

    @property
    def totals(self) -> tuple[Any, ...]:
        """The line of totals, over what is known; empty without one."""
        if not self.total or not self.rows:
            return ()
        sums: list[Any] = [
            _sum(row[k] for row in self.rows) if column.is_summed else None for k, column in enumerate(self.columns)
        ]
        return (self.total, *sums[1:])

    def select(self, ids: Collection[str]) -> SheetTable:
        """The rows that speak of some units, areas or places.

        Parameters
        ----------
        ids
            Of these.

        Examples
        --------
        >>> SheetTable("甲", "", (Column("a"),), (("u1",), ("u2",)), "units").select({"u2"}).rows
        (('u2',),)
        """
        subjects = self.codes or tuple(row[0] for row in self.rows)
        kept = [k for k, subject in enumerate(subjects) if subject in ids]
        return replace(
            self, rows=tuple(self.rows[k] for k in kept), codes=tuple(self.codes[k] for k in kept) if self.codes else ()
        )


def make_columns(heads: str, kinds: str) -> tuple[Column, ...]:
    """Columns from their heads and their kinds.

    Parameters
    ----------
    heads
        Parted by "|".
    kinds
        A letter of `KINDS` for each; a capital one is summed.

    Examples
    --------
    >>> [(one.head, one.kind, one.is_summed) for one in make_columns("街道|户数", "tN")]
    [('街道', 't', False), ('户数', 'n', True)]
    """
    names = heads.split("|")
    return tuple(Column(name, kind.lower(), kind.isupper()) for name, kind in zip(names, kinds, strict=True))


@dataclass(frozen=True)
class PrintText:
    """What is printed on every page of a workbook.

    Parameters
    ----------
    city
        Before each title.
    marks
        Behind each title and in the head of every page: 演示数据, 草案.
    notices
        At the foot, a line each.
    page
        "第 {page} 页" with the place of the page and of their number: "&P", "&N".
    """

    city: str = ""
    marks: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    page: str = "&P / &N"


def make_workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook as the bytes of its file; the same content gives the same bytes.

    Parameters
    ----------
    fill
        Adds the sheets.

    Examples
    --------
    >>> make_workbook(lambda book: write_rows(book.add_worksheet("甲"), [("001", 2)]))[:2]
    b'PK'
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"created": _CREATED})
        fill(book)
    return out.getvalue()


def make_table_workbook(tables: Sequence[SheetTable], text: PrintText) -> bytes:
    """A workbook with a sheet for each table.

    Parameters
    ----------
    tables
        In order.
    text
        What is printed on every page.
    """

    def fill(book: xlsxwriter.Workbook) -> None:
        formats = TableFormats(book)
        for table in tables:
            add_table(book, formats, table, text)

    return make_workbook(fill)


class TableFormats:
    """The formats of a workbook's tables, made once: title, note, head, cells by kind, totals."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        frame = {"border": 1, "border_color": "#9AA5B1", "valign": "top"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.note = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#44505E"})
        self.head = add_head_style(book)
        self.cells = {kind: book.add_format({**frame, **look}) for kind, look in KINDS.items()}
        self.totals = {
            kind: book.add_format({**frame, **look, "bold": True, "bg_color": "#F4F6F8"})
            for kind, look in KINDS.items()
        }


def add_table(book: xlsxwriter.Workbook, formats: TableFormats, table: SheetTable, text: PrintText) -> None:
    """A table on a sheet of its own: title, note, heads that stay, a filter, ready for A4 landscape.

    Parameters
    ----------
    book
        Gets the sheet.
    formats
        Of that workbook.
    table
        What to write.
    text
        What is printed on every page.
    """
    sheet = book.add_worksheet(sheet_name(table.title))
    last = len(table.columns) - 1
    marks = "".join(f"  [{mark}]" for mark in text.marks)
    sheet.write_string(0, 0, f"{text.city} {table.heading or table.title}{marks}".strip(), formats.title)
    if last:
        sheet.merge_range(1, 0, 1, last, "", formats.note)
    sheet.write_string(1, 0, table.note, formats.note)
    widths = [_measure_column(table, k) for k in range(last + 1)]
    sheet.set_row(1, 15.0 * max(1, -(-_width(table.note) // max(int(0.9 * sum(widths)), 1))))
    write_head(sheet, table.head, formats.head, row=_HEAD_ROW)
    looks = [formats.cells[column.kind] for column in table.columns]
    for number, cells in enumerate(table.rows, _HEAD_ROW + 1):
        write_cells(sheet, number, cells, looks)
    end = _HEAD_ROW + len(table.rows)
    if table.totals:
        write_cells(sheet, end + 1, table.totals, [formats.totals[column.kind] for column in table.columns])
    for k, width in enumerate(widths):
        sheet.set_column(k, k, width)
    sheet.freeze_panes(_HEAD_ROW + 1, min(2, last))
    sheet.autofilter(_HEAD_ROW, 0, max(end, _HEAD_ROW), last)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    _prepare_print(sheet, table, text, sum(widths))


def sheet_name(title: str) -> str:
    """A title as the name of a sheet: 31 letters at most, without what Excel forbids.

    Examples
    --------
    >>> sheet_name("孤岛清单: 甲/乙")
    '孤岛清单 甲 乙'
    """
    return re.sub(r" +", " ", _NOT_IN_SHEET_NAMES.sub(" ", title)).strip(" '")[:31]


def write_cells(sheet: Any, row: int, cells: Sequence[Any], looks: Sequence[Any]) -> None:
    """A row of a table in its formats; what is not known is an empty cell of its format.

    Parameters
    ----------
    sheet
        Of a workbook.
    row
        Counted from 0.
    cells
        Texts, numbers, None.
    looks
        A format for each.
    """
    for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
        if cell is None or cell == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(cell, int | float):
            sheet.write_number(row, column, cell, look)
        else:
            sheet.write_string(row, column, str(cell)[:MOST_TEXT], look)


def add_head_style(book: xlsxwriter.Workbook) -> Any:
    """The format of the heads of a table for print: bold on blue-grey, framed."""
    return book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "top"})


def write_head(sheet: Any, names: Sequence[str], style: Any, *, row: int = 0) -> None:
    """The heads of a table.

    Parameters
    ----------
    sheet
        Of a workbook.
    names
        One for each column.
    style
        Format of the workbook.
    row
        Counted from 0.
    """
    for column, name in enumerate(names):
        sheet.write_string(row, column, name, style)


def write_rows(sheet: Any, rows: Sequence[Sequence[Any]], *, first: int = 0) -> None:
    """Texts as texts (codes keep their zeros, "=1+1" stays a text), numbers as numbers, None as no cell.

    Parameters
    ----------
    sheet
        Of a workbook.
    rows
        Cells of each.
    first
        Row of the first one, counted from 0.
    """
    for row, cells in enumerate(rows, start=first):
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float):
                sheet.write_number(row, column, cell)
            elif cell is not None:
                sheet.write_string(row, column, str(cell))


def _prepare_print(sheet: Any, table: SheetTable, text: PrintText, width: float) -> None:
    """A4 landscape, A3 where letters would be too small, as wide as the table; heads and page on every one."""
    sheet.set_landscape()
    sheet.set_paper(_A3 if width > _LETTERS_ON_A4 else _A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.5 + 0.15 * len(text.notices))
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    city, title, notice = (
        part.replace("&", "&&") for part in (text.city, table.heading or table.title, "\n".join(text.notices))
    )
    marks = " · ".join(text.marks).replace("&", "&&")
    sheet.set_header(f"&L{city} {title}"[:120] + (f'&R&"-,Bold"&KC00000{marks}' if marks else ""))
    sheet.set_footer(f"&L&8{notice}&R&8{text.page}")


def _measure_column(table: SheetTable, k: int) -> float:
    """Width of a column in letters: of what stands in it, within bounds; heads may take two lines, their words one."""
    column = table.columns[k]
    if column.kind in "nd":
        texts: Iterable[str] = (f"{row[k]:,.1f}" for row in table.rows if isinstance(row[k], int | float))
    elif column.kind == "p":
        texts = ("100.0%",)
    else:
        texts = (str(row[k]) for row in table.rows[:_MOST_MEASURED] if row[k] is not None)
    widest = max((max(map(_width, text.split("\n"))) for text in texts), default=0)
    word = max((len(word) for word in column.head.split() if word.isascii()), default=0)
    return min(
        _WIDEST if column.kind == "w" else _WIDEST_TEXT,
        max(_NARROWEST, widest + 1.5, word + 2.0, -(-_width(column.head) // 2) + 3.0),
    )


def _width(text: str) -> int:
    """Letters of Latin width."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _sum(cells: Iterable[Any]) -> float | int | None:
    known = [cell for cell in cells if isinstance(cell, int | float)]
    return sum(known) if known else None
