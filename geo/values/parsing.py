"""Values as people type them ("1，200户", "3.2万㎡", "80年代"), read as the fields they belong to."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.pii import remove_pii
from geo.schema import Field
from geo.values.booleans import parse_boolean
from geo.values.credit_codes import parse_credit_code
from geo.values.dates import is_in_future, is_out_of_range, parse_date, parse_end
from geo.values.parsed_value import GUESSES, ParsedValue, UnreadableValueError
from geo.values.quantities import ShareColumn, parse_header_factor, parse_number
from geo.values.texts import is_blank, parse_choice, parse_district_code, parse_text
from geo.values.years import BuiltYear, parse_year


@dataclass(frozen=True)
class ReferenceDates:
    """The dates that cells are held against.

    Parameters
    ----------
    today
        The day of reading; None = nothing is in the future.
    data_date
        The day the data speak of, where it is known.
    """

    today: datetime.date | None = None
    data_date: datetime.date | None = None

    @property
    def latest(self) -> datetime.date | None:
        """The later of both: nothing later has happened."""
        return max((d for d in (self.today, self.data_date) if d is not None), default=None)


_NO_DATES = ReferenceDates()


@dataclass(frozen=True)
class ValueProblem:
    """One cell that was not usable ("bad") or is doubtful ("note").

    Parameters
    ----------
    position
        Position of the row in the column, from 0.
    rule
        A key of `geo.values.parsed_value.FAULTS` or `geo.values.parsed_value.NOTES`.
    value
        The cell as text; None for personal data.
    is_bad
        True where the cell became missing.
    """

    position: int
    rule: str
    value: str | None
    is_bad: bool

    @property
    def is_guess(self) -> bool:
        """Whether the value that was used is an estimate."""
        return self.rule in GUESSES


def parse_column(
    column: pd.Series, field: Field, factor: float = 1.0, *, header: str = "", today: ReferenceDates = _NO_DATES
) -> tuple[pd.Series, tuple[ValueProblem, ...]]:
    """Read a whole column of cells as values of a field.

    Parameters
    ----------
    column
        (n,) cells: text, numbers, dates or missing.
    field
        What they should be.
    factor
        Multiplier of numbers that state no unit of their own.
    header
        As written; its unit of counts, fees and shares is heeded (that of areas is `factor`).
    today
        Nothing later has happened.

    Returns
    -------
    (n,) values, object dtype, None where missing, same index; and the problems found.

    Examples
    --------
    >>> from geo.schema import LAYERS
    >>> households = next(f for f in LAYERS["communities"] if f.name == "households")
    >>> values, problems = parse_column(pd.Series(["1，200户", "很多", "—"]), households)
    >>> values.tolist(), [p.rule for p in problems]
    ([1200, None, None], ['value.unreadable'])
    """
    read: Callable[[object], ParsedValue | str]
    if field.kind == "share":
        shares = ShareColumn.from_cells(column.tolist(), header)
        read = functools.partial(_read_share, field=field, shares=shares)
    else:
        unit = parse_header_factor(header, field)
        read = functools.partial(
            _read_value, field=field, factor=math.nan if unit is None else factor * unit, today=today
        )
    return _read_distinct(column, read)


def parse_years(
    column: pd.Series, field: Field, *, today: ReferenceDates = _NO_DATES
) -> tuple[pd.DataFrame, tuple[ValueProblem, ...]]:
    """Read a whole column of cells as years of construction.

    Parameters
    ----------
    column
        (n,) cells: text, numbers, dates or missing.
    field
        Its `least` and `most` bound every year.
    today
        Nothing later has happened.

    Returns
    -------
    (n, 4) columns `built_year`, `built_year_from`, `built_year_to`, `built_year_quality`, object dtype,
    same index; and the problems found.

    Examples
    --------
    >>> year = Field("built_year", "integer", "建成年份", least=1900, most=2100)
    >>> parse_years(pd.Series(["80年代", "2000年后", "1998"]), year)[0].values.tolist()
    [[1985, 1980, 1989, 'estimated'], [None, 2001, None, None], [1998, 1998, 1998, 'reported']]
    """
    read = functools.partial(_read_years, field=field, today=today)
    values, problems = _read_distinct(column, read)
    rows = [
        (None,) * 4
        if one is None
        else (one.year, one.first, one.last, None if one.year is None else "estimated" if one.is_guess else "reported")
        for one in values
    ]
    names = ["built_year", "built_year_from", "built_year_to", "built_year_quality"]
    return pd.DataFrame(rows, index=column.index, columns=names, dtype=object), problems


def _read_distinct(
    column: pd.Series, read: Callable[[object], ParsedValue | str]
) -> tuple[pd.Series, tuple[ValueProblem, ...]]:
    """The different cells of a column read once each."""
    codes, cells = _distinct_cells(column)
    results = [read(cell) for cell in cells]
    held = np.empty(len(results) + 1, dtype=object)
    held[:-1] = [None if isinstance(r, str) else r.value for r in results]
    bad = np.array([isinstance(r, str) for r in results] + [False])
    noted = np.array([isinstance(r, ParsedValue) and r.note is not None for r in results] + [False])
    problems = []
    for position in np.flatnonzero((bad | noted)[codes]):
        cell, result = cells[codes[position]], results[codes[position]]
        if isinstance(result, str):
            problems.append(ValueProblem(int(position), result, _format_cell(cell), True))
        elif result.note is not None:
            shown = None if result.note == "value.person_removed" else _format_cell(cell)
            problems.append(ValueProblem(int(position), result.note, shown, False))
    return pd.Series(held[codes], index=column.index, dtype=object), tuple(problems)


def _distinct_cells(column: pd.Series) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """For each row the position of its cell among the different ones (-1: missing), and those.

    In columns of mixed type 1, 1.0, True and "1" are four cells.
    """
    if column.dtype != object:
        codes, cells = pd.factorize(column)
        return codes, list(cells.tolist())
    seen: dict[Hashable, int] = {}
    mixed: list[Any] = []
    places = np.empty(len(column), dtype=np.intp)
    for position, cell in enumerate(column.tolist()):
        key = (type(cell).__name__, cell if isinstance(cell, Hashable) else str(cell))
        if key not in seen:
            seen[key] = len(mixed)
            mixed.append(cell)
        places[position] = seen[key]
    return places, mixed


def parse_value(cell: object, field: Field, factor: float = 1.0) -> ParsedValue:
    """Read one cell as a value of a field.

    Parameters
    ----------
    cell
        Text, number, date or missing.
    field
        What it should be.
    factor
        Multiplier of a number that states no unit of its own.

    Raises
    ------
    UnreadableValueError
        If the cell holds something else.

    Examples
    --------
    >>> parse_value("2009年建成", Field("built_year", "integer", "建成年份"))
    ParsedValue(value=2009, note=None)
    >>> parse_value("3.2万㎡", Field("floor_area_m2", "number", "建筑面积"))
    ParsedValue(value=32000.0, note=None)
    """
    if isinstance(cell, str) and cell in field.choices:
        return ParsedValue(cell)  # our own key, as an export writes it; "none" would read as a blank
    if is_blank(cell):
        return ParsedValue(None)
    return _choose_parser(field)(cell, field, factor)


def _read_value(cell: object, field: Field, factor: float, today: ReferenceDates) -> ParsedValue | str:
    """One cell as a value within its range, or the rule it breaks."""
    try:
        parsed = parse_value(cell, field, factor)
    except UnreadableValueError as error:
        return "value.unknown_code" if field.choices else error.rule
    value = parsed.value
    if value is None:
        return parsed
    if field.kind == "date":
        if is_out_of_range(value):
            return "value.out_of_range"
        return "value.future" if is_in_future(value, field, today.latest) else parsed
    if field.kind not in ("integer", "number"):
        return parsed
    if math.isnan(factor) and math.isnan(value):
        return "value.other_basis"
    return _check_range(parsed, field)


def _check_range(parsed: ParsedValue, field: Field) -> ParsedValue | str:
    """A figure within its range; counts are whole, rounded only where they are a guess."""
    value = parsed.value
    if not math.isfinite(value):
        return "value.unreadable"
    if field.kind == "integer":
        whole = math.floor(value + 0.5)
        if abs(value - whole) > 1e-6 and parsed.note != "value.range":
            return "value.not_whole"
        value = whole
    low = field.least is not None and value < field.least
    high = field.most is not None and value > field.most
    return "value.out_of_range" if low or high else ParsedValue(value, parsed.note)


def _read_share(cell: object, field: Field, shares: ShareColumn) -> ParsedValue | str:
    if is_blank(cell):
        return ParsedValue(None)
    try:
        parsed = shares.read(cell)
    except UnreadableValueError as error:
        return error.rule
    return parsed if parsed.value is None else _check_range(parsed, field)


def _read_years(cell: object, field: Field, today: ReferenceDates) -> ParsedValue | str:
    if is_blank(cell):
        return ParsedValue(None)
    try:
        built = parse_year(cell).limit_to(today.latest, today.data_date)
    except UnreadableValueError as error:
        return error.rule
    for year in (built.year, built.first, built.last):
        if year is not None and not (field.least or year) <= year <= (field.most or year):
            return "value.out_of_range"
    return ParsedValue(built, built.note)


def _parse_year(cell: object) -> ParsedValue:
    built: BuiltYear = parse_year(cell)
    return ParsedValue(built.year, built.note)


def _parse_share(cell: object) -> ParsedValue:
    return ShareColumn.from_cells([cell]).read(cell)


def _choose_parser(field: Field) -> Callable[[object, Field, float], ParsedValue]:
    if field.choices:
        return lambda cell, field, _: parse_choice(cell, field)
    if field.name.startswith("built_year"):
        return lambda cell, _field, _factor: _parse_year(cell)
    if field.kind == "share":
        return lambda cell, _field, _factor: _parse_share(cell)
    if field.kind in ("integer", "number"):
        return parse_number
    if field.kind == "date":
        return lambda cell, field, _factor: parse_end(cell) if field.name == "end_date" else parse_date(cell)
    if field.kind == "boolean":
        return lambda cell, field, _factor: parse_boolean(cell, field.name)
    if field.name == "district_code":
        return lambda cell, _field, _factor: parse_district_code(cell)
    if field.name == "uscc":
        return lambda cell, _field, _factor: ParsedValue(parse_credit_code(cell))
    if field.name.endswith(("_code", "_id")):
        return lambda cell, _field, _factor: parse_text(cell, is_code=True)
    return lambda cell, _field, _factor: parse_text(cell)


def _format_cell(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = remove_pii(str(cell))
    return text if len(text) <= 60 else text[:59] + "…"
