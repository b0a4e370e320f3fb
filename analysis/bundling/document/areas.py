"""The `areas` of a plan document: their ids, names, streets and sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.bundling.document.leading import describe_area
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem


def number_areas(problem: Problem, plan: Plan, tables: DatasetTables) -> list[dict[str, Any]]:
    """The entries of a new plan, in order of street code and first unit, numbered within their street.

    An area is named by its anchor, one without an anchor by its street and number.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    tables
        What the dataset says of the units.
    """
    drafts = []
    for area in range(plan.n_areas):
        ids = sorted(str(problem.unit_ids[i]) for i in plan.members(area))
        drafts.append((_street_of(tables, ids), ids, _id_at(problem, int(plan.anchor_of[area])), area))
    drafts.sort(key=lambda draft: (draft[0] or "", draft[1][0]))
    counts: dict[str | None, int] = {}
    entries = []
    for street, ids, anchor_id, area in drafts:
        number = counts[street] = counts.get(street, 0) + 1
        own = None if anchor_id is None else str(tables.units["name"].iloc[tables.position[anchor_id]])
        name = own or f"{tables.streets.get(street or '', street) or ''}第{number}"
        entry = _entry(tables, f"P-{street or 0}-{number:03d}", f"{name}片区", ids, anchor_id)
        entries.append({**entry, **describe_area(problem, plan, area, tables)})
    return entries


def revise_areas(
    problem: Problem,
    plan: Plan,
    tables: DatasetTables,
    *,
    before: Sequence[Mapping[str, Any]],
    unknown_units: Sequence[tuple[str, int]] = (),
) -> list[dict[str, Any]]:
    """The entries of a changed plan that have a unit, in order: ids and names of areas stay.

    Parameters
    ----------
    problem, plan
        Areas are in the order of `before`, new ones after them.
    tables
        What the dataset says of the units.
    before
        The entries as they were.
    unknown_units
        Units the problem does not decide about that are in an area all the same: id and number of
        the area. One of them may stay the anchor it was.
    """
    entries = AreaEntries(tables, before)
    members: list[list[str]] = [[] for _ in range(plan.n_areas)]
    for unit, number in zip(problem.unit_ids, plan.area_of.tolist(), strict=True):
        if number >= 0:
            members[number].append(str(unit))
    for unit, number in unknown_units:
        members[number].append(unit)
    outside = {unit for unit, _ in unknown_units}
    areas = []
    for number, ids in enumerate(map(sorted, members)):
        if not ids:
            continue
        old = before[number] if number < len(before) else None
        anchor_id = _id_at(problem, int(plan.anchor_of[number]))
        if anchor_id is None and old is not None and old["anchor_unit_id"] in outside & set(ids):
            anchor_id = old["anchor_unit_id"]
        areas.append({**entries.make(ids, anchor_id, old), **describe_area(problem, plan, number, tables)})
    return areas


class AreaEntries:
    """Makes the entries of a changed plan; new areas get an id and a name no other has.

    Parameters
    ----------
    tables
        What the dataset says of the units.
    before
        The entries as they were.
    """

    def __init__(self, tables: DatasetTables, before: Sequence[Mapping[str, Any]]) -> None:
        self._tables = tables
        self._ids = {area["area_id"] for area in before}
        self._names = {area["name"] for area in before}

    def make(self, ids: list[str], anchor_id: str | None, old: Mapping[str, Any] | None) -> dict[str, Any]:
        """The entry of an area.

        Parameters
        ----------
        ids
            Its units, ascending, the anchor among them.
        anchor_id
            Its anchor, None for none.
        old
            The entry whose id and name it keeps; None for a new area.
        """
        if old is None:
            street = _street_of(self._tables, ids)
            old = {"area_id": self._free_id(street), "name": self._free_name(street, anchor_id)}
            self._ids.add(old["area_id"])
            self._names.add(old["name"])
        return _entry(self._tables, old["area_id"], old["name"], ids, anchor_id)

    def _free_id(self, street: str | None) -> str:
        number = 1
        while f"P-{street or 0}-{number:03d}" in self._ids:
            number += 1
        return f"P-{street or 0}-{number:03d}"

    def _free_name(self, street: str | None, anchor_id: str | None) -> str:
        tables = self._tables
        own = "" if anchor_id is None else tables.names[tables.position[anchor_id]]
        base = own or f"{tables.streets.get(street or '', street) or ''}新"
        number, name = 1, f"{base}片区"
        while name in self._names:
            number += 1
            name = f"{base}片区{number}"
        return name


def _entry(tables: DatasetTables, area_id: str, name: str, ids: list[str], anchor_id: str | None) -> dict[str, Any]:
    """An entry with its sums in households and m²; a sum is null where a figure of a member is missing."""
    places = [tables.position[unit] for unit in ids]
    return {
        "area_id": area_id,
        "name": name,
        "street_code": _street_of(tables, ids),
        "anchor_unit_id": anchor_id,
        "unit_ids": ids,
        "households": _total(tables.households[places]),
        "floor_area_m2": _total(tables.floor_area_m2[places]),
    }


def _street_of(tables: DatasetTables, ids: Sequence[str]) -> str | None:
    """The only street code of some units; None where they have none, or several."""
    codes = {code for unit in ids if (code := tables.street_of[tables.position[unit]]) is not None}
    return codes.pop() if len(codes) == 1 else None


def _id_at(problem: Problem, position: int) -> str | None:
    return str(problem.unit_ids[position]) if position >= 0 else None


def _total(figures: np.ndarray) -> int | None:
    """Sum in whole units of measure; None where a figure is missing."""
    return None if np.isnan(figures).any() else round(float(figures.sum()))
