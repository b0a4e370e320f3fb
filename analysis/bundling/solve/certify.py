"""The certificate of a plan: a lower bound of each level, for the whole and for each jurisdiction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.bundling.evaluation.objective_values import primary_levels, walking_with_area_price
from analysis.bundling.evaluation.score import score, score_by_jurisdiction, unanchored_by_jurisdiction
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.certificate import LEFT_OVER_METHOD, METRES_METHOD, MultiplierLog
from analysis.bundling.solve.incumbents import Incumbent, adopt_incumbents
from analysis.bundling.solve.left_over_bounds import (
    bound_by_listing,
    city_left_over_bound,
    left_over_by_jurisdiction,
    unanchored_bound,
)
from analysis.bundling.solve.local_search import polish
from analysis.bundling.solve.metres_bounds import GapCriterion, metres_bounds
from analysis.bundling.solve.result import Certificate, JurisdictionBound
from analysis.bundling.solve.single_moves import insert_left_over
from analysis.bundling.solver.base.bound_limits import QUICK_BUDGET, QUICK_STEPS, BoundBudget, scale_budget, step_budget
from analysis.bundling.solver.base.budget import SearchBudget
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit


def certify(
    problem: Problem, plan: Plan, budget: SearchBudget, criterion: GapCriterion | None = None
) -> tuple[Plan, Certificate]:
    """The plan, or a better one that the proofs met, and a bound of each level, of all and by wall.

    Parameters
    ----------
    problem, plan
        The plan is sound.
    budget
        What is left of the time is for the bounds; where no clock is read they take a few steps.
    criterion
        Bounds made before the search, if any.
    """

    def some_of(whole: float) -> BoundBudget:
        return QUICK_BUDGET if is_enough else scale_budget(budget.bound_budget, whole)

    policy, workers, is_enough = budget.policy, budget.workers, budget.is_near_enough()
    fewer, nearer, paid = list[Incumbent](), list[Incumbent](), MultiplierLog()
    least_left = left_over_by_jurisdiction(
        problem,
        some_of(policy.left_over),
        workers=workers,
        on_incumbent=fewer.append,
        on_multipliers=paid.at("left_over_households"),
    )
    of_all = city_left_over_bound(problem, paid.at("left_over_households"))
    if criterion is not None:
        least_left = {wall: max(least, criterion.left_over[wall]) for wall, least in least_left.items()}
    found = adopt_incumbents(problem, plan, fewer)
    if found is not plan:  # met where walks cost nothing
        plan = polish(problem, found, objectives_of(problem.rules), budget.limit())
        plan = insert_left_over(problem, plan)
    not_led = unanchored_bound(
        problem, some_of(policy.unled), workers=workers, on_multipliers=paid.at("not_led_households")
    )
    left, _ = score_by_jurisdiction(problem, plan)
    unled, price_m = unanchored_by_jurisdiction(problem, plan), objectives_of(problem.rules).area_price_m
    metres, by_wall = metres_bounds(
        problem,
        left,
        some_of(1.0 if price_m is None else policy.metres),
        plan=plan,
        workers=workers,
        on_incumbent=nearer.append,
        unled=unled,
        on_multipliers=paid.at("household_metres"),
    )
    cost = None
    if price_m is not None:
        cost, _ = metres_bounds(
            problem,
            left,
            some_of(1.0),
            plan=plan,
            workers=workers,
            on_incumbent=nearer.append,
            unled=unled,
            area_m=price_m,
            on_multipliers=paid.at("walks_and_areas"),
        )
    found = adopt_incumbents(problem, plan, nearer)
    if found is not plan:  # never in mode "mixed": what is bounded holds where fewer are left over
        plan = insert_left_over(problem, found)
    if criterion is not None and criterion.metres is not None:
        least = criterion.metres(score(problem, plan).left_over_households)
        metres, cost = (max(metres, least), cost) if cost is None else (metres, max(cost, least))
    bound = _assemble(problem, plan, least_left, of_all, not_led, (metres, by_wall), cost)
    return plan, replace(bound, paid=paid.levels)


def certify_again(
    problem: Problem, before: Plan, bound: Certificate, plan: Plan, budget: SearchBudget
) -> tuple[Plan, Certificate]:
    """The bounds made beside one plan, beside a better one; or that plan with what the proofs met.

    Where it leaves as many over, and in areas without an anchor, all of them hold as they are. Where it does
    not, those of metres can be better, and whatever time is left is for them.

    Parameters
    ----------
    problem
        What must be decided.
    before, bound
        A sound plan, and the bounds beside it.
    plan
        A sound plan that is no worse.
    budget
        What is left of the time is for the bounds.
    """
    if plan is before:
        return plan, bound
    if primary_levels(problem, plan) == primary_levels(problem, before):
        return plan, transfer_certificate(problem, before, bound, plan)
    plan, found = certify(problem, plan, budget)
    return plan, _join_certificates(found, transfer_certificate(problem, before, bound, plan))


def certify_quickly(problem: Problem, plan: Plan, *, has_time: TimeLimit = ENDLESS) -> Certificate:
    """The bound of a plan however it was made, from a few steps a part.

    Locks only restrict, so what is proven of the problem without them holds with them.

    Parameters
    ----------
    problem, plan
        Sound or not: what is bounded are all sound plans.
    has_time
        For those of the metres.
    """
    paid = MultiplierLog()
    least_left = left_over_by_jurisdiction(problem, on_multipliers=paid.at("left_over_households"))
    of_all = city_left_over_bound(problem, paid.at("left_over_households"))
    not_led = unanchored_bound(problem, on_multipliers=paid.at("not_led_households"))
    left, _ = score_by_jurisdiction(problem, plan)
    unled, price_m = unanchored_by_jurisdiction(problem, plan), objectives_of(problem.rules).area_price_m
    steps = step_budget(QUICK_STEPS, has_time=has_time)
    metres = metres_bounds(problem, left, steps, plan=plan, unled=unled, on_multipliers=paid.at("household_metres"))
    cost = None
    if price_m is not None:
        cost, _ = metres_bounds(
            problem, left, steps, plan=plan, unled=unled, area_m=price_m, on_multipliers=paid.at("walks_and_areas")
        )
    bound = _assemble(problem, plan, least_left, of_all, not_led, metres, cost)
    return replace(bound, paid=paid.levels)


def _assemble(
    problem: Problem,
    plan: Plan,
    least_left: Mapping[int, int],
    of_all: int,
    not_led: int | None,
    least_by_wall: tuple[int, Mapping[int, int]],
    least_cost: int | None,
) -> Certificate:
    """What was proven behind each wall and of all, beside the plan."""
    least_metres, by_wall = least_by_wall
    worth, (left, metres) = score(problem, plan), score_by_jurisdiction(problem, plan)
    unled, listed = unanchored_by_jurisdiction(problem, plan), bound_by_listing(problem)
    least_metres = min(least_metres, worth.household_metres)
    mode = problem.rules.mode
    method = METRES_METHOD[mode]
    if worth.household_metres == 0:  # metres are never negative
        least_metres, method = 0, "never_negative"
    streets = tuple(
        JurisdictionBound(
            wall,
            left[wall],
            least_left[wall],
            metres[wall],
            min(by_wall[wall], metres[wall]) if wall in by_wall else None,
            unled[wall],
        )
        for wall in left
    )
    by_streets = sum(least_left.values())
    how = LEFT_OVER_METHOD[mode] if by_streets >= of_all else "companies"
    return Certificate(
        max(by_streets, of_all),
        least_metres,
        how,
        method,
        streets,
        unled_households=_greater(
            _unanchored_bound_of(not_led, worth),
            listed.unled if worth.left_over_households <= listed.left_over else None,
        ),
        not_led_households=not_led,
        walks_and_areas=_cap_bound(least_cost, walking_with_area_price(problem, plan)),
    )


def _cap_bound(bound: int | None, value: int | None) -> int | None:
    """A bound, no more than the value it is beside; None where there is none."""
    return None if bound is None or value is None else min(bound, value)


def _unanchored_bound_of(not_led: int | None, worth: Score) -> int | None:
    """Households in areas without an anchor, where no more are left over than a plan leaves."""
    return None if not_led is None else max(0, not_led - worth.left_over_households)


def transfer_certificate(problem: Problem, before: Plan, bound: Certificate, plan: Plan) -> Certificate:
    """What is proven of all plans beside one plan, beside another of the same problem.

    The metres of plans that leave no more households over than the other plan, and lead no fewer,
    are bounded only where that leaves no more over than the first, and leads no fewer.

    Parameters
    ----------
    problem
        What must be decided.
    before, bound
        A plan, and the bounds beside it.
    plan
        The other plan.
    """
    worth, at_first = score(problem, plan), score(problem, before)
    left, metres = score_by_jurisdiction(problem, plan)
    most, unled = (unanchored_by_jurisdiction(problem, one) for one in (before, plan))
    least, method = bound.household_metres, bound.metres_method
    is_wider = worth.left_over_households > at_first.left_over_households
    is_wider = is_wider or sum(unled.values()) > sum(most.values())
    if worth.household_metres == 0:
        least, method = 0, "never_negative"
    elif least is None or is_wider:
        least, method = None, ""
    else:
        least = min(least, worth.household_metres)
    streets = tuple(
        JurisdictionBound(
            one.wall,
            left[one.wall],
            one.least_left_over,
            metres[one.wall],
            None
            if one.least_metres is None or left[one.wall] > one.left_over_households or unled[one.wall] > most[one.wall]
            else min(one.least_metres, metres[one.wall]),
            unled[one.wall],
        )
        for one in bound.streets
    )
    return replace(
        bound,
        household_metres=least,
        metres_method=method,
        streets=streets,
        unled_households=_greater(
            _unanchored_bound_of(bound.not_led_households, worth),
            None if worth.left_over_households > at_first.left_over_households else bound.unled_households,
        ),
        walks_and_areas=None if is_wider else _cap_bound(bound.walks_and_areas, walking_with_area_price(problem, plan)),
    )


def _join_certificates(one: Certificate, other: Certificate) -> Certificate:
    """Of two certificates beside one plan the greater bound of each level, and the multipliers of both."""
    left, metres = one, one
    if (other.left_over_households or 0) > (one.left_over_households or 0):
        left = other
    if (other.household_metres or 0) > (one.household_metres or 0):
        metres = other
    of_wall = {street.wall: street for street in other.streets}
    streets = tuple(
        replace(
            street,
            least_left_over=max(street.least_left_over, of_wall[street.wall].least_left_over),
            least_metres=_greater(street.least_metres, of_wall[street.wall].least_metres),
        )
        for street in one.streets
    )
    return Certificate(
        left.left_over_households,
        metres.household_metres,
        left.left_over_method,
        metres.metres_method,
        streets,
        unled_households=_greater(one.unled_households, other.unled_households),
        not_led_households=_greater(one.not_led_households, other.not_led_households),
        walks_and_areas=_greater(one.walks_and_areas, other.walks_and_areas),
        paid={name: [*one.paid.get(name, []), *other.paid.get(name, [])] for name in {**one.paid, **other.paid}},
    )


def _greater(one: int | None, other: int | None) -> int | None:
    """The greater of two bounds, of which either may be none."""
    return max((bound for bound in (one, other) if bound is not None), default=None)
