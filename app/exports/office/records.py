"""Rows of a plan's tables as named texts, as templates of documents ask for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.exports.workbook import SheetTable

AREA_FIELDS = (
    *("id", "number", "name", "district", "street", "units", "households", "quality", "floor_area", "leaders"),
    *("led", "unled", "walk", "operator", "size"),
)
ECONOMICS_FIELDS = (
    *("id", "name", "street", "units", "households", "fee", "sanitation", "subsidy", "cost", "balance"),
    *("acceptable", "break_even", "posts", "posts_alone", "saved", "estimated", "missing"),
)
"""Of the table of economics; one balance a collection rate and the year follow."""
LEFT_OVER_FIELDS = (
    *("id", "name", "kind", "district", "street", "households", "floor_area", "state", "reason", "rules"),
    *("blocked", "ways"),
)
PARAMETER_FIELDS = ("scope", "label", "value", "unit", "source", "rule", "key")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def make_records(table: SheetTable, fields: Sequence[str], unknown: str) -> list[dict[str, str]]:
    """The rows of a table by the names of their fields, as texts.

    Parameters
    ----------
    table
        Of a plan.
    fields
        Of its first columns.
    unknown
        What stands where nobody knows.

    Examples
    --------
    >>> from app.exports.workbook import SheetTable, make_columns
    >>> table = SheetTable("", "", make_columns("a|b", "tn"), (("x", 12345), (None, None)))
    >>> make_records(table, ("name", "n"), "不详")
    [{'name': 'x', 'n': '12,345'}, {'name': '不详', 'n': '不详'}]
    """
    return [
        {
            field: format_cell(cell, column.kind) or unknown
            for field, cell, column in zip(fields, row, table.columns, strict=False)
        }
        for row in table.rows
    ]


def format_cell(cell: Any, kind: str = "t") -> str:
    """A cell of a table as text, free of what XML forbids; "" where nobody knows.

    Parameters
    ----------
    cell
        Text, number or None.
    kind
        Letter of `app.exports.workbook.KINDS`.

    Examples
    --------
    >>> format_cell(0.825, "p"), format_cell(2026, "y"), format_cell(None)
    ('82.5%', '2026', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        if kind == "p":
            return f"{cell:.1%}"
        if kind in "ty":
            return f"{cell:g}"
        return f"{cell:,.2f}" if kind == "m" else f"{cell:,.1f}" if kind == "d" else f"{cell:,.0f}"
    return clean(str(cell))


def clean(text: str) -> str:
    r"""A text without the control characters that no document may hold.

    Examples
    --------
    >>> clean("甲\x00乙")
    '甲乙'
    """
    return _CONTROL.sub("", text)
