"""Rows of totals in a table, compared with the sum of the rows above them."""

from __future__ import annotations

import datetime
import functools
import re
import unicodedata
from typing import Any

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.schema import Field
from geo.tables.headers import find_additive_field
from geo.values.parsed_value import UnreadableValueError
from geo.values.quantities import parse_number
from geo.values.texts import is_blank

say = load_catalogue(__file__)


class Totals:
    """Running sums, to compare 小计 and 合计 rows with the rows they stand for.

    Parameters
    ----------
    file, sheet
        Where the table stands; None = the table has no sheets.
    names
        Of all columns; those that are counts or areas are summed.
    """

    def __init__(self, file: str, sheet: str | None, names: list[str]) -> None:
        self.file, self.sheet, self.names = file, sheet, names
        fields = {i: find_additive_field(name) for i, name in enumerate(names)}
        self.columns = {i: field for i, field in fields.items() if field is not None}
        self.all = dict.fromkeys(self.columns, 0.0)
        self.part = dict.fromkeys(self.columns, 0.0)

    def add(self, row: list[Any]) -> None:
        """Count a row of data, one cell for each column."""
        for column in self.columns:
            value = self._value(column, row[column]) or 0.0
            self.all[column] += value
            self.part[column] += value

    def compare(self, row: list[Any], number: int) -> list[Finding]:
        """What differs between a total row and the sum of its rows; the row itself is dropped.

        Parameters
        ----------
        row
            Its cells, one for each column.
        number
            Of the row in its sheet, from 1.
        """
        found = [
            Finding("info", "table.total_row", *say("table.total_row"), file=self.file, sheet=self.sheet, row=number)
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
                        *say("table.total_differs", stated=_format_cell(row[column]), total=nearest / factor),
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
            *say("table.total_unread"),
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
