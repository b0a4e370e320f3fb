"""What the solver hands back: a plan, what it is worth, and the bounds that certify it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels, walking_with_area_price
from analysis.bundling.evaluation.score import score
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.certificate import Multipliers
from analysis.bundling.solver.base.work_log import NOTHING_DECIDED, ClockRecord

Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True)
class JurisdictionBound:
    """What no plan can do better than behind one wall; see `Certificate`.

    Parameters
    ----------
    wall
        Its label in the problem.
    left_over_households, least_left_over
        Of the plan, and of every plan at least.
    household_metres, least_metres
        Of the plan, and of every plan that leaves no more over here, and has no more households in areas
        without an anchor (mode "mixed"); None = nothing is claimed.
    unled_households
        Of the plan: households in areas without an anchor; 0 in other modes than "mixed".
    """

    wall: int
    left_over_households: int
    least_left_over: int
    household_metres: int
    least_metres: int | None
    unled_households: int = 0


@dataclass(frozen=True)
class Certificate:
    """What no plan can do better than, part by part of the score; None = nothing is claimed.

    Parameters
    ----------
    left_over_households
        Every plan leaves at least these over.
    household_metres
        Every plan that leaves no more households over than the one found, and has no more of them
        in areas without an anchor (mode "mixed") or without a leader (mode "area"), walks at least these.
    left_over_method, metres_method
        How they were found, see `certificate`; "" where nothing is claimed.
    streets
        The same behind each wall, by label.
    unled_households
        Every plan that leaves no more over has at least these in areas without an anchor; None in
        other modes than "mixed".
    not_led_households
        Every plan has at least these left over or in areas without an anchor; as there.
    walks_and_areas
        As household_metres, each area counting `ObjectiveSpec.area_price_m` besides; None where areas have no
        such price.
    areas
        Every plan that leaves no more over has at least so many areas, mode "area"; None in others.
    areas_outside_preferred
        As well, so many outside their preferred window.
    paid
        Multipliers by level that prove a part of it, for a plan's certificate.
    """

    left_over_households: int | None
    household_metres: int | None
    left_over_method: str = ""
    metres_method: str = ""
    streets: tuple[JurisdictionBound, ...] = ()
    unled_households: int | None = None
    not_led_households: int | None = None
    walks_and_areas: int | None = None
    areas: int | None = None
    areas_outside_preferred: int | None = None
    paid: Mapping[str, list[Multipliers]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Result:
    """What the solver hands back.

    Parameters
    ----------
    plan
        The best plan found; sound, whatever happened.
    score
        What it is worth.
    bound
        Valid lower bounds of the score's parts.
    status
        "optimal": proven; "infeasible": no area was found (proven impossible where the bound of
        the left-over households equals their number); "feasible" otherwise.
    seed
        What the plan can be found again with.
    seconds
        Time of the search, compiling not counted.
    rounds
        Rounds done, all parts together.
    why_stopped
        "seconds", "rounds", "asked", "gap", "searched out" or "nothing to search".
    clock
        What the clock decided, so that the same work can be done again; empty where it decided nothing.
    """

    plan: Plan
    score: Score
    bound: Certificate
    status: Status
    seed: int
    seconds: float
    rounds: int
    why_stopped: str
    clock: ClockRecord = NOTHING_DECIDED


def determine_status(problem: Problem, plan: Plan, bound: Certificate) -> Status:
    """What may be said of a plan: "optimal" only where every level that counts meets its bound.

    Metres that meet theirs say nothing of other objectives. Of these only the number of areas can
    be known to be least: where it is given, or where there is one area.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of it.
    bound
        What no plan can do better than.
    """
    if plan.n_areas == 0:
        return "infeasible"
    aims, worth = objectives_of(problem.rules), score(problem, plan)
    left, unled = primary_levels(problem, plan)
    least_areas = plan.n_areas == 1 or problem.rules.areas is not None
    known = {
        "walking": worth.household_metres == bound.household_metres,
        "areas": least_areas or plan.n_areas == bound.areas,
        "window": _outside(problem, plan) == (bound.areas_outside_preferred or 0),
        "compact": "compact" not in aims.counting or not measure_objectives(problem, plan, ["compact"])["compact"],
    }
    is_best = left == bound.left_over_households and unled == (bound.unled_households or 0)
    are_least = all(known.get(name, False) for name in aims.counting)
    if bound.walks_and_areas is not None:
        are_least |= (
            known["window"] and known["compact"] and (walking_with_area_price(problem, plan) == bound.walks_and_areas)
        )
    return "optimal" if is_best and are_least else "feasible"


def _outside(problem: Problem, plan: Plan) -> int:
    """Areas outside their preferred window, where that counts; fewer than none there are not."""
    if "window" not in objectives_of(problem.rules).counting:
        return 0
    return measure_objectives(problem, plan, ["window"])["window"]


def replace_plan(problem: Problem, result: Result, plan: Plan, bound: Certificate) -> Result:
    """A result with another plan and the bound beside it.

    Parameters
    ----------
    problem
        The problem.
    result
        Of a search.
    plan
        The plan that takes the place of its own.
    bound
        What no plan can do better than.
    """
    worth = score(problem, plan)
    status = determine_status(problem, plan, bound)
    return replace(result, plan=plan, score=worth, bound=bound, status=status)
