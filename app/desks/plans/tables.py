"""The tables under the map: areas, units left over, units out of scope."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.bundling.document.summary import is_within_bounds
from app.i18n import Words
from app.maps.cards import format_mode, format_reason
from app.workbench.formats import to_plain
from app.workbench.workbench import Workbench


def make_area_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """One row an area: number on the map, name, street, anchor, units, households, floor area.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    guessed = (bench.units["households_quality"] == "estimated").fillna(False).to_numpy(dtype=bool)
    estimated = set(bench.area_of[guessed].tolist())
    return [_area_row(bench, words, number, is_estimated=number in estimated) for number in range(len(bench.areas))]


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


def _area_row(bench: Workbench, words: Words, number: int, *, is_estimated: bool) -> dict[str, Any]:
    area = bench.areas[number]
    anchor = area["anchor_unit_id"]
    within = is_within_bounds(area, bench.plan["rules"]) if bench.plan else None
    kept = {True: "bounds.kept", False: "bounds.broken", None: "bounds.by_anchor"}[within]
    return {
        "id": area["area_id"],
        "number": number + 1,
        "name": area["name"],
        "street": bench.street_names.get(area["street_code"], area["street_code"]),
        "anchor": bench.units["name"].iloc[bench.position_of[anchor]] if anchor else None,
        "units": len(area["unit_ids"]),
        "households": area["households"],
        "estimated": is_estimated,
        "floor_area_m2": area["floor_area_m2"],
        "within": words(kept),
    }
