"""Codes of statistics and land surveys (GEOCODE, 统计用区划代码): their digits say of what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from geo.tables.header_text import normalise_header
from geo.tables.headers import ColumnMap, map_columns

_HEADERS = frozenset(
    normalise_header(word)
    for word in (
        "geocode",
        "geo_code",
        "区划代码",
        "统计用区划代码",
        "统计区划代码",
        "统计用区划代码和城乡划分代码",
        "行政区划代码",
        "行政区代码",
        "xzqdm",
        "xzqhdm",
        "qhdm",
        "tjqhdm",
        "pac",
        "adcode",
        "regioncode",
        "region_code",
        "towncode",
        "town_code",
        "街道代码",
        "街镇代码",
        "jddm",
        "xzjddm",
        "admincode",
        "gb_code",
    )
)
_LEVEL_HEADERS = {"district": "旗县区代码", "street": "街道代码", "neighbourhood": "社区代码"}


def classify_code(code: object) -> str | None:
    """What a code of 6, 9 or 12 digits is of: "district", "street" or "neighbourhood".

    Examples
    --------
    >>> [classify_code(c) for c in ("150203", "150203001", "150203001000", "150203001002", 150203000000)]
    ['district', 'street', 'street', 'neighbourhood', 'district']
    >>> classify_code("12345") is None
    True
    """
    digits = _digits(code)
    if len(digits) not in (6, 9, 12) or digits[:1] == "0":
        return None
    digits = re.sub(r"^(\d{6})000(000)?$", r"\1", digits)
    if len(digits) == 12 and digits.endswith("000"):
        digits = digits[:9]
    return {6: "district", 9: "street", 12: "neighbourhood"}[len(digits)]


def interpret_code_headers(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The headers, a column of area codes named after what its values are codes of.

    Parameters
    ----------
    frame
        The source's cells.
    columns
        Its headers; those that no code is recognised by stay as they are.

    Examples
    --------
    >>> interpret_code_headers(pd.DataFrame({"GEOCODE": ["150203001000"], "NAME": ["甲"]}), ["GEOCODE", "NAME"])
    ['街道代码', 'NAME']
    """
    interpreted = list(columns)
    for place, column in enumerate(columns):
        if normalise_header(column) not in _HEADERS:
            continue
        levels = {classify_code(cell) for cell in frame[column].dropna().tolist()}
        if len(levels) == 1 and (level := levels.pop()) is not None and _LEVEL_HEADERS[level] not in interpreted:
            interpreted[place] = _LEVEL_HEADERS[level]  # one column for each level: the first
    return interpreted


def map_interpreted_columns(columns: Sequence[str], meant: Sequence[str], layer: str) -> ColumnMap:
    """Map columns by what their headers mean, and keep the headers as they are written.

    Parameters
    ----------
    columns
        n headers as they are written.
    meant
        n headers as they are understood.
    layer
        What the table holds, a name of `geo.schema.IMPORTABLE`.
    """
    found = map_columns(list(meant), layer, guess=True)
    written = dict(zip(meant, columns, strict=True))
    return replace(
        found,
        matches=tuple(replace(m, source=written[m.source]) for m in found.matches),
        ignored=tuple(written[c] for c in found.ignored),
        personal=tuple(written[c] for c in found.personal),
        doubled=tuple(written[c] for c in found.doubled),
        spare=tuple(replace(m, source=written[m.source]) for m in found.spare),
    )


def _digits(code: object) -> str:
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    text = re.sub(r"\.0$", "", str(code).strip())
    return text if text.isdecimal() else ""
