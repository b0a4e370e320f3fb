"""What a file itself says of the datum of its coordinates: in its name, sheets, headers and cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import MissingDatumError
from geo.findings import Finding
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer
from geo.tables.header_text import normalise_header

say = load_catalogue(__file__)

PLACE_FIELDS = ("lon", "lat", "x", "y", "lonlat")
_CRS_HEADERS = frozenset(
    normalise_header(word)
    for word in (
        "坐标系",
        "坐标系统",
        "坐标系名称",
        "坐标类型",
        "坐标来源",
        "坐标基准",
        "地图来源",
        "数据坐标系",
        "datum",
        "crs",
        "coord_type",
        "coordtype",
        "coordsys",
        "coord_system",
        "coordinate_system",
    )
)
_CELLS = 500

DATUM_ZH = {
    "bd09": "百度 (bd09)",
    "gcj02": "高德、腾讯 (gcj02)",
    "wgs84": "WGS84",
    "cgcs2000": "CGCS2000",
    "xian80": "西安 80",
    "beijing54": "北京 54",
    "local": "地方坐标系",
}
DATUM_EN = {
    "bd09": "Baidu (bd09)",
    "gcj02": "Amap or Tencent (gcj02)",
    "wgs84": "WGS84",
    "cgcs2000": "CGCS2000",
    "xian80": "Xi'an 80",
    "beijing54": "Beijing 54",
    "local": "a local grid",
}

_PATTERNS: tuple[tuple[str, str], ...] = (
    ("bd09", r"百度|baidu|bd[-_ ]?0?9|bdmc|bdll"),
    ("gcj02", r"高德|腾讯|火星|国测局|amap|gaode|autonavi|tencent|gcj[-_ ]?0?2?"),
    ("wgs84", r"wgs[-_ ]?(?:19)?84|(?<![a-z])gps(?![a-z])"),
    ("cgcs2000", r"cgcs[-_ ]?2?0?0?0?|国家2000|2000国家|大地2000|2000大地|2000坐标|2000系|天地图|tianditu"),
    ("xian80", r"西安[-_ ]?(?:19)?80|(?:19)?80西安|xi'?an[-_ ]?(?:19)?80"),
    ("beijing54", r"北京[-_ ]?(?:19)?54|(?:19)?54北京|beijing[-_ ]?(?:19)?54"),
    ("local", r"(?:地方|独立|城建|本地)坐标|地方系|独立系"),
)
_HEADER_PATTERNS: tuple[tuple[str, str], ...] = (
    ("bd09", r"(?:^|[^a-z])bd(?:[^a-z]|$)|^bd(?:lng|lon|lat|x|y)$|^(?:lng|lon|lat|x|y)bd$"),
    ("gcj02", r"(?:^|[^a-z])(?:gd|tx)(?:[^a-z]|$)|^(?:gd|tx)(?:lng|lon|lat|x|y)$|^(?:lng|lon|lat|x|y)(?:gd|tx)$"),
)
"""Abbreviations, understood in headers of coordinates only."""
_CONVERTED = re.compile(r"转为|转换为|转换到|转成|转到|转|→|->|(?<![a-z])to(?![a-z])|(?<=\d)to|(?<=\d)2(?=[a-z])|_2_")


@dataclass(frozen=True)
class DatumStatement:
    """One place where a file says on which datum it is.

    Parameters
    ----------
    where
        "文件名", "the file's name" …
    text
        The words as written.
    datum
        "wgs84", "cgcs2000", "gcj02", "bd09", or "xian80", "beijing54", "local".
    """

    where: Sentence
    text: str
    datum: str

    @property
    def group(self) -> str:
        """The same for datums that are one within centimetres."""
        return datum_group(self.datum)


def datum_group(datum: str) -> str:
    """WGS84 and CGCS2000 are one datum here.

    Examples
    --------
    >>> datum_group("cgcs2000") == datum_group("wgs84"), datum_group("bd09")
    (True, 'bd09')
    """
    return "true" if datum in ("wgs84", "cgcs2000") else datum


def recognise_datums(text: str, *, of_coordinate: bool = False) -> tuple[str, ...]:
    """The datums a text names; of "百度转WGS84" only what it was brought to.

    Parameters
    ----------
    text
        A file's name, a header, a cell.
    of_coordinate
        Whether it is the header of a coordinate, where abbreviations count too.

    Examples
    --------
    >>> recognise_datums("百度坐标.xlsx"), recognise_datums("小区_gcj02转WGS84"), recognise_datums("小区台账")
    (('bd09',), ('wgs84',), ())
    >>> recognise_datums("bd_lng", of_coordinate=True), recognise_datums("bd_lng")
    (('bd09',), ())
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    turned = _CONVERTED.search(plain)
    if turned and _match_datums(plain[: turned.start()], of_coordinate):
        after = _match_datums(plain[turned.end() :], of_coordinate)
        if after:
            return after
    return _match_datums(plain, of_coordinate)


def _match_datums(plain: str, of_coordinate: bool) -> tuple[str, ...]:
    found = [datum for datum, pattern in _PATTERNS if re.search(pattern, plain)]
    if of_coordinate:
        found += [datum for datum, pattern in _HEADER_PATTERNS if re.search(pattern, plain)]
    return tuple(dict.fromkeys(found))


def find_datum_statements(prepared: PreparedLayer, raw: RawLayer) -> tuple[DatumStatement, ...]:
    """Everything a file says of its datum, in the order a reader meets it.

    Parameters
    ----------
    prepared, raw
        The rows, and the layer they were read from.
    """
    found = [*_parse_statements(say("where.file"), [Path(raw.file).name])]
    sheets = [raw.sheet] if raw.sheets is None else dict.fromkeys(raw.sheets.tolist())
    found += _parse_statements(say("where.sheet"), [s for s in sheets if s])
    crs = getattr(raw.frame, "crs", None) if raw.is_map and raw.crs_stated else None
    if crs is not None and recognise_datums(crs.name) in (("bd09",), ("gcj02",)):
        found += _parse_statements(say("where.crs"), [crs.name])
    columns = prepared.mapping.columns if prepared.mapping is not None else ()
    of_place = [] if raw.is_map else [str(header) for header, field in columns if field in PLACE_FIELDS]
    found += _parse_statements(say("where.header"), of_place, of_coordinate=True)
    for header in of_place:
        found += _parse_statements(say("where.column", header=header), _texts(raw, header))
    for header in (str(c) for c in raw.frame.columns if c != "geometry"):
        if header not in of_place and normalise_header(header) in _CRS_HEADERS:
            found += _parse_statements(say("where.column", header=header), _texts(raw, header))
    return tuple(found)


def _parse_statements(where: Sentence, texts: Iterable[str], *, of_coordinate: bool = False) -> list[DatumStatement]:
    by_datums: dict[tuple[str, ...], str] = {}
    for text in texts:
        by_datums.setdefault(recognise_datums(text, of_coordinate=of_coordinate), text)
    return [DatumStatement(where, text[:60], datum) for datums, text in by_datums.items() for datum in datums]


def _texts(raw: RawLayer, header: str) -> list[str]:
    """Different texts of a column with a letter in them."""
    cells = raw.frame[header].dropna().head(_CELLS)
    texts = (str(cell) for cell in cells if isinstance(cell, str))
    return list(dict.fromkeys(text for text in texts if re.search(r"[^\d\s.,;，；°′″\-+]", text)))


# --- contradictions -----------------------------------------------------------------------------


def require_agreement(
    prepared: PreparedLayer, words: Sequence[DatumStatement], declared: tuple[str, str, str] | None, *, is_own: bool
) -> list[Finding]:
    """Refuse coordinates of which two things are stated, unless a person stated which holds.

    Parameters
    ----------
    prepared
        Of the file.
    words
        What the file says.
    declared
        How it would be taken: datum, and where that is from in Chinese and English; None where
        nobody stated anything.
    is_own
        Whether a person stated so of this very file: that stands above what it says, and is reported.

    Raises
    ------
    MissingDatumError
        If they contradict each other: what contradicts what, and how to answer.
    """
    groups = list(dict.fromkeys(word.group for word in words))
    if declared is not None and is_own:
        against = [word for word in words if word.group != datum_group(declared[0])]
        return [_overruled_finding(prepared, against, declared)] if against else []
    if declared is not None and any(group != datum_group(declared[0]) for group in groups):
        contradiction = say(
            "statement.declared", statements=_quote(words), where=Sentence(*declared[1:]), datum=_label(declared[0])
        )
        raise _contradiction_error(prepared, words, contradiction)
    if len(groups) > 1:
        raise _contradiction_error(prepared, words, _quote(words))
    return []


def _label(datum: str) -> Sentence:
    return Sentence(DATUM_ZH[datum], DATUM_EN[datum])


def _quote(words: Sequence[DatumStatement]) -> Sentence:
    quotes = [say("statement.quote", where=w.where, text=w.text, datum=_label(w.datum)) for w in words]
    return Sentence.join(quotes, ("; ", "; "))


def _contradiction_error(
    prepared: PreparedLayer, words: Sequence[DatumStatement], contradiction: Sentence
) -> MissingDatumError:
    file = prepared.file
    usable = [w.datum for w in words if w.datum in ("bd09", "gcj02", "wgs84", "cgcs2000")]
    likely = usable[0] if usable else "cgcs2000"
    other = "wgs84" if likely in ("bd09", "gcj02") else "bd09"
    old = {"xian80", "beijing54", "local"} & {word.datum for word in words}
    convert = say("datum.convert") if old else EMPTY
    return MissingDatumError(
        *say("error.contradiction", file=file, contradiction=contradiction, likely=likely, other=other, convert=convert)
    )


def _overruled_finding(
    prepared: PreparedLayer, against: Sequence[DatumStatement], declared: tuple[str, str, str]
) -> Finding:
    statements = _quote(against)
    return prepared.finding(
        "warning",
        "datum.words_overruled",
        *say("datum.words_overruled", statements=statements, label=_label(declared[0])),
    )


def suggest_datum(words: Sequence[DatumStatement], file: str) -> Sentence:
    """What the words suggest, to be added to the question for a datum; empty where they are silent.

    Parameters
    ----------
    words
        What the file's name and headers say of a datum.
    file
        Its name, for the option to write.
    """
    usable = [w for w in words if w.datum in ("bd09", "gcj02", "wgs84", "cgcs2000")]
    if not usable:
        return EMPTY
    quote = _quote(usable)
    quote = Sentence(quote.zh, f"{quote.en[0].upper()}{quote.en[1:]}")
    return say("statement.suggestion", statements=quote, datum=usable[0].datum, file=file)
