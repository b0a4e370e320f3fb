"""Headers as Chinese bureaus write them, mapped to the fields of a layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from geo.errors import UnknownLayerError, UsageError
from geo.messages import join_names, load_catalogue
from geo.schema import IMPORTABLE, LAYERS, Field, field_names
from geo.tables.header_synonyms import CODE_FIELD, GENERIC, LAYER_NAMES, OWN_NAMES, PARENT_CODE, SIGNATURES, WEAK_NAMES
from geo.tables.header_text import normalise_header, split_header
from geo.tables.ledger_fields import LEDGER_FIELDS, is_ledger_field

say = load_catalogue(__file__)

MIN_GUESS_SCORE = 80.0
"""Similarity, 0-100, from which an unknown header is taken for a known one, as a guess that is reported."""


@dataclass(frozen=True)
class ColumnMatch:
    """One source column and the field it fills.

    Parameters
    ----------
    source
        The header as written.
    field
        A field of the layer, or one of the helping fields (`lon`, `lat`, `x`, `y`, `lonlat`,
        `community_name`, `community_code`, `street_name`, `company_name`), or of a ledger a field of
        another layer (`geo.tables.ledger_fields.LEDGER_FIELDS`).
    factor
        What numbers without a unit of their own are multiplied by: 10,000 under "建筑面积(万㎡)".
    is_generic
        The header ("id", "code", "编号") does not say of what; its values must show it is a code.
    score
        100 for a header that is known; less for a guess by similarity, which is reported.
    """

    source: str
    field: str
    factor: float = 1.0
    is_generic: bool = False
    score: float = 100.0


@dataclass(frozen=True)
class ColumnMap:
    """Which column is what.

    Parameters
    ----------
    layer
        The layer the columns were read as.
    matches
        Used columns, each field at most once.
    ignored
        Columns nobody asked for.
    personal
        Columns about persons; they are dropped before anything is stored.
    doubled
        Columns that name a field a better header already fills.
    spare
        What the doubled columns are: they fill the blanks of the better one.
    """

    layer: str
    matches: tuple[ColumnMatch, ...]
    ignored: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    spare: tuple[ColumnMatch, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields filled, in the order of their columns."""
        return tuple(match.field for match in self.matches)


def map_columns(columns: Sequence[str], layer: str, *, guess: bool = False) -> ColumnMap:
    """Map source headers to the fields of a layer.

    Parameters
    ----------
    columns
        Headers as written; parts of a two-row header are joined by "/". Spaces, full-width
        letters, brackets and units do not matter.
    layer
        One of `geo.schema.IMPORTABLE`.
    guess
        Whether headers nobody knows may fill a field by similarity to known ones ("小区的名称"); such
        matches have a score below 100.

    Returns
    -------
    The mapping; where two headers name one field, the more specific one wins.

    Raises
    ------
    UsageError
        If the layer is not known.

    Examples
    --------
    >>> found = map_columns(["小区名称", "建筑面积（万㎡）", "联系电话", "备注"], "communities")
    >>> [(m.source, m.field, m.factor) for m in found.matches]
    [('小区名称', 'name', 1.0), ('建筑面积（万㎡）', 'floor_area_m2', 10000.0)]
    >>> found.personal, found.ignored
    (('联系电话',), ('备注',))
    """
    names = _known_headers(layer)
    personal = [c for c in columns if is_personal(c)]
    found: dict[str, tuple[int, ColumnMatch]] = {}
    ignored: list[str] = []
    spare: list[ColumnMatch] = []
    for column in columns:
        if column in personal or column == "geometry":
            continue
        hit = _match_header(column, names)
        if hit is None:
            ignored.append(column)
            continue
        rank, match = hit
        earlier = found.get(match.field)
        if earlier is None:
            found[match.field] = hit
        elif rank < earlier[0]:
            spare.append(earlier[1])
            found[match.field] = hit
        else:
            spare.append(match)
    if guess:
        for match in _guess_matches(ignored, layer, set(found)):
            found[match.field] = (_GUESSED, match)
            ignored.remove(match.source)
    order = {column: i for i, column in enumerate(columns)}
    matches = sorted((match for _, match in found.values()), key=lambda m: order[m.source])
    doubled = tuple(match.source for match in spare)
    return ColumnMap(layer, tuple(matches), tuple(ignored), tuple(personal), doubled, tuple(spare))


def recognise_layer(columns: Sequence[str], shapes: Sequence[str] | None = None) -> str:
    """The layer a file is, judged by its headers.

    Parameters
    ----------
    columns
        Headers as written.
    shapes
        What the geometries are: any of "point", "line", "polygon"; None for a plain table.

    Returns
    -------
    The name of the one layer that fits clearly better than all others.

    Raises
    ------
    UnknownLayerError
        If none fits, or several fit as well; the candidates are named.

    Examples
    --------
    >>> recognise_layer(["序号", "街道", "小区名称", "户数", "建成年份"])
    'communities'
    >>> recognise_layer(["站点编号", "充电端口", "经度", "纬度"])
    'ebike_sites'
    """
    scores = {layer: _score(layer, columns, shapes) for layer in IMPORTABLE}
    ranked = sorted((s, layer) for layer, s in scores.items() if s > 0)[::-1]
    if ranked and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
        return ranked[0][1]
    best = [layer for score, layer in ranked if score == ranked[0][0]]
    candidates = [layer for layer in IMPORTABLE if layer in best] or _candidate_layers(shapes)
    shown = "、".join(str(c) for c in list(columns)[:8])
    raise UnknownLayerError(*say("headers.unclear_layer", shown=shown, candidates=join_names(candidates)))


def has_required_fields(columns: Sequence[str], layer: str) -> bool:
    """Whether a table has the columns a layer needs.

    Parameters
    ----------
    columns
        Headers as written.
    layer
        One of `geo.schema.IMPORTABLE`.

    Examples
    --------
    >>> has_required_fields(["小区名称", "备用"], "communities"), has_required_fields(["街道", "户数"], "communities")
    (True, False)
    """
    needed = SIGNATURES[layer][0] if layer in SIGNATURES else ()
    return set(needed) <= set(map_columns(columns, layer).fields)


def is_known_header(text: str) -> bool:
    """Whether a cell reads like a header of any layer.

    Examples
    --------
    >>> is_known_header("户 数"), is_known_header("昆都仑区物业小区台账")
    (True, False)
    """
    if is_personal(text) or normalise_header(text) in _IGNORABLE:
        return True
    return any(_match_header(text, names, prefixes=False) is not None for names in _ALL_NAMES.values())


def find_field(layer: str, name: str) -> Field | None:
    """What the values of a field of a column map are; None for a helping field.

    Parameters
    ----------
    layer
        Of the table.
    name
        A field of the layer, or a field of another layer as a ledger has it.

    Examples
    --------
    >>> find_field("communities", "ebike_sites.ports").zh
    '充电端口'
    """
    ledger = LEDGER_FIELDS.get(name)
    return ledger.field if ledger else next((f for f in LAYERS[layer] if f.name == name), None)


def find_additive_field(header: str) -> tuple[Field, float] | None:
    """The field of a column whose values may be summed, and what numbers without a unit are multiplied by.

    Examples
    --------
    >>> found = find_additive_field("建筑面积（万㎡）")
    >>> found[0].name, found[1]
    ('floor_area_m2', 10000.0)
    >>> find_additive_field("建成年份") is None
    True
    """
    for layer in IMPORTABLE:
        hit = _match_header(header, _known_headers(layer), prefixes=False)
        if hit is not None:
            match = hit[1]
            field = find_field(layer, match.field)
            if field is None or match.field.startswith("built_year"):
                return None
            summed = field.kind == "integer" or match.field.endswith("_area_m2")
            return (field, match.factor) if summed else None
    return None


def is_personal(header: str) -> bool:
    """Whether a header announces data about a person.

    Examples
    --------
    >>> [is_personal(h) for h in ("联系电话", "业主姓名", "小区名称", "mobile")]
    [True, True, False, True]
    """
    return _PERSONAL.search(normalise_header(header)) is not None


def is_ignorable(header: str) -> bool:
    """Whether a header is of a column no layer needs: row numbers, remarks, reasons of rejection.

    Examples
    --------
    >>> is_ignorable("序号"), is_ignorable("不能使用的原因"), is_ignorable("户数")
    (True, True, False)
    """
    return normalise_header(header) in _IGNORABLE


def is_qualified(header: str, known: str) -> bool:
    """Whether a header differs from a known one by a word that changes what is counted.

    Parameters
    ----------
    header
        As written.
    known
        The header it might mean.

    Examples
    --------
    >>> is_qualified("空置户数", "户数"), is_qualified("规模", "户数")
    (True, False)
    """
    return bool((set(header) - set(known)) & _QUALIFIERS)


def auxiliary_fields(layer: str) -> tuple[str, ...]:
    """Fields a column may fill next to those on disk: coordinates, names that become codes.

    Examples
    --------
    >>> auxiliary_fields("parking")
    ('community_code', 'community_name', 'street_name', 'district_name')
    """
    return tuple(field for field in LAYER_NAMES[layer] if field not in field_names(layer))


def _match_header(
    column: str, names: dict[str, tuple[int, str, bool]], *, prefixes: bool = True
) -> tuple[int, ColumnMatch] | None:
    """The best field for a header: whole, then its lower part, then a total's upper part."""
    whole, factor = split_header(column)
    parts = [split_header(part) for part in _LEVELS.split(str(column))]
    tries = [(whole, factor), (whole.replace("/", ""), factor)]
    if len(parts) > 1:
        tries.append(parts[-1])
        if parts[-1][0] in _TOTAL_PARTS:
            tries.append(parts[-2])
        tries.append((parts[-2][0] + parts[-1][0], max(parts[-1][1], parts[-2][1])))
    for name, scale in tries:
        if name in names:
            rank, field, generic = names[name]
            return rank, ColumnMatch(column, field, scale if field.endswith("_m2") else 1.0, generic)
    return _match_truncated(column, whole, names) if prefixes else None


def _match_truncated(column: str, name: str, names: dict[str, tuple[int, str, bool]]) -> tuple[int, ColumnMatch] | None:
    """A header cut to the 10 bytes of a DBF field name ("物业服务企")."""
    if not re.fullmatch(r"[一-鿿]{3}|[一-鿿]{5}", name):  # 10 bytes: 3 in UTF-8, 5 in GBK
        return None
    longer = sorted({(f, r) for n, (r, f, _) in names.items() if n.startswith(name) and n != name})
    fields = {f for f, _ in longer}
    return (longer[0][1], ColumnMatch(column, longer[0][0])) if len(fields) == 1 else None


def _guess_matches(headers: Sequence[str], layer: str, filled: set[str]) -> list[ColumnMatch]:
    """Matches by similarity for headers nobody knows: each field once, the most alike header first."""
    known = _known_headers(layer).items()
    names = {n: f for n, (_, f, generic) in known if not generic and len(n) >= 4 and not is_ledger_field(f)}
    found: list[tuple[float, int, ColumnMatch]] = []
    for place, header in enumerate(headers):
        bare, factor = split_header(header)
        least = 90.0 if bare.isascii() else MIN_GUESS_SCORE
        if len(bare) < 4 or bare in _IGNORABLE:
            continue
        hits = process.extract(bare, list(names), scorer=fuzz.ratio, score_cutoff=least, limit=3)
        fields = {names[name] for name, _, _ in hits}
        if len(fields) != 1 or fields & filled or is_qualified(bare, hits[0][0]):
            continue
        field = fields.pop()
        scale = factor if field.endswith("_m2") else 1.0
        found.append((-hits[0][1], place, ColumnMatch(header, field, scale, False, round(hits[0][1]))))
    best: dict[str, ColumnMatch] = {}
    for _, _, match in sorted(found, key=lambda f: f[:2]):
        best.setdefault(match.field, match)
    return list(best.values())


def _score(layer: str, columns: Sequence[str], shapes: Sequence[str] | None) -> float:
    """How well the columns fit a layer: matched fields, distinctive ones counted three times."""
    rule = SIGNATURES.get(layer)
    if rule is None:
        return 0.0
    needed, telling, shape_needed, allowed = rule
    if shapes is None and shape_needed:
        return 0.0
    if shapes is not None and not set(shapes) <= set(allowed):
        return 0.0
    found = map_columns(columns, layer)
    by_field = {m.field: m for m in found.matches}
    if not set(needed) <= set(by_field):
        return 0.0
    specific = [f for f, m in by_field.items() if not m.is_generic and not is_ledger_field(f)]
    weak = {m.field for m in found.matches if normalise_header(m.source) in WEAK_NAMES}
    decisive = [f for f in telling if f in specific and f not in weak]
    if layer in PARENT_CODE:
        decisive = _parent_code_fields(layer, found)
    names = {normalise_header(m.source) for m in found.matches}
    own = OWN_NAMES.get(layer, frozenset())
    if not decisive and not names & own:
        return 0.0
    helping = ("lon", "lat", "x", "y", "lonlat")
    is_ledger = any(f in by_field for f in _OWN_FACTS)  # of a ledger what it says for other layers speaks for it
    for_others = sum(is_ledger_field(f) for f in by_field) if is_ledger else 0
    return len([f for f in specific if f not in helping]) + 2 * len(decisive) + 2 * len(names & own) + for_others


def _candidate_layers(shapes: Sequence[str] | None) -> list[str]:
    """Layers a file of such geometries could be."""
    if shapes is None:
        return [name for name in IMPORTABLE if not (name in SIGNATURES and SIGNATURES[name][2])]
    return [n for n in IMPORTABLE if n in SIGNATURES and set(shapes) <= set(SIGNATURES[n][3])]


def _parent_code_fields(layer: str, found: ColumnMap) -> list[str]:
    """Streets and neighbourhoods: "code, name, areaCode" are streets of areas, not areas.

    A plain "code" next to "streetCode" is the row's own; the other one is its parent's.
    """
    own, parent = CODE_FIELD[layer], PARENT_CODE[layer]
    by_field = {m.field: m for m in found.matches}
    if by_field[own].is_generic:
        return [own, parent] if parent in by_field else []
    plain = {normalise_header(word) for word in GENERIC}
    return [] if plain & {normalise_header(column) for column in found.doubled} else [own]


_PERSONAL = re.compile(
    r"姓名|联系人|负责人|责任人|经办人|填表人|填报人|户主|电话|手机|联系方式|身份证|证件号|房号|房间号|室号|车牌|"
    r"法定代表人|^法人$|法人代表|^业主$|^住户$|^租户$|楼长|楼门长|网格员|联络员|管家|项目经理|物业经理|微信|邮箱|^phone|phone$|^mobile|^tel$|telephone|idcard|contactperson|"
    r"ownername|email|plateno|^lxr$|^lxdh$|^sfzh?$|^xm$"
)
_IGNORABLE = frozenset({"序号", "no", "备注", "说明", "remark", "xh", "bz", "不能使用的原因", "reason", "来源行"})
_GUESSED = 200  # the rank of a guess: after every header that is known
_QUALIFIERS = frozenset(
    "拆空闲商非未已无新增减绿地下上道路车库可拟应欠缺租售待改退低病危险违异年月计划同比去户栋楼套人"
)
_OWN_FACTS = ("households", "floor_area_m2", "built_year", "building_count")
"""Facts that no list of contracts, bodies, ports or bays has of a community."""
_LEVELS = re.compile(r"/(?![^(（]*[)）])")  # not the slash of a unit: 物业管理/物业费（元/㎡·月）
_TOTAL_PARTS = frozenset({"", "合计", "小计", "总计", "总数", "数量", "总量", "total"})


def _index_headers(layer: str) -> dict[str, tuple[int, str, bool]]:
    """Normalised header → (rank, field, is generic); the lower the rank, the surer the header."""
    names: dict[str, tuple[int, str, bool]] = {}
    for field in field_names(layer):
        if field != "geometry":
            names[normalise_header(field)] = (0, field, False)
    for field, words in LAYER_NAMES[layer].items():
        for rank, word in enumerate(words, start=1):
            names.setdefault(normalise_header(word), (rank, field, False))
    for known in LAYERS[layer]:  # the names our own exports write
        names.setdefault(normalise_header(known.zh), (50, known.name, False))
    if layer in CODE_FIELD:
        for rank, word in enumerate(GENERIC, start=90):
            names.setdefault(normalise_header(word), (rank, CODE_FIELD[layer], True))
    return names


_ALL_NAMES = {layer: _index_headers(layer) for layer in IMPORTABLE}


def _known_headers(layer: str) -> dict[str, tuple[int, str, bool]]:
    if layer not in _ALL_NAMES:
        raise UsageError(*say("headers.unknown_layer", layer=layer, layers=join_names(IMPORTABLE)))
    return _ALL_NAMES[layer]
