"""What the card next to the pointer says about a unit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from analysis.bundling.document.reasons import REASONS
from analysis.figures.joins import count_bikes_and_ports
from analysis.studies.stray_buildings import UnmanagedBuilding, describe_obstacles
from app.i18n import Words
from app.maps.leaders import format_role
from app.workbench.formats import MISSING, format_area, format_built_year, format_count, to_plain
from app.workbench.workbench import NO_AREA, Workbench
from geo.schema import ESTIMATED_GROUND


def make_unit_cards(bench: Workbench, words: Words) -> str:
    """The cards of all units as JSON: a list in the order of the units.

    Each has a title, the kind and place of the unit, and rows of label and value. Estimates are
    marked; missing figures show a dash.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    charging = count_bikes_and_ports(bench.units, bench.layers["ebike_stock"], bench.layers["ebike_sites"])
    records = bench.units.drop(columns="geometry").to_dict("records")
    strays = {stray.unit_id: stray for stray in bench.strays}
    cards = [
        _card(bench, words, position, record, charge, strays.get(record["unit_id"]))
        for position, (record, charge) in enumerate(zip(records, charging.to_dict("records"), strict=True))
    ]
    return json.dumps(cards, ensure_ascii=False, separators=(",", ":"))


def format_reason(key: str, words: Words) -> str:
    """Why a unit is in no area, in the reader's language; an unknown key is shown as it is.

    Parameters
    ----------
    key
        Of the reason.
    words
        Texts in the reader's language.
    """
    reason = REASONS.get(key)
    return words.pick(reason.zh, reason.en) if reason else key


def format_mode(mode: Any, words: Words) -> str:
    """A way of management in words.

    Parameters
    ----------
    mode
        Its key, or missing.
    words
        Texts in the reader's language.
    """
    key = to_plain(mode)
    return words("card.not_known") if key is None else words(f"management.{key}")


def format_area_title(bench: Workbench, number: int) -> str:
    """An area as readers know it: its number on the map, then its name.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    number
        Of the area, from 0.
    """
    return f"{number + 1} · {bench.areas[number]['name']}"


def _card(
    bench: Workbench,
    words: Words,
    position: int,
    unit: Mapping[Any, Any],
    charge: Mapping[Any, Any],
    stray: UnmanagedBuilding | None,
) -> dict[str, Any]:
    street = to_plain(unit["street_code"])
    place = bench.street_names.get(street, street) if street else words("card.no_street")
    company = to_plain(unit["company_id"])
    rows = [
        (
            words("card.households"),
            _measured(words("unit.households", n=format_count(unit["households"])), unit["households_quality"], words),
        ),
        (
            words("card.floor_area"),
            _measured(format_area(unit["floor_area_m2"], words), unit["floor_area_m2_quality"], words),
        ),
        (words("card.built_year"), _built(unit, words)),
        (words("card.mode"), format_mode(unit["management_mode"], words)),
        (words("card.company"), bench.company_names.get(company, company) if company else MISSING),
        (words("card.ebikes"), _charging(charge, words)),
        _decision(bench, words, position),
        *_role(bench, words, position),
        *_permits(bench, words, position, unit),
        *(_near_anchors(bench, words, stray) if stray else ()),
    ]
    kind = words(f"kind.{unit['kind']}")
    if unit["geom_quality"] in ESTIMATED_GROUND:
        kind = f"{kind} · {words('card.estimated_ground')}"
    return {"title": to_plain(unit["name"]) or MISSING, "kind": f"{kind} · {place}", "rows": rows}


def _near_anchors(bench: Workbench, words: Words, stray: UnmanagedBuilding) -> list[tuple[str, str]]:
    """The anchors nearest to an unmanaged single building: the walk, and what blocks each."""
    names = bench.units["name"]
    limit = f"{bench.policy.value('neighbour.walk_limit_m'):g}"
    rows = []
    for number, anchor in enumerate(stray.anchors, 1):
        walk = (
            words("card.beyond", limit=limit)
            if anchor.walk_m is None
            else words("card.metres", n=format_count(round(anchor.walk_m)))
        )
        text = words(
            "card.anchor_text",
            name=names.iloc[bench.position_of[anchor.unit_id]],
            walk=walk,
            block=describe_obstacles(anchor, zh=words.language == "zh"),
        )
        rows.append((words("card.near_anchor", n=number), text))
    if stray.joins:
        joined = "、".join(str(names.iloc[bench.position_of[unit]]) for unit in stray.joins[:4])
        rows.append((words("card.joins"), joined))
    return rows


def _decision(bench: Workbench, words: Words, position: int) -> tuple[str, str]:
    """Which area the unit is in and as what, or why it is in none."""
    number = int(bench.area_of[position])
    if number != NO_AREA:
        title = format_area_title(bench, number)
        return words("card.area"), f"{title}{words('card.is_anchor') if position in bench.followers else ''}"
    if position in bench.reason_of:
        return words("card.reason"), format_reason(bench.reason_of[position], words)
    return words("card.area"), words("card.no_plan")


def _role(bench: Workbench, words: Words, position: int) -> list[tuple[str, str]]:
    """Whom it leads or who leads it, where there are leaders."""
    role = format_role(bench, position, words)
    return [] if role is None or not (bench.has_leaders_inside or bench.followers) else [(words("card.role"), role)]


def _permits(bench: Workbench, words: Words, position: int, unit: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """The permits that let the unit share an area with units of another street."""
    number = int(bench.area_of[position])
    if number == NO_AREA or bench.plan is None or bench.areas[number]["street_code"] is not None:
        return []
    own = {unit["unit_id"], to_plain(unit["street_code"])} - {None}
    return [
        (words("card.permit"), " · ".join(filter(None, [one["permit_id"], one.get("document_no")])))
        for one in bench.plan["permits"]
        if own & {one.get(name) for name in ("unit_a", "unit_b", "street_a", "street_b")}
    ]


def _measured(text: str, quality: str, words: Words) -> str:
    """A figure with its doubt: estimates are marked, a missing one is stated to be missing."""
    if quality == "missing" or text.startswith(MISSING):
        return words("card.not_known")
    return f"{text} {words('card.estimated')}" if quality == "estimated" else text


def _built(unit: Mapping[Any, Any], words: Words) -> str:
    """The year, or the interval it is known to lie in; an interval is marked as an estimate."""
    text = format_built_year(unit, words)
    if text is None:
        return words("card.not_known")
    is_stated = unit["built_year_quality"] not in ("estimated", "missing")
    return text if is_stated else f"{text} {words('card.estimated')}"


def _charging(charge: Mapping[Any, Any], words: Words) -> str:
    bikes, ports = to_plain(charge["bikes"]), to_plain(charge["ports"])
    if bikes is None and ports is None:
        return words("card.not_known")
    text = words("card.bikes_ports", bikes=format_count(bikes), ports=format_count(ports))
    return f"{text} {words('card.estimated')}" if charge["estimated"] else text
