"""One correction by somebody who knows better: what it says, and whether it makes sense."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass
from typing import Literal

import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

from geo.admin.gazetteer import find_streets, gazetteer_layers, known_streets
from geo.errors import UnknownCodeError, UsageError
from geo.schema import CORRECTABLE, CROSSING_KINDS, LAYERS
from geo.storage.dataset import Dataset

CorrectionKind = Literal[
    "closed", "passage", "neighbours", "not_neighbours", "placed", "value", "outline", "split", "merged"
]
"""This crossing or gate is closed; there is a passage here; these two are, or are not, neighbours;
this community without a place lies here; this figure of a unit is another; its outline is this; it
is two units, parted by this line; these two are one."""

Pair = tuple[str, str]

FIELDS = {field.name: field for field in LAYERS["units"] if field.name in CORRECTABLE}


@dataclass(frozen=True)
class UnitPart:
    """One of the two units a unit is split into, as the planner declares it.

    Parameters
    ----------
    unit_id, name
        Of the part; one part may keep the id of the whole.
    households
        Its share of the households.
    floor_area_m2
        Its share of the floor area, m²; None = estimated from the buildings in it.
    """

    unit_id: str
    name: str
    households: int
    floor_area_m2: float | None = None


@dataclass(frozen=True)
class Correction:
    """What somebody knows better than the data.

    Parameters
    ----------
    what
        See `CorrectionKind`.
    author, reason
        Who says so, and why: both must be told.
    date
        ISO date.
    units
        The two units, for "neighbours" and "not_neighbours"; for "merged" the one whose id, name
        and management stay, and the one it takes in.
    target
        Id of the crossing or gate, for "closed"; of the unit, for "placed", "value", "outline" and
        "split".
    place
        Point or line in the metric CRS, for "passage"; point, for "placed"; polygon, for "outline";
        line, for "split".
    kind
        Kind of the passage, one of `geo.schema.CROSSING_KINDS`.
    field, value
        Column and what it ought to say, for "value"; None = nobody knows, the figure is wrong.
    parts
        For "split": the western part, then the other.
    """

    what: CorrectionKind
    author: str
    reason: str
    date: str
    units: Pair | None = None
    target: str | None = None
    place: BaseGeometry | None = None
    kind: str = "bridge"
    field: str | None = None
    value: str | None = None
    parts: tuple[UnitPart, UnitPart] | None = None


def parse_value(dataset: Dataset, field: str, text: str | None) -> str | None:
    """A corrected value as it is stored; None where it is said to be unknown.

    Parameters
    ----------
    dataset
        Companies and streets that are named must be there.
    field
        One of `geo.schema.CORRECTABLE`.
    text
        As a planner writes it: figures with or without thousands marks.

    Raises
    ------
    UsageError
        If there is no such column, or the value is none for it.
    """
    if field not in FIELDS:
        raise UsageError(
            f"不能更正“{field}”; 可更正: {'、'.join(one.zh for one in FIELDS.values())}。",
            f"'{field}' cannot be corrected; these can: {', '.join(FIELDS)}.",
        )
    stripped = (text or "").strip()
    if not stripped:
        return None
    column = FIELDS[field]
    if column.kind in ("integer", "number"):
        return _parse_figure(field, stripped)
    known = {
        "management_mode": lambda: column.choices,
        "company_id": lambda: tuple(dataset.layer("companies")["company_id"]),
        "street_code": lambda: tuple(one.code for one in known_streets(gazetteer_layers(dataset))),
    }[field]()
    if field == "street_code" and stripped not in known:
        stripped = (*find_streets(stripped, known_streets(gazetteer_layers(dataset))), stripped)[0]
    if stripped not in known:
        raise UsageError(f"数据中没有“{stripped}”这个{column.zh}。", f"The data know no {field} '{stripped}'.")
    return stripped


def _parse_figure(field: str, stripped: str) -> str:
    column = FIELDS[field]
    try:
        number = float(stripped.replace(",", "").replace("，", ""))
    except ValueError:
        number = float("nan")
    least, most = column.least or 0, column.most or float("inf")
    is_fit = number.is_integer() or column.kind != "integer"
    if not is_fit or not least <= number <= most:
        raise UsageError(
            f"{column.zh}“{stripped}”不对; 请填 {least:g} 到 {most:,.0f} 之间的"
            f"{'整数' if column.kind == 'integer' else '数'}。",
            f"'{stripped}' is no {field}; give a {'whole ' if column.kind == 'integer' else ''}number "
            f"from {least:g} to {most:,.0f}.",
        )
    return f"{number:.0f}" if column.kind == "integer" else f"{number:.1f}".removesuffix(".0")


def format_parts(parts: tuple[UnitPart, UnitPart]) -> str:
    """What the planner declared of the parts, as it is stored."""
    declared = [{"name": p.name.strip(), "households": p.households, "floor_area_m2": p.floor_area_m2} for p in parts]
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":"))


def parse_parts(ids: Pair, text: str) -> tuple[UnitPart, UnitPart]:
    """The parts of a stored split."""
    a, b = json.loads(text)
    return UnitPart(ids[0], **a), UnitPart(ids[1], **b)


def check_correction(dataset: Dataset, one: Correction) -> None:
    """Refuse a correction that does not say who, why, when and of what.

    Raises
    ------
    UnknownCodeError
        If a unit, crossing or gate that is named does not exist.
    UsageError
        If something is missing or makes no sense.
    """
    for value, zh, en in ((one.author, "更正人", "author"), (one.reason, "理由", "reason")):
        if not value.strip():
            raise UsageError(f"更正须写明{zh}。", f"A correction needs its {en}.")
    try:
        datetime.date.fromisoformat(one.date)
    except ValueError as error:
        raise UsageError(
            f"日期“{one.date}”不对; 请写成 2026-06-30 的样子。", f"'{one.date}' is no date; write it like 2026-06-30."
        ) from error
    if one.what in ("neighbours", "not_neighbours"):
        _check_ids(one.units or (), 2, set(dataset.layer("units")["unit_id"]), "单元", "units")
    elif one.what == "closed":
        known = {*dataset.layer("crossings")["crossing_id"], *dataset.layer("gates")["gate_id"]}
        named = () if one.target is None else (one.target,)
        _check_ids(named, 1, known, "通道或出入口", "crossings or gates")
    elif one.what == "placed":
        named = () if one.target is None else (one.target,)
        _check_ids(named, 1, unplaced_communities(dataset), "没有位置的小区", "communities without a place")
        if not isinstance(one.place, shapely.Point) or one.place.is_empty:
            raise UsageError("请给出小区的位置。", "Tell where the community lies.")
    elif one.what in _UNIT_CHECKS:
        _UNIT_CHECKS[one.what](dataset, one)
    elif one.place is None or one.place.is_empty or one.kind not in CROSSING_KINDS:
        raise UsageError(
            f"新增通道须给出位置和类别({'、'.join(CROSSING_KINDS)})。",
            f"A passage needs its place and a kind: {', '.join(CROSSING_KINDS)}.",
        )


def unplaced_communities(dataset: Dataset) -> set[str]:
    """Ids of the communities that have no place of their own."""
    communities = dataset.layer("communities")
    shapes = communities.geometry.to_numpy()
    bare = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return set(communities["unit_id"][bare])


def _check_value(dataset: Dataset, one: Correction) -> None:
    _check_target(dataset, one)
    parse_value(dataset, one.field or "", one.value)


def _check_outline(dataset: Dataset, one: Correction) -> None:
    _check_target(dataset, one)
    shape = one.place
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        raise UsageError("请画出单元的边界(多边形)。", "Draw the outline of the unit, a polygon.")
    if not shape.is_valid:
        raise UsageError("边界自相交, 不能保存; 请改画。", "The outline crosses itself; draw it anew.")


def _check_split(dataset: Dataset, one: Correction) -> None:
    _check_target(dataset, one)
    if one.parts is None or not isinstance(one.place, shapely.LineString):
        raise UsageError(
            "切分须画一条线, 并写明两部分的编号、名称和户数。",
            "A split needs a line, and id, name and households of both parts.",
        )
    units = dataset.layer("units").set_index("unit_id")
    row = units.loc[[str(one.target)]].iloc[0]
    if row["kind"] != "community":
        raise UsageError("单体楼不能切分。", "A single building cannot be split.")
    if is_merged(dataset, str(one.target)):
        raise UsageError(
            "这个单元由合并而来; 请先撤销合并再切分。",
            "This unit was merged from two; take the merger back before you split it.",
        )
    split_shape(row["geometry"], one.place)
    ids = [part.unit_id.strip() for part in one.parts]
    taken = set(units.index) - {str(one.target)}
    if len(set(ids)) != 2 or not all(ids) or taken & set(ids):
        raise UsageError(
            f"两部分的编号须各不相同且未被占用: {'、'.join(ids)}。",
            f"The parts need ids of their own that are free: {', '.join(ids)}.",
        )
    if not all(part.name.strip() for part in one.parts):
        raise UsageError("请写明两部分的名称。", "Name both parts.")
    for column in ("households", "floor_area_m2"):
        _check_shares(one.parts, column, row[column], row[f"{column}_quality"])


def _check_shares(parts: tuple[UnitPart, UnitPart], column: str, whole: float, quality: str) -> None:
    """Shares are figures that can be, and add up to what was counted."""
    given = [getattr(part, column) for part in parts]
    if column == "floor_area_m2" and given == [None, None]:
        return
    for share in given:
        _check_share(column, share)
    total = sum(given)
    if quality in ("surveyed", "reported") and abs(total - whole) > 0.05:
        zh = FIELDS[column].zh
        raise UsageError(
            f"两部分{zh}之和 {total:,.10g} 与现有 {whole:,.10g} 不符; 请改正, 或先更正{zh}。",
            f"The {column} of the parts add up to {total:,.10g}, not {whole:,.10g}; "
            "change them, or correct the whole first.",
        )


def _check_share(column: str, share: float | None) -> None:
    """Refuse a share that cannot be.

    Raises
    ------
    UsageError
        If it is missing or out of range.
    """
    _parse_figure(column, "" if share is None else f"{share}")


def _check_merged(dataset: Dataset, one: Correction) -> None:
    units = dataset.layer("units").set_index("unit_id")
    _check_ids(one.units or (), 2, set(units.index), "单元", "units")
    assert one.units is not None  # checked above
    rows = units.loc[list(one.units)]
    kept, absorbed = rows["kind"]
    if kept == "single_building" and absorbed == "community":
        raise UsageError("小区与单体楼合并时保留小区。", "Where a community and a building merge, the community stays.")
    if rows["geometry"].isna().any() or rows["geometry"].is_empty.any():
        raise UsageError("待落图的单元不能合并。", "A unit without a place cannot be merged.")
    streets = rows["street_code"].dropna().unique()
    if len(streets) > 1:
        raise UsageError(
            f"两个单元不在同一街道 ({'、'.join(streets)}); 请先更正街道。",
            f"The units lie in two streets ({', '.join(streets)}); correct the street first.",
        )


def _check_target(dataset: Dataset, one: Correction) -> None:
    named = () if one.target is None else (one.target,)
    _check_ids(named, 1, set(dataset.layer("units")["unit_id"]), "单元", "units")


_UNIT_CHECKS = {"value": _check_value, "outline": _check_outline, "split": _check_split, "merged": _check_merged}


def is_merged(dataset: Dataset, unit_id: str) -> bool:
    """Whether a unit took another in by somebody's word."""
    there = dataset.layer("overrides")
    return bool((there["what"].eq("merged") & there["target_id"].eq(unit_id)).any())


def split_shape(shape: BaseGeometry, line: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """The two parts a line cuts a shape into, on the millimetre grid; the western one first.

    Raises
    ------
    UsageError
        If the line cuts it into another number of parts.

    Examples
    --------
    >>> west, east = split_shape(shapely.box(0, 0, 10, 4), shapely.LineString([(6, -1), (6, 5)]))
    >>> west.area, east.area
    (24.0, 16.0)
    """
    pieces = () if shapely.is_missing(shape) else shapely.ops.split(shape, line).geoms
    found = [shapely.set_precision(piece, 0.001) for piece in pieces]
    if len(found) != 2:
        raise UsageError(
            f"这条线把单元分成 {len(found)} 块; 请从边界外画到边界外, 只穿过一次。",
            f"The line cuts the unit into {len(found)} pieces; draw from outside to outside, through it once.",
        )
    points = [shapely.point_on_surface(piece) for piece in found]
    a, b = sorted(range(2), key=lambda k: (points[k].x, points[k].y))
    return found[a], found[b]


def _check_ids(named: tuple[str, ...], n: int, known: set[str], zh: str, en: str) -> None:
    if len(set(named)) != n:
        raise UsageError(f"请给出 {n} 个不同的{zh}编号。", f"Name {n} different ids of {en}.")
    unknown = sorted(set(named) - known)
    if unknown:
        raise UnknownCodeError(
            f"数据集中没有这些{zh}: {'、'.join(unknown)}。", f"The dataset has no such {en}: {', '.join(unknown)}."
        )
