"""Correcting a unit in the page: what it says now, what it would say, and keeping it."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from app.desks.corrections.overrides import (
    check_place,
    list_corrections,
    parse_correction,
    remove_correction,
    store_corrections,
)
from app.i18n import Words, say
from app.maps.cards import format_mode
from app.maps.layers import LONLAT
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.workbench.formats import MISSING, format_count, to_plain
from app.workbench.workbench import Workbench
from geo.adjacency import graph
from geo.corrections.model import Correction, UnitPart, parse_value, split_shape
from geo.corrections.user_geometry import read_geometry
from geo.errors import PlanningError, UnknownCodeError, UsageError
from geo.schema import CORRECTABLE
from geo.storage.dataset import open_dataset

NEAR = 40
"""How many units near by are offered to choose from."""


@dataclass(frozen=True)
class CorrectionForm:
    """What a planner filled in.

    Parameters
    ----------
    section
        "values", "outline", "split", "merge", "neighbours" or "passage".
    unit_id
        Of the unit; None for a passage.
    fields
        By name, as the controls hold them; empty ones None or "".
    shape
        What was drawn, as GeoJSON text in degrees; None for nothing.
    author, reason
        Who says so, and why.
    """

    section: str
    unit_id: str | None
    fields: Mapping[str, Any]
    shape: str | None
    author: str
    reason: str


@dataclass(frozen=True)
class ValueCorrection:
    """One value before and after, as a reader sees them."""

    label: str
    before: str
    after: str


def read_unit(bench: Workbench, unit_id: str | None) -> dict[str, Any] | None:
    """What the data say of a unit, missing as None; None where there is no such unit.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        None = none is chosen.
    """
    position = bench.position_of.get(unit_id or "")
    if position is None:
        return None
    row = bench.units.iloc[position].drop(labels="geometry").to_dict()
    return {str(key): to_plain(value) for key, value in row.items()}


def read_outline(bench: Workbench, unit_id: str | None) -> dict[str, Any] | None:
    """The outline of a unit as GeoJSON in degrees, and its position; None where it has none.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        None = none is chosen.
    """
    position = bench.position_of.get(unit_id or "")
    if position is None:
        return None
    shape = bench.units.geometry.iloc[position]
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        return None
    return {"shape": _in_degrees(bench, shape), "unit": position}


def list_value_options(bench: Workbench, field: str, words: Words) -> list[dict[str, str]] | None:
    """What may be chosen for a column; None for figures that are typed.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    field
        Column of the units.
    words
        Texts in the reader's language.
    """
    if field == "management_mode":
        section = words.section("management")
        return [{"value": key, "label": label} for key, label in section.items()]
    names = {"company_id": bench.company_names, "street_code": bench.street_names}.get(field)
    if names is None:
        return None
    return [{"value": code, "label": f"{name} ({code})"} for code, name in sorted(names.items())]


def list_near_units(bench: Workbench, unit_id: str, words: Words) -> list[dict[str, str]]:
    """The units nearest to one, with their distance.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        Id of the unit.
    words
        Texts in the reader's language.
    """
    shapes = bench.units.geometry
    at = bench.position_of.get(unit_id)
    if at is None or shapes.isna().iloc[at]:
        return []
    metres = shapes.distance(shapes.iloc[at]).to_numpy()
    order = [int(i) for i in np.argsort(metres, kind="stable") if i != at and metres[i] == metres[i]]
    names, ids = bench.units["name"], bench.units["unit_id"]
    return [
        {"value": str(ids.iloc[i]), "label": words("correct.near", name=names.iloc[i], metres=format_count(metres[i]))}
        for i in order[:NEAR]
    ]


def list_crossing_options(bench: Workbench, words: Words) -> list[dict[str, str]]:
    """Every crossing that may be closed, named.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    crossings = bench.dataset.layer("crossings")
    return [
        {
            "value": str(row["crossing_id"]),
            "label": f"{words('passage.' + row['kind'])} {to_plain(row['name']) or row['crossing_id']}",
        }
        for row in crossings.drop(columns="geometry").to_dict("records")
    ]


def find_crossing(bench: Workbench, position: int) -> str | None:
    """Id of the crossing somebody clicked; positions that do not exist pick nothing.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the crossing in its layer.
    """
    ids = bench.dataset.layer("crossings")["crossing_id"]
    return str(ids.iloc[position]) if position in range(len(ids)) else None


def list_value_changes(bench: Workbench, form: CorrectionForm, words: Words) -> list[ValueCorrection]:
    """The values that differ from what the data say, before and after.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    form
        What was filled in.
    words
        Texts in the reader's language.

    Raises
    ------
    UsageError
        If a value is none for its column.
    """
    return [
        ValueCorrection(
            words(f"correct.{field}"), _shown(bench, field, before, words), _shown(bench, field, after, words)
        )
        for field, before, after in _changed(bench, form)
    ]


def check_form(bench: Workbench, form: CorrectionForm, words: Words) -> list[tuple[str, str]]:
    """What is to be known before it is kept: (severity, sentence).

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    form
        What was filled in.
    words
        Texts in the reader's language.
    """
    unit = form.unit_id
    if form.shape is None or unit is None or unit not in bench.position_of:
        return []
    if form.section == "outline":
        outline = parse_correction(
            bench.dataset, "outline", [unit], author="", reason="", date="", place=form.shape, crs=LONLAT
        )
        area = words("correct.area", m2=format_count(shapely.area(outline.place)))
        found = check_place(bench.dataset, outline, bench.policy)
        return [("info", area), *((one.severity, words.pick(one.zh, one.en)) for one in found)]
    if form.section == "split":
        try:
            west, east = split_shape(
                bench.units.geometry.iloc[bench.position_of[unit]], _read_metric(bench, form.shape)
            )
        except UsageError as error:
            return [("error", words.pick(error.zh, error.en))]
        sizes = words("correct.halves", west=format_count(west.area), east=format_count(east.area))
        return [("info", sizes)]
    return []


def parse_form(bench: Workbench, form: CorrectionForm) -> list[Correction]:
    """The corrections a form asks for.

    Parameters
    ----------
    bench
        The data as the page shows them.
    form
        As filled in.

    Raises
    ------
    PlanningError
        If something is missing or makes no sense.
    """
    parse = partial(parse_correction, bench.dataset, author=form.author, reason=form.reason, date=_today())
    if form.section == "passage":
        return [_parse_passage(form, parse)]
    if form.unit_id not in bench.position_of:
        raise UsageError(*say("correction.no_unit"))
    unit = str(form.unit_id)
    if form.section == "values":
        rows = _changed(bench, form)
        if not rows:
            raise UsageError(*say("correction.no_value_changed"))
        return [parse("value", [unit], field=field, value=after) for field, _, after in rows]
    if form.section in ("merge", "neighbours"):
        return [_parse_pair(bench, form, parse)]
    if form.shape is None:
        raise UsageError(*say("correction.no_shape"))
    if form.section == "split":
        parts = [_part(form.fields, which) for which in ("west", "east")]
        return [parse("split", [unit], place=form.shape, crs=LONLAT, parts=parts)]
    outline = parse("outline", [unit], place=form.shape, crs=LONLAT)
    for remark in check_place(bench.dataset, outline, bench.policy):
        if remark.severity == "error":
            raise UsageError(remark.zh, remark.en)
    return [outline]


def _parse_pair(bench: Workbench, form: CorrectionForm, parse: Callable[..., Correction]) -> Correction:
    other = form.fields.get("other")
    if not other:
        raise UsageError(*say("correction.no_other_unit"))
    if other not in bench.position_of:
        raise UnknownCodeError(*say("correction.unit_unknown", other=other))
    pair = [str(form.unit_id), str(other)]
    if form.section == "neighbours":
        what = "not_neighbours" if form.fields.get("fate") == "not_neighbours" else "neighbours"
        return parse(what, pair)
    kinds = [bench.units["kind"].iloc[bench.position_of[unit]] for unit in pair]
    if kinds == ["single_building", "community"]:  # the community stays
        pair.reverse()
    return parse("merged", pair)


def _parse_passage(form: CorrectionForm, parse: Callable[..., Correction]) -> Correction:
    if form.fields.get("passage") == "closed":
        closed = form.fields.get("crossing")
        if not closed:
            raise UsageError(*say("correction.no_crossing"))
        return parse("closed", [str(closed)])
    if form.shape is None:
        raise UsageError(*say("correction.no_place"))
    return parse("passage", [], place=form.shape, crs=LONLAT, kind=str(form.fields.get("kind") or "bridge"))


def _today() -> str:
    return datetime.datetime.now().astimezone().date().isoformat()


def apply_corrections(
    session: PlanSession, parse: Callable[[], Sequence[Correction]], *, after: str | None = None
) -> int:
    """Store corrections of the page, rebuild the neighbours, and record who made them.

    Parameters
    ----------
    session
        The dataset the page shows.
    parse
        Makes the corrections, while nobody else writes the data.
    after
        What the audit says of the new state; the new value when None.

    Returns
    -------
    How many corrections were stored.

    Raises
    ------
    PlanningError
        If they cannot be made, or make no sense.
    """
    with session.lock_dataset():
        corrections = parse()
        store_corrections(session.folder, corrections, session.policy)
        refresh_neighbours(session)
    for one in corrections:
        subject = format_subject(one)
        record_change(session, one.author, f"correct.{one.what}", subject, after=after or one.value, note=one.reason)
    return len(corrections)


def store_form(session: PlanSession, version: str, form: CorrectionForm) -> int:
    """Keep what a planner filled in, derive the units, rebuild the neighbours.

    Parameters
    ----------
    session
        The dataset the page shows.
    version
        Of the page: somebody else may have corrected meanwhile.

    Returns
    -------
    How many corrections were kept.

    Raises
    ------
    PlanningError
        If the page is an older one, or something is missing or makes no sense.
    """
    return apply_corrections(session, lambda: parse_form(session.require_today(version).bench, form))


def withdraw(session: PlanSession, version: str, override_id: str, author: str, reason: str) -> None:
    """Take a correction back: what the data say holds again; who did it and why is kept.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    version
        Of the page; one that is behind is refused.
    override_id
        Id of the correction.
    author
        Who does it.
    reason
        Why.

    Raises
    ------
    PlanningError
        If the page is an older one, nobody says who and why, or there is no such correction.
    """
    for value, field in ((author, "who"), (reason, "why")):
        if not value.strip():
            raise UsageError(*say("correction.withdraw_needs", what=say(f"correction.{field}")))
    with session.lock_dataset():
        session.require_today(version)  # refuses a page that is behind
        was = withdraw_correction(session, override_id)
    subject = was.get("target_id") or f"{was.get('unit_a')}–{was.get('unit_b')}"
    record_change(
        session,
        author,
        f"take_back.{was.get('what')}",
        str(subject),
        before=was.get("new"),
        after=was.get("old"),
        note=reason,
    )


def withdraw_correction(session: PlanSession, override_id: str) -> dict[str, Any]:
    """Remove a correction and rebuild the neighbours, under the lock of the dataset; what it was.

    Parameters
    ----------
    session
        The dataset the page shows.
    override_id
        Of the correction.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    records = list_corrections(open_dataset(session.folder))
    was = next((one for one in records if one["override_id"] == override_id), {})
    remove_correction(session.folder, override_id, session.policy)
    refresh_neighbours(session)
    return was


def refresh_neighbours(session: PlanSession) -> None:
    """Rebuild the neighbours where they changed, and read the dataset again."""
    with contextlib.suppress(PlanningError):  # the last place was taken away: nothing to connect
        graph.refresh_neighbours(open_dataset(session.folder), session.policy.neighbour_rules())
    session.renew()


def format_subject(one: Correction) -> str:
    """What a correction is about, for the audit."""
    about = one.target or "–".join(one.units or ())
    return f"{about} {one.field}" if one.field else about or one.kind


def parse_shape(bench: Workbench, text: str) -> dict[str, Any]:
    """A shape somebody pasted, as GeoJSON geometry in degrees.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    text
        WKT, GeoJSON or coordinates.

    Raises
    ------
    UsageError
        If it is none.
    """
    shape = read_geometry(text, bench.dataset.manifest.metric_crs)
    if isinstance(shape, shapely.LineString) and shape.is_closed:
        shape = shapely.Polygon(shape)
    return _in_degrees(bench, shape)


def _in_degrees(bench: Workbench, shape: BaseGeometry) -> dict[str, Any]:
    degrees = gpd.GeoSeries([shape], crs=bench.dataset.manifest.metric_crs).to_crs(LONLAT)
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.force_2d(degrees.iloc[0])))
    return found


def _changed(bench: Workbench, form: CorrectionForm) -> list[tuple[str, Any, str | None]]:
    """(field, value now, value as it is stored) of what differs."""
    row = read_unit(bench, form.unit_id)
    if row is None:
        return []
    found = []
    for field in CORRECTABLE:
        if field not in form.fields:
            continue
        given = form.fields[field]
        after = parse_value(bench.dataset, field, None if given is None else str(given))
        if not _same(row[field], after):
            found.append((field, row[field], after))
    return found


def _same(before: Any, after: str | None) -> bool:
    if before is None or after is None:
        return before is None and after is None
    if isinstance(before, int | float):
        return abs(float(after) - float(before)) < 0.05
    return str(before) == after


def _shown(bench: Workbench, field: str, value: Any, words: Words) -> str:
    if value is None:
        return words("correct.unknown")
    if field == "management_mode":
        return format_mode(value, words)
    if field in ("company_id", "street_code"):
        names = bench.company_names if field == "company_id" else bench.street_names
        return str(names.get(value, value))
    return f"{float(value):.0f}" if field == "built_year" else f"{float(value):,.10g}"


def _part(fields: Mapping[str, Any], which: str) -> UnitPart:
    def number(name: str) -> float | None:
        text = str(fields.get(f"{which}_{name}") or "").replace(",", "").strip()
        try:
            return float(text) if text else None
        except ValueError as error:
            raise UsageError(*say("correction.no_number", text=text)) from error

    homes = number("households")
    if homes is None or homes != int(homes):
        raise UsageError(*say("correction.no_households"))
    return UnitPart(
        str(fields.get(f"{which}_id") or "").strip(),
        str(fields.get(f"{which}_name") or "").strip(),
        int(homes),
        number("floor_area"),
    )


def _read_metric(bench: Workbench, text: str) -> BaseGeometry:
    return read_geometry(text, bench.dataset.manifest.metric_crs, LONLAT)


def make_correction_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """All corrections for the table, the last one first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    names = dict(zip(bench.units["unit_id"], bench.units["name"], strict=True))
    return [
        {
            "id": row["override_id"],
            "date": row["date"],
            "author": row["author"],
            "what": words(f"correct.what_{row['what']}"),
            "about": _about(row, names),
            "old": _said(bench, row, row["old"], words),
            "new": _said(bench, row, row["new"], words),
            "reason": row["reason"],
            "unit": _unit_of(row, names),
            "state": words("correct.in_force" if row["in_force"] else "correct.asleep"),
            "lonlat": row["lonlat"],
        }
        for row in reversed(list_corrections(bench.dataset))
    ]


def _unit_of(row: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    return next((row[key] for key in ("target_id", "unit_a") if row[key] in names), None)


def _about(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ids = [row["unit_a"], row["unit_b"]] if row["unit_b"] else [row["target_id"]]
    return " – ".join(str(names.get(one, one)) for one in ids if one)


def _said(bench: Workbench, row: Mapping[str, Any], value: Any, words: Words) -> str:
    """A stored before or after as a reader sees it."""
    what = row["what"]
    if what == "value":
        label = words(f"correct.{row['field']}")
        return f"{label} {_shown(bench, row['field'], value, words)}"
    if value is None or pd.isna(value):
        return MISSING
    if what == "split" and value.startswith("["):
        return " + ".join(f"{one['name']} {one['households']:,}" for one in json.loads(value))
    known = words.section("correct")
    return known.get(f"said_{value}", known.get(f"what_{value}", str(value)))
