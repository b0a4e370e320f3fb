"""Values that say what a column is where its header does not: "3005户", "65栋", "2009年建成"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

import pandas as pd

from geo.tables.headers import is_known_header, is_personal, is_qualified, map_columns
from geo.values.numerals import parse_written_number, to_half_width

VALUE_SCORE = 90.0
"""How sure a column is by its values, 0-100: reported as a guess."""
_LEAST_CELLS, _LEAST_SHARE = 3, 0.9
_UNITS = MappingProxyType(
    {
        "户数": re.compile(r"户|户居民|户住户|套|套住宅"),
        "楼栋数": re.compile(r"栋|幢|栋楼|幢楼|栋住宅|栋住宅楼"),
        "充电端口": re.compile(r"个?(端口|充电端口|充电口|插座|插口)"),
        "物业费": re.compile(r"元[/每]?(平米|平方米|㎡|m2|平方|平)([/·.每]*月)?|元/月/(平米|平方米|㎡|m2)"),
    }
)
"""By the header that would say it: what stands behind the number in every cell."""
_YEAR, _YEAR_HEADER = re.compile(r"(约)?(19|20)\d{2}年(建成|建|竣工|建造|交付)"), "建成年份"


def interpret_value_headers(frame: pd.DataFrame, columns: Sequence[str], meant: Sequence[str]) -> list[str]:
    """The headers, one nobody knows named after what the units in its values say.

    A header that says of what else a number is ("空置户数") keeps its name, and a field another
    header names is not filled twice.

    Parameters
    ----------
    frame
        The source's cells.
    columns
        n headers as they are written.
    meant
        n headers as they are understood so far.

    Returns
    -------
    n headers.

    Examples
    --------
    >>> frame = pd.DataFrame({"小区名称": list("甲乙丙"), "规模": ["3005户", "480 户", "约120户"]})
    >>> interpret_value_headers(frame, list(frame), list(frame))
    ['小区名称', '户数']
    """
    interpreted = list(meant)
    filled = set(map_columns(interpreted, "communities").fields)
    for place, column in enumerate(columns):
        if meant[place] != column or is_known_header(column) or is_personal(column):
            continue
        header = _header_of(frame[column])
        if header is None or is_qualified(column, header):
            continue
        fields = set(map_columns([header], "communities").fields)
        if header not in interpreted and not fields & filled:
            interpreted[place] = header
            filled |= fields
    return interpreted


def _header_of(cells: pd.Series) -> str | None:
    """The header the values would stand under; None where fewer than nine in ten say the same."""
    texts = [to_half_width(t) for t in cells.tolist() if isinstance(t, str) and t.strip()]
    said = [_header_of_cell(text) for text in texts]
    for header in (*_UNITS, _YEAR_HEADER):
        if said.count(header) >= max(_LEAST_CELLS, _LEAST_SHARE * cells.notna().sum()):
            return header
    return None


def _header_of_cell(text: str) -> str | None:
    if _YEAR.fullmatch(text):
        return _YEAR_HEADER
    written = parse_written_number(text)
    if isinstance(written, str):
        return None
    unit = written.upper_unit if written.upper is not None else written.unit
    return next((header for header, words in _UNITS.items() if words.fullmatch(unit or "")), None)
