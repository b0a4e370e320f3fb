"""Figures of a field: numbers with the units that make sense there, and shares."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from geo.schema import Field
from geo.values.numerals import WrittenNumber, parse_written_number, to_half_width
from geo.values.parsed_value import ParsedValue, UnreadableValueError

SQUARE_METRES = MappingProxyType(
    {
        "㎡": 1.0,
        "m2": 1.0,
        "平方米": 1.0,
        "平米": 1.0,
        "平方": 1.0,
        "平": 1.0,
        "万㎡": 1e4,
        "万m2": 1e4,
        "万平方米": 1e4,
        "万平米": 1e4,
        "万平方": 1e4,
        "万平": 1e4,
        "公顷": 1e4,
        "ha": 1e4,
        "hm2": 1e4,
        "亩": 2000 / 3,
        "km2": 1e6,
        "平方公里": 1e6,
    }
)
"""Units of area in square metres; 15 亩 are one hectare."""

Scale = Literal["fraction", "percent"]


def parse_number(cell: object, field: Field, factor: float = 1.0) -> ParsedValue:
    """Read a number with thousands separators, full-width digits, 万 and units.

    Parameters
    ----------
    cell
        A number or text.
    field
        Tells what units make sense: areas for names ending in `_m2`, yuan for fees, what is counted
        for counts.
    factor
        Multiplier of a number that states no unit of its own.

    Raises
    ------
    UnreadableValueError
        If it is no number, a bound of one, or has a unit of another kind.

    Examples
    --------
    >>> fee = Field("fee_yuan_m2_month", "number", "物业费")
    >>> parse_number("1.14至2.48元/平米/月", fee)
    ParsedValue(value=1.81, note='value.range')
    >>> parse_number("１２３", Field("households", "integer", "户数")).value
    123.0
    """
    if isinstance(cell, bool | datetime.date):
        raise UnreadableValueError(cell)
    if isinstance(cell, (int, float)):
        return ParsedValue(float(cell) * factor)
    text = str(cell)
    if to_half_width(text) in _NOTHING:
        if field.kind == "integer" and field.least == 0:
            return ParsedValue(0.0, "value.none_is_zero")
        return ParsedValue(None)
    written = _written(text)
    if written.upper is None:
        return ParsedValue(_apply_scale(written.value, written.unit, field, factor), written.note)
    if field.name in _PLACES:
        raise UnreadableValueError(text)
    low = _apply_scale(written.value, written.unit, field, factor)
    high = _apply_scale(written.upper, written.upper_unit, field, factor)
    return _midpoint(low, high, text)


@dataclass(frozen=True)
class ShareColumn:
    """How the plain numbers of a column of shares are meant.

    Parameters
    ----------
    scale
        What the numbers are that can be both: fractions, or per cents.
    is_mixed
        Whether there are both.
    is_told
        Whether fractions are reported as a guess.
    """

    scale: Scale = "fraction"
    is_mixed: bool = False
    is_told: bool = False

    @classmethod
    def from_cells(cls, cells: Iterable[object], header: str = "") -> ShareColumn:
        """Judge a column: numbers above 1 are per cents, those below 1 fractions.

        Parameters
        ----------
        cells
            All cells of the column.
        header
            Its name; one with % says that numbers are per cents.

        Examples
        --------
        >>> ShareColumn.from_cells([0.85, 0.9, "85"]), ShareColumn.from_cells(["85", 1])
        (ShareColumn(scale='fraction', is_mixed=True, is_told=False), \
ShareColumn(scale='percent', is_mixed=False, is_told=False))
        """
        numbers = [n for n in map(_plain_number, cells) if n is not None]
        above = sum(n > 1 for n in numbers)
        below = sum(0 < n < 1 for n in numbers)
        if not above:
            return cls("fraction", False, not below or _says_percent(header))
        if _says_percent(header):
            return cls("percent", below > 0)
        return cls("fraction" if below > above else "percent", below > 0)

    def read(self, cell: object) -> ParsedValue:
        """One cell as a share between 0 and 1.

        Raises
        ------
        UnreadableValueError
            If it is none, or what it means cannot be known.
        """
        if isinstance(cell, bool | datetime.date):
            raise UnreadableValueError(cell)
        if isinstance(cell, (int, float)):
            return self._plain(float(cell), cell)
        text = str(cell)
        if to_half_width(text) in _NOTHING:
            return ParsedValue(None)
        written = _written(text)
        low = self._one(written.value, written.unit, text)
        if written.upper is None:
            return ParsedValue(low.value, written.note or low.note)
        return _midpoint(low.value, self._one(written.upper, written.upper_unit, text).value, text)

    def _one(self, number: float, unit: str, text: str) -> ParsedValue:
        if unit == "":
            return self._plain(number, text)
        if unit == "%":
            return ParsedValue(round(number / 100, 12))
        if unit == "成" and number <= 10:
            return ParsedValue(round(number / 10, 12), "value.approximate")
        raise UnreadableValueError(text)

    def _plain(self, number: float, cell: object) -> ParsedValue:
        if number <= 0:
            return ParsedValue(number)
        if self.scale == "percent":
            if number <= 1:
                raise UnreadableValueError(cell, "value.share_unclear")
            return ParsedValue(round(number / 100, 12))
        if number <= 1:
            unsure = self.is_told or (number == 1 and self.is_mixed)
            return ParsedValue(number, "value.share_scale" if unsure else None)
        if number <= 10:
            raise UnreadableValueError(cell, "value.share_unclear")
        return ParsedValue(round(number / 100, 12), "value.share_mixed")


def parse_header_factor(header: str, field: Field) -> float | None:
    """What numbers without a unit are multiplied by, as given by a header's unit; 1.0 where it is silent.

    Areas are not looked at here: `geo.tables.headers.ColumnMatch.factor` has their unit.

    Parameters
    ----------
    header
        As written.
    field
        What the column fills.

    Returns
    -------
    The factor; None where the unit cannot be converted, as of a fee for a household.

    Examples
    --------
    >>> households = Field("households", "integer", "户数")
    >>> fee = Field("fee_yuan_m2_month", "number", "物业费")
    >>> parse_header_factor("户数（千户）", households), parse_header_factor("物业费(元/㎡·年)", fee)
    (1000.0, 0.08333333333333333)
    >>> parse_header_factor("物业费（元/户·月）", fee) is None
    True
    """
    plain = re.sub(r"\s+", "", to_half_width(header))
    inside = re.findall(r"[(\[【〔<](.*?)[)\]】〕>]", plain) or re.findall(r"元.*$", plain)
    for part in inside:
        part = re.sub(r"^单位[:：]?", "", part)
        if field.kind == "integer":
            big = re.fullmatch(r"([百千万亿])(.{0,2})", part)
            if big and (not big.group(2) or big.group(2) in _counted(field)):
                return _BIG[big.group(1)]
        if "fee_yuan" in field.name and "元" in part:
            try:
                return _fee_scale(part)
            except UnreadableValueError:
                return None
    return 1.0


def _written(text: str) -> WrittenNumber:
    written = parse_written_number(text)
    if isinstance(written, str):
        raise UnreadableValueError(text, written)
    return written


def _midpoint(low: float, high: float, text: str) -> ParsedValue:
    if high < low:
        raise UnreadableValueError(text)
    return ParsedValue(round((low + high) / 2, 6), "value.range" if high > low else None)


def _plain_number(cell: object) -> float | None:
    """A cell that is a number and nothing else."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return float(cell)
    if not isinstance(cell, str):
        return None
    plain = to_half_width(cell)
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?|\.\d+", plain) else None


def _says_percent(header: str) -> bool:
    return re.search(r"%|百分", to_half_width(header)) is not None


def _apply_scale(value: float, unit: str, field: Field, factor: float) -> float:
    """A number times what its unit says; the header's factor only where it has none."""
    unit = re.sub(r"^(?:个|约)(?=.)", "", unit)
    if not unit:
        return value * factor
    if unit in _BIG and not ("fee_yuan" in field.name or field.name in _PLACES):
        return round(value * _BIG[unit], 6)
    if field.name.endswith("_m2"):
        scale = SQUARE_METRES.get(unit)
        if scale is None:
            raise UnreadableValueError(unit)
        return value * scale
    if "fee_yuan" in field.name:
        return value * (factor if unit == "元" else _fee_scale(unit))
    big = unit[0] in _BIG
    if (unit[1:] if big else unit) not in _counted(field):
        raise UnreadableValueError(unit)
    return round(value * _BIG[unit[0]], 6) if big else value


def _fee_scale(unit: str) -> float:
    """Yuan per square metre and month; other bases cannot be compared."""
    plain = re.sub(r"每|平方米|平米|㎡|平方|m2|平", lambda m: "/" if m.group() == "每" else "m2", unit)
    plain = re.sub(r"[/.·*•,、]+", "/", plain)
    if re.fullmatch(r"元|元/?m2(/?月)?|元/月/m2|/m2(/月)?", plain):
        return 1.0
    if re.fullmatch(r"元/?m2/?年|元/年/m2|/m2/年", plain):
        return 1 / 12
    raise UnreadableValueError(unit)


def _counted(field: Field) -> frozenset[str]:
    return _COUNTED.get(field.name, frozenset())


_BIG = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_PLACES = frozenset({"lon", "lat", "x", "y"})
_NOTHING = frozenset({"无", "没有", "×", "x", "否"})
_PEOPLE = frozenset({"人", "名", "位", "员", "个人"})
_BAYS = frozenset({"个", "位", "车位", "泊位"})
_COUNTED = {
    "households": frozenset({"户", "套", "家", "户数", "户居民", "户住户"}),
    "building_count": frozenset({"栋", "幢", "座", "楼", "栋楼", "个", "栋住宅", "栋住宅楼"}),
    "floors_above": frozenset({"层", "楼", "f", "层楼"}),
    "height_m": frozenset({"米", "m"}),
    "ports": frozenset({"个", "口", "端口", "位", "路", "孔", "插座", "插口", "接口", "充电口", "充电端口"}),
    "piles": frozenset({"个", "台", "桩", "根", "充电桩"}),
    "project_count": frozenset({"个", "项", "处", "项目"}),
    "training_count_year": frozenset({"次", "期", "场", "回"}),
    "ebikes": frozenset({"辆", "台", "个"}),
    "cars_registered": frozenset({"辆", "台", "个"}),
    **dict.fromkeys(("bays_fixed", "bays_public", "ev_bays_built", "ev_bays_reserved"), _BAYS),
    **dict.fromkeys(
        ("staff_total", "staff_professional", "trained_prejob", "trained_ce", "member_count", "party_member_count"),
        _PEOPLE,
    ),
}
"""What is counted by each field: a number of other things is not the figure."""
