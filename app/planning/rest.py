"""What follows a search, measured before it on a few areas: how long the plan takes to be written down and checked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from analysis.bundling.document.write import write_document
from analysis.bundling.evaluation.score import score
from analysis.bundling.led_areas.part import LedAreaPart, place_labels, split_led_areas
from analysis.bundling.led_areas.search import anneal_part
from analysis.bundling.led_areas.solve import complete_plan
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.solve.capacity_allocation import initial_allocation
from analysis.bundling.solve.plan_labels import add_areas
from analysis.bundling.solve.result import Certificate, Result
from analysis.bundling.solver.base.subproblem import Subproblem, split_lead, split_whole
from analysis.bundling.solver.construct import construct
from analysis.bundling.verify.verify import PlanChecker
from analysis.policy import Policy
from geo.storage.dataset import Dataset

SAMPLE_UNITS = 200
"""Units in the parts whose first areas are written down and checked, or few more."""

Part = TypeVar("Part", Subproblem, LedAreaPart)


@dataclass(frozen=True)
class RestTimes:
    """Seconds expected after a search.

    Parameters
    ----------
    document_s
        That the plan takes to be written down.
    check_s
        That its check takes.
    """

    document_s: float
    check_s: float


def measure_rest(problem: Problem, dataset: Dataset, policy: Policy, checker: PlanChecker, *, by: str) -> RestTimes:
    """How long the plan of a problem takes to be written down and checked, from a plan of a few of its parts.

    What the areas take grows with the units in them, all else stays. The ground that the check builds is kept.

    Parameters
    ----------
    problem, dataset, policy, by
        As for `write_document`.
    checker
        What will check the plan.
    """
    plan, share = sample_plan(problem)
    began = time.perf_counter()
    document = write_document(problem, _as_result(problem, plan), dataset, policy, by=by)
    written = time.perf_counter()
    checker.check(document)
    whole_s = time.perf_counter() - written
    fixed_s = whole_s - checker.ground_s - checker.areas_s
    return RestTimes(written - began, fixed_s + checker.areas_s / share)


def sample_plan(problem: Problem) -> tuple[Plan, float]:
    """First areas of a few parts, and how much of the units of all parts these hold: above 0, at most 1.

    Parameters
    ----------
    problem
        Of any mode.
    """
    nothing = Plan(np.full(problem.n_units, LEFT_OVER), np.zeros(0))
    if problem.rules.mode == "area":
        led = split_led_areas(problem, problem.capacity)
        chosen = _choose(led)
        rng = np.random.default_rng(0)
        labels = [anneal_part(part, np.full(part.n_units, LEFT_OVER), rng, lambda *_: 1.0) for part in chosen]
        plan = complete_plan(problem, place_labels(zip(chosen, labels, strict=True), problem.n_units))
        return plan, _share(plan, [part.n_units for part in led])
    parts = split_whole(problem, np.flatnonzero(problem.is_target)) if problem.rules.mode == "whole" else ()
    parts = parts or split_lead(replace(problem, capacity=initial_allocation(problem, None)))
    some = _choose(parts)
    plan = add_areas(nothing, some, [construct(part) for part in some])
    return plan, _share(plan, [part.n_units for part in parts])


def _choose(parts: Sequence[Part]) -> list[Part]:
    """Parts here and there that have `SAMPLE_UNITS` units together, or few more."""
    chosen, n_units = list[Part](), 0
    for k in np.random.default_rng(0).permutation(len(parts)).tolist():
        if n_units >= SAMPLE_UNITS:
            break
        chosen.append(parts[k])
        n_units += parts[k].n_units
    return chosen


def _share(plan: Plan, n_units: Sequence[int]) -> float:
    """Units in areas, of all that may be."""
    return min(1.0, max(1, int((plan.area_of >= 0).sum())) / max(1, sum(n_units)))


def _as_result(problem: Problem, plan: Plan) -> Result:
    """A plan of which nothing is proven."""
    return Result(plan, score(problem, plan), Certificate(0, None), "feasible", 0, 0.0, 0, "seconds")
