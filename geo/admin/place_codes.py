"""Codes of districts, streets and neighbourhoods that are known by their name only."""

from __future__ import annotations

import hashlib
import re

from geo.names import normalise_name

PREFIX = "N-"
"""How a code made from names begins; a statistical code has digits only."""
_LONGEST = 40
_UNSAFE = re.compile(r"[\\/:*?\"<>|.\-\x00-\x1f\x7f]")
_ROADS = ("道", "路", "街", "大街")
_BARE_ENDINGS = ("区", "县", "旗", "市", "镇", "乡", "苏木", *_ROADS)


def is_from_name(code: object) -> bool:
    """Whether a code was made from names.

    Examples
    --------
    >>> is_from_name("N-昆都仑-前进道"), is_from_name("150203001"), is_from_name(None)
    (True, False, False)
    """
    return isinstance(code, str) and code.startswith(PREFIX)


def district_core(name: object) -> str:
    """A district's name as it stands in a code: without its province and city, and without 区.

    Examples
    --------
    >>> [district_core(n) for n in ("内蒙古自治区包头市昆都仑区", "昆都仑区 ", "昆区", "固阳县", "沙市区")]
    ['昆都仑', '昆都仑', '昆区', '固阳县', '沙市']
    """
    text = _normalise_name(name)
    text = re.sub(r"^.{2,8}?(省|自治区)(?=.{2})", "", text)
    text = re.sub(r"^.{2,12}?(市|自治州|盟)(?=.{2})", "", text)
    if len(text) > 2 and text.endswith("区") and not text.endswith(("开发区", "园区")):
        text = text[:-1]
    return _make_file_safe(text)


def street_core(name: object) -> str:
    """A street's name as it stands in a code: without 街道 and 办事处; a town keeps its 镇.

    Examples
    --------
    >>> [street_core(n) for n in ("前进道街道办事处", "前进道街道", "前进道", "沙河镇人民政府", "街道")]
    ['前进道', '前进道', '前进道', '沙河镇', '街道']
    """
    text = _normalise_name(name)
    for _ in range(2):  # 前进道街道街道办事处
        text = re.sub(r"(?<=.)(人民政府|街道办事处|街道办|办事处|街道)$", "", text)
    return _make_file_safe(text)


def neighbourhood_core(name: object) -> str:
    """A neighbourhood's name as it stands in a code: without 社区 and 居委会; a village keeps its 村.

    Examples
    --------
    >>> [neighbourhood_core(n) for n in ("环西社区居委会", "环西社区", "黄草洼村委会", "黄草洼村")]
    ['环西', '环西', '黄草洼村', '黄草洼村']
    """
    text = _normalise_name(name)
    text = re.sub(r"(?<=.)(社区居民委员会|社区居委会|居民委员会|居委会|社区)$", "", text)
    text = re.sub(r"(?<=.)村?(村民委员会|村委会)$", "村", text)
    return _make_file_safe(re.sub(r"(?<=.)嘎查村$", "嘎查", text))


def make_district_code(core: str) -> str:
    """The code of a district that is known by its name only.

    Examples
    --------
    >>> make_district_code(district_core("昆都仑区"))
    'N-昆都仑'
    """
    return PREFIX + core


def make_child_code(parent: object, core: str) -> str:
    """The code of a street in a district, or of a neighbourhood in a street, known by name only.

    Parameters
    ----------
    parent
        Code of the district or street, of either kind; None where it is not known.
    core
        Of the name.

    Examples
    --------
    >>> make_child_code("150203", "前进道"), make_child_code("N-昆都仑", "前进道"), make_child_code(None, "前进道")
    ('N-150203-前进道', 'N-昆都仑-前进道', 'N--前进道')
    """
    inside = parent.removeprefix(PREFIX) if isinstance(parent, str) else ""
    return f"{PREFIX}{inside}-{core}"


def split_code(code: str) -> tuple[str, str]:
    """What a code made from names says: the parent's part ("" = not known), and the core of the name.

    Examples
    --------
    >>> split_code("N-昆都仑-前进道"), split_code("N-昆都仑"), split_code("N-昆都仑-前进道-环西")
    (('昆都仑', '前进道'), ('', '昆都仑'), ('昆都仑-前进道', '环西'))
    """
    parent, _, core = code.removeprefix(PREFIX).rpartition("-")
    return parent, core


def district_part(street_code: str) -> str:
    """What the code of a street says of its district; "" = nothing.

    Examples
    --------
    >>> [district_part(code) for code in ("150203001", "N-150203-前进道", "N-昆都仑-前进道", "N--前进道")]
    ['150203', '150203', '昆都仑', '']
    """
    return split_code(street_code)[0] if is_from_name(street_code) else street_code[:6]


def district_of_street(street_code: str) -> str | None:
    """The code of the district that the code of a street tells; None where it tells none.

    Examples
    --------
    >>> [district_of_street(code) for code in ("150203001", "N-150203-前进道", "N-昆都仑-前进道", "N--前进道")]
    ['150203', '150203', 'N-昆都仑', None]
    """
    part = district_part(street_code)
    if not part:
        return None
    return part if re.fullmatch(r"\d{6}", part) or not is_from_name(street_code) else PREFIX + part


def is_street_name(name: object) -> bool:
    """Whether a name says that it is a 街道, so that no town is meant.

    Examples
    --------
    >>> [is_street_name(name) for name in ("沙河街道", "沙河街道办事处", "沙河", "沙河镇")]
    [True, True, False, False]
    """
    return re.search(r"..(街道|街道办|办事处)$", _normalise_name(name)) is not None


def full_name_forms(core: str, *, is_street: bool = False) -> frozenset[str]:
    """What a name without its ending may be in full; a 街道 is no town.

    Parameters
    ----------
    core
        The name without its ending ("前进").
    is_street
        Whether it is of a 街道.

    Examples
    --------
    >>> "金山镇" in full_name_forms("金山"), "前进道" in full_name_forms("前进", is_street=True)
    (True, True)
    """
    return frozenset(core + ending for ending in (_ROADS if is_street else _BARE_ENDINGS))


def normalise_code(code: object) -> object:
    """A code of a street or district without the zeros that fill a statistical code up to 12 digits.

    Examples
    --------
    >>> normalise_code("150203001000"), normalise_code("150203000000"), normalise_code("150203001001")
    ('150203001', '150203', '150203001001')
    """
    if isinstance(code, str) and re.fullmatch(r"\d{9}000|\d{6}000", code):
        code = code[:-3]
        return code[:-3] if re.fullmatch(r"\d{6}000", code) else code
    return code


def _normalise_name(name: object) -> str:
    return normalise_name(name).casefold()


def _make_file_safe(text: str) -> str:
    """A text that may stand in a file's name on any system, and in a code of several parts."""
    text = _UNSAFE.sub("_", text)
    if len(text) > _LONGEST:
        return text[:_LONGEST] + hashlib.sha256(text.encode()).hexdigest()[:6]
    return text
