"""What is selected: an area, a unit, or nothing, told the same way by map and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.i18n import Words
from app.maps.cards import format_area_title, format_reason
from app.session.page import PageData
from app.workbench.formats import format_count
from app.workbench.workbench import NO_AREA, Workbench


@dataclass(frozen=True)
class Selection:
    """What is selected.

    Parameters
    ----------
    area, unit
        Positions, None for none. A unit clicked on the map brings its area along.
    fly
        Whether the map moves there: yes from a table, no from the map itself.
    is_found
        It was searched for: its row comes into view although the map moves.
    """

    area: int | None = None
    unit: int | None = None
    fly: bool = False
    is_found: bool = False


NOTHING = Selection()
NO_TABLE = "none"
"""Named by a row choice that takes the selection back."""


def read_selection(
    bench: Workbench, told: Mapping[str, Any], *, map_id: str, tables: Mapping[str, str]
) -> Selection | None:
    """The selection asked for by what the map or the tables tell; None when nothing is asked.

    Parameters
    ----------
    told
        What changed, by component id: a click on the map, `{"rowId"}` of a table's cell, or
        `{"table", "rowId"}` of the keyboard.
    map_id
        Component id of the map.
    tables
        Component id of each table: "areas", "left_over", "out_of_scope"; "leading" has rows of both.
    """
    table_of = {grid: table for table, grid in tables.items()}
    for component, value in told.items():
        if not value:
            continue
        if component == map_id:
            return select_on_map(bench, value)
        if value.get("table") == NO_TABLE:
            return NOTHING
        table = table_of.get(value.get("table", component))
        if table is not None:
            row = str(value.get("rowId"))
            is_area = table == "areas" or (table == "leading" and row not in bench.position_of)
            chosen = select_area(bench, row) if is_area else select_unit(bench, row)
            return replace(chosen, is_found=str(value.get("n")).startswith("s"))
    return None


def select_on_map(bench: Workbench, click: Mapping[str, Any]) -> Selection:
    """What a click on the map selects. Positions that do not exist select nothing.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    click
        Layer and position of what was clicked.
    """
    area, unit = click.get("area"), click.get("unit")
    return Selection(
        area=area if area in range(len(bench.areas)) else None, unit=unit if unit in range(len(bench.units)) else None
    )


def select_area(bench: Workbench, area_id: str) -> Selection:
    """What a row of the table of areas selects.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    area_id
        Of the area.
    """
    ids = [area["area_id"] for area in bench.areas]
    return Selection(area=ids.index(area_id), fly=True) if area_id in ids else NOTHING


def select_unit(bench: Workbench, unit_id: str) -> Selection:
    """What a row of a table of units selects.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        Id of the unit.
    """
    position = bench.position_of.get(unit_id)
    return NOTHING if position is None else Selection(unit=position, fly=True)


def list_selected_rows(bench: Workbench, selection: Selection) -> dict[str, list[str]]:
    """Row ids to mark in each table: "areas", "unled", "left_over", "out_of_scope".

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    selection
        What is selected.
    """
    rows: dict[str, list[str]] = {"areas": [], "unled": [], "left_over": [], "out_of_scope": []}
    area, unit = selection.area, selection.unit
    if unit in bench.unled_reasons:
        rows["unled"] = [bench.units["unit_id"].iloc[unit]]
    if area is not None:
        rows["areas"] = [bench.areas[area]["area_id"]]
    elif unit is not None and unit in bench.reason_of:
        table = "left_over" if unit in set(bench.left_over.tolist()) else "out_of_scope"
        rows[table] = [bench.units["unit_id"].iloc[unit]]
    return rows


def format_selection(bench: Workbench, selection: Selection, words: Words) -> str:
    """What is selected in one line, for the eye and for screen readers.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    selection
        What is selected.
    words
        Texts in the reader's language.
    """
    area, unit = selection.area, selection.unit
    if area is None and unit is None:
        return words("selection.nothing")
    parts = []
    if area is not None:
        found = bench.areas[area]
        parts.append(
            words(
                "selection.area",
                title=format_area_title(bench, area),
                units=len(found["unit_ids"]),
                households=format_count(found["households"]),
            )
        )
    if unit is not None:
        row = bench.units.iloc[unit]
        parts.append(words("selection.unit", name=row["name"]))
        if area is None and bench.area_of[unit] == NO_AREA and unit in bench.reason_of:
            parts.append(format_reason(bench.reason_of[unit], words))
    return " · ".join(parts)


def find_target_bounds(data: PageData, selection: Selection) -> list[float] | None:
    """Where the map flies for a selection, degrees; None when it stays where it is.

    Parameters
    ----------
    data
        All that one page is made of.
    selection
        What is selected.
    """
    if not selection.fly:
        return None
    if selection.area is not None:
        return list(data.area_bounds[selection.area])
    bounds = data.unit_bounds.get(selection.unit) if selection.unit is not None else None
    return None if bounds is None else list(bounds)
