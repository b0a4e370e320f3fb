"""Lines and waters that look like roads and barriers in a file and are none, and what is reported of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.georeferencing.doubtful_points import list_rows
from geo.messages import load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.tables.header_text import normalise_header

say = load_catalogue(__file__)

Mask = npt.NDArray[np.bool_]

POND_M = 100.0
"""[A] Water no longer than this, on its own and not drawn out, is a pond: one walks round it."""
POND_JOINS_M = 30.0
"""[A] Water this near to other water is a part of it, as between two bridges."""
DRAWN_OUT = 3.0
"""[A] Water so many times longer than wide is a stretch of a canal or stream, not a pond."""

_WATERS = ("river", "canal")
_SHOWN_WORDS = 6

_NO_ROAD = re.compile(
    r"ferry|轮渡|渡船|渡轮|摆渡|航线|航道|rail(?!ing)|铁路|铁道|专用线|subway|地铁|轻轨|轨道交通|^tram|有轨|"
    r"monorail|funicular|aerialway|cable_?car|chair_?lift|gondola|索道|缆车|narrow_gauge|waterway|"
    r"^(river|canal|stream|drain|ditch)$|河流|水系|pipeline|管线|管道|电力线|runway|taxiway|跑道"
)
_NOT_BUILT = re.compile(
    r"proposed|construction|planned|规划|未建|在建|拟建|待建|abandoned|disused|razed|demolished|dismantled|废弃|"
    r"停用|已拆|拆除"
)
_CLOSED_ROAD = re.compile(
    r"高速|快速|motorway|trunk|expressway|freeway|raceway|bus_?guideway|busway|^escape$|^corridor$|"
    r"^platform$|^bridleway$|via_ferrata|^elevator$|避险车道|公交专用"
)
_SIDE = re.compile(r"辅路|辅道|侧道|慢行|人行|步行|service_road")
_NO_BARRIER = re.compile(
    r"swimming|(?<!car)pool$|泳池|戏水|fountain|喷泉|喷水|水景|景观水|水池|消防池|污水池|化粪池|reservoir_covered|"
    r"wastewater|water_tower|water_well|水塔|水井|subway|地铁|地下|暗渠|暗河|暗涵|箱涵|涵洞|culvert|"
    r"underground|ferry|轮渡|航线|aerialway|索道|platform|站台|"
    r"^(residential|tertiary|secondary|unclassified|living_street|service|footway|path|cycleway|steps|"
    r"pedestrian|track|road|bridleway)(_link)?$|^支路|次干|街坊路|小区路|巷|人行道|步行|自行车道|乡道|村道"
)
_POOL_NAME = re.compile(r"(泳池|游泳馆|喷泉|喷水池|水池|swimming pool|fountain)$", re.IGNORECASE)
_RAIL_BRIDGE = re.compile(
    r"铁路(特大|大|中)?桥|高铁|轻轨桥|地铁桥|轨道.{0,2}桥|rail(way|road)?[_ ]bridge|轮渡|渡口|码头|ferry"
)

_OF_CLASS = frozenset(
    {
        "highway",
        "railway",
        "route",
        "aerialway",
        "waterway",
        "fclass",
        "type",
        "class",
        "ferry",
        "leisure",
        "amenity",
        "natural",
        "water",
        "manmade",
        "location",
        "道路等级",
        "道路类型",
        "等级",
        "类型",
        "类别",
        "阻隔类型",
        "阻隔类别",
        "kind",
        "性质",
        "水体类型",
        "地物类型",
        "usage",
        "construction",
        "状态",
        "建设状态",
        "status",
        "建设情况",
    }
)
_ONLY_BESIDE_ROADS = frozenset({"railway", "aerialway", "waterway", "ferry", "route"})
_OF_TUNNEL = frozenset(
    {"tunnel", "隧道", "是否隧道", "隧道下穿", "地下", "是否地下", "涵洞", "暗渠", "culvert", "istunnel"}
)
_OF_ACCESS = frozenset({"access", "通行", "准入"})
_OF_FOOT = frozenset({"foot", "行人", "人行"})
_OF_SIDEWALK = frozenset({"sidewalk", "人行道"})
_IS_GONE = frozenset({"disused", "abandoned", "razed", "demolished"})
_IS_FERRY = frozenset({"ferry"})
_HSTORE = re.compile(r'"([^"]+)"=>"([^"]*)"')
_SIDEWALKS = frozenset({"both", "left", "right", "yes", "separate", "有", "是", "双侧", "单侧"})
_NO = frozenset({"", "no", "n", "f", "false", "0", "0.0", "否", "无", "none", "nan", "building_passage"})


def classify_line_features(prepared: PreparedLayer) -> PreparedLayer:
    """Roads nobody walks on are marked so, and rows that are no barriers or crossings left out.

    Ferries, railways, subways and ropeways, roads that are not built, are closed or private, and
    expressways get `walkable` False. Of barriers those are left out that lie in a tunnel or
    culvert, are abandoned or not built, or are roads anybody crosses, pools and fountains. Of
    crossings those on which only trains and ferries pass.

    Parameters
    ----------
    prepared
        Rows of any layer; others than roads, barriers and crossings stay as they are.
    """
    if prepared.layer == "roads":
        return _roads(prepared)
    if prepared.layer == "barriers":
        return _barriers(prepared)
    return _crossings(prepared) if prepared.layer == "crossings" else prepared


def drop_ponds(prepared: PreparedLayer) -> PreparedLayer:
    """Barriers without the small waters one walks round.

    Parameters
    ----------
    prepared
        Rows of layer "barriers" with geometries in a metric CRS; others stay as they are.
    """
    if prepared.layer != "barriers" or "kind" not in prepared.frame:
        return prepared
    shapes = prepared.frame["geometry"].to_numpy(dtype=object)
    ponds = detect_ponds(shapes, prepared.frame["kind"].to_numpy(dtype=object))
    if not ponds.any():
        return prepared
    n = int(ponds.sum())
    found = prepared.finding(
        "warning", "barriers.ponds", *say("barriers.ponds", n=n, pond_m=POND_M, rows=list_rows(prepared, ponds))
    )
    return _only(prepared, ~ponds).found(found)


def detect_ponds(shapes: npt.NDArray[np.object_], kinds: npt.NDArray[np.object_]) -> Mask:
    """(n,) whether each shape is water one walks round.

    Parameters
    ----------
    shapes
        (n,) geometries, metric CRS; None where there is none.
    kinds
        (n,) kinds of barriers.

    Examples
    --------
    >>> shapes = np.array([shapely.box(0, 0, 30, 20), shapely.box(500, 0, 2500, 40)], dtype=object)
    >>> detect_ponds(shapes, np.array(["river", "river"], dtype=object)).tolist()
    [True, False]
    """
    water = np.isin(kinds, _WATERS) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    small = water & (shapely.get_dimensions(shapes) == 2)
    for position in np.flatnonzero(small):
        xy = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shapes[position]))
        sides = sorted(np.hypot(*np.diff(xy[:3], axis=0).T)) if len(xy) >= 3 else [0.0, np.inf]
        small[position] = sides[1] < POND_M and sides[1] < DRAWN_OUT * max(sides[0], 0.1)
    candidates = np.flatnonzero(small)
    others = shapes[water & ~small]
    if len(candidates) and len(others):
        tree = shapely.STRtree(others)
        near = tree.query(shapes[candidates], predicate="dwithin", distance=POND_JOINS_M)[0]
        small[candidates[np.unique(near)]] = False
    return small


# --- one layer each -----------------------------------------------------------------------------


def _roads(prepared: PreparedLayer) -> PreparedLayer:
    frame = prepared.frame
    texts = _tag_texts(prepared)
    classes = frame["road_class"] if "road_class" in frame else pd.Series(None, index=frame.index, dtype=object)
    known = frame["walkable"] if "walkable" in frame else pd.Series(None, index=frame.index, dtype=object)
    no_road: list[str | None] = []
    closed: list[str | None] = []
    of_osm = any("highway" in row for row in texts)
    for position, row in enumerate(texts):
        own = [str(classes.iloc[position]).lower()] if pd.notna(classes.iloc[position]) else []
        words = [*own, *(w for header, w in row.items() if header in _OF_CLASS)]
        if own:  # a street with tram tracks is a street
            words = [*own, *(w for h, w in row.items() if h in _OF_CLASS - _ONLY_BESIDE_ROADS)]
            words += [w for h, w in row.items() if h == "route" and "ferry" in w]
        else:
            words += [h for h in row if h in _ONLY_BESIDE_ROADS]
        if of_osm and not own and not row.keys() & _OF_CLASS:
            no_road.append("highway=?")  # a line of another kind: a boundary, a power line, a wall
            closed.append(None)
            continue
        gone = next((h for h in sorted(_IS_GONE | _IS_FERRY) if row.get(h, "") not in _NO), None)
        no_road.append(_first(words, _NO_ROAD) or _first(words, _NOT_BUILT) or gone)
        closed.append(_closure_word(words, row))
    is_none = np.array([word is not None for word in no_road], dtype=bool)
    is_shut = np.array([word is not None for word in closed], dtype=bool) & known.isna().to_numpy()
    shut = is_none | is_shut
    has_sidewalk = np.array([_has_sidewalk(row) for row in texts], dtype=bool)
    has_sidewalk &= known.isna().to_numpy() & ~shut
    prepared, frame = _drop_false_bridges(prepared, texts)
    if not (shut | has_sidewalk).any():
        return prepared
    words_of = [one or other for one, other in zip(no_road, closed, strict=True)]
    listed_words = _counted(word for word, is_in in zip(words_of, shut, strict=True) if is_in and word)
    values = known.astype(object).to_numpy().copy()
    values[shut], values[has_sidewalk] = False, True
    walked = frame.assign(walkable=pd.Series(values, index=frame.index, dtype=object))
    if not shut.any():
        return replace(prepared, frame=walked)
    n = int(shut.sum())
    found = prepared.finding(
        "warning",
        "roads.not_walked",
        *say("roads.not_walked", n=n, listed_words=listed_words, rows=list_rows(prepared, shut)),
    )
    return replace(prepared, frame=walked).found(found)


def _has_sidewalk(row: Mapping[str, str]) -> bool:
    return any(row.get(header, "") in _SIDEWALKS for header in _OF_SIDEWALK)


def _drop_false_bridges(prepared: PreparedLayer, texts: list[dict[str, str]]) -> tuple[PreparedLayer, pd.DataFrame]:
    """Fords are no bridges; nor, in a file of OSM that tells bridges, is a row that tells none."""
    frame = prepared.frame
    bridges = [row.get("bridge", "") for row in texts]
    of_osm = any(bridges) and any("highway" in row or "fclass" in row for row in texts)
    dams = [row.get("waterway", "") in ("dam", "weir", "lock_gate") for row in texts]
    none = np.array([of_osm and not one and not dam for one, dam in zip(bridges, dams, strict=True)], dtype=bool)
    none |= np.array([row.get("ford", "") not in _NO for row in texts], dtype=bool)
    if not none.any():
        return prepared, frame
    known = frame.get("is_bridge", pd.Series(None, index=frame.index, dtype=object)).astype(object)
    values = known.to_numpy().copy()
    values[none & known.isna().to_numpy()] = False
    frame = frame.assign(is_bridge=pd.Series(values, index=frame.index, dtype=object))
    return replace(prepared, frame=frame), frame


def _closure_word(words: Iterable[str], row: Mapping[str, str]) -> str | None:
    """The word that keeps walkers out of a road, if any."""
    words = list(words)
    fast = _first(words, _CLOSED_ROAD)
    if fast and not _first(words, _SIDE) and not (fast.startswith("trunk") and _has_sidewalk(row)):
        return fast
    foot = next((w for h, w in row.items() if h in _OF_FOOT), "")
    access = next((w for h, w in row.items() if h in _OF_ACCESS), "")
    if foot in ("no", "private", "use_sidepath", "禁止"):
        return f"foot={foot}"
    if access in ("no", "private", "military", "禁止", "私有") and foot in _NO:
        return f"access={access}"
    return "motorroad" if row.get("motorroad", "") == "yes" and foot in _NO else None


def _barriers(prepared: PreparedLayer) -> PreparedLayer:
    names = prepared.frame["name"] if "name" in prepared.frame else pd.Series(None, index=prepared.frame.index)
    words: list[str | None] = []
    for row, name in zip(_tag_texts(prepared), names, strict=True):
        own = [word for header, word in row.items() if header in _OF_CLASS]
        word = _first(own, _NO_BARRIER) or _first(own, _NOT_BUILT)
        if word is None and any(row.get(h, "") not in _NO for h in _OF_TUNNEL if h in row):
            word = "隧道 tunnel"
        if word is None and isinstance(name, str) and _POOL_NAME.search(name.strip()):
            word = name.strip()
        words.append(word)
    return _drop_rows(prepared, words, "barriers.no_barrier")


def _crossings(prepared: PreparedLayer) -> PreparedLayer:
    names = prepared.frame["name"] if "name" in prepared.frame else pd.Series(None, index=prepared.frame.index)
    words = []
    for row, name in zip(_tag_texts(prepared), names, strict=True):
        own = [word for header, word in row.items() if header in _OF_CLASS]
        own += [name.lower()] if isinstance(name, str) else []
        is_street = "highway" in row and row["highway"] not in _NO
        rail = "" if is_street else row.get("railway", "")
        word = _first(own, _RAIL_BRIDGE) or _first(own, _NOT_BUILT)
        is_rail = rail not in _NO and "crossing" not in rail
        words.append(word or (f"railway={rail}" if is_rail else None))
    return _drop_rows(prepared, words, "crossings.no_crossing")


def _drop_rows(prepared: PreparedLayer, words: list[str | None], rule: str) -> PreparedLayer:
    out = np.array([word is not None for word in words], dtype=bool)
    if not out.any():
        return prepared
    counted = _counted(word for word in words if word)
    n = int(out.sum())
    found = prepared.finding("warning", rule, *say(rule, n=n, words=counted, rows=list_rows(prepared, out)))
    return _only(prepared, ~out).found(found)


def _only(prepared: PreparedLayer, kept: Mask) -> PreparedLayer:
    return replace(
        prepared,
        frame=prepared.frame[kept].reset_index(drop=True),
        source=prepared.source[kept].reset_index(drop=True),
        rows=prepared.rows[kept],
        sheets=None if prepared.sheets is None else prepared.sheets[kept],
    )


# --- words --------------------------------------------------------------------------------------


def _tag_texts(prepared: PreparedLayer) -> list[dict[str, str]]:
    """Of each row the cells of columns that tell what it is, by bare header, lower case."""
    wanted = _OF_CLASS | _OF_TUNNEL | _OF_ACCESS | _OF_FOOT | _OF_SIDEWALK | _IS_GONE | _IS_FERRY
    wanted |= {"motorroad", "bridge", "ford"}
    headers = {str(c): normalise_header(str(c)) for c in prepared.source.columns}
    rows: list[dict[str, str]] = [{} for _ in range(len(prepared.source))]
    for column, header in headers.items():
        cells = prepared.source[column].tolist()
        if header == "othertags":  # what GDAL keeps of OSM next to its columns
            for row, cell in zip(rows, cells, strict=True):
                for key, value in _HSTORE.findall(str(cell)) if isinstance(cell, str) else ():
                    if normalise_header(key) in wanted:
                        row.setdefault(normalise_header(key), value.lower())
        elif header in wanted:
            for row, cell in zip(rows, cells, strict=True):
                if pd.notna(cell) and str(cell).strip():
                    row[header] = str(cell).strip().lower()
    return rows


def _first(words: Iterable[str], pattern: re.Pattern[str]) -> str | None:
    return next((word for word in words if pattern.search(word)), None)


def _counted(words: Iterable[str]) -> str:
    counts = pd.Series(list(words)).value_counts(sort=True)
    shown = [f"{word[:20]} {n}" for word, n in counts.items() if isinstance(word, str)][:_SHOWN_WORDS]
    return "、".join(shown) + ("…" if len(counts) > _SHOWN_WORDS else "")
