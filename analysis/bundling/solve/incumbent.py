"""Plans that a proof meets on the way, taken where they are better than the one at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.model.feasibility import plan_faults
from analysis.bundling.model.objectives import measure_objectives, objectives_of, primary_levels
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score, area_metres
from analysis.bundling.solve.capacity_allocation import labels_on
from analysis.bundling.solver.subproblem import Subproblem


@dataclass(frozen=True, eq=False)
class Incumbent:
    """Labels of a part that a proof found.

    Parameters
    ----------
    part
        Of stage "lead".
    labels
        (n,) the number of the anchor that leads each unit, −1 = none.
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
    for met in sorted(found, key=lambda met: int(met.part.units[0])):
        if not _looks_better(problem, plan, met):
            continue
        other = _replace_part(plan, met)
        if _objective_key(problem, other) < _objective_key(problem, plan) and not plan_faults(problem, other):
            plan = other
    return plan


def _looks_better(problem: Problem, plan: Plan, met: Incumbent) -> bool:
    """Whether it is better in its part by what the search goes by: quick to tell of many parts."""
    now, then = (
        _score(problem, met.part, labels).key(problem.objective) for labels in (labels_on(met.part, plan), met.labels)
    )
    return then < now


def _score(problem: Problem, part: Subproblem, labels: np.ndarray) -> Score:
    """Score of the areas of one part."""
    led = [(part.units[labels == k], int(part.units[a])) for k, a in enumerate(part.anchors)]
    metres = sum(area_metres(problem, members, anchor) for members, anchor in led)
    n_areas = sum(len(members) > 1 for members, _ in led)
    return Score(int(problem.households[part.units[labels < 0]].sum()), metres, n_areas)


def _replace_part(plan: Plan, met: Incumbent) -> Plan:
    """The plan with the areas of a part as found; anchors that lead nobody have none."""
    area_of, anchor_of = plan.area_of.copy(), plan.anchor_of.tolist()
    units = met.part.units
    area_of[units] = -1
    for k, anchor in enumerate(met.part.anchors.tolist()):
        members = units[met.labels == k]
        if len(members) > 1:
            area_of[members] = len(anchor_of)
            anchor_of.append(int(units[anchor]))
    return Plan(area_of, np.array(anchor_of, dtype=np.int64)).without_empty_areas()


def _objective_key(problem: Problem, plan: Plan) -> tuple[float, ...]:
    aims = objectives_of(problem.rules)
    return aims.key(primary_levels(problem, plan), measure_objectives(problem, plan, aims.names))
