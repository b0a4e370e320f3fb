"""Cells that are text: blanks, free text, codes, and names of a code list."""

from __future__ import annotations

import datetime
import functools
import math
import re
import unicodedata

import pandas as pd

from geo.pii import remove_pii
from geo.schema import Field
from geo.values.code_synonyms import CHOICES
from geo.values.parsed_value import ParsedValue, UnreadableValueError


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing: empty, a dash, "暂无信息", "未知".

    Examples
    --------
    >>> [is_blank(c) for c in (None, " ", "——", "暂无信息", "0", 0, "无")]
    [True, True, True, True, False, False, False]
    """
    if cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)):
        return True
    return isinstance(cell, str) and _is_blank_text(cell)


@functools.lru_cache(maxsize=65_536)
def _is_blank_text(text: str) -> bool:
    return _normalise(text).lower() in _BLANKS


def parse_text(text: object, *, is_code: bool = False) -> ParsedValue:
    r"""Read text: outer and doubled blanks go, whole numbers lose their ".0".

    Telephones, identity numbers and plates inside free text are removed.

    Parameters
    ----------
    text
        A cell that is not blank.
    is_code
        Whether it is a code: without blanks, and refused where digits were lost.

    Examples
    --------
    >>> parse_text(150203001.0).value, parse_text(" 红星 小区\n").value
    ('150203001', '红星 小区')
    >>> parse_text("门卫 13800138000")
    ParsedValue(value='门卫', note='value.person_removed')
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        if is_code and isinstance(text, float) and abs(text) >= 1e15:
            raise UnreadableValueError(text, "value.long_number")
        return ParsedValue(str(int(text)) if float(text).is_integer() else str(text))
    if isinstance(text, (datetime.date, datetime.datetime)):
        return ParsedValue(text.isoformat())
    plain = str(text)
    if is_code and re.fullmatch(r"\s*\d(\.\d+)?[eE]\+\d{2,3}\s*", plain):
        raise UnreadableValueError(text, "value.long_number")
    if is_code and plain.isascii() and plain.isalnum():
        return ParsedValue(plain)
    plain = re.sub(r"\s+", " ", plain).strip().lstrip("'‘’")
    if is_code:
        plain = unicodedata.normalize("NFKC", plain).replace(" ", "")
        return ParsedValue(re.sub(r"(?<=\d)\.0+$", "", plain) or None)
    kept = remove_pii(plain)
    if kept == plain:
        return ParsedValue(plain or None)
    return ParsedValue(kept.strip(" ,，;；:：()（）、") or None, "value.person_removed")


def parse_choice(text: object, field: Field) -> ParsedValue:
    """Read a key of a code list from its key, its Chinese label or a local name.

    Parameters
    ----------
    text
        A cell that is not blank.
    field
        Its `choices` are the keys.

    Raises
    ------
    UnreadableValueError
        If no key of the list is meant.

    Examples
    --------
    >>> from geo.schema import MANAGEMENT_MODES
    >>> mode = Field("management_mode", "text", "管理方式", choices=MANAGEMENT_MODES)
    >>> [parse_choice(t, mode).value for t in ("市场化物业", "准物业", "街道办事处（委员会）代管物业")]
    ['professional', 'quasi', 'community_custody']
    """
    plain = _normalise(str(text)).lower()
    if plain in field.choices:
        return ParsedValue(plain)
    for choice in field.choices:
        if plain == choice.lower():
            return ParsedValue(choice)
    for key, pattern in CHOICES.get(field.name, ()):
        if (not key or key in field.choices) and re.search(pattern, plain):
            note = "value.has_manager" if key == "unknown" and plain in _YES else None
            return ParsedValue(key or None, note)
    raise UnreadableValueError(plain)


def parse_mode_in_name(name: str) -> str | None:
    """The management mode that stands where a company's name should ("无物业管理服务").

    Examples
    --------
    >>> parse_mode_in_name("单位自管物业"), parse_mode_in_name("北京喜莱达物业管理有限公司")
    ('unit_self', None)
    """
    plain = _normalise(name).lower()
    if re.search(r"公司|集团|中心$|企业|合作社|服务部|物业部|物业处", plain):
        return None
    for key, pattern in CHOICES["management_mode"]:
        if key not in ("professional", "unknown") and re.search(pattern, plain):
            return key
    return None


def parse_district_code(cell: object) -> ParsedValue:
    """A district code without the 156 of China that GB/T 2659 puts before it."""
    parsed = parse_text(cell, is_code=True)
    if isinstance(parsed.value, str) and re.fullmatch(r"156\d{6}", parsed.value):
        return ParsedValue(parsed.value[3:], parsed.note)
    return parsed


def _normalise(text: str) -> str:
    """Half-width text without blanks."""
    if text.isascii() and text.isalnum():
        return text
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


_BLANKS = frozenset(
    [
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "/",
        "\\",
        "//",
        "空",
        "暂无",
        "暂无信息",
        "暂无数据",
        "无数据",
        "未知",
        "不详",
        "待定",
        "待补",
        "待查",
        "未填",
        "nan",
        "nat",
        "none",
        "null",
        "n/a",
        "na",
        "#n/a",
        "?",
        "？",
        "…",
        "...",
        ".",
        "*",
    ]
)


_YES = frozenset({"√", "✓", "✔", "☑", "有", "是", "y", "yes", "true", "t", "1", "对"})
