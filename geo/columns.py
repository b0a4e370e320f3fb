"""Headers as Chinese bureaus write them, mapped to the fields of a layer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from rapidfuzz import fuzz, process

from geo.errors import UnknownLayerError, UsageError
from geo.schema import IMPORTABLE, LAYERS, field_names

SQUARE_METRES = MappingProxyType(
    {
        "㎡": 1.0, "m2": 1.0, "平方米": 1.0, "平米": 1.0, "平方": 1.0, "平": 1.0,
        "万㎡": 1e4, "万m2": 1e4, "万平方米": 1e4, "万平米": 1e4, "万平方": 1e4, "万平": 1e4,
        "公顷": 1e4, "ha": 1e4, "hm2": 1e4, "亩": 2000 / 3, "km2": 1e6, "平方公里": 1e6,
    }
)  # fmt: skip
"""Units of area in square metres; 15 亩 are one hectare."""


GUESS_FROM = 80.0
"""Likeness, 0-100, from which an unknown header is taken for a known one and told as a guess."""


@dataclass(frozen=True)
class ColumnMatch:
    """One source column and the field it fills.

    Parameters
    ----------
    source
        The header as written.
    field
        A field of the layer, or one of the helping fields (`lon`, `lat`, `x`, `y`, `lonlat`,
        `community_name`, `community_code`, `street_name`, `company_name`).
    factor
        What numbers without a unit of their own are multiplied by: 10,000 under "建筑面积(万㎡)".
    is_generic
        The header ("id", "code", "编号") does not say of what; its values must show it is a code.
    score
        100 for a header that is known; less for a guess by likeness, which is told.
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
    """

    layer: str
    matches: tuple[ColumnMatch, ...]
    ignored: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()

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
        Whether headers nobody knows may fill a field by likeness to known ones ("小区的名称"); such
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
    names = _names(layer)
    personal = [c for c in columns if is_personal(c)]
    found: dict[str, tuple[int, ColumnMatch]] = {}
    ignored, doubled = [], []
    for column in columns:
        if column in personal or column == "geometry":
            continue
        hit = _match(column, names)
        if hit is None:
            ignored.append(column)
            continue
        rank, match = hit
        earlier = found.get(match.field)
        if earlier is None:
            found[match.field] = hit
        elif rank < earlier[0]:
            doubled.append(earlier[1].source)
            found[match.field] = hit
        else:
            doubled.append(column)
    if guess:
        for match in _guesses(ignored, layer, set(found)):
            found[match.field] = (_GUESSED, match)
            ignored.remove(match.source)
    order = {column: i for i, column in enumerate(columns)}
    matches = sorted((match for _, match in found.values()), key=lambda m: order[m.source])
    return ColumnMap(layer, tuple(matches), tuple(ignored), tuple(personal), tuple(doubled))


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
    candidates = [layer for layer in IMPORTABLE if layer in best] or _possible(shapes)
    shown = "、".join(str(c) for c in list(columns)[:8])
    raise UnknownLayerError(
        f"看不出这是哪一种图层(列: {shown}); 请用 --layer 指明, 候选: {'、'.join(candidates)}。",
        f"It is not clear which layer this is (columns: {shown}); "
        f"name it with --layer, candidates: {', '.join(candidates)}.",
    )


def is_known_header(text: str) -> bool:
    """Whether a cell reads like a header of any layer.

    Examples
    --------
    >>> is_known_header("户 数"), is_known_header("昆都仑区物业小区台账")
    (True, False)
    """
    if is_personal(text) or normalise_header(text) in _FURNITURE:
        return True
    return any(_match(text, names, prefixes=False) is not None for names in _ALL_NAMES.values())


def is_additive(header: str) -> bool:
    """Whether a column's values may be summed (counts and areas, not years, fees or rates)."""
    for layer in IMPORTABLE:
        hit = _match(header, _names(layer), prefixes=False)
        if hit is not None:
            name = hit[1].field
            kinds = {f.name: f.kind for f in LAYERS[layer]}
            summed = kinds.get(name) == "integer" or name.endswith("_area_m2")
            return summed and name != "built_year"
    return False


def is_personal(header: str) -> bool:
    """Whether a header announces data about a person.

    Examples
    --------
    >>> [is_personal(h) for h in ("联系电话", "业主姓名", "小区名称", "mobile")]
    [True, True, False, True]
    """
    return _PERSONAL.search(normalise_header(header)) is not None


def is_furniture(header: str) -> bool:
    """Whether a header is of a column no layer needs: row numbers, remarks, reasons of rejection.

    Examples
    --------
    >>> is_furniture("序号"), is_furniture("不能使用的原因"), is_furniture("户数")
    (True, True, False)
    """
    return normalise_header(header) in _FURNITURE


def helping_fields(layer: str) -> tuple[str, ...]:
    """Fields a column may fill beside those on disk: coordinates, names that become codes.

    Examples
    --------
    >>> helping_fields("parking")
    ('community_code', 'community_name', 'street_name', 'district_name')
    """
    return tuple(field for field in _LAYER_NAMES[layer] if field not in field_names(layer))


def normalise_header(text: str) -> str:
    """A header without case, width, spaces, brackets and punctuation.

    Examples
    --------
    >>> normalise_header("建筑 面积（万㎡）"), normalise_header("House_Num")
    ('建筑面积', 'housenum')
    """
    return split_header(text)[0]


@lru_cache(maxsize=4096)
def split_header(text: str) -> tuple[str, float]:
    """A header's bare name, and the factor its unit stands for.

    Returns
    -------
    The name as of :func:`normalise_header`, and square metres per unit, 1.0 where none is named.

    Examples
    --------
    >>> split_header("占地面积(公顷)"), split_header("建筑面积万平方米")
    (('占地面积', 10000.0), ('建筑面积', 10000.0))
    """
    text = unicodedata.normalize("NFKC", str(text)).lower()
    text = re.sub(r"[\s_\-*:,.、。;'\"#]+", "", text)
    factor = 1.0
    for inside in re.findall(r"[(\[【〔<](.*?)[)\]】〕>]", text):
        for part in re.split(r"[/,，]", inside.removeprefix("单位")):
            factor = SQUARE_METRES.get(part, factor)
    text = re.sub(r"[(\[【〔<].*?[)\]】〕>]", "", text)
    tail = _UNIT_TAIL.search(text)
    if tail and tail.start() >= 2:
        factor = SQUARE_METRES.get(tail.group(1), factor)
        text = text[: tail.start()]
    return text.strip("/"), factor


def _match(
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
            return rank, ColumnMatch(
                column, field, scale if field.endswith("_m2") else 1.0, generic
            )
    return _match_cut(column, whole, names) if prefixes else None


def _match_cut(
    column: str, name: str, names: dict[str, tuple[int, str, bool]]
) -> tuple[int, ColumnMatch] | None:
    """A header cut to the 10 bytes of a DBF field name ("物业服务企")."""
    if not re.fullmatch(r"[一-鿿]{3}|[一-鿿]{5}", name):  # 10 bytes: 3 in UTF-8, 5 in GBK
        return None
    longer = sorted({(f, r) for n, (r, f, _) in names.items() if n.startswith(name) and n != name})
    fields = {f for f, _ in longer}
    return (longer[0][1], ColumnMatch(column, longer[0][0])) if len(fields) == 1 else None


def _guesses(headers: Sequence[str], layer: str, filled: set[str]) -> list[ColumnMatch]:
    """Matches by likeness for headers nobody knows: each field once, the most alike header first."""
    names = {n: f for n, (_, f, generic) in _names(layer).items() if not generic and len(n) >= 4}
    found: list[tuple[float, int, ColumnMatch]] = []
    for place, header in enumerate(headers):
        bare, factor = split_header(header)
        least = 90.0 if bare.isascii() else GUESS_FROM
        if len(bare) < 4 or bare in _FURNITURE:
            continue
        hits = process.extract(bare, list(names), scorer=fuzz.ratio, score_cutoff=least, limit=3)
        fields = {names[name] for name, _, _ in hits}
        if len(fields) != 1 or fields & filled or _is_qualified(bare, hits[0][0]):
            continue
        field = fields.pop()
        scale = factor if field.endswith("_m2") else 1.0
        found.append(
            (-hits[0][1], place, ColumnMatch(header, field, scale, False, round(hits[0][1])))
        )
    best: dict[str, ColumnMatch] = {}
    for _, _, match in sorted(found, key=lambda f: f[:2]):
        best.setdefault(match.field, match)
    return list(best.values())


def _is_qualified(header: str, known: str) -> bool:
    """Whether a header differs from a known one by a word that changes what is counted."""
    return bool((set(header) - set(known)) & _QUALIFIERS)


def _score(layer: str, columns: Sequence[str], shapes: Sequence[str] | None) -> float:
    """How well the columns fit a layer: matched fields, distinctive ones counted three times."""
    rule = _SIGNATURES.get(layer)
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
    specific = [f for f, m in by_field.items() if not m.is_generic]
    weak = {m.field for m in found.matches if normalise_header(m.source) in _WEAK_NAMES}
    told = [f for f in telling if f in specific and f not in weak]
    if layer in _PARENT_CODE:
        told = _told_by_parent(layer, found)
    names = {normalise_header(m.source) for m in found.matches}
    own = _OWN_NAMES.get(layer, frozenset())
    if not told and not names & own:
        return 0.0
    helping = ("lon", "lat", "x", "y", "lonlat")
    return len([f for f in specific if f not in helping]) + 2 * len(told) + 2 * len(names & own)


def _possible(shapes: Sequence[str] | None) -> list[str]:
    """Layers a file of such geometries could be."""
    if shapes is None:
        return [name for name in IMPORTABLE if not (name in _SIGNATURES and _SIGNATURES[name][2])]
    return [n for n in IMPORTABLE if n in _SIGNATURES and set(shapes) <= set(_SIGNATURES[n][3])]


def _told_by_parent(layer: str, found: ColumnMap) -> list[str]:
    """Streets and neighbourhoods: "code, name, areaCode" are streets of areas, not areas.

    A plain "code" beside "streetCode" is the row's own; the other one is its parent's.
    """
    own, parent = _CODE_FIELD[layer], _PARENT_CODE[layer]
    by_field = {m.field: m for m in found.matches}
    if by_field[own].is_generic:
        return [own, parent] if parent in by_field else []
    plain = {normalise_header(word) for word in _GENERIC}
    return [] if plain & {normalise_header(column) for column in found.doubled} else [own]


_PERSONAL = re.compile(
    r"姓名|联系人|负责人|责任人|经办人|填表人|填报人|户主|电话|手机|联系方式|身份证|证件号|房号|房间号|室号|车牌|"
    r"法定代表人|^法人$|法人代表|^业主$|^住户$|^租户$|楼长|楼门长|网格员|联络员|管家|项目经理|物业经理|微信|邮箱|^phone|phone$|^mobile|^tel$|telephone|idcard|contactperson|"
    r"ownername|email|plateno|^lxr$|^lxdh$|^sfzh?$|^xm$"
)
_FURNITURE = frozenset(
    {"序号", "no", "备注", "说明", "remark", "xh", "bz", "不能使用的原因", "reason", "来源行"}
)
_GUESSED = 200  # the rank of a guess: after every header that is known
_QUALIFIERS = frozenset(
    "空闲商非未已无新增减绿地下上道路车库可拟应欠缺租售待改退低病危险违异年月计划同比去户栋楼套人"
)
_LEVELS = re.compile(r"/(?![^(（]*[)）])")  # not the slash of a unit: 物业管理/物业费（元/㎡·月）
_TOTAL_PARTS = frozenset({"", "合计", "小计", "总计", "总数", "数量", "总量", "total"})
_UNIT_TAIL = re.compile(
    r"(万㎡|万m2|万平方米|万平米|㎡|m2|平方米|平米|公顷|亩|%)$"
)  # longer units first: the alternation stops at the first that fits

_PLACE_NAMES: dict[str, tuple[str, ...]] = {
    "lon": ("经度", "lon", "lng", "longitude", "long", "经度坐标", "百度经度", "高德经度", "jd"),
    "lat": ("纬度", "lat", "latitude", "纬度坐标", "百度纬度", "高德纬度", "wd"),
    "x": ("x", "x坐标", "横坐标", "坐标x", "东坐标", "coordx", "xcoord", "pointx"),
    "y": ("y", "y坐标", "纵坐标", "坐标y", "北坐标", "coordy", "ycoord", "pointy"),
    "lonlat": (
        "坐标",
        "经纬度",
        "百度坐标",
        "高德坐标",
        "坐标点",
        "位置坐标",
        "lnglat",
        "location",
    ),
}
_ADMIN_NAMES: dict[str, tuple[str, ...]] = {
    "district_code": ("旗县区代码", "区县代码", "行政区代码", "行政区划代码", "districtcode",
                      "areacode", "adcode", "gb", "qxdm", "xzqdm"),
    "district_name": ("旗县区", "旗县区名称", "区县", "所属区", "所属区县", "所属旗县区", "行政区",
                      "所在旗县区", "所在区", "辖区", "县区", "districtname", "district", "qx", "qxmc"),
    "street_code": ("街道代码", "街道编码", "所属街道代码", "镇街代码", "streetcode", "jddm"),
    "street_name": ("街道", "街道名称", "街道办", "街道办事处", "镇街", "街镇", "街道镇", "苏木乡镇",
                    "街道苏木乡镇", "乡镇街道", "所属街道", "所在街道", "办事处", "所属办事处",
                    "streetname", "street", "jd", "jdmc"),
    "neighbourhood_code": ("社区代码", "社区编码", "所属社区代码", "neighbourhoodcode", "sqdm"),
    "neighbourhood_name": ("社区", "社区名称", "社区居委会", "居委会", "嘎查村", "社区嘎查村", "所属社区",
                           "所在社区", "neighbourhoodname", "sq", "sqmc"),
}  # fmt: skip
_COMMUNITY_NAME = (
    "小区名称", "住宅小区名称", "住宅小区", "项目名称", "物业项目名称", "物业小区名称", "小区楼院名称",
    "楼院名称", "院落名称", "小区院落名称", "小区名", "小区", "xqmc", "communityname", "community",
)  # fmt: skip
_COMMUNITY_CODE = (
    "小区编码", "小区代码", "小区编号", "项目编号", "项目编码", "小区id", "communitycode",
    "communityid", "xqbm", "xqbh", "xqdm", "xqid",
)  # fmt: skip
_MODE_NAMES = (
    "管理方式", "管理模式", "物业管理形式", "物业管理方式", "物业管理模式", "物管类型", "物业管理类型",
    "物业服务模式", "物业服务形式", "managementmode", "glfs", "wylx", "物业类型", "有无物业", "是否有物业",
)  # fmt: skip
_COMPANY_NAMES = (
    "物业公司", "物业公司名称", "物业企业", "物业企业名称", "物业服务企业", "物业服务企业名称", "服务企业",
    "物业服务单位", "服务单位", "物业服务公司", "companyname", "propertycompany", "wygs", "wyqy",
    "service", "company", "管理单位",
)  # fmt: skip
_FACT_NAMES: dict[str, tuple[str, ...]] = {
    "households": ("户数", "总户数", "住户数", "居民户数", "住宅户数", "户籍户数", "规划户数", "居民总户数",
                   "小区总户数", "小区户数", "住宅总户数", "住宅总套数", "套数", "住宅套数", "总套数",
                   "households", "housenum", "hs", "zhs"),
    "floor_area_m2": ("总建筑面积", "建筑面积", "建筑总面积", "房屋建筑面积", "小区建筑面积", "小区总建筑面积",
                      "住宅总建筑面积", "住宅建筑面积", "建面", "物业管理面积", "管理面积", "收费面积",
                      "面积", "floorarea", "flooraream2", "buildarea", "jzmj"),
    "land_area_m2": ("占地面积", "用地面积", "土地面积", "landarea", "landaream2", "zdmj"),
    "built_year": ("建成年份", "建成时间", "竣工时间", "竣工年代", "建设年代", "建成年代", "始建年代", "建造年代",
                   "建筑年代", "竣工年份", "建设时间", "交付时间", "builtyear", "buildyear", "buildtime", "year",
                   "jcnf", "jcnd"),
    "building_count": ("楼栋数", "楼栋数量", "栋数", "幢数", "楼数", "总栋数", "楼栋", "住宅楼栋数",
                       "buildingcount", "buildingnum", "lds"),
    "management_mode": _MODE_NAMES,
    "company_name": _COMPANY_NAMES,
    "company_id": ("企业编号", "物业企业编号", "companyid"),
    "community_type": ("小区类型", "小区性质", "房屋性质", "小区类别", "房屋类型", "communitytype", "类别", "xqlx"),
    "special_type": ("特殊类型", "移交类型", "是否国企移交", "specialtype"),
    "property_unit": ("产权单位", "原产权单位", "移交单位", "propertyunit", "cqdw"),
    "owners_body": ("业委会", "业主委员会", "是否成立业委会", "业委会物管会", "业委会/物管会", "业委会成立情况",
                    "物管会", "物业管理委员会", "是否成立业委会物管会", "ownersbody"),
    "merge_willingness": ("合并意愿", "是否同意合并", "居民意愿", "业主意愿", "mergewillingness"),
    "renewal_status": ("改造状态", "改造情况", "老旧小区改造情况", "是否改造", "renewalstatus"),
    "fee_yuan_m2_month": ("物业费", "物业费标准", "收费标准", "物业服务费", "物业收费标准", "收费", "物业费单价",
                          "feeyuanm2month", "fee", "cost", "wyf"),
    "collection_rate": ("物业费收缴率", "收缴率", "收费率", "collectionrate"),
    "address": ("详细地址", "地址", "坐落", "座落", "坐落位置", "小区地址", "四至", "位置", "address", "dz"),
}  # fmt: skip
_CODES_OF_UNIT: dict[str, tuple[str, ...]] = {
    "unit_id": ("单元编号", "unitid"),
    "community_code": _COMMUNITY_CODE,
    "community_name": (*_COMMUNITY_NAME, "所属小区", "所在小区"),
    "street_name": _ADMIN_NAMES["street_name"],
    "district_name": _ADMIN_NAMES["district_name"],
}

_LAYER_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "communities": {
        "unit_id": ("单元编号", "unitid"),
        "name": (*_COMMUNITY_NAME, "名称", "name", "title", "mc"),
        "external_code": (*_COMMUNITY_CODE, "外部编码", "externalcode"),
        **_ADMIN_NAMES, **_FACT_NAMES, **_PLACE_NAMES,
    },
    "buildings": {
        "building_id": ("楼栋编号", "楼栋编码", "楼栋代码", "楼幢编号", "幢编号", "房屋代码", "房屋编码", "建筑编码",
                        "建筑编号", "buildingid", "buildingcode", "bldid", "osmid", "ldbh", "ldbm"),
        "unit_id": ("所属单元", "unitid"),
        "community_code": ("所属小区编码", *_COMMUNITY_CODE),
        "community_name": (*_COMMUNITY_NAME, "所属小区", "所在小区"),
        "street_name": _ADMIN_NAMES["street_name"],
        "district_name": _ADMIN_NAMES["district_name"],
        "name": ("楼栋名称", "楼栋号", "楼号", "幢号", "栋号", "楼名", "楼栋", "建筑名称", "buildingname", "buildingno",
                 "名称", "name", "lh", "ldmc", "mc"),
        "use": ("用途", "房屋用途", "建筑用途", "规划用途", "使用性质", "buildinguse", "use", "usage", "building",
                "类型", "type", "yt"),
        "floors_above": ("地上层数", "层数", "楼层数", "总层数", "建筑层数", "总楼层", "floorsabove", "floors",
                         "levels", "buildinglevels", "storeys", "floor", "cs", "dscs"),
        "floors_quality": ("层数来源", "floorsquality"),
        "height_m": ("高度", "建筑高度", "楼高", "height", "buildingheight", "heightm", "gd", "jzgd"),
        **{k: _FACT_NAMES[k] for k in ("households", "floor_area_m2", "built_year", "management_mode",
                                       "property_unit")},
        **_PLACE_NAMES,
    },
    "streets": {
        "street_code": _ADMIN_NAMES["street_code"],
        "name": (*_ADMIN_NAMES["street_name"], "名称", "name", "mc"),
        "district_code": _ADMIN_NAMES["district_code"],
        "district_name": _ADMIN_NAMES["district_name"],
        "is_functional_zone": ("功能区", "是否功能区", "isfunctionalzone"),
    },
    "neighbourhoods": {
        "neighbourhood_code": _ADMIN_NAMES["neighbourhood_code"],
        "name": (*_ADMIN_NAMES["neighbourhood_name"], "名称", "name", "mc"),
        "street_code": _ADMIN_NAMES["street_code"],
        "street_name": _ADMIN_NAMES["street_name"],
    },
    "boundary": {
        "district_code": _ADMIN_NAMES["district_code"],
        "name": (*_ADMIN_NAMES["district_name"], "名称", "name", "mc"),
    },
    "roads": {
        "road_id": ("道路编号", "道路编码", "roadid", "osmid"),
        "name": ("路名", "道路名称", "道路名", "名称", "name", "mc", "dlmc"),
        "road_class": ("道路等级", "等级", "道路类型", "roadclass", "highway", "class", "dldj", "fclass", "type"),
        "is_bridge": ("桥", "是否桥梁", "isbridge", "bridge"),
        "is_tunnel": ("隧道下穿", "隧道", "是否隧道", "istunnel", "tunnel"),
    },
    "barriers": {
        "barrier_id": ("阻隔编号", "barrierid", "osmid"),
        "name": ("名称", "name", "mc", "河名", "线路名称"),
        "kind": ("阻隔类型", "阻隔类别", "kind", "barrierkind", "类别", "类型", "waterway", "railway", "highway",
                 "fclass", "type"),
    },
    "crossings": {
        "crossing_id": ("通道编号", "crossingid", "osmid"),
        "name": ("通道名称", "名称", "name", "mc"),
        "kind": ("通道类型", "通道类别", "kind", "crossingkind", "类别", "类型", "fclass", "type"),
        **_PLACE_NAMES,
    },
    "gates": {
        "gate_id": ("出入口编号", "大门编号", "门编号", "gateid"),
        **_CODES_OF_UNIT,
        "name": ("出入口名称", "大门名称", "出入口", "大门", "名称", "name"),
        "is_open": ("可通行", "是否可通行", "是否开放", "是否常开", "开放情况", "isopen"),
        **_PLACE_NAMES,
    },
    "open_spaces": {
        "space_id": ("场地编号", "空地编号", "spaceid"),
        **_CODES_OF_UNIT,
        "kind": ("场地类型", "场地类别", "空地类型", "类别", "类型", "kind"),
        "name": ("场地名称", "空地名称", "名称", "name"),
        "area_m2": ("场地面积", "空地面积", "可用面积", "面积", "aream2"),
        **_PLACE_NAMES,
    },
    "service_points": {
        "point_id": ("服务点编号", "服务站编号", "用房编号", "pointid"),
        **_CODES_OF_UNIT,
        "company_id": _FACT_NAMES["company_id"],
        "company_name": _COMPANY_NAMES,
        "kind": ("服务点类型", "服务点类别", "用房类型", "用途", "类别", "类型", "kind"),
        "name": ("服务点名称", "服务站名称", "用房名称", "物业用房", "名称", "name"),
        **_PLACE_NAMES,
    },
    "permits": {
        "permit_id": ("批准编号", "许可编号", "permitid"),
        "kind": ("批准事项", "许可事项", "批准类型", "许可类型", "kind"),
        "unit_a": ("单元甲", "单元编号甲", "小区甲", "小区一", "unita"),
        "unit_b": ("单元乙", "单元编号乙", "小区乙", "小区二", "unitb"),
        "approved_date": ("批准日期", "批准时间", "批复日期", "许可日期", "approveddate"),
        "document_no": ("文号", "批复文号", "批准文号", "文件号", "documentno"),
    },
    "consents": {
        **_CODES_OF_UNIT,
        "agrees": ("是否同意", "征求意见结果", "表决结果", "业主表决结果", "意见", "agrees"),
        "consulted_date": ("征求意见日期", "征求意见时间", "表决日期", "表决时间", "consulteddate"),
        "owner_share": ("同意业主占比", "同意户数占比", "同意人数占比", "户数同意率", "ownershare"),
        "area_share": ("同意面积占比", "专有面积占比", "面积同意率", "areashare"),
        "document_no": ("文号", "会议纪要文号", "文件号", "documentno"),
    },
    "companies": {
        "company_id": ("企业编号", "企业代码", "companyid"),
        "name": ("企业名称", *[n for n in _COMPANY_NAMES if n not in ("service", "管理单位")], "公司名称",
                 "单位名称", "名称", "name"),
        "uscc": ("统一社会信用代码", "信用代码", "社会信用代码", "uscc"),
        "credit_rating": ("信用等级", "信用评价等级", "企业信用", "企业信用等级", "信用评价", "creditrating"),
        "blacklisted": ("黑名单", "是否黑名单", "是否列入黑名单", "blacklisted"),
        "managed_area_m2": ("在管面积", "在管总面积", "管理面积", "物业管理面积", "managedarea", "managedaream2"),
        "project_count": ("在管项目数", "项目数", "项目数量", "在管项目", "projectcount"),
        "staff_total": ("从业人员", "从业人员数", "员工数", "职工人数", "员工总数", "stafftotal"),
    },
    "contracts": {
        "contract_id": ("合同编号", "合同号", "contractid", "contractno"),
        **_CODES_OF_UNIT,
        "company_id": _FACT_NAMES["company_id"],
        "company_name": (*_COMPANY_NAMES, "企业名称", "乙方"),
        "start_date": ("合同开始日期", "开始日期", "合同起始日期", "起始日期", "合同开始时间", "生效日期", "startdate",
                       "start"),
        "end_date": ("合同到期日期", "到期日期", "合同终止日期", "终止日期", "结束日期", "合同到期时间", "合同结束日期",
                     "enddate", "end"),
        "filed": ("是否备案", "已备案", "合同备案", "备案", "备案情况", "filed"),
        "fee_yuan_m2_month": _FACT_NAMES["fee_yuan_m2_month"],
    },
    "owners_bodies": {
        **_CODES_OF_UNIT,
        "body_type": ("组织类型", "类型", "业委会类型", "bodytype", *_FACT_NAMES["owners_body"]),
        "established_date": ("成立日期", "成立时间", "业委会成立时间", "establisheddate"),
        "member_count": ("成员数", "委员人数", "委员数", "成员人数", "业委会成员数", "membercount"),
        "party_member_count": ("党员数", "党员人数", "其中党员", "党员委员数", "partymembercount"),
        "has_party_org": ("党组织", "是否建立党组织", "是否成立党组织", "haspartyorg"),
    },
    "ebike_sites": {
        "site_id": ("站点编号", "充电站编号", "站点编码", "站点id", "设施编号", "siteid", "stationid"),
        **_CODES_OF_UNIT,
        "ports": ("充电端口", "充电端口数", "充电端口数量", "端口数", "充电口", "充电口数", "充电插座数", "充电插座",
                  "充电接口", "充电接口数", "充电位", "ports", "portcount"),
        "piles": ("充电桩", "充电桩数", "充电桩数量", "桩数", "piles", "pilecount"),
        "in_service": ("在用", "是否在用", "是否运行", "使用状态", "inservice"),
        "operator": ("运营单位", "运营企业", "运营商", "建设单位", "品牌", "operator", "provider"),
        "name": ("站点名称", "充电站名称", "充电点名称", "名称", "name"),
        "address": ("安装位置", *_FACT_NAMES["address"]),
        **_PLACE_NAMES,
    },
    "ebike_stock": {
        **_CODES_OF_UNIT,
        "ebikes": ("电动自行车数", "电动自行车数量", "电动自行车保有量", "电动自行车", "电动车保有量", "电动车数量",
                   "电动两轮车", "电瓶车数量", "电瓶车数", "ebikes", "ebikecount"),
        "method": ("统计方式", "数据来源", "来源", "统计口径", "method"),
        "counted_date": ("统计日期", "统计时间", "摸排日期", "摸排时间", "counteddate"),
    },
    "parking": {
        **_CODES_OF_UNIT,
        "bays_fixed": ("固定车位", "固定车位数", "产权车位", "地下车位", "baysfixed"),
        "bays_public": ("公共车位", "公共车位数", "地面车位", "临时车位", "bayspublic"),
        "cars_registered": ("登记汽车", "登记车辆数", "汽车数", "汽车保有量", "机动车数量", "carsregistered"),
        "ev_bays_built": ("已建充电车位", "充电车位", "充电车位数", "evbaysbuilt"),
        "ev_bays_reserved": ("预留充电车位", "预留充电车位数", "evbaysreserved"),
    },
    "reported_figures": {
        "indicator_id": ("指标编号", "指标代码", "indicatorid"),
        "admin_code": ("区划代码", "行政区划代码", "admincode"),
        "period": ("期间", "年份", "统计期", "年度", "period"),
        "numerator": ("分子", "numerator"),
        "denominator": ("分母", "denominator"),
        "value": ("值", "数值", "指标值", "value"),
        "document_no": ("文号", "文件号", "documentno"),
    },
}  # fmt: skip

_GENERIC = ("编码", "代码", "编号", "id", "code", "bm", "bh")
_CODE_FIELD = {
    "communities": "external_code", "buildings": "building_id", "streets": "street_code",
    "neighbourhoods": "neighbourhood_code", "boundary": "district_code", "roads": "road_id",
    "barriers": "barrier_id", "crossings": "crossing_id", "companies": "company_id",
    "ebike_sites": "site_id", "contracts": "contract_id", "gates": "gate_id",
    "open_spaces": "space_id", "service_points": "point_id", "permits": "permit_id",
}  # fmt: skip

_PARENT_CODE = {"streets": "district_code", "neighbourhoods": "street_code"}
_WEAK_NAMES = frozenset(
    {"osmid", "fclass", "type", "class", "highway", "类型", "类别", "名称", "name"}
)
"""Headers many layers share; they fill a field but do not tell which layer a file is."""
_OWN_NAMES: dict[str, frozenset[str]] = {
    "communities": frozenset(_COMMUNITY_NAME) - {"community", "小区", "项目名称"},
    "buildings": frozenset({"楼栋名称", "楼栋号", "楼号", "幢号", "栋号"}),
    "companies": frozenset({"企业名称", "公司名称"}),
}
# Fields a layer needs, fields that tell it from others, whether it needs geometry, and of what kind.
_SIGNATURES: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool, tuple[str, ...]]] = {
    "communities": (
        ("name",),
        ("households", "floor_area_m2", "built_year", "management_mode", "company_name",
         "fee_yuan_m2_month", "building_count"),
        False, ("point", "polygon"),
    ),
    "buildings": ((), ("building_id", "floors_above"), False, ("polygon", "point")),
    "streets": (("street_code", "name"), ("street_code",), False, ("polygon",)),
    "neighbourhoods": (("neighbourhood_code", "name"), ("neighbourhood_code",), False, ("polygon",)),
    "boundary": (("name", "district_code"), ("district_code",), True, ("polygon",)),
    "roads": (("road_class",), ("road_id", "road_class", "is_bridge", "is_tunnel"), True, ("line",)),
    "barriers": (("kind",), ("barrier_id", "kind"), True, ("line", "polygon")),
    "crossings": (("kind",), ("crossing_id", "kind"), True, ("point",)),
    "gates": (("gate_id",), ("gate_id", "is_open"), False, ("point",)),
    "open_spaces": (("space_id",), ("space_id", "area_m2"), False, ("polygon", "point")),
    "service_points": (("point_id",), ("point_id",), False, ("point", "polygon")),
    "permits": (("unit_a", "unit_b"), ("permit_id", "unit_a", "unit_b"), False, ()),
    "consents": (("agrees",), ("agrees", "consulted_date", "owner_share", "area_share"), False, ()),
    "companies": (("name",), ("uscc", "credit_rating", "blacklisted", "staff_total",
                              "project_count"), False, ()),
    "contracts": ((), ("contract_id", "start_date", "end_date"), False, ()),
    "owners_bodies": ((), ("member_count", "party_member_count", "established_date",
                           "has_party_org", "body_type"), False, ()),
    "ebike_sites": ((), ("ports", "piles", "site_id"), False, ("point", "polygon")),
    "ebike_stock": (("ebikes",), ("ebikes",), False, ()),
    "parking": ((), ("bays_fixed", "bays_public", "ev_bays_built", "ev_bays_reserved"), False, ()),
    "reported_figures": (("indicator_id",), ("indicator_id", "numerator", "denominator"), False, ()),
}  # fmt: skip


def _build_names(layer: str) -> dict[str, tuple[int, str, bool]]:
    """Normalised header → (rank, field, is generic); the lower the rank, the surer the header."""
    names: dict[str, tuple[int, str, bool]] = {}
    for field in field_names(layer):
        if field != "geometry":
            names[normalise_header(field)] = (0, field, False)
    for field, words in _LAYER_NAMES[layer].items():
        for rank, word in enumerate(words, start=1):
            names.setdefault(normalise_header(word), (rank, field, False))
    if layer in _CODE_FIELD:
        for rank, word in enumerate(_GENERIC, start=90):
            names.setdefault(normalise_header(word), (rank, _CODE_FIELD[layer], True))
    return names


_ALL_NAMES = {layer: _build_names(layer) for layer in IMPORTABLE}


def _names(layer: str) -> dict[str, tuple[int, str, bool]]:
    if layer not in _ALL_NAMES:
        raise UsageError(
            f"没有名为“{layer}”的可导入图层; 可用: {'、'.join(IMPORTABLE)}。",
            f"There is no layer '{layer}' to import; known: {', '.join(IMPORTABLE)}.",
        )
    return _ALL_NAMES[layer]
