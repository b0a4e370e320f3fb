"""Names of districts and streets as people write them, and how alike two names are."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from geo.errors import UnreadableFileError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

SUFFIX = re.compile(
    r"(街道党工委|街道工委|街道办事处|街道办|街办|办事处|街道|镇人民政府|乡人民政府|苏木人民政府|镇政府|乡政府|社区居民委员会|社区居委会|居民委员会|居委会|社区|嘎查村|嘎查|村民委员会|"
    r"村委会|苏木|镇|乡)$"
)


@dataclass(frozen=True)
class NameRules:
    """How the names of one city's districts and streets are written.

    Parameters
    ----------
    districts
        (code, official name, aliases) of each district.
    streets
        (official name, aliases) of streets that go by several names.
    functional_words
        Words in the name of a street-level unit that is no street (园区, 开发区).

    Examples
    --------
    >>> rules = NameRules(districts=(("150203", "昆都仑区", ("昆区",)),))
    >>> rules.district_code("昆区"), rules.district_code("包头市昆都仑区"), rules.district_code("青山区")
    ('150203', '150203', None)
    """

    districts: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    streets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    functional_words: tuple[str, ...] = ()

    def district_code(self, name: object) -> str | None:
        """The code of a district by its official name or an alias; None where it is not known."""
        text = re.sub(r"^.{2,12}?市(?=.)", "", normalise_name(name))
        for code, official, aliases in self.districts:
            if text and (text in (official, *aliases) or normalise_name(name) in (official, *aliases)):
                return code
        return None

    def street_name(self, name: object) -> str:
        """The official name of a street, or the name as it is where no alias fits.

        Examples
        --------
        >>> NameRules(streets=(("前进道街道", ("前进街道",)),)).street_name("前进街道办事处")
        '前进道街道'
        """
        text = normalise_name(name)
        for official, aliases in self.streets:
            if name_core(text) in {name_core(alias) for alias in aliases}:
                return official
        return text

    def is_functional_zone(self, name: object) -> bool:
        """Whether a street-level unit is a park or zone, no street, judged by its name.

        Examples
        --------
        >>> rules = NameRules(functional_words=("园区", "开发区"))
        >>> [rules.is_functional_zone(n) for n in ("铝业产业园区", "园区路街道", "沙河街道")]
        [True, False, False]
        """
        text = normalise_name(name)
        if re.search(r"(街道|镇|乡|苏木)(办事处)?$", text):
            return False
        return any(word in text for word in self.functional_words)


def read_names(path: Path) -> NameRules:
    """Read the names of a city from a TOML file such as `policy/baotou_names.toml`.

    Raises
    ------
    UnreadableFileError
        If the file is missing or not as it should be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unreadable(path.name, error) from error
    return parse_names(text, path.name)


@lru_cache(maxsize=16)
def parse_names(text: str, where: str) -> NameRules:
    """The names of a text as :func:`read_names` reads it from a file.

    Parameters
    ----------
    text
        TOML as of `policy/baotou_names.toml`.
    where
        What the text is called in messages.

    Raises
    ------
    UnreadableFileError
        If it is not as it should be; `where` is named.
    """
    try:
        body = tomllib.loads(text)
        return NameRules(
            districts=tuple(
                (str(code), str(entry["name"]), tuple(map(str, entry.get("aliases", ()))))
                for code, entry in body.get("districts", {}).items()
            ),
            streets=tuple((str(name), tuple(map(str, aliases))) for name, aliases in body.get("streets", {}).items()),
            functional_words=tuple(body.get("functional_zones", {}).get("words", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(where, error) from error


def _unreadable(where: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(*say("names.unreadable", where=where, error=error))


def normalise_name(name: object) -> str:
    """A name without blanks and full-width forms; "" for what is no text.

    Examples
    --------
    >>> normalise_name("红星 小区（东区）")
    '红星小区(东区)'
    """
    if not isinstance(name, str):
        return ""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))


def name_key(name: object) -> str | None:
    """A community's name as it is matched: however brackets, width, blanks, dots and phases are written.

    Phases, numbers and sides stay apart: 一期 is not 二期.

    Examples
    --------
    >>> {name_key(n) for n in ("阳光花园（一期）", "阳光花园一期", "阳光花园·1期", "阳光花园Ⅰ期", "阳光花园 第一期")}
    {'阳光花园1期'}
    >>> name_key("阳光花园二期"), name_key("3-5号院"), name_key("三区A栋"), name_key("一街坊")
    ('阳光花园2期', '3-5号院', '3区A栋', '1街坊')
    """
    text = normalise_name(name)
    if not text:
        return None
    text = re.sub(r"[()\[\]{}【】〔〕《》<>“”\"'‘’]", "", text).upper()
    text = re.sub(r"[·•.・。,，、_~—–-]+(?!\d)|(?<!\d)[·•.・。,，、_~—–-]+", "", text)
    text = re.sub(rf"(?<![A-Z])(IV|I{{1,3}}|VI{{0,3}})(?={_PARTS})", lambda m: str(_ROMAN[m.group(1)]), text)
    text = re.sub(rf"第?([一二三四五六七八九十]{{1,3}})(?={_PARTS})", _to_digits, text)
    return re.sub(rf"第(\d+)(?={_PARTS})", r"\1", text)


_PARTS = r"(?:期|区|号|组团|街坊|院|栋|幢|标段|村)"
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8}


def _to_digits(match: re.Match[str]) -> str:
    """A Chinese numeral up to 99 as digits; what is none stays ("十一", but not "一十三三")."""
    text = match.group(1)
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")}
    tens, ten, ones = text.partition("十")
    if len(tens) > 1 or len(ones) > 1 or (not ten and len(text) > 1):
        return match.group(0)
    if not ten:
        return str(digits[text])
    return str(digits.get(tens, 1) * 10 + digits.get(ones, 0))


def name_core(name: object) -> str:
    """What is left of the name of a street, neighbourhood or community without width, blanks, suffix.

    Examples
    --------
    >>> name_core("前进道街道办事处"), name_core("环西社区居委会"), name_core("红星小区（东区）")
    ('前进道', '环西', '红星小区(东区)')
    """
    text = normalise_name(name)
    core = SUFFIX.sub("", text)
    return core if len(core) > 1 or not text else core or text


def community_core(name: object) -> str:
    """A community's name without the words that only say it is one.

    Examples
    --------
    >>> [community_core(n) for n in ("红星小区", "红星家园住宅小区", "昆区红星 小区")]
    ['红星', '红星家园', '昆区红星']
    """
    text = name_key(name) or ""
    return re.sub(r"(住宅小区|居民小区|生活小区|小区|住宅区|小区院|大院|院)$", "", text) or text


def name_similarity(a: object, b: object) -> float:
    """Similarity of two names of communities, 0–100 (Levenshtein ratio); 0 where a number or a side tells them apart.

    Parameters
    ----------
    a, b
        Names as written; what is no text has no similarity to anything.

    Examples
    --------
    >>> name_similarity("红星小区", "红星住宅小区"), name_similarity("绿园一期", "绿园二期")
    (100.0, 0.0)
    >>> name_similarity("阳光花园小区", "阳光花苑小区") > 70
    True
    """
    core_a, core_b = community_core(a), community_core(b)
    if not core_a or not core_b or _distinguishing_parts(core_a) != _distinguishing_parts(core_b):
        return 0.0
    return round(fuzz.ratio(core_a, core_b), 1)


def similar_pairs(names: Sequence[object], *, at_least: float, most: int = 2000) -> list[tuple[int, int, float]]:
    """Pairs of names that may be one thing written twice.

    Parameters
    ----------
    names
        (n,) names of communities of one street.
    at_least
        Similarity from which a pair is returned, 0–100.
    most
        Where there are more names, only those with the same first character are compared.

    Returns
    -------
    (i, j, similarity) with i < j, the most alike first.

    Examples
    --------
    >>> similar_pairs(["红星小区", "绿园", "红星住宅小区"], at_least=80)
    [(0, 2, 100.0)]
    """
    blocks: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        core = community_core(name)
        if core:
            blocks.setdefault("" if len(names) <= most else core[0], []).append(position)
    found = [
        pair for block in blocks.values() if len(block) <= most for pair in _pairs_in_block(block, names, at_least)
    ]
    return sorted(found, key=lambda pair: (-pair[2], pair[0], pair[1]))


def _pairs_in_block(block: Sequence[int], names: Sequence[object], at_least: float) -> Iterable[tuple[int, int, float]]:
    from rapidfuzz.process import cdist

    cores = [community_core(names[i]) for i in block]
    marks = [_distinguishing_parts(core) for core in cores]
    scores = cdist(cores, cores, scorer=fuzz.ratio, score_cutoff=at_least)
    for a, b in zip(*scores.nonzero(), strict=True):
        if a < b and marks[a] == marks[b]:
            yield block[a], block[b], round(float(scores[a, b]), 1)


def _distinguishing_parts(core: str) -> tuple[str, ...]:
    """What tells parts of one estate apart: numbers, letters, sides of the compass."""
    text = re.sub(r"号院|号楼", "号", core)
    return tuple(re.findall(r"\d+|[a-zA-Z]+|[一二三四五六七八九十]+|[甲乙丙丁]|[东西南北中前后新老]", text))
