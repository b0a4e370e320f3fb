"""The tables under the map: areas, who leads whom in them, units nobody leads, left over, out of scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.bundling.document.summary import is_within_bounds
from app.i18n import Words, load_words
from app.maps.cards import format_area_title, format_mode, format_reason
from app.maps.leaders import format_unled_reason, read_leader_walks
from app.workbench.formats import format_count, to_plain
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench


def make_table_rows(bench: Workbench, words: Words, table: str) -> list[dict[str, Any]]:
    """The rows of a table by its name: "areas", "leading", "unled", "left_over", "out_of_scope".

    Parameters
    ----------
    bench, words
        What is shown, in which language.
    table
        Its name.
    """
    makers = {"areas": make_area_rows, "leading": make_leading_rows, "unled": make_unled_rows}
    return makers[table](bench, words) if table in makers else make_reason_rows(bench, words, table)


def make_area_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """One row an area: number on the map, name, street, anchors, units, households, floor area.

    Where leaders are inside (mode "area") also how many are led and not, the farthest walk to a leader, who runs
    the area, and whether its size is a preferred one.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    return [dict(row) for row in _area_rows(bench, words.language)]


@keep_with_owner
def _area_rows(bench: Workbench, language: str) -> tuple[dict[str, Any], ...]:
    """Every visitor asks for them: made once in each language."""
    words = load_words(language)
    guessed = (bench.units["households_quality"] == "estimated").fillna(False).to_numpy(dtype=bool)
    estimated = set(bench.area_of[guessed].tolist())
    areas = range(len(bench.areas))
    return tuple(_area_row(bench, words, number, is_estimated=number in estimated) for number in areas)


def make_reason_rows(bench: Workbench, words: Words, which: str) -> list[dict[str, Any]]:
    """One row for each unit in no area, with the sentence why.

    Parameters
    ----------
    which
        "left_over" or "out_of_scope".
    """
    positions: np.ndarray = bench.left_over if which == "left_over" else bench.out_of_scope
    units = bench.units.iloc[positions].drop(columns="geometry")
    return [
        {
            "id": unit["unit_id"],
            "name": to_plain(unit["name"]),
            "kind": words(f"kind.{unit['kind']}"),
            "street": bench.street_names.get(unit["street_code"], to_plain(unit["street_code"])),
            "households": to_plain(unit["households"]),
            "estimated": unit["households_quality"] == "estimated",
            "floor_area_m2": to_plain(unit["floor_area_m2"]),
            "mode": format_mode(unit["management_mode"], words),
            "reason": format_reason(bench.reason_of[int(position)], words),
        }
        for position, unit in zip(positions, units.to_dict("records"), strict=True)
    ]


def group_by_reason(rows: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Rows of :func:`make_reason_rows` under one head a reason, the most frequent first.

    A head has `level` 0, the number of its units and their households; the rows of units have `level` 1.

    Parameters
    ----------
    rows
        One for each unit.
    words
        Texts in the reader's language.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["reason"], []).append({**row, "group": row["reason"], "level": 1})
    told = []
    for group in sorted(groups, key=lambda key: (-len(groups[key]), key)):
        own = groups[group]
        head = {
            "id": f"reason:{group}",
            "group": group,
            "level": 0,
            "name": words("column.group", n=format_count(len(own))),
            "reason": group,
            "households": sum(row["households"] or 0 for row in own),
            "estimated": any(row["estimated"] for row in own),
        }
        told += [head, *own]
    return told


def make_unled_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """One row for each unit in an area that is to be led and is not, with the sentence why.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    return [
        {
            **_unit_row(bench, words, position),
            "area": format_area_title(bench, int(bench.area_of[position])),
            "reason": format_unled_reason(bench, position, words),
        }
        for position in sorted(bench.unled_reasons, key=lambda unit: (bench.area_of[unit], unit))
    ]


def make_leading_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """Area by area: the area, each leader with the units it leads, the units nobody leads, the other members.

    Rows are in the order of a tree; `level` says how deep: 0 area, 1 leader, unled and member, 2 led.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    return [row for number in range(len(bench.areas)) for row in _area_tree(bench, words, number)]


def _area_tree(bench: Workbench, words: Words, number: int) -> list[dict[str, Any]]:
    area = bench.areas[number]
    members = [bench.position_of[unit] for unit in area["unit_ids"]]
    leaders = [unit for unit in members if unit in bench.followers]
    unled = [unit for unit in members if unit in bench.unled_reasons]
    others = [unit for unit in members if unit not in {*leaders, *unled, *bench.leaders}]
    head = {
        "id": area["area_id"],
        "level": 0,
        "is_leader": False,
        "number": number + 1,
        "name": area["name"],
        "role": words("leading.area", leaders=len(leaders), led=sum(len(bench.followers[unit]) for unit in leaders)),
        "households": area["households"],
        "floor_area_m2": area["floor_area_m2"],
        "company": _company(bench, area.get("operator")),
    }
    rows = [head]
    for leader in leaders:
        led = sorted(bench.followers[leader])
        rows.append(_tree_row(bench, words, leader, 1, words("leading.leader", n=len(led))))
        rows += [_tree_row(bench, words, unit, 2, words("leading.led")) for unit in led]
    rows += [
        _tree_row(bench, words, unit, 1, words("leading.unled", reason=format_unled_reason(bench, unit, words)))
        for unit in unled
    ]
    return [*rows, *(_tree_row(bench, words, unit, 1, words("leading.member")) for unit in others)]


def _tree_row(bench: Workbench, words: Words, position: int, level: int, role: str) -> dict[str, Any]:
    leader = bench.leaders.get(position)
    return {
        **_unit_row(bench, words, position),
        "level": level,
        "is_leader": position in bench.followers,
        "number": int(bench.area_of[position]) + 1,
        "role": role,
        "leader": None if leader is None else to_plain(bench.units["name"].iloc[leader]),
        "walk": read_leader_walks(bench).get(position),
        "company": _company(bench, to_plain(bench.units["company_id"].iloc[position])),
    }


def _unit_row(bench: Workbench, words: Words, position: int) -> dict[str, Any]:
    unit = bench.units.iloc[position]
    return {
        "id": unit["unit_id"],
        "name": to_plain(unit["name"]),
        "kind": words(f"kind.{unit['kind']}"),
        "street": bench.street_names.get(unit["street_code"], to_plain(unit["street_code"])),
        "households": to_plain(unit["households"]),
        "estimated": unit["households_quality"] == "estimated",
        "floor_area_m2": to_plain(unit["floor_area_m2"]),
        "mode": format_mode(unit["management_mode"], words),
    }


def _company(bench: Workbench, company: str | None) -> str | None:
    return None if company is None else bench.company_names.get(company, company)


def _area_row(bench: Workbench, words: Words, number: int, *, is_estimated: bool) -> dict[str, Any]:
    area = bench.areas[number]
    members = [bench.position_of[unit] for unit in area["unit_ids"]]
    leaders = [str(bench.units["name"].iloc[unit]) for unit in members if unit in bench.followers]
    within = is_within_bounds(area, bench.plan["rules"]) if bench.plan else None
    kept = {True: "bounds.kept", False: "bounds.broken", None: "bounds.by_anchor"}[within]
    return {
        "id": area["area_id"],
        "number": number + 1,
        "name": area["name"],
        "street": bench.street_names.get(area["street_code"], area["street_code"]),
        "anchor": "、".join(leaders) or None,
        "units": len(area["unit_ids"]),
        "households": area["households"],
        "estimated": is_estimated,
        "floor_area_m2": area["floor_area_m2"],
        "within": words("bounds.oversize" if within and area.get("oversize_unit_ids") else kept),
        **(_leading_cells(bench, words, area, members) if bench.has_leaders_inside else {}),
    }


def _leading_cells(bench: Workbench, words: Words, area: Mapping[str, Any], members: list[int]) -> dict[str, Any]:
    """What the row of an area has besides where leaders are inside."""
    walks = [walk for unit in members if (walk := read_leader_walks(bench).get(unit)) is not None]
    outside = [words(f"preferred.{name}") for name in area.get("outside_preferred", ())]
    if bench.plan and not is_within_bounds(area, bench.plan["rules"]):
        outside.append(words("bounds.broken"))
    if area.get("oversize_unit_ids"):
        outside.append(words("preferred.oversize"))
    companies = len(area.get("company_ids", ()))
    operator = _company(bench, area.get("operator"))
    more = words("leading.companies", n=companies) if companies > 1 else ""
    return {
        "led": sum(unit in bench.leaders for unit in members),
        "unled": sum(unit in bench.unled_reasons for unit in members),
        "walk": max(walks, default=None),
        "operator": operator if operator is None else f"{operator} {more}".strip(),
        "preferred": "、".join(outside) or words("preferred.inside"),
    }
