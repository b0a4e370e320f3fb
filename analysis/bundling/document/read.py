"""A plan document read back onto the data it was made for, and written again when it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.fallbacks import add_fallbacks
from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.document.unmet_locks import add_unmet_locks
from analysis.bundling.document.write import company_rows, find_used_permits, objective_levels, out_of_scope_rows
from analysis.bundling.locks.locks import IndexedLocks, Lock, index_locks, lock_documents, read_locks
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.objectives import objectives_of, walking_with_area_price
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem, build_problem
from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.score import score, score_by_jurisdiction, unanchored_by_jurisdiction
from analysis.bundling.model.sizes import bounds_from_rules
from analysis.bundling.verify.verify import require_same_planning
from geo.adjacency.graph import AdjacencyGraph, graph_from_layers
from geo.admin.gazetteer import gazetteer_layers, street_names
from geo.corrections.permits import ConsentOverride, consent_overrides
from geo.dataset import Dataset
from geo.errors import UsageError


@dataclass(frozen=True, eq=False)
class DatasetTables:
    """What a dataset says of its units and streets, read once however often a plan changes.

    Parameters
    ----------
    dataset
        Read when something is first asked.
    """

    dataset: Dataset

    @cached_property
    def units(self) -> pd.DataFrame:
        """The `units` layer without geometry."""
        return pd.DataFrame(self.dataset.layer("units")).drop(columns="geometry", errors="ignore")

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each unit by its id."""
        return {str(unit): i for i, unit in enumerate(self.units["unit_id"])}

    @cached_property
    def names(self) -> list[str]:
        """(n,) name of each unit, "" without one."""
        return self.units["name"].fillna("").astype(str).tolist()

    @cached_property
    def name_of(self) -> dict[str, str]:
        """Name of each unit by its id, "" without one."""
        return dict(zip(self.position, self.names, strict=True))

    @cached_property
    def street_of(self) -> list[str | None]:
        """(n,) street code of each unit, None without one."""
        return [None if pd.isna(code) else str(code) for code in self.units["street_code"]]

    @cached_property
    def households(self) -> np.ndarray:
        """(n,) float, NaN where the figure is missing."""
        return self.units["households"].to_numpy(float, na_value=np.nan)

    @cached_property
    def floor_area_m2(self) -> np.ndarray:
        """(n,) float, NaN where the figure is missing."""
        return self.units["floor_area_m2"].to_numpy(float, na_value=np.nan)

    @cached_property
    def overrides(self) -> dict[str, ConsentOverride]:
        """By which permit each unit is planned although its owners refuse (R40), by its id."""
        refused = self.units.loc[self.units["merge_willingness"].eq("no"), "unit_id"].astype(str)
        permits = consent_overrides(self.dataset.layer("permits"))
        return {unit: permits[unit] for unit in refused if unit in permits}

    @cached_property
    def company_names(self) -> dict[str, str]:
        """Name of each company that has one, by its id."""
        layer = self.dataset.layer("companies").dropna(subset=["name"])
        return dict(zip(layer["company_id"].astype(str), layer["name"], strict=True))

    @cached_property
    def streets(self) -> dict[str, str]:
        """Name of each street by its code."""
        return street_names(gazetteer_layers(self.dataset))


@dataclass(frozen=True, eq=False)
class OpenPlan:
    """A plan document beside the problem it answers.

    Parameters
    ----------
    dataset, document
        What it was made for, and the document itself.
    graph
        All units of the dataset, with every refused pair.
    problem
        Under the document's rules, without units that locks keep out.
    plan
        The document's areas on the problem's units, in the document's order. Units the problem
        does not decide about are not in it: see `unknown_units`.
    locks, placed
        The document's locks, and the same on the problem's positions.
    unknown_units
        Units the document has in an area and the problem does not decide about: id and number of
        the area.
    tables
        What the dataset says of its units.
    """

    dataset: Dataset
    document: Mapping[str, Any]
    graph: AdjacencyGraph
    problem: Problem
    plan: Plan
    locks: tuple[Lock, ...]
    placed: IndexedLocks
    unknown_units: tuple[tuple[str, int], ...]
    tables: DatasetTables

    @property
    def area_ids(self) -> list[str]:
        """Ids of the areas, in the document's order."""
        return [area["area_id"] for area in self.document["areas"]]


def open_plan(dataset: Dataset, document: Mapping[str, Any], *, locks: Sequence[Lock] | None = None) -> OpenPlan:
    """Build the problem a plan document answers, and read the document onto it.

    Parameters
    ----------
    dataset
        The one the plan was made for, with its graph.
    document
        PLAN.json, checked (`document.check_document`).
    locks
        Used instead of the document's.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    LockError
        If the document's locks are malformed.
    UsageError
        If the dataset has no graph.
    """
    require_same_planning(dataset, document)
    rules = read_rules(document["rules"])
    graph = _graph_of(dataset)
    ids = dataset.layer("units")["unit_id"].astype(str)
    if locks is None:
        locks = read_locks(document["locks"], known=ids, document=document)
    problem = _begun(exclude_locked_out(build_problem(dataset, graph, rules), locks), document)
    plan, unknown_units = read_areas(problem, document)
    return OpenPlan(
        dataset,
        document,
        graph,
        problem,
        plan,
        tuple(locks),
        index_locks(problem, locks),
        unknown_units,
        DatasetTables(dataset),
    )


def read_rules(body: Mapping[str, Any]) -> PlanRules:
    """The rules a document carries; what is not among the fields of `PlanRules` is passed over.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> from analysis.bundling.model.rules import rules_from
    >>> from analysis.policy import read_policy
    >>> rules = rules_from(read_policy())
    >>> rules_of({**asdict(rules), "streets": [], "policy_name": "p"}) == rules
    True
    """
    names = [field.name for field in fields(PlanRules) if field.name in body]
    values: dict[str, Any] = {name: tuple(body[name]) if isinstance(body[name], list) else body[name] for name in names}
    values["bounds"] = bounds_from_rules(body)
    return PlanRules(**values)


def read_areas(problem: Problem, document: Mapping[str, Any]) -> tuple[Plan, tuple[tuple[str, int], ...]]:
    """The areas of a document on the units of a problem, and the units that are not the problem's."""
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    area_of = np.full(problem.n_units, LEFT_OVER)
    anchor_of = np.full(len(document["areas"]), -1, dtype=np.int64)
    unknown_units = []
    for number, area in enumerate(document["areas"]):
        for unit in area["unit_ids"]:
            if unit in position:
                area_of[position[unit]] = number
            else:
                unknown_units.append((str(unit), number))
        anchor_of[number] = position.get(area["anchor_unit_id"], -1)
    return Plan(area_of, anchor_of), tuple(unknown_units)


def _begun(problem: Problem, document: Mapping[str, Any]) -> Problem:
    """The problem with the plan begun with, where the document tells of one."""
    if "start_areas" not in document:
        return problem
    start = {unit: k for k, units in enumerate(document["start_areas"]) for unit in units}
    start_of = [start.get(str(unit), LEFT_OVER) for unit in problem.unit_ids]
    aims = objectives_of(problem.rules)
    return replace(problem, start_of=np.array(start_of, dtype=np.int64), move_m=aims.price_m("closeness"))


def revised_document(opened: OpenPlan, plan: Plan, *, unknown_units: Sequence[tuple[str, int]] = ()) -> dict[str, Any]:
    """The document with other areas: ids and names of areas stay, sums and reasons are made anew.

    Parameters
    ----------
    opened
        The document as it was.
    plan
        Areas in the document's order, new ones after them; an area without a unit goes.
    unknown_units
        Units the problem does not decide about that are in an area all the same: id and number of
        the area. `verify` will tell of them.

    Returns
    -------
    PLAN.json with the bounds of the document that still hold: none where locks keep other units out;
    those of metres where no more households are left over.
    """
    problem, document = opened.problem, opened.document
    street_of = opened.tables.units.set_index("unit_id")["street_code"]
    kept = plan.without_empty_areas()
    left = explain_left_over(problem, kept, opened.graph.pairs, opened.placed)
    areas = _areas(opened, plan, unknown_units)
    placed = {unit for unit, _ in unknown_units}
    lost = {"streets"} if _is_same_problem(opened) else {"streets", "certificate"}
    revised = {
        **{key: part for key, part in document.items() if key not in lost},
        **_streets(opened, kept),
        "locks": lock_documents(opened.locks),
        "permits": find_used_permits(areas, street_of, opened.dataset.layer("permits")),
        "status": "feasible" if areas else "infeasible",
        "levels": [*_levels(opened, kept), *objective_levels(problem, kept, opened.graph.pairs)],
        "areas": areas,
        "companies": company_rows(problem, kept),
        "left_over": left_over_rows(opened, left),
        "out_of_scope": [row for row in out_of_scope_rows(problem, kept) if row["unit_id"] not in placed],
    }
    return add_unmet_locks(revised, opened.locks, opened.placed, opened.tables.name_of)


def left_over_rows(opened: OpenPlan, left: pd.DataFrame) -> list[dict[str, Any]]:
    """The `left_over` of a document."""
    rows = [
        {"unit_id": row["unit_id"], "reason": row["reason"], "rules": list(row["rules"])}
        for row in left.sort_values("unit_id").to_dict("records")
    ]
    dataset = opened.dataset
    units = pd.DataFrame(dataset.layer("units")).set_index("unit_id")
    rules, date = opened.problem.rules, dataset.manifest.data_date
    return add_fallbacks(rows, units, rules, data_date=date)


def _graph_of(dataset: Dataset) -> AdjacencyGraph:
    if not (dataset.has("edges") and dataset.has("walks")):
        raise UsageError(
            "数据集还没有相邻关系; 请先运行 pianqu graph。",
            "The dataset has no graph of neighbours yet; run pianqu graph first.",
        )
    return graph_from_layers(dataset.layer("units"), dataset.layer("edges"), dataset.layer("walks"))


def _areas(opened: OpenPlan, plan: Plan, unknown_units: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """The areas that have a unit, in order."""
    before, entries = opened.document["areas"], Entries(opened)
    members: list[list[str]] = [[] for _ in range(plan.n_areas)]
    for unit, number in zip(opened.problem.unit_ids, plan.area_of.tolist(), strict=True):
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
        anchor = int(plan.anchor_of[number])
        anchor_id = str(opened.problem.unit_ids[anchor]) if anchor >= 0 else None
        if anchor_id is None and old is not None and old["anchor_unit_id"] in outside & set(ids):
            anchor_id = old["anchor_unit_id"]
        areas.append(entries.make(ids, anchor_id, old))
    return areas


class Entries:
    """Makes the entries of `areas` in a document; new areas get an id and a name no other has.

    Parameters
    ----------
    opened
        The document they are for.
    """

    def __init__(self, opened: OpenPlan) -> None:
        self._tables = opened.tables
        self._ids = {area["area_id"] for area in opened.document["areas"]}
        self._names = {area["name"] for area in opened.document["areas"]}

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
        tables = self._tables
        places = [tables.position[unit] for unit in ids]
        codes = {code for i in places if (code := tables.street_of[i]) is not None}
        street = codes.pop() if len(codes) == 1 else None
        if old is None:
            old = {"area_id": _free_id(street, self._ids), "name": self._free_name(street, anchor_id)}
            self._ids.add(old["area_id"])
            self._names.add(old["name"])
        return {
            "area_id": old["area_id"],
            "name": old["name"],
            "street_code": street,
            "anchor_unit_id": anchor_id,
            "unit_ids": ids,
            "households": _total(tables.households[places]),
            "floor_area_m2": _total(tables.floor_area_m2[places]),
        }

    def _free_name(self, street: str | None, anchor_id: str | None) -> str:
        tables = self._tables
        own = "" if anchor_id is None else tables.names[tables.position[anchor_id]]
        called = own or f"{tables.streets.get(street or '', street) or ''}新"
        number, name = 1, f"{called}片区"
        while name in self._names:
            number += 1
            name = f"{called}片区{number}"
        return name


def _total(figures: np.ndarray) -> int | None:
    """Sum in whole units of measure; None where a figure is missing."""
    return None if np.isnan(figures).any() else round(float(figures.sum()))


def _free_id(street: str | None, taken: set[str]) -> str:
    """The first id of a street that no area has."""
    number = 1
    while f"P-{street or 0}-{number:03d}" in taken:
        number += 1
    return f"P-{street or 0}-{number:03d}"


def _levels(opened: OpenPlan, plan: Plan) -> list[dict[str, Any]]:
    """Values anew; of the bounds only those that still hold.

    Those of walks hold for plans that leave no more households over and lead no fewer.
    """
    before = {level["name"]: level for level in opened.document["levels"]}
    problem, worth = opened.problem, score(opened.problem, plan)
    values = {"left_over_households": worth.left_over_households}
    if problem.rules.mode == "mixed":
        values["unled_households"] = sum(unanchored_by_jurisdiction(problem, plan).values())
    values["household_metres"] = worth.household_metres
    priced = walking_with_area_price(problem, plan)
    if priced is not None:
        values["walks_and_areas"] = priced
    levels, holds = [], _is_same_problem(opened)
    for name, value in values.items():
        bound = before.get(name, {}).get("bound") if holds else None
        if bound is not None and bound > value:
            bound = None
        if name in ("left_over_households", "unled_households"):
            holds = holds and value <= before.get(name, {}).get("value", -1)
        gap = None if bound is None else (round((value - bound) / value, 6) if value else 0.0)
        method = None if bound is None else before[name].get("method")
        levels.append({"name": name, "value": value, "bound": bound, "gap": gap, "method": method})
    return levels


def _streets(opened: OpenPlan, plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """The `streets` of a document with the values of a plan; nothing where their bounds are lost."""
    problem, before = opened.problem, opened.document.get("streets", [])
    if not before or not _is_same_problem(opened):
        return {}
    codes = opened.tables.units.set_index("unit_id")["street_code"].reindex(problem.unit_ids)
    left, metres = score_by_jurisdiction(problem, plan)
    unled = unanchored_by_jurisdiction(problem, plan)
    named = {w: sorted(codes[problem.jurisdiction == w].dropna().unique().tolist()) for w in left}
    walls = sorted(left, key=lambda wall: named[wall])
    if [row["street_codes"] for row in before] != [named[wall] for wall in walls]:
        return {}
    rows = zip(before, walls, strict=True)
    return {"streets": [_street(row, left[wall], unled[wall], metres[wall]) for row, wall in rows]}


def _street(row: Mapping[str, Any], left: int, unled: int, metres: int) -> dict[str, Any]:
    """A street's row with other values; its bound of metres where nobody more is left over or unled."""
    least, told = row["metres_bound"], {"left_over_households": left, "household_metres": metres}
    if "unled_households" in row:
        told["unled_households"] = unled
    holds = least is not None and least <= metres
    holds = holds and all(told[name] <= row[name] for name in told if name != "household_metres")
    return {**row, **told, "metres_bound": least if holds else None}


def _is_same_problem(opened: OpenPlan) -> bool:
    """Whether bounds of the document still hold: locks only restrict, but for those that keep units out."""
    rows = opened.document["locks"], lock_documents(opened.locks)
    before, now = (
        {unit for row in locks if row["kind"] == "out" for unit in row.get("unit_ids", [row.get("unit_id")])}
        for locks in rows
    )
    return before == now
