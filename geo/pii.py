"""Data about persons, recognised by value: telephones, identity numbers, plates, room numbers."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Sequence

_MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}"
_LANDLINE = r"0\d{2,3}[-—–]\d{7,8}(?:[-转]\d{1,5})?|\(0\d{2,3}\)\s?\d{7,8}"
_IDENTITY = r"\d{17}[\dXx]"
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][·.\-\s]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警]"
)
_PHONES = re.compile(rf"(?<![\d.])(?:{_MOBILE}|{_LANDLINE})(?![\d.])")
_IDENTITIES = re.compile(rf"(?<![\dA-Za-z]){_IDENTITY}(?![\dA-Za-z])")
_PLATES = re.compile(rf"{_PLATE}(?![A-Za-z0-9])")
_MAY_HOLD = re.compile(r"\d[\d· .\-]{2}|[A-Z][·.\-\s]?[A-Z0-9]{4}")
_ROOM = re.compile(
    r"\d{1,3}[-#栋幢座号楼]{1,3}\d{1,2}[-单元门#]{1,2}\d{3,4}[室号房]?|\d{1,2}单元\d{3,4}[室号房]?|\d{3,4}室"
)  # two or more parts: a bare "60-120" is a range
_SAMPLE = 1000
_SIGNS = (("telephone", _PHONES), ("identity", _IDENTITIES), ("plate", _PLATES), ("room", _ROOM))

KINDS_ZH = {"telephone": "电话", "identity": "身份证号", "plate": "车牌号", "room": "房号"}
"""What is recognised, in Chinese."""


def detect_pii(cells: Sequence[object]) -> str | None:
    """Whether most cells of a column are data about persons, and of which kind.

    Parameters
    ----------
    cells
        (n,) cells of any type; blank ones do not count. Of long columns about 1,000 are looked at.

    Returns
    -------
    "telephone", "identity", "plate" or "room" where at least half of the cells, and two of them,
    are nothing else; None otherwise.

    Examples
    --------
    >>> detect_pii(["13800138000", "0472-5123456", None])
    'telephone'
    >>> detect_pii(["3-2-501", "1号楼2单元301室"]), detect_pii(["6", "12"])
    ('room', None)
    """
    step = max(1, len(cells) // _SAMPLE)
    texts = [text for text in map(_normalise, cells[::step]) if text]
    for kind, pattern in _SIGNS:
        hits = sum(_matches(kind, pattern, text) for text in texts)
        if hits >= 2 and 2 * hits >= len(texts):
            return kind
    return None


def remove_pii(text: str) -> str:
    """A text without the telephones, identity numbers and plates in it.

    Examples
    --------
    >>> remove_pii("门卫 13800138000, 车牌蒙B·12345")
    '门卫 , 车牌'
    >>> remove_pii("红星路1号 0472-5123456"), remove_pii("150203001012")
    ('红星路1号 ', '150203001012')
    """
    if not _MAY_HOLD.search(text):
        return text
    text = _IDENTITIES.sub(lambda m: "" if is_identity_number(m.group()) else m.group(), text)
    return _PLATES.sub("", _PHONES.sub("", text))


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a birth date inside and the right check digit.

    Examples
    --------
    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    if not re.fullmatch(_IDENTITY, text):
        return False
    try:
        datetime.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], weights, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> bool:
    hit = pattern.fullmatch(text)
    return hit is not None and (kind != "identity" or is_identity_number(text))


def _normalise(cell: object) -> str:
    if isinstance(cell, bool) or cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell)))
