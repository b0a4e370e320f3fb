"""The unified social credit code of companies (GB 32100-2015) [S]."""

from __future__ import annotations

import re

from geo.values.numerals import to_half_width
from geo.values.parsed_value import UnreadableValueError

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(3**i % 31 for i in range(17))


def parse_credit_code(cell: object) -> str:
    """The code a cell holds: 18 signs, the last of which checks the others.

    Raises
    ------
    UnreadableValueError
        If it is no such code.

    Examples
    --------
    >>> parse_credit_code("９1350100m000100y43 ")
    '91350100M000100Y43'
    """
    if isinstance(cell, float):
        rule = "value.long_number" if abs(cell) >= 1e15 else "value.bad_uscc"
        raise UnreadableValueError(cell, rule)
    code = re.sub(r"[\s-]", "", to_half_width(str(cell))).upper().lstrip("'‘’")
    if re.fullmatch(r"\d\.\d+E\+\d+", code):
        raise UnreadableValueError(cell, "value.long_number")
    if len(code) != 18 or set(code) - set(_SIGNS) or check_character(code[:17]) != code[17]:
        raise UnreadableValueError(cell, "value.bad_uscc")
    return code


def check_character(first: str) -> str:
    """The 18th sign for the first 17.

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return _SIGNS[(31 - total % 31) % 31]
