"""What is selected: one area, or one unit, told the same way by map and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.i18n import Words
from app.services.cards import area_title, reason_sentence
from app.services.numbers import count_text
from app.services.page_data import PageData
from app.services.workbench import NO_AREA, Workbench

NOTHING: Mapping[str, Any] = {"area": None, "unit": None, "fly": False}


def choose(
    bench: Workbench, told: Mapping[tuple[str, str], Any], tables: Mapping[str, str]
) -> dict[str, Any] | None:
    """The selection asked for by what the map or the tables tell; None when nothing is asked.

    Parameters
    ----------
    told
        Value by (component id, property), only of those that changed.
    tables
        Component id of each table: "areas", "left_over", "out_of_scope".
    """
    for (component, name), value in told.items():
        if name == "click" and value:
            return clicked_on_map(bench, value)
        table = next((key for key, grid in tables.items() if grid == component), None)
        row_id = _row_id(name, value)
        if table and row_id is not None:
            return chosen_area(bench, row_id) if table == "areas" else chosen_unit(bench, row_id)
    return None


def clicked_on_map(bench: Workbench, click: Mapping[str, Any]) -> dict[str, Any]:
    """What a click on the map selects; the map does not move. Unknown positions select nothing."""
    area, unit = click.get("area"), click.get("unit")
    return {
        "area": area if area in range(len(bench.areas)) else None,
        "unit": unit if unit in range(len(bench.units)) else None,
        "fly": False,
    }


def chosen_area(bench: Workbench, area_id: str) -> dict[str, Any]:
    """What a row of the table of areas selects; the map flies there."""
    ids = [area["area_id"] for area in bench.areas]
    return (
        {"area": ids.index(area_id), "unit": None, "fly": True} if area_id in ids else dict(NOTHING)
    )


def chosen_unit(bench: Workbench, unit_id: str) -> dict[str, Any]:
    """What a row of a table of units selects; the map flies there."""
    position = bench.position_of.get(unit_id)
    return dict(NOTHING) if position is None else {"area": None, "unit": position, "fly": True}


def is_same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether two selections mean the same rows.

    Examples
    --------
    >>> is_same({"area": 1, "unit": 4}, {"area": 1, "unit": None})
    True
    """
    return _row(one or NOTHING) == _row(other or NOTHING)


def selected_rows(bench: Workbench, selection: Mapping[str, Any]) -> dict[str, list[str]]:
    """Row ids to mark in each table: "areas", "left_over", "out_of_scope"."""
    rows: dict[str, list[str]] = {"areas": [], "left_over": [], "out_of_scope": []}
    area, unit = selection["area"], selection["unit"]
    if area is not None:
        rows["areas"] = [bench.areas[area]["area_id"]]
    elif unit is not None and unit in bench.reason_of:
        table = "left_over" if unit in set(bench.left_over.tolist()) else "out_of_scope"
        rows[table] = [bench.units["unit_id"].iloc[unit]]
    return rows


def selection_sentence(bench: Workbench, selection: Mapping[str, Any], words: Words) -> str:
    """What is selected in one line, for the eye and for screen readers."""
    area, unit = selection["area"], selection["unit"]
    if area is None and unit is None:
        return words("selection.nothing")
    parts = []
    if area is not None:
        found = bench.areas[area]
        parts.append(
            words("selection.area", title=area_title(bench, area), units=len(found["unit_ids"]),
                  households=count_text(found["households"]))
        )  # fmt: skip
    if unit is not None:
        row = bench.units.iloc[unit]
        parts.append(words("selection.unit", name=row["name"]))
        if area is None and bench.area_of[unit] == NO_AREA and unit in bench.reason_of:
            parts.append(reason_sentence(bench.reason_of[unit], words))
    return " · ".join(parts)


def target_bounds(data: PageData, selection: Mapping[str, Any]) -> list[float] | None:
    """Where the map flies for a selection, degrees; None when it stays where it is."""
    if not selection["fly"]:
        return None
    area, unit = selection["area"], selection["unit"]
    bounds = data.area_bounds[area] if area is not None else data.unit_bounds.get(unit)
    return None if bounds is None else list(bounds)


def _row(selection: Mapping[str, Any]) -> tuple[str, int | None]:
    if selection["area"] is not None:
        return "area", selection["area"]
    return "unit", selection["unit"]


def _row_id(name: str, value: Any) -> str | None:
    """The id of the row a grid tells of: by a click on a cell, or by its selected rows."""
    if name == "cellClicked" and value:
        return value.get("rowId")
    if name == "selectedRows" and isinstance(value, list) and value:
        return value[0]["id"]
    return None
