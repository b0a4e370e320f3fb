"""Dates as people write them, and checks of their range."""

from __future__ import annotations

import datetime
import re

from geo.schema import Field
from geo.values.numerals import parse_hanzi, to_half_width
from geo.values.parsed_value import ParsedValue, UnreadableValueError

_EARLIEST, _LATEST = "1949-01-01", "2100-12-31"
_ENDLESS = re.compile(
    r"[（(]?(长期(有效|合同|服务)?|永久|无(固定)?期限|不定期|不限期|9999[-/.年]?12[-/.月]?31日?)[）)]?"
)
_AHEAD = frozenset({"start_date", "end_date"})
"""Days that may lie in the future: a contract is signed before it begins."""


def parse_date(cell: object) -> ParsedValue:
    """Read a day as ISO text; where day or month is missing, the first one.

    Raises
    ------
    UnreadableValueError
        If it is no day of the calendar.

    Examples
    --------
    >>> [parse_date(t).value for t in ("2024年5月1日", "2024/5/1", "二〇二四年五月一日", "2024.5")]
    ['2024-05-01', '2024-05-01', '2024-05-01', '2024-05-01']
    """
    if isinstance(cell, datetime.datetime):
        return ParsedValue(cell.date().isoformat())
    if isinstance(cell, datetime.date):
        return ParsedValue(cell.isoformat())
    if isinstance(cell, float):
        if not cell.is_integer():  # 2024.1 is January or October: the cell has lost its last nought
            if not re.fullmatch(r"\d{4}\.([2-9]|1[12]|0[1-9])", repr(cell)):
                raise UnreadableValueError(cell)
        else:
            cell = int(cell)
    plain = replace_hanzi_day(to_half_width(str(cell)))
    plain = re.sub(r"[ t]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?z?$", "", plain)
    plain = re.sub(r"(?<=\d\d) (?=\d)|(?<=\d) (?=[-/.])", "", plain) if "年" in plain else plain
    if re.fullmatch(r"[2-5]\d{4}(\.0+)?", plain) and 32_874 <= float(plain) <= 58_440:  # 1990-2059
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(plain)))
        return ParsedValue(day.isoformat(), "value.excel_serial")
    parts = (
        re.fullmatch(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", plain)
        or re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", plain)
        or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", plain)
    )
    note = None
    if not parts:
        parts = re.fullmatch(r"(\d{4})年?()()", plain) or re.fullmatch(r"(\d{4})[-/.年](\d{1,2})月?()", plain)
        note = "value.partial_date"
    if not parts:
        raise UnreadableValueError(plain)
    year, month, day_ = (int(p) if p else 1 for p in parts.groups() if p not in ("-", "/", "."))
    try:
        return ParsedValue(datetime.date(year, month, day_).isoformat(), note)
    except ValueError as error:
        raise UnreadableValueError(plain) from error


def parse_end(cell: object) -> ParsedValue:
    """Read the day on which something ends; a contract without an end has the last day there is.

    Raises
    ------
    UnreadableValueError
        If it is no day of the calendar.

    Examples
    --------
    >>> [parse_end(t).value for t in ("2023.3.1—2026.2.28", "长期有效", "2023-03-01至长期", "9999-12-31")]
    ['2026-02-28', '2100-12-31', '2100-12-31', '2100-12-31']
    """
    cell = last_day(cell)
    plain = re.sub(r"\s", "", str(cell))
    if _ENDLESS.fullmatch(plain):
        return ParsedValue(_LATEST, "value.open_end")
    return parse_date(cell)


def last_day(cell: object) -> object:
    """Of a cell that says from when until when, what stands after the "until"; any other cell as it is.

    Examples
    --------
    >>> last_day("2023年3月1日至2026年2月28日"), last_day("2023.3.1—2026.2.28"), last_day("2026-02-28")
    ('2026年2月28日', '2026.2.28', '2026-02-28')
    """
    parts = re.split(r"\s*(?:至|到|~|～|—+|–|--+)\s*", cell.strip()) if isinstance(cell, str) else []
    return parts[1] if len(parts) == 2 and all(parts) else cell


def replace_hanzi_day(text: str) -> str:
    """Year, month and day in Chinese numerals as digits; what else there is stays.

    Examples
    --------
    >>> replace_hanzi_day("二〇二四年十一月三十日"), replace_hanzi_day("一九九八年五月")
    ('2024年11月30日', '1998年5月')
    """
    text = re.sub(r"^[零〇○一二三四五六七八九]{4}(?=年)", _year_digits, text)
    return re.sub(r"[一二三四五六七八九十]{1,3}(?=[月日号])", _plain_number, text)


def _year_digits(match: re.Match[str]) -> str:
    return "".join(str("零一二三四五六七八九".find(char)).replace("-1", "0") for char in match.group())


def _plain_number(match: re.Match[str]) -> str:
    value = parse_hanzi(match.group())
    return match.group() if value is None else str(value)


def is_out_of_range(day: str) -> bool:
    """Whether an ISO day lies before or after all that can be meant.

    Examples
    --------
    >>> is_out_of_range("1900-01-01"), is_out_of_range("2024-05-01"), is_out_of_range("2204-05-01")
    (True, False, True)
    """
    return not _EARLIEST <= day <= _LATEST


def is_in_future(day: str, field: Field, latest: datetime.date | None) -> bool:
    """Whether an ISO day of something that has happened lies in the future.

    Parameters
    ----------
    day
        ISO date.
    field
        Ends of contracts may lie in the future.
    latest
        Nothing later has happened; None = nothing is in the future.

    Examples
    --------
    >>> filed = Field("established_date", "date", "成立日期")
    >>> is_in_future("2035-01-01", filed, datetime.date(2026, 1, 1))
    True
    """
    return latest is not None and field.name not in _AHEAD and day > latest.isoformat()
