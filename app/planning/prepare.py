"""What a run begins with: the dataset with its graph of today, the problem, the locks, the plan to start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.bundling.document.read import read_areas
from analysis.bundling.document.write import is_management_known
from analysis.bundling.evaluation.objective_values import initial_areas
from analysis.bundling.locks.locks import Lock
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.objectives import (
    add_opening_price,
    objectives_of,
    read_objective,
    require_known_objectives,
)
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem, build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.verify.verify import require_same_planning
from analysis.policy import Policy
from app.i18n import say
from app.planning.options import PlanMethod, PlanOptions
from app.planning.run_clock import RunClock
from app.workbench.plans_on_disk import read_all_locks, read_plan
from geo.adjacency.graph import AdjacencyGraph, refresh_graph
from geo.errors import UsageError
from geo.storage.dataset import Dataset, open_dataset


@dataclass(frozen=True, eq=False)
class PreparedRun:
    """What is decided, from the files.

    Parameters
    ----------
    dataset, graph
        The dataset, with its graph as of today.
    problem
        What is to be planned.
    locks
        What is settled.
    start, begun
        The plan begun with, as written and on the problem; None = none.
    """

    dataset: Dataset
    graph: AdjacencyGraph
    problem: Problem
    locks: tuple[Lock, ...]
    start: dict[str, Any] | None
    begun: Plan | None


def prepare_run(folder: Path, policy: Policy, options: PlanOptions, clock: RunClock) -> PreparedRun:
    """The problem of some options; the graph is built where it is missing or stale.

    Parameters
    ----------
    folder
        Of the dataset.
    policy
        Of the rules.
    options
        What the planner chose.
    clock
        Counts reading and the graph as phases of their own.

    Raises
    ------
    PlanningError
        If options contradict each other, or dataset, plan or locks cannot be read.
    """
    clock.spent["start"] = clock.seconds
    with clock.count_phase("data"):
        check_least_change(options.method, options.objective, options.opening)
        objective = () if options.objective is None else read_objective(options.objective)
        dataset = open_dataset(folder)
        rules = rules_from_policy(
            policy.replaced(dict(options.relaxed)) if options.relaxed else policy,
            **options.rules,
            objective=add_opening_price(objective, options.opening),
            management_known=is_management_known(dataset.layer("units")),
        )
        require_known_objectives(rules)
    with clock.count_phase("graph"):
        dataset, graph = refresh_graph(dataset, policy.neighbour_rules(within=rules.within))
    with clock.count_phase("data"):
        start = None if options.start is None else read_plan(options.start)
        locks = _locks(dataset, options, start)
        problem = exclude_locked_out(build_problem(dataset, graph, rules), locks)
        begun = None if start is None else read_areas(problem, start)[0]
        if begun is not None:
            problem = replace(problem, start_of=begun.area_of, move_m=objectives_of(rules).price_m("closeness"))
        if "closeness" in objectives_of(rules).names:
            initial_areas(problem)  # told before the search, not after it
    return PreparedRun(dataset, graph, problem, locks, start, begun)


def check_least_change(method: PlanMethod, objective: str | None, opening: int | None) -> None:
    """Refuse objectives that a way of planning would not heed.

    Parameters
    ----------
    method
        The way of planning.
    objective
        As the planner wrote it; None = none.
    opening
        Price of an area, household-metres; None = none.

    Raises
    ------
    UsageError
        If "least_change" is to aim at something besides few changes.

    Examples
    --------
    >>> check_least_change("search", "walking,compact", None)
    """
    if method == "least_change" and (objective, opening) != (None, None):
        raise UsageError(*say("planning.least_change_alone"))


def _locks(dataset: Dataset, options: PlanOptions, start: dict[str, Any] | None) -> tuple[Lock, ...]:
    if start is not None:
        require_same_planning(dataset, start)
    return read_all_locks(dataset, start, options.lock_file)
