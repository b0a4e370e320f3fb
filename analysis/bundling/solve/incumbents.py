"""Incumbents: plans of parts that a relaxation meets, adopted where they improve the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels
from analysis.bundling.evaluation.score import area_metres
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.plan_labels import add_areas, label_part, remove_areas
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem


@dataclass(frozen=True, eq=False)
class Incumbent:
    """Labels of a part that a proof found.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) area of each unit, in stage "lead" the number of the anchor that leads it; −1 = left over.
    """

    part: Subproblem
    labels: np.ndarray


def adopt_incumbents(problem: Problem, plan: Plan, found: Sequence[Incumbent]) -> Plan:
    """The plan with each part found that makes it better by the aims, and that keeps every rule.

    Proofs go by prices, with some m² to spare and companies (R15) aside; so whatever looks better
    in its part is judged anew, in the order of the parts' units.

    Parameters
    ----------
    problem, plan
        The plan is sound.
    """
    for incumbent in sorted(found, key=lambda one: int(one.part.units[0])):
        if not _looks_better(problem, plan, incumbent):
            continue
        other = add_areas(remove_areas(plan, [incumbent.part]), [incumbent.part], [incumbent.labels])
        is_number = problem.rules.areas in (None, other.n_areas)  # which a proof of a part is not told of
        if (
            is_number
            and objective_key(problem, other) < objective_key(problem, plan)
            and not plan_faults(problem, other)
        ):
            plan = other
    return plan


def _looks_better(problem: Problem, plan: Plan, incumbent: Incumbent) -> bool:
    """Whether it is better in its part by what the search goes by: quick to tell of many parts."""
    part, objective = incumbent.part, problem.objective
    now = _score(problem, part, label_part(part, plan))
    return _score(problem, part, incumbent.labels).key(objective) < now.key(objective)


def _score(problem: Problem, part: Subproblem, labels: np.ndarray) -> Score:
    """Score of the areas of one part."""
    if part.stage == "whole":
        return evaluate(part, labels)
    led = [(part.units[labels == k], int(part.units[a])) for k, a in enumerate(part.anchors)]
    metres = sum(area_metres(problem, members, anchor) for members, anchor in led)
    n_areas = sum(len(members) > 1 for members, _ in led)
    return Score(int(problem.households[part.units[labels < 0]].sum()), metres, n_areas)


def objective_key(problem: Problem, plan: Plan) -> tuple[float, ...]:
    """What plans are compared by under the objectives of the problem's rules; smaller is better.

    Parameters
    ----------
    problem, plan
        The plan is sound.
    """
    aims = objectives_of(problem.rules)
    return aims.key(primary_levels(problem, plan), measure_objectives(problem, plan, aims.names))
