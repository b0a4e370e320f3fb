"""Excel workbooks as the program writes them: text stays text, whatever it looks like, and is never a formula."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def make_workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook as the bytes of its file.

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
        fill(book)
    return out.getvalue()


def add_head_style(book: xlsxwriter.Workbook) -> Any:
    """The format of the heads of a table for print: bold on blue-grey, framed."""
    return book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True})


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
