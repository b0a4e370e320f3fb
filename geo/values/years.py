"""The year something was built: one year, or what is known of it as an interval."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.values.dates import replace_hanzi_day
from geo.values.numerals import to_half_width
from geo.values.parsed_value import GUESSES, UnreadableValueError

_ABOUT_YEARS = 2
_GUESS_WITHIN = 12


@dataclass(frozen=True)
class BuiltYear:
    """What a cell says of the year built.

    Parameters
    ----------
    year
        The year; of phases that of the first. None where no one year can be stated.
    first, last
        Earliest and latest year it may be, of phases the first and the last; None = open.
    note
        Rule of a doubt (`geo.values.parsed_value.NOTES`).
    """

    year: int | None
    first: int | None
    last: int | None
    note: str | None = None

    @property
    def is_guess(self) -> bool:
        """Whether the year is an estimate inside the interval."""
        return self.note in GUESSES

    def limit_to(self, latest: datetime.date | None, data_date: datetime.date | None) -> BuiltYear:
        """The same as far as it has happened.

        Parameters
        ----------
        latest
            The last day that may count; None = any.
        data_date
            The day the data speak of; None = not known.

        Raises
        ------
        UnreadableValueError
            If all of it lies after `latest`, or the end of its phases does.
        """
        stated = None if self.is_guess else self.year
        years = [y for y in (stated, self.first) if y is not None]
        if latest is not None and years and max(years) > latest.year:
            raise UnreadableValueError(max(years), "value.future")
        last = self.last
        if latest is not None and last is not None and last > latest.year:
            if self.note == "value.year_range":
                raise UnreadableValueError(last, "value.future")
            last = latest.year
        after = data_date is not None and years and max(years) > data_date.year
        note = "value.after_data_date" if after and self.note is None else self.note
        year = self.year if last is None or self.year is None else min(self.year, last)
        return replace(self, year=year, last=last, note=note)


def parse_year(cell: object) -> BuiltYear:
    """Read the year something was built.

    A span is taken for phases: the first decides. Decades, "about" (2 years to both sides) and
    reversed spans are intervals with a year in the middle as a guess; "after 2000" is from 2001 on,
    "before 2000" until 1999.

    Raises
    ------
    UnreadableValueError
        If no year can be read.

    Examples
    --------
    >>> [parse_year(t).year for t in ("1985-1992", "80年代", "1998年底", "2009.0", "98年")]
    [1985, 1985, 1998, 2009, 1998]
    >>> one = parse_year("2000年以后")
    >>> one.year, one.first, one.last
    (None, 2001, None)
    """
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return _exact(cell.year)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _parse_number(float(cell))
    plain = _replace_hanzi(replace_hanzi_day(to_half_width(str(cell))))
    plain = re.sub(r"^(公元|西元)", "", plain).replace("○", "〇")
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return _parse_number(float(plain), plain)
    for reader in (_parse_renovated, _parse_decade, _parse_era, _parse_open, _parse_approximate, _parse_plain):
        found = reader(plain)
        if found is not None:
            return found
    raise UnreadableValueError(plain)


def year_bounds(frame: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Between which years the first building of each row was built: what R02 and R14 look at.

    A year that is stated is both bounds; of an estimated or missing one the interval counts.

    Parameters
    ----------
    frame
        n rows of units, communities or buildings.

    Returns
    -------
    (n,) earliest and (n,) latest year; NaN = open on that side.

    Examples
    --------
    >>> rows = pd.DataFrame({"built_year": [1998, 1985, None], "built_year_from": [1998, 1980, 2001],
    ...     "built_year_to": [2003, 1989, None], "built_year_quality": ["reported", "estimated", "missing"]})
    >>> [bounds.tolist() for bounds in year_bounds(rows)]
    [[1998.0, 1980.0, 2001.0], [1998.0, 1989.0, nan]]
    """
    year, first, last = (_floats(frame, name) for name in ("built_year", "built_year_from", "built_year_to"))
    quality = frame.get("built_year_quality", pd.Series(None, index=frame.index, dtype=object))
    guessed = quality.eq("estimated").fillna(False).to_numpy(bool)
    bare = np.isnan(first) & np.isnan(last)
    stated = ~np.isnan(year) & (~guessed | bare)
    return np.where(stated, year, first), np.where(stated, year, last)


def is_old_by_year(frame: pd.DataFrame, old_until_year: int) -> pd.Series:
    """R02: built by the end of a year, or not; missing where the interval leaves it open.

    Parameters
    ----------
    frame
        n rows as of :func:`year_bounds`.
    old_until_year
        Last year that is old.

    Returns
    -------
    (n,) nullable boolean, index as `frame`.
    """
    first, last = year_bounds(frame)
    old = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    old[last <= old_until_year] = True
    old[first > old_until_year] = False
    return old


def is_year_known(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """(n,) whether anything is known of the year built."""
    first, last = year_bounds(frame)
    return ~(np.isnan(first) & np.isnan(last))


def earliest_bounds(
    first: npt.NDArray[np.float64], last: npt.NDArray[np.float64], where: npt.NDArray[np.intp], n: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Between which years the first of several buildings was built; those of unknown year do not count.

    Parameters
    ----------
    first, last
        (m,) bounds of each building; NaN = open, both NaN = unknown.
    where
        (m,) group of each building, from 0.
    n
        Number of groups.

    Returns
    -------
    (n,) earliest and (n,) latest year; NaN = open.

    Examples
    --------
    >>> import numpy as np
    >>> nan = np.nan
    >>> earliest_bounds(np.array([1980., 1990, nan]), np.array([1989., 1990, nan]), np.array([0, 0, 1]), 2)
    (array([1980.,   nan]), array([1989.,   nan]))
    """
    known = ~(np.isnan(first) & np.isnan(last))
    low, high = np.full(n, np.inf), np.full(n, np.inf)
    np.fmin.at(low, where[known], np.where(np.isnan(first), -np.inf, first)[known])
    np.fmin.at(high, where[known], np.where(np.isnan(last), np.inf, last)[known])
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def estimate_year(first: npt.NDArray[np.float64], last: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n,) the year of an interval, in its middle where it is short; NaN where none can be stated.

    Parameters
    ----------
    first, last
        (n,) bounds in years; NaN = open.

    Examples
    --------
    >>> estimate_year(np.array([1998., 1980, 2001]), np.array([1998., 1989, np.nan])).tolist()
    [1998.0, 1985.0, nan]
    """
    middle = np.ceil((first + last) / 2)
    return np.where(last - first <= _GUESS_WITHIN, middle, np.nan).astype(np.float64)


def format_years(first: float, last: float, *, zh: bool) -> str:
    """An interval as a sentence has it; "" where nothing is known.

    Parameters
    ----------
    first, last
        Bounds in years; NaN = open.
    zh
        Chinese, else English.

    Examples
    --------
    >>> nan = float("nan")
    >>> [format_years(a, b, zh=True) for a, b in ((1980, 1989), (1993, 1997), (2001, nan), (nan, 1999), (1998, 1998))]
    ['1980年代', '1993–1997', '2001年及以后', '1999年及以前', '1998']
    """
    low, high = (None if np.isnan(y) else int(y) for y in (first, last))
    if low is None and high is None:
        return ""
    if low is None:
        return f"{high}年及以前" if zh else f"{high} or earlier"
    if high is None:
        return f"{low}年及以后" if zh else f"{low} or later"
    if high == low + 9 and low % 10 == 0:
        return f"{low}年代" if zh else f"{low}s"
    return str(low) if low == high else f"{low}–{high}"


def _floats(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    values = frame[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(values, dtype=np.float64)


# --- one cell -----------------------------------------------------------------------------------


def _exact(year: int, note: str | None = None) -> BuiltYear:
    return BuiltYear(year, year, year, note)


def _between(first: int, last: int, note: str) -> BuiltYear:
    """An interval; where it is short, a year in the middle as a guess."""
    guess = (first + last + 1) // 2 if last - first <= _GUESS_WITHIN else None
    return BuiltYear(guess, first, last, note)


def _parse_number(number: float, text: str = "") -> BuiltYear:
    """A year, year and month as 199805 or 1998.5, a day as 19980501, or the serial of a day."""
    if not math.isfinite(number):
        raise UnreadableValueError(text or number)
    whole = int(number)
    digits = str(whole)
    if number != whole:
        month = (text or repr(number)).partition(".")[2]
        if 1500 <= whole < 3000 and re.fullmatch(r"0?[1-9]|1[0-2]", month):
            return _exact(whole)
        raise UnreadableValueError(number)
    if 1500 <= whole < 3000 and len(text.partition(".")[0] or digits) == 4:
        return _exact(whole)
    if re.fullmatch(r"(1[5-9]|2\d)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?", digits):
        return _exact(int(digits[:4]))
    if 21_000 <= whole <= 60_000:  # 1957-2064; 19xxx and 20xxx are rather years with a digit too many
        day = datetime.date(1899, 12, 30) + datetime.timedelta(days=whole)
        return _exact(day.year, "value.excel_serial")
    raise UnreadableValueError(number)


def _replace_hanzi(text: str) -> str:
    """Years in Chinese numerals as digits: 一九八五年, 八五年, 二〇〇〇年."""
    text = re.sub(r"(?<![十百])[零〇○一二三四五六七八九]{4}(?![十百])", _digits, text)
    return re.sub(r"(?<![\d十百世纪第])[零〇○五六七八九][零〇○一二三四五六七八九](?=年(?!代))", _digits, text)


def _digits(match: re.Match[str]) -> str:
    return "".join(str(_HANZI.index(c) if c in _HANZI else 0) for c in match.group())


def _parse_renovated(text: str) -> BuiltYear | None:
    """Built in one year, renovated in a later one that stands next to the word."""
    if not re.search(rf"{_RENOVATION}|重建|翻建|改建|扩建|加固", text):
        return None
    years = sorted({int(y) for y in _YEAR.findall(text)})
    rest = re.sub(rf"{_RENOVATION}|\d{{4}}|{_KNOWN}|完成|已|曾|后|[,,、;.()/:\s-]", "", text)
    if rest or not 1 <= len(years) <= 2:
        raise UnreadableValueError(text)
    later = years[-1]
    is_renovation = re.search(rf"{later}年?(完成|已|曾)?{_RENOVATION}|{_RENOVATION}[(:于]?{later}", text)
    if not is_renovation:
        raise UnreadableValueError(text)
    if len(years) == 1:
        raise UnreadableValueError(text, "value.only_renovated")
    return _exact(years[0], "value.renovated")


def _parse_decade(text: str) -> BuiltYear | None:
    """80年代, 上世纪九十年代末, 2010年代, 1990s."""
    found = re.fullmatch(
        r"(?:约|大约|大概|始建于|建于|建成于)?(上世纪|上个世纪|20世纪|二十世纪|本世纪|21世纪|二十一世纪)?"
        r"(?:(19|20)?(\d)0|([一二三四五六七八九])十|(零|〇))(?:年代|'?s)"
        r"(初期?|早期|前期|中期?|中叶|末期?|后期|晚期)?(?:建成|建造|建|建设|左右)?(?:的)?",
        text,
    )
    if found is None:
        return None
    era, century, digit, hanzi, zero, part = found.groups()
    tens = int(digit) if digit else 0 if zero else "零一二三四五六七八九".index(hanzi)
    if century is None:
        this = era in ("本世纪", "21世纪", "二十一世纪")
        if era is None and tens in (3, 4):
            raise UnreadableValueError(text)
        century = "20" if this or (era is None and tens < 3) else "19"
    start = int(century) * 100 + tens * 10
    low, high = {"初": (0, 4), "早": (0, 4), "前": (0, 4), "中": (3, 7)}.get(
        (part or " ")[0], (5, 9) if part else (0, 9)
    )
    return _between(start + low, start + high, "value.decade")


def _parse_era(text: str) -> BuiltYear | None:
    """解放前, 民国, 上世纪末."""
    for pattern, first, last in _ERAS:
        if re.fullmatch(rf"{pattern}(?:时期|年间)?(?:建成|建造|建|所建)?", text):
            return BuiltYear(None, first, last, "value.year_between")
    return None


def _parse_open(text: str) -> BuiltYear | None:
    """Before or after a year: 2000年后, 1995年以前, 2000年底前, 2000年及以后."""
    found = re.fullmatch(
        rf"(?:建于|建成于)?(?:自|从)?({_Y})(?:年)?{_MONTH}(年?底|年末)?(?:\(?含\)?)?(?:{_DONE})?"
        rf"(及?)(以前|之前|前|以后|之后|后|以来|起|至今|开始)(?:{_DONE})?(?:的)?",
        text,
    )
    until = re.fullmatch(rf"(?:截至|截止|截止到|不晚于|至迟|至|到|止于)({_Y})年?(?:底|末)?(?:前)?(?:{_DONE})?", text)
    since = re.fullmatch(rf"(?:不早于|晚于|>|≥)({_Y})年?", text)
    if until:
        return BuiltYear(None, None, int(until.group(1)), "value.year_open")
    if since:
        year = int(since.group(1)) + (text[0] in "晚>")
        return BuiltYear(None, year, None, "value.year_open")
    if not found:
        return None
    year, within, end, inclusive, word = int(found.group(1)), *found.groups()[1:5]
    if word in ("以来", "起", "至今", "开始"):
        return BuiltYear(None, year, None, "value.year_open")
    whole = not (within or end or inclusive or "含" in text)
    if word in ("以前", "之前", "前"):
        return BuiltYear(None, None, year - 1 if whole else year, "value.year_open")
    return BuiltYear(None, year + 1 if whole or (end and not inclusive) else year, None, "value.year_open")


def _parse_approximate(text: str) -> BuiltYear | None:
    """约1995年, 95年左右, 1995?; some years to both sides."""
    bare = re.sub(
        r"^(约为|大约|大概|约|近|估计|可能|疑似)(建于|建成于)?|"
        r"(左右|前后|上下|\?+|\(\?\)|\(估\)|\(约\))$",
        "",
        text,
    )
    if bare == text:
        return None
    found = _parse_plain(bare)
    if found is None or found.first is None or found.last is None:
        return None
    return _between(found.first - _ABOUT_YEARS, found.last + _ABOUT_YEARS, "value.year_between")


def _parse_plain(text: str) -> BuiltYear | None:
    """One year, or several that are phases, with words that say no more than "built"."""
    text = _DAY.sub(r"\1", text)
    if re.match(r"[-—–~至到/]", text) or re.search(r"[-—–~至到/]$", text):
        return None
    begun = re.fullmatch(
        rf"(?:始建于|开工于)?({_Y})年?(?:始建|开工|动工)?[,、;]?({_Y})年?(?:竣工|建成|完工|交付使用|交付)", text
    )
    if begun and re.search(r"始建|开工|动工", text) and begun.group(1) <= begun.group(2):
        return _exact(int(begun.group(2)))
    unsure = re.search(r"或|之间|年间|期间", text) is not None
    text = re.sub(r"或|(之间|年间|期间)$", "-", text).rstrip("-") if unsure else text
    text = re.sub(r"\d{1,2}(?=期|号楼|栋|#)", "", text)
    note: str | None = None
    short = re.fullmatch(rf"([5-9]\d|0\d)年?[-—–~至到]+([5-9]\d|0\d)年(?:{_KNOWN})*", text)
    if short:
        ends = [_complete_year(part) for part in short.groups()]
        if ends[0] >= ends[1]:
            return None
        return BuiltYear(ends[0], ends[0], ends[1], "value.year_range")
    tail = re.fullmatch(rf"({_Y})年?[-—–~至到]+(\d\d)年?(?:{_KNOWN})*", text)
    if tail:
        first = int(tail.group(1))
        last = first // 100 * 100 + int(tail.group(2))
        return BuiltYear(first, first, last, "value.year_range") if first < last < first + 60 else None
    two = re.fullmatch(rf"(?:{_KNOWN})*?([5-9]\d|0\d)年(?:{_KNOWN})*", text)
    if two:
        return _exact(_complete_year(two.group(1)), "value.two_digit_year")
    years = [int(year) for year in _YEAR.findall(text)]
    rest = re.sub(rf"(?<!\d){_Y}(?!\d)|{_KNOWN}|[-—–~至到/、,;.()\s和及与:]", "", text)
    if not years or rest or len(years) > 6:
        return None
    if len(set(years)) == 1:
        return _exact(years[0], note)
    low, high = min(years), max(years)
    if unsure:
        return _between(low, high, "value.year_between")
    if years != sorted(years):
        guess = _between(low, high, "value.year_reversed")
        return guess if len(set(years)) == 2 else None
    return BuiltYear(low, low, high, "value.year_range")


def _complete_year(two: str) -> int:
    return (1900 if two[0] in "56789" else 2000) + int(two)


_HANZI = "零一二三四五六七八九"
_Y = r"(?:1[5-9]|2\d)\d\d"
_YEAR = re.compile(rf"(?<!\d)({_Y})(?!\d)")
_MONTH = r"(?:[-/.]?((?:0?[1-9]|1[0-2])月?(?:[-/.]?\d{1,2}日?)?|春|夏|秋|冬|初))?"
_DAY = re.compile(
    r"(?<!\d)(\d{4})(?:[-/.年](?:0?[1-9]|1[0-2])(?:[-/.月](?:0?[1-9]|[12]\d|3[01])日?|月)?"
    r"(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?)(?![\d年])(?:底|初|末|[上中下]旬)?"
)
_DONE = r"建成|竣工|建造|建设|交付|完工|建|入住"
_RENOVATION = r"(?:老旧小区改造|综合改造|改造|翻新|装修|修缮|整治|提升)"
_KNOWN = (
    r"(?:投入使用|交付使用|全部|建成于|始建于|竣工于|建于|始建|建成|建造|竣工|建设|完工|落成|交付|交房|入住|建|年份|年度|"
    r"第?[一二三四五六七八九]期|首期|期|号楼|栋|#|上半年|下半年|年底|年末|年初|年|底|末|初|月|日|春|夏|秋|冬|于|的)"
)
_ERAS = (
    (r"(?:解放|建国|新中国成立|1949年)(?:以|之)?前", None, 1949),
    (r"民国", 1912, 1949),
    (r"清(?:代|朝|末)|晚清|清末民初", None, 1949),
    (r"文革(?:期间|时)?", 1966, 1976),
    (r"改革开放(?:以|之)?后", 1978, None),
    (r"改革开放(?:以|之)?前", None, 1978),
    (r"(?:上世纪|上个世纪|20世纪)末?", None, 2000),
    (r"(?:本世纪|21世纪)初", 2000, 2010),
    (r"本世纪|21世纪", 2000, None),
)
