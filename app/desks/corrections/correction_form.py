"""A correction as a planner fills it in: read, checked, and shown as before and after."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from app.desks.corrections.correction_options import read_unit, to_degrees
from app.desks.corrections.correction_rows import format_value
from app.desks.corrections.overrides import check_place, parse_correction
from app.i18n import Words, say
from app.maps.layers import LONLAT
from app.workbench.formats import format_count
from app.workbench.workbench import Workbench
from geo.corrections.model import Correction, UnitPart, parse_value, split_shape
from geo.corrections.user_geometry import read_geometry
from geo.errors import UnknownCodeError, UsageError
from geo.schema import CORRECTABLE


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
            words(f"correct.{field}"),
            format_value(bench, field, before, words),
            format_value(bench, field, after, words),
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
    return to_degrees(bench, shape)


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
