"""A number as people write it: digits, separators, Chinese numerals, "about", "from … to …"."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class WrittenNumber(NamedTuple):
    """A number as it stands in a cell.

    Parameters
    ----------
    value
        The number, of a span its lower end.
    unit
        What stands behind it, lower case, half-width, without blanks; "" where nothing does.
    upper, upper_unit
        The upper end of a span; None where one number is written.
    note
        Rule of the doubt where the reading is a guess: "value.approximate", "value.spaced_number".
    """

    value: float
    unit: str
    upper: float | None = None
    upper_unit: str = ""
    note: str | None = None


def parse_written_number(text: str) -> WrittenNumber | str:
    """A number and its unit, or the rule that says why a careful clerk would not read one.

    Thousands are marked by commas or thin blanks in groups of three; groups of another length
    ("1,2", "12,00"), two numbers ("2 3", "120/130") and bounds ("120+", "≥120") are no number.

    Examples
    --------
    >>> parse_written_number("1，200户"), parse_written_number("约一百二十户")
    (WrittenNumber(value=1200.0, unit='户', upper=None, upper_unit='', note=None), \
WrittenNumber(value=120.0, unit='户', upper=None, upper_unit='', note='value.approximate'))
    >>> parse_written_number("2 3"), parse_written_number("1,23"), parse_written_number("≥120")
    ('value.unreadable', 'value.unreadable', 'value.bound')
    """
    note = None
    if _THIN.search(text):
        text = _THIN.sub("", text)
    if re.search(r"\d\s+[.,]\d|\d[.,]\s+\d", unicodedata.normalize("NFKC", text)):
        return "value.unreadable"
    plain = to_half_width(text)
    plain = re.sub(r"[。;,]+$", "", plain)
    bare = _ABOUT.sub("", plain)
    bare = _MORE_OR_LESS.sub("", bare)
    if bare != plain:
        note = "value.approximate" if _SAYS_ABOUT.search(plain) else None
    if _BOUND.search(bare):
        return "value.bound"
    if re.search(r"\d \d", bare):
        spaced = re.sub(r"(?<![\d.])([1-9]\d{0,2})((?: \d{3})+)(?![\d ])", _join_digits, bare)
        if re.search(r"\d \d", spaced):
            return "value.unreadable"
        bare, note = spaced, "value.spaced_number"
    span = re.fullmatch(rf"({_NUMBER})({_UNIT}?)(?:-+|—+|–|~|至|到)({_NUMBER})({_UNIT})", bare)
    if span:
        low, high = _value(span.group(1)), _value(span.group(3))
        if low is None or high is None:
            return "value.unreadable"
        return WrittenNumber(low, span.group(2) or span.group(4), high, span.group(4), note)
    one = re.fullmatch(rf"([+-]?)({_NUMBER})(.*)", bare)
    if not one:
        return "value.unreadable"
    value = _value(one.group(2))
    unit = one.group(3)
    if re.search(r"[余多]", unit[:1]) or re.search(r"[余多]$", unit):
        unit, note = re.sub(r"^[余多]|[余多]$", "", unit), "value.approximate"
    if value is None or re.search(r"^[.,·、/:'’]*\d", unit):
        return "value.unreadable"
    return WrittenNumber(-value if one.group(1) == "-" else value, unit, None, "", note)


def to_half_width(text: str) -> str:
    """Half-width lower-case text; blanks stay between digits only, one each.

    Examples
    --------
    >>> to_half_width(" １ ２ 户 "), to_half_width("2024-5-12 8:30")
    ('1 2户', '2024-5-12 8:30')
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower()
    return re.sub(r"(?<!\d) | (?!\d)", "", plain)


def parse_hanzi(text: str) -> int | None:
    """A whole number in Chinese numerals below 100,000,000; None where it is none.

    Examples
    --------
    >>> [parse_hanzi(t) for t in ("一百二十", "两百五", "三千零五", "一万二千", "十六", "一二", "百")]
    [120, 250, 3005, 12000, 16, None, None]
    """
    if not text or set(text) - set(_DIGITS) - set(_STEPS) - {"万"}:
        return None
    upper, mark, lower = text.rpartition("万")
    if mark:
        high = _below_ten_thousand(upper)
        low = 0 if not lower else _below_ten_thousand(lower, after=10_000)
        return None if high is None or low is None else high * 10_000 + low
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str, after: int = 0) -> int | None:
    """Numerals of 千, 百, 十 and ones; `after`: the step just before, as 万 in 一万二千."""
    if not text or "万" in text:
        return None
    total, last, digit, zero = 0, after or 100_000, None, False
    for at, char in enumerate(text):
        if char in _STEPS:
            step = _STEPS[char]
            if step >= last or (digit is None and not (char == "十" and at == 0 and not after)):
                return None
            total, last, digit, zero = total + (digit or 1) * step, step, None, False
        elif char in "零〇":
            if digit is not None or zero or last in (10, 1) or (at == 0 and not after):
                return None
            zero = True
        else:
            if digit is not None:
                return None
            digit = _DIGITS[char]
    if digit is None:
        return None if zero else total
    if last >= 100_000 or zero or last == 10:
        return total + digit
    return total + digit * (last // 10)  # 两百五 is 250


def _value(text: str) -> float | None:
    if text[0].isdigit() or text[0] == ".":
        return float(re.sub(r"[,']", "", text))
    value = parse_hanzi(text)
    return None if value is None else float(value)


def _join_digits(match: re.Match[str]) -> str:
    return match.group().replace(" ", "")


_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_STEPS = {"千": 1000, "百": 100, "十": 10}
_HANZI = r"[零〇一二两三四五六七八九十百千万]*[零〇一二两三四五六七八九十百千]"
_NUMBER = (
    r"(?:(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:'\d{3})+|\d+)(?:\.\d+)?|\.\d+|"
    rf"{_HANZI}|{_HANZI}万(?![㎡m平]))"
)
_UNIT = r"(?:[^\d]|(?<=[mM])2)*"
_THIN = re.compile(r"(?<=\d)[\u00a0\u2009\u202f\u2007](?=\d{3}(?:\D|$))")
_ABOUT = re.compile(r"^(约为|大约|大概|约计|近似|约|近|共计|共有|共|合计|总计|≈|~)+")
_MORE_OR_LESS = re.compile(r"(左右|上下|余|多|\?)+$")
_SAYS_ABOUT = re.compile(r"约|大概|近|≈|^~|左右|上下|余|多|\?")
_BOUND = re.compile(
    r"^(≥|≤|>|<|=>|>=|<=|不少于|不低于|不超过|不足|超过|超|至少|至多|最多|最少|大于|小于|低于|高于)"
    r"|(\+|以上|以下|以内|以外|及以上|及以下)$"
)
