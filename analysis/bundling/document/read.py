"""A plan document read back onto the data it was made for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from analysis.bundling.document.left_over_reasons import find_unplanned_neighbours
from analysis.bundling.document.reasons import say
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.locks.index import IndexedLocks, index_locks
from analysis.bundling.locks.locks import Lock, read_locks
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem, build_problem
from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.sizes import bounds_from_rules
from analysis.bundling.verify.verify import require_same_planning
from geo.adjacency.graph import AdjacencyGraph, graph_from_layers
from geo.errors import UsageError
from geo.storage.dataset import Dataset


@dataclass(frozen=True, eq=False)
class OpenPlan:
    """A plan document next to the problem it answers.

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

    @cached_property
    def neighbours_out_of_scope(self) -> dict[str, list[tuple[str, str]]]:
        """Neighbours of each unit that the plan does not decide about: id and reason, by id."""
        return find_unplanned_neighbours(self.problem, self.graph.pairs)

    @property
    def area_ids(self) -> list[str]:
        """Ids of the areas, in the document's order."""
        return [area["area_id"] for area in self.document["areas"]]


def open_plan(
    dataset: Dataset, document: Mapping[str, Any], *, locks: Sequence[Lock] | None = None, like: OpenPlan | None = None
) -> OpenPlan:
    """Build the problem a plan document answers, and read the document onto it.

    Parameters
    ----------
    dataset
        The one the plan was made for, with its graph.
    document
        PLAN.json, checked (`document.check_document`).
    locks
        Used instead of the document's.
    like
        Another plan that was opened: where it is of the same dataset under the same rules and nothing is
        locked in either, its graph and problem serve this one, too.

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
    if locks is None:
        ids = dataset.layer("units")["unit_id"].astype(str)
        locks = read_locks(document["locks"], known=ids, document=document)
    if like is not None and not locks and _answers_same(like, dataset, document):
        graph, problem, tables = like.graph, like.problem, like.tables
    else:
        graph, tables = _graph_of(dataset), DatasetTables(dataset)
        problem = exclude_locked_out(build_problem(dataset, graph, read_rules(document["rules"])), locks)
        problem = _with_start(problem, document)
    plan, unknown_units = read_areas(problem, document)
    return OpenPlan(
        dataset, document, graph, problem, plan, tuple(locks), index_locks(problem, locks), unknown_units, tables
    )


def _answers_same(like: OpenPlan, dataset: Dataset, document: Mapping[str, Any]) -> bool:
    """Whether the problem of a plan opened before, without locks, is that of another document, too."""
    asked = ("rules", "start_areas")
    is_same = all(like.document.get(name) == document.get(name) for name in asked)
    return is_same and not like.locks and like.dataset is dataset


def read_rules(body: Mapping[str, Any]) -> PlanRules:
    """The rules a document carries; what is not among the fields of `PlanRules` is passed over.

    Examples
    --------
    >>> from dataclasses import asdict
    >>> from analysis.bundling.model.rules import rules_from_policy
    >>> from analysis.policy import read_policy
    >>> rules = rules_from_policy(read_policy())
    >>> read_rules({**asdict(rules), "streets": [], "policy_name": "p"}) == rules
    True
    """
    names = [field.name for field in fields(PlanRules) if field.name in body]
    values: dict[str, Any] = {name: tuple(body[name]) if isinstance(body[name], list) else body[name] for name in names}
    values["bounds"] = bounds_from_rules(body)
    return PlanRules(**values)


def read_areas(problem: Problem, document: Mapping[str, Any]) -> tuple[Plan, tuple[tuple[str, int], ...]]:
    """The areas of a document on the units of a problem, and the units that are not the problem's.

    Parameters
    ----------
    problem
        Whose units are looked up.
    document
        PLAN.json, checked.
    """
    areas = document["areas"]
    members = ((str(unit), number) for number, area in enumerate(areas) for unit in area["unit_ids"])
    plan, unknown_units = place_units(problem, members, [area["anchor_unit_id"] for area in areas])
    if problem.rules.mode == "area":
        inside = Plan(plan.area_of, np.full_like(plan.anchor_of, -1))  # an area is known by no anchor there
        plan = inside.assign_leaders(_read_leaders(problem, document))
    return plan, unknown_units


def place_units(
    problem: Problem, members: Iterable[tuple[str, int]], anchors: Sequence[str | None]
) -> tuple[Plan, tuple[tuple[str, int], ...]]:
    """The plan that has units in areas by their ids, and the units that are not the problem's.

    Parameters
    ----------
    problem
        Whose units are looked up.
    members
        Id of each unit in an area, and the number of the area.
    anchors
        Id of the anchor of each area, None = it has none.
    """
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    area_of = np.full(problem.n_units, LEFT_OVER)
    unknown_units = []
    for unit, number in members:
        if unit in position:
            area_of[position[unit]] = number
        else:
            unknown_units.append((unit, number))
    anchor_of = [-1 if anchor is None else position.get(str(anchor), -1) for anchor in anchors]
    return Plan(area_of, np.array(anchor_of, dtype=np.int64)), tuple(unknown_units)


def _read_leaders(problem: Problem, document: Mapping[str, Any]) -> np.ndarray:
    """(n,) position of the leader of each unit of a problem, −1 = none; a plan of another mode has its anchors."""
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    leader_of = np.full(problem.n_units, -1, dtype=np.int64)
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        by_anchor = {unit: anchor for unit in area["unit_ids"] if unit != anchor} if anchor is not None else {}
        for unit, leader in area.get("led", by_anchor).items():
            if unit in position and leader in position:
                leader_of[position[unit]] = position[leader]
    return leader_of


def _with_start(problem: Problem, document: Mapping[str, Any]) -> Problem:
    """The problem with the plan begun with, where the document tells of one."""
    if "start_areas" not in document:
        return problem
    start = {unit: k for k, units in enumerate(document["start_areas"]) for unit in units}
    start_of = [start.get(str(unit), LEFT_OVER) for unit in problem.unit_ids]
    aims = objectives_of(problem.rules)
    return replace(problem, start_of=np.array(start_of, dtype=np.int64), move_m=aims.price_m("closeness"))


def _graph_of(dataset: Dataset) -> AdjacencyGraph:
    if not (dataset.has("edges") and dataset.has("walks")):
        text = say("error.no_graph")
        raise UsageError(text.zh, text.en)
    return graph_from_layers(dataset.layer("units"), dataset.layer("edges"), dataset.layer("walks"))
