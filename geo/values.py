"""Values as people type them ("1，200户", "3.2万㎡", "80年代"), read as the fields they belong to."""

from __future__ import annotations

import datetime
import functools
import math
import re
import unicodedata
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.code_words import CHOICES
from geo.columns import SQUARE_METRES
from geo.personal import without_personal
from geo.schema import Field

NOTES: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "value.range": (
            "写的是一个范围, 取了中间值; 请改为一个数。",
            "A range was written; its middle was taken. Replace it by one number.",
        ),
        "value.year_range": (
            "写的是一段年份, 取了最早的一年(用于判断是否老旧)。",
            "A span of years was written; the first year was taken (it decides what is old).",
        ),
        "value.decade": (
            "只写了年代, 取了年代的第一年; 请补准确年份。",
            "Only a decade was written; its first year was taken. Give the exact year.",
        ),
        "value.two_digit_year": (
            "年份只有两位, 按 20 世纪理解; 请改为四位。",
            "The year has two digits and was read as 19xx. Write four digits.",
        ),
        "value.partial_date": (
            "日期不完整, 取了该月或该年的第一天; 请补全。",
            "The date is incomplete; its first day was taken. Complete it.",
        ),
        "value.none_is_zero": (
            "写的是“无”, 记为 0; 如果是未知, 请留空。",
            "'None' was written and stored as 0. Leave it blank if it is unknown.",
        ),
        "value.has_manager": (
            "只写了“有”, 看不出是哪种管理方式, 记为未知; 请写明。",
            "It only says 'yes', not which way of management; stored as unknown. State it.",
        ),
        "value.long_number": (
            "编码超过 15 位却存成了数字, 末位可能已丢失; 请改为文本格式。",
            "A code of more than 15 digits was stored as a number and may have lost its last digits. "
            "Store it as text.",
        ),
        "value.person_removed": (
            "文字里有电话、身份证号或车牌号, 已删除, 未保存。",
            "A telephone, identity number or plate stood in the text; it was removed and not stored.",
        ),
    }
)
"""What a reader is told about values that were used but doubtful, by rule: Chinese, English."""


class Parsed(NamedTuple):
    """A value read, missing (None) where nothing was written, and the rule of a doubt."""

    value: Any
    note: str | None = None


class UnreadableValueError(ValueError):
    """A cell does not hold a value of its kind."""


@dataclass(frozen=True)
class ValueProblem:
    """One cell that was not usable ("bad") or is doubtful ("note").

    Parameters
    ----------
    position
        Position of the row in the column, from 0.
    rule
        A key of `NOTES`, "value.unreadable", "value.out_of_range" or "value.unknown_code".
    value
        The cell as text; None for personal data.
    is_bad
        True where the cell became missing.
    """

    position: int
    rule: str
    value: str | None
    is_bad: bool


def parse_column(
    column: pd.Series, field: Field, factor: float = 1.0
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
    percent = field.kind == "share" and _is_percent(column)
    factor = 0.01 if percent else factor
    codes, cells = _distinct_cells(column)
    read = [_read(cell, field, factor) for cell in cells]
    held = pd.Series([None if isinstance(r, str) else r.value for r in read] + [None], dtype=object)
    bad = np.array([isinstance(r, str) for r in read] + [False])
    noted = np.array([isinstance(r, Parsed) and r.note is not None for r in read] + [False])
    problems = []
    for position in np.flatnonzero((bad | noted)[codes]):
        cell, result = cells[codes[position]], read[codes[position]]
        if isinstance(result, str):
            problems.append(ValueProblem(int(position), result, _shown(cell), True))
        elif result.note is not None:
            shown = None if result.note == "value.person_removed" else _shown(cell)
            problems.append(ValueProblem(int(position), result.note, shown, False))
    values = held.to_numpy()[codes]
    return pd.Series(values, index=column.index, dtype=object), tuple(problems)


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


def parse_value(cell: object, field: Field, factor: float = 1.0) -> Parsed:
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
    Parsed(value=2009, note=None)
    >>> parse_value("3.2万㎡", Field("floor_area_m2", "number", "建筑面积"))
    Parsed(value=32000.0, note=None)
    """
    if isinstance(cell, str) and cell in field.choices:
        return Parsed(cell)  # our own key, as an export writes it; "none" would read as a blank
    if is_blank(cell):
        return Parsed(None)
    return _parser(field)(cell, field, factor)


def is_blank(cell: object) -> bool:
    """Whether a cell says nothing: empty, a dash, "暂无信息", "未知".

    Examples
    --------
    >>> [is_blank(c) for c in (None, " ", "——", "暂无信息", "0", 0, "无")]
    [True, True, True, True, False, False, False]
    """
    if (
        cell is None
        or cell is pd.NaT
        or cell is pd.NA
        or (isinstance(cell, float) and math.isnan(cell))
    ):
        return True
    return isinstance(cell, str) and _says_nothing(cell)


@functools.lru_cache(maxsize=65_536)
def _says_nothing(text: str) -> bool:
    return _plain(text).lower() in _BLANKS


def parse_number(text: object, field: Field, factor: float = 1.0) -> Parsed:
    """Read a number with thousands separators, full-width digits, 万 and units.

    Parameters
    ----------
    text
        A number or text.
    field
        Tells what units make sense: areas for names ending in `_m2`, yuan for fees, else counts.
    factor
        Multiplier of a number that states no unit of its own.

    Raises
    ------
    UnreadableValueError
        If it is no number, or has a unit of another kind.

    Examples
    --------
    >>> fee = Field("fee_yuan_m2_month", "number", "物业费")
    >>> parse_number("1.14至2.48元/平米/月", fee)
    Parsed(value=1.81, note='value.range')
    >>> parse_number("１２３", Field("households", "integer", "户数")).value
    123.0
    """
    if isinstance(text, bool):
        raise UnreadableValueError(str(text))
    if isinstance(text, (int, float)):
        return Parsed(float(text) * factor)
    plain = _plain(str(text))
    if plain in _NOTHING:
        if field.kind == "integer" and field.least == 0:
            return Parsed(0.0, "value.none_is_zero")
        return Parsed(None)
    plain = re.sub(r"^(约为|大约|约|近|共计|共|合计|总计|≈|~)", "", plain)
    plain = re.sub(r"(左右|余|多)$", "", plain)
    span = re.fullmatch(rf"({_NUMBER})(\D*?)(?:-|—|–|~|至|到)({_NUMBER})(.*)", plain)
    if span:
        low_unit, unit = span.group(2) or span.group(4), span.group(4)
        low = _scaled(span.group(1), low_unit, field, factor)
        high = _scaled(span.group(3), unit, field, factor)
        if high < low:
            raise UnreadableValueError(plain)
        return Parsed(round((low + high) / 2, 6), "value.range" if high > low else None)
    one = re.fullmatch(rf"([+-]?{_NUMBER})(.*)", plain)
    if not one:
        raise UnreadableValueError(plain)
    return Parsed(_scaled(one.group(1), one.group(2), field, factor))


def parse_year(text: object) -> Parsed:
    """Read the year something was built; of a span the first, of a decade its start.

    Raises
    ------
    UnreadableValueError
        If no year can be read.

    Examples
    --------
    >>> [parse_year(t).value for t in ("1985-1992", "80年代", "1998年底", "2009.0", "98年")]
    [1985, 1980, 1998, 2009, 1998]
    """
    if isinstance(text, (datetime.date, datetime.datetime)):
        return Parsed(text.year)
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        if float(text).is_integer():
            return Parsed(int(text))
        raise UnreadableValueError(str(text))
    plain = re.sub(r"^(约|始建于|建于|上世纪|上个世纪|20世纪|大约)+", "", _plain(str(text)))
    decade = re.match(r"^(?:(19|20)?([0-9])0(?:年代|s)|([五六七八九])十年代)", plain)
    if decade:
        digit = decade.group(2) or str("五六七八九".index(decade.group(3)) + 5)
        century = decade.group(1) or ("20" if digit in "012" else "19")
        return Parsed(int(f"{century}{digit}0"), "value.decade")
    years = re.findall(r"(?<!\d)((?:1[89]|20|21)\d\d)(?!\d)", plain)
    compact = re.fullmatch(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)?", plain)
    if compact:
        return Parsed(int(compact.group(1)))
    if years:
        rest = re.sub(r"\d+", "", re.sub(r"(?<!\d)\d{4}\.0+$", "", plain))
        if len(rest) > 16:
            raise UnreadableValueError(plain)
        return Parsed(int(years[0]), "value.year_range" if len(set(years)) > 1 else None)
    short = re.fullmatch(r"([5-9]\d)年.{0,4}", plain)
    if short:
        return Parsed(1900 + int(short.group(1)), "value.two_digit_year")
    raise UnreadableValueError(plain)


def parse_date(text: object) -> Parsed:
    """Read a date as ISO text; where day or month is missing, the first one.

    Raises
    ------
    UnreadableValueError
        If it is no date.

    Examples
    --------
    >>> [parse_date(t).value for t in ("2024年5月1日", "2024/5/1", "20240501", "2024.5")]
    ['2024-05-01', '2024-05-01', '2024-05-01', '2024-05-01']
    """
    if isinstance(text, datetime.datetime):
        return Parsed(text.date().isoformat())
    if isinstance(text, datetime.date):
        return Parsed(text.isoformat())
    plain = _plain(str(text))
    plain = re.sub(r"[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", plain)
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", plain) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", plain
    )
    note = None
    if not parts:
        parts = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})月?)?()年?", plain)
        note = "value.partial_date"
    if not parts:
        raise UnreadableValueError(plain)
    year, month, day = (int(p) if p else 1 for p in parts.groups())
    try:
        return Parsed(datetime.date(year, month, day).isoformat(), note)
    except ValueError as error:
        raise UnreadableValueError(plain) from error


def parse_boolean(text: object) -> Parsed:
    """Read 是/否, 有/无, √/×, yes/no, 1/0.

    Raises
    ------
    UnreadableValueError
        If it is neither.

    Examples
    --------
    >>> [parse_boolean(t).value for t in ("√", "无", "已备案", "×", 1)]
    [True, False, True, False, True]
    """
    if isinstance(text, bool):
        return Parsed(text)
    plain = _plain(str(text)).lower().removesuffix(".0")
    if plain in _TRUE:
        return Parsed(True)
    if plain in _FALSE or plain.startswith(("未", "不", "没", "无")):
        return Parsed(False)
    if plain.startswith(("已", "有", "正常")):
        return Parsed(True)
    raise UnreadableValueError(plain)


def parse_text(text: object, *, is_code: bool = False) -> Parsed:
    r"""Read text: outer and doubled blanks go, whole numbers lose their ".0".

    Telephones, identity numbers and plates inside free text are removed.

    Examples
    --------
    >>> parse_text(150203001.0).value, parse_text(" 红星 小区\n").value
    ('150203001', '红星 小区')
    >>> parse_text("门卫 13800138000")
    Parsed(value='门卫', note='value.person_removed')
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        whole = str(int(text)) if float(text).is_integer() else str(text)
        return Parsed(whole, "value.long_number" if is_code and abs(text) >= 1e15 else None)
    if isinstance(text, (datetime.date, datetime.datetime)):
        return Parsed(text.isoformat())
    plain = str(text)
    if is_code and plain.isascii() and plain.isalnum():
        return Parsed(plain)
    plain = re.sub(r"\s+", " ", plain).strip().lstrip("'‘’")
    if is_code:
        plain = unicodedata.normalize("NFKC", plain).replace(" ", "")
        return Parsed(re.sub(r"(?<=\d)\.0$", "", plain) or None)
    kept = without_personal(plain)
    if kept == plain:
        return Parsed(plain or None)
    return Parsed(kept.strip(" ,，;；:：()（）、") or None, "value.person_removed")


def parse_choice(text: object, field: Field) -> Parsed:
    """Read a key of a code list from its key, its Chinese label or a local name.

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
    plain = _plain(str(text)).lower()
    if plain in field.choices:
        return Parsed(plain)
    for choice in field.choices:
        if plain == choice.lower():
            return Parsed(choice)
    for key, pattern in CHOICES.get(field.name, ()):
        if (not key or key in field.choices) and re.search(pattern, plain):
            note = "value.has_manager" if key == "unknown" and plain in _TRUE else None
            return Parsed(key or None, note)
    raise UnreadableValueError(plain)


def mode_in_company_name(name: str) -> str | None:
    """The management mode that stands where a company's name should ("无物业管理服务").

    Examples
    --------
    >>> mode_in_company_name("单位自管物业"), mode_in_company_name("北京喜莱达物业管理有限公司")
    ('unit_self', None)
    """
    plain = _plain(name).lower()
    if re.search(r"公司|集团|中心$|企业|合作社|服务部|物业部|物业处", plain):
        return None
    for key, pattern in CHOICES["management_mode"]:
        if key not in ("professional", "unknown") and re.search(pattern, plain):
            return key
    return None


def _read(cell: object, field: Field, factor: float) -> Parsed | str:
    """One cell as a value within its range, or the rule it breaks."""
    try:
        parsed = parse_value(cell, field, factor)
    except UnreadableValueError:
        return "value.unknown_code" if field.choices else "value.unreadable"
    value = parsed.value
    if value is None or field.kind not in ("integer", "number", "share"):
        return parsed
    if not math.isfinite(value):
        return "value.unreadable"
    if field.kind == "integer":
        value = math.floor(value + 0.5)
    low = field.least is not None and value < field.least
    high = field.most is not None and value > field.most
    return "value.out_of_range" if low or high else Parsed(value, parsed.note)


def _parser(field: Field) -> Callable[[object, Field, float], Parsed]:
    if field.choices:
        return lambda cell, field, _: parse_choice(cell, field)
    if field.name == "built_year":
        return lambda cell, _field, _factor: parse_year(cell)
    if field.kind in ("integer", "number", "share"):
        return parse_number
    if field.kind == "date":
        return lambda cell, _field, _factor: parse_date(cell)
    if field.kind == "boolean":
        return lambda cell, _field, _factor: parse_boolean(cell)
    if field.name == "district_code":
        return lambda cell, _field, _factor: _district_code(cell)
    if field.name.endswith(("_code", "_id")) or field.name == "uscc":
        return lambda cell, _field, _factor: parse_text(cell, is_code=True)
    return lambda cell, _field, _factor: parse_text(cell)


def _district_code(cell: object) -> Parsed:
    """A district code without the 156 of China that GB/T 2659 puts before it."""
    parsed = parse_text(cell, is_code=True)
    if isinstance(parsed.value, str) and re.fullmatch(r"156\d{6}", parsed.value):
        return Parsed(parsed.value[3:], parsed.note)
    return parsed


def _scaled(number: str, unit: str, field: Field, factor: float) -> float:
    """A number times what its unit says; the header's factor only where it has none."""
    value = float(number.replace(",", ""))
    unit = re.sub(r"^(?:个|约)?|[。;,]+$", "", unit.lower())
    if not unit:
        return value * factor
    big = re.match(r"[千万亿]", unit)
    if big and unit[:1] == unit:
        return value * _BIG[unit]
    if field.kind == "share" and unit in ("%", "％"):
        return value / 100
    if field.name.endswith("_m2"):
        scale = SQUARE_METRES.get(unit)
        if scale is None:
            raise UnreadableValueError(unit)
        return value * scale
    if "fee_yuan" in field.name:
        return value * _fee_scale(unit)
    bare = unit[1:] if big else unit
    if bare not in _COUNTED:
        raise UnreadableValueError(unit)
    return value * (_BIG[unit[0]] if big else 1.0)


def _fee_scale(unit: str) -> float:
    """Yuan per square metre and month; other bases cannot be compared."""
    plain = re.sub(
        r"每|平方米|平米|㎡|平方|m2|平", lambda m: "/" if m.group() == "每" else "m2", unit
    )
    plain = re.sub(r"[/.·*•,、]+", "/", plain)
    if re.fullmatch(r"元(/?m2)?(/?月)?|元/月/m2|/m2(/月)?", plain):
        return 1.0
    if re.fullmatch(r"元/?m2/?年|元/年/m2", plain):
        return 1 / 12
    raise UnreadableValueError(unit)


def _is_percent(column: pd.Series) -> bool:
    """Whether a column of shares is written 0–100: any plain number above 1 says so."""
    for cell in column.tolist():
        plain = _plain(str(cell))
        if re.fullmatch(r"\d+(\.\d+)?", plain) and float(plain) > 1:
            return True
    return False


def _plain(text: str) -> str:
    """Half-width text without blanks."""
    if text.isascii() and text.isalnum():
        return text
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    text = without_personal(str(cell))
    return text if len(text) <= 60 else text[:59] + "…"


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_NUMBER = rf"(?:{_NUMBER})"
_BIG = {"千": 1e3, "万": 1e4, "亿": 1e8}
_COUNTED = frozenset(
    ["户", "套", "人", "名", "栋", "幢", "座", "楼", "栋楼", "层", "个", "辆", "台", "部", "处", "家", "条",
     "户数", "把", "块", "只", "位", "项", "元", "年", "门", "次", "户居民"]
)  # fmt: skip
_BLANKS = frozenset(
    ["", "-", "--", "---", "—", "——", "–", "/", "\\", "//", "空", "暂无", "暂无信息", "暂无数据", "无数据", "未知",
     "不详", "待定", "待补", "待查", "未填", "nan", "nat", "none", "null", "n/a", "na", "#n/a", "?", "？", "…", "...",
     ".", "*"]
)  # fmt: skip
_NOTHING = frozenset({"无", "没有", "×", "x", "否"})
_TRUE = frozenset(
    {"√", "✓", "✔", "☑", "有", "是", "y", "yes", "true", "t", "1", "对", "在用", "同意"}
)
_FALSE = frozenset({"×", "✗", "✘", "x", "无", "否", "n", "no", "false", "f", "0", "停用", "报废"})
