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
from geo.messages import Sentence, join_names, load_catalogue
from geo.schema import CORRECTABLE, CROSSING_KINDS, LAYERS
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)

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
        Who says so, and why: both must be known.
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
    """A corrected value as it is stored; None where it is stated to be unknown.

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
            *say(
                "error.not_correctable",
                field=field,
                values=Sentence("、".join(one.zh for one in FIELDS.values()), ", ".join(FIELDS)),
            )
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
        raise UsageError(*say("error.unknown_value", stripped=stripped, column=Sentence(column.zh, field)))
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
            *say(
                f"error.no_{column.kind}", stripped=stripped, column=Sentence(column.zh, field), least=least, most=most
            )
        )
    return f"{number:.0f}" if column.kind == "integer" else f"{number:.1f}".removesuffix(".0")


def format_parts(parts: tuple[UnitPart, UnitPart]) -> str:
    """What the planner declared of the parts, as it is stored."""
    declared = [{"name": p.name.strip(), "households": p.households, "floor_area_m2": p.floor_area_m2} for p in parts]
    return json.dumps(declared, ensure_ascii=False, separators=(",", ":"))


def parse_parts(ids: Pair, text: str) -> tuple[UnitPart, UnitPart]:
    """The parts of a stored split.

    Parameters
    ----------
    ids
        Of both parts.
    text
        JSON as `format_parts` writes it.
    """
    a, b = json.loads(text)
    return UnitPart(ids[0], **a), UnitPart(ids[1], **b)


def check_correction(dataset: Dataset, one: Correction) -> None:
    """Refuse a correction that does not say who, why, when and of what.

    Parameters
    ----------
    dataset
        What it is about.
    one
        The correction.

    Raises
    ------
    UnknownCodeError
        If a unit, crossing or gate that is named does not exist.
    UsageError
        If something is missing or makes no sense.
    """
    for name, value in (("author", one.author), ("reason", one.reason)):
        if not value.strip():
            raise UsageError(*say(f"error.no_{name}"))
    try:
        datetime.date.fromisoformat(one.date)
    except ValueError as error:
        raise UsageError(*say("error.no_date", date=one.date)) from error
    if one.what in ("neighbours", "not_neighbours"):
        _check_ids(one.units or (), 2, set(dataset.layer("units")["unit_id"]), say("ids.units"))
    elif one.what == "closed":
        known = {*dataset.layer("crossings")["crossing_id"], *dataset.layer("gates")["gate_id"]}
        named = () if one.target is None else (one.target,)
        _check_ids(named, 1, known, say("ids.passages"))
    elif one.what == "placed":
        named = () if one.target is None else (one.target,)
        _check_ids(named, 1, unplaced_communities(dataset), say("ids.unplaced"))
        if not isinstance(one.place, shapely.Point) or one.place.is_empty:
            raise UsageError(*say("error.no_place"))
    elif one.what in _UNIT_CHECKS:
        _UNIT_CHECKS[one.what](dataset, one)
    elif one.place is None or one.place.is_empty or one.kind not in CROSSING_KINDS:
        raise UsageError(*say("error.no_passage", crossing_kinds=join_names(CROSSING_KINDS)))


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
        raise UsageError(*say("error.no_outline"))
    if not shape.is_valid:
        raise UsageError(*say("error.outline_crosses_itself"))


def _check_split(dataset: Dataset, one: Correction) -> None:
    _check_target(dataset, one)
    if one.parts is None or not isinstance(one.place, shapely.LineString):
        raise UsageError(*say("error.no_split"))
    units = dataset.layer("units").set_index("unit_id")
    row = units.loc[[str(one.target)]].iloc[0]
    if row["kind"] != "community":
        raise UsageError(*say("error.split_building"))
    if is_merged(dataset, str(one.target)):
        raise UsageError(*say("error.split_merged"))
    split_shape(row["geometry"], one.place)
    ids = [part.unit_id.strip() for part in one.parts]
    taken = set(units.index) - {str(one.target)}
    if len(set(ids)) != 2 or not all(ids) or taken & set(ids):
        raise UsageError(*say("error.part_ids", ids=join_names(ids)))
    if not all(part.name.strip() for part in one.parts):
        raise UsageError(*say("error.part_names"))
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
        raise UsageError(*say("error.part_sums", column=Sentence(FIELDS[column].zh, column), total=total, whole=whole))


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
    _check_ids(one.units or (), 2, set(units.index), say("ids.units"))
    assert one.units is not None  # checked above
    rows = units.loc[list(one.units)]
    kept, absorbed = rows["kind"]
    if kept == "single_building" and absorbed == "community":
        raise UsageError(*say("error.building_takes_community"))
    if rows["geometry"].isna().any() or rows["geometry"].is_empty.any():
        raise UsageError(*say("error.merge_unplaced"))
    streets = rows["street_code"].dropna().unique()
    if len(streets) > 1:
        raise UsageError(*say("error.merge_streets", streets=join_names(streets)))


def _check_target(dataset: Dataset, one: Correction) -> None:
    named = () if one.target is None else (one.target,)
    _check_ids(named, 1, set(dataset.layer("units")["unit_id"]), say("ids.units"))


_UNIT_CHECKS = {"value": _check_value, "outline": _check_outline, "split": _check_split, "merged": _check_merged}


def is_merged(dataset: Dataset, unit_id: str) -> bool:
    """Whether a unit took another in by somebody's word.

    Parameters
    ----------
    dataset
        The dataset.
    unit_id
        Of the unit.
    """
    there = dataset.layer("overrides")
    return bool((there["what"].eq("merged") & there["target_id"].eq(unit_id)).any())


def split_shape(shape: BaseGeometry, line: BaseGeometry) -> tuple[BaseGeometry, BaseGeometry]:
    """The two parts a line cuts a shape into, on the millimetre grid; the western one first.

    Parameters
    ----------
    shape
        Polygon of the unit, metric CRS.
    line
        Where it is cut, same CRS.

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
        raise UsageError(*say("error.split_line", n=len(found)))
    points = [shapely.point_on_surface(piece) for piece in found]
    a, b = sorted(range(2), key=lambda k: (points[k].x, points[k].y))
    return found[a], found[b]


def _check_ids(named: tuple[str, ...], n: int, known: set[str], what: Sentence) -> None:
    if len(set(named)) != n:
        raise UsageError(*say("error.number_of_ids", n=n, what=what))
    unknown = sorted(set(named) - known)
    if unknown:
        raise UnknownCodeError(*say("error.unknown_ids", what=what, unknown=join_names(unknown)))
