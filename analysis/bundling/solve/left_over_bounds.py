"""Lower bounds of the households left over: Lagrangian and knapsack relaxations, a linear programme of companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from analysis.bundling.evaluation.company_allowance import capacity_within_allowance
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.rules import Mode
from analysis.bundling.solve.certificate import Multipliers
from analysis.bundling.solve.incumbents import Incumbent
from analysis.bundling.solver.base.bound_limits import QUICK_BUDGET, BoundBudget, BoundLimits
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units, split_lead, split_whole
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.listed_areas import list_levels
from analysis.bundling.solver.exact.listed_groups import solve_groups
from analysis.bundling.solver.exact.subproblem_bound import SubproblemBound, bound_subproblem
from analysis.bundling.solver.parallel import bound_parts


def left_over_bound(problem: Problem, budget: BoundBudget = QUICK_BUDGET) -> int:
    """Households that every plan leaves over: `left_over_by_jurisdiction`, or what R15 proves of the city.

    Parameters
    ----------
    problem
        The problem.
    budget
        What the bound may cost.
    """
    return max(sum(left_over_by_jurisdiction(problem, budget).values()), city_left_over_bound(problem))


def city_left_over_bound(problem: Problem, on_multipliers: Callable[[Multipliers], None] = lambda _: None) -> int:
    """Households that every plan leaves over because of what couples streets.

    That is what companies may take on (R15), and a given number of areas.

    Parameters
    ----------
    problem
        The problem.
    on_multipliers
        Called with what proves the bound.
    """
    by_companies = company_bound(relax_rounding(problem), on_multipliers)
    return max(by_companies, area_count_bound(problem), bound_by_listing(problem).left_over)


def unanchored_bound(
    problem: Problem,
    budget: BoundBudget = QUICK_BUDGET,
    *,
    workers: int = 1,
    on_multipliers: Callable[[Multipliers], None] = lambda _: None,
) -> int | None:
    """Households that every plan of mode "mixed" leaves over or has in areas without an anchor.

    Its areas with an anchor are a plan of mode "lead" that leaves them all over; None in other modes.

    Parameters
    ----------
    problem
        The problem.
    budget
        What the bound may cost.
    workers
        Parts bounded at a time.
    on_multipliers
        Called with what proves the bound.
    """
    if problem.rules.mode != "mixed":
        return None
    lead = replace_mode(problem, "lead")
    by_wall = left_over_by_jurisdiction(lead, budget, workers=workers, on_multipliers=on_multipliers)
    return max(sum(by_wall.values()), city_left_over_bound(lead, on_multipliers))


@dataclass(frozen=True)
class ListedBounds:
    """What listing proves of all plans of mode "mixed", groups that a company couples (R15) together.

    Parameters
    ----------
    left_over
        Households that every plan leaves over.
    unled
        Households in areas without an anchor, of every plan that leaves no more over than that.
    cost
        Household-metres, and areas at their price, of every plan that is no worse at both; None where some group is
        not listed.
    """

    left_over: int
    unled: int
    cost: int | None


def bound_by_listing(problem: Problem, *, area_m: int = 0) -> ListedBounds:
    """What listing the areas of groups proves of a problem; nothing in modes other than "mixed".

    Parameters
    ----------
    problem
        The problem.
    area_m
        Household-metres that each area costs.
    """
    if problem.rules.mode != "mixed":
        return ListedBounds(0, 0, None)
    problem = relax_rounding(problem)
    groups = [
        group
        for group in solve_groups(problem, area_m=area_m, by_company=True, spare_m2=1)
        if problem.is_settled[group.units].all()
    ]
    alone = problem.is_target & problem.is_settled & ~can_join_area(problem)
    is_known = ~problem.is_target
    for group in groups:
        is_known[group.units], alone[group.units] = group.is_proven, False
    left = sum(group.left_over for group in groups) + int(problem.households[alone].sum())
    cost = int(np.ceil(sum(group.cost for group in groups) * (1 - 1e-9) - 1e-6)) if is_known.all() else None
    return ListedBounds(left, sum(group.unled for group in groups), cost)


def can_join_area(problem: Problem) -> np.ndarray:
    """(n,) bool: units that some anchor reaches through units it may take in, or that a group without one holds.

    Parameters
    ----------
    problem
        Of mode "mixed", roundings given back (`relax_rounding`).
    """
    found = np.zeros(problem.n_units, dtype=bool)
    for part in split_lead(problem):
        found[part.units[reachable_units(part)]] = True
    for part in split_whole(problem, np.flatnonzero(problem.is_target)):
        found[part.units] = True
    return found


def left_over_by_jurisdiction(
    problem: Problem,
    budget: BoundBudget = QUICK_BUDGET,
    *,
    workers: int = 1,
    on_incumbent: Callable[[Incumbent], None] = lambda _: None,
    on_multipliers: Callable[[Multipliers], None] = lambda _: None,
) -> dict[int, int]:
    """Households that every plan leaves over behind each wall, by its label.

    Counted are units no anchor can reach through neighbours it may take in (stages with anchors)
    and that lie in no connected group heavy enough for an area, or are too heavy themselves
    (stages without). In modes "whole" and "mixed" small groups are solved to the end by listing their areas. In
    mode "lead" the anchors' capacity counts too, for each part by a fractional knapsack of all
    anchors together and by one exact knapsack an anchor, whichever proves more. Further bounds
    (`PlanRules.bounds`) count as too light and too heavy do; of what walks they forbid nothing is
    asked, so a bound of metres holds with them as without. Streets that codes do not settle
    (`CellProblem.is_settled`) are not counted, and floor areas get back the m² that whole numbers
    cost them.

    Parameters
    ----------
    problem
        What must be decided.
    budget, workers
        See `parallel.bound_parts`.
    on_incumbent
        Told of plans of parts met on the way; see `incumbents.adopt_incumbents`.
    on_multipliers
        Told the multipliers that prove what knapsacks do, mode "lead".

    Returns
    -------
    Households; valid for every plan of the problem, not always attainable.
    """
    mode = problem.rules.mode
    problem = relax_rounding(problem)
    can_join = ~problem.is_settled
    least = dict.fromkeys(np.unique(problem.jurisdiction).tolist(), 0)
    if mode != "whole":
        parts = split_lead(problem)
        for part in parts:
            can_join[part.units[reachable_units(part)]] = True
        settled = [part for part in parts if problem.is_settled[part.units].all()]
        if mode == "lead":
            prices = problem.households.astype(float)

            def over_capacity(k: int, limits: BoundLimits) -> int:
                part, inside = settled[k], reachable_units(settled[k])
                least, found = lagrangian_left_over(part, inside, limits)
                on_incumbent(Incumbent(part, found.labels))
                if found.prices is not None:
                    prices[part.units[inside]] = found.prices[inside]
                return max(fractional_knapsack_left_over(part, inside), least)

            found = bound_parts(settled, over_capacity, budget, workers=workers)
            on_multipliers(Multipliers(1.0, 0.0, prices))
            for part, people in zip(settled, found, strict=True):
                least[int(problem.jurisdiction[part.units[0]])] += people
    if mode == "mixed":
        for group in solve_groups(problem):
            if problem.is_settled[group.units].all():
                can_join[group.units] = True
                least[int(problem.jurisdiction[group.units[0]])] += group.left_over
    if mode != "lead":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            can_join[part.units] = True
            if mode == "whole" and problem.is_settled[part.units].all():
                listed = list_levels(part)
                least[int(problem.jurisdiction[part.units[0]])] += 0 if listed is None else listed.left_over
    outside = problem.is_target & ~can_join
    for label, people in zip(problem.jurisdiction[outside], problem.households[outside], strict=True):
        least[int(label)] += int(people)
    return least


def replace_mode(problem: Problem, mode: Mode) -> Problem:
    """The problem as it were in another mode.

    Parameters
    ----------
    problem
        The problem.
    mode
        "lead", "whole" or "mixed".
    """
    return replace(problem, rules=replace(problem.rules, mode=mode))


@lru_cache(maxsize=2)
def relax_rounding(problem: Problem) -> Problem:
    """The problem with the m² given back that whole numbers took from anchors and from bounds.

    Walks are all that is bounded, whatever objectives are named. No anchor takes in more than its
    company may take on (R15); that several anchors have one company is not asked.
    """
    half = -(-problem.n_units // 2)  # rounding unit by unit moves a sum of m² by no more
    rules = problem.rules
    wider = tuple(
        bound
        if bound.weight != "floor_area"
        else replace(bound, lower=max(0, bound.lower - half), upper=None if bound.upper is None else bound.upper + half)
        for bound in rules.bounds
    )
    if rules.weight == "floor_area":
        rules = replace(rules, lower=max(0, rules.lower - half), upper=rules.upper + half)
    return replace(
        problem,
        load=np.maximum(problem.load - 1, 0),
        capacity=capacity_within_allowance(problem) + 1,
        largest=problem.largest + 1,
        rules=replace(rules, objective=(), bounds=wider),
        move_m=0,
        preferences=None,
    )


def lagrangian_left_over(part: Subproblem, inside: np.ndarray, limits: BoundLimits) -> tuple[int, SubproblemBound]:
    """Households among the units `inside` that no choice of areas takes in, and what proves it.

    Parameters
    ----------
    part
        Of stage "lead".
    inside
        (n,) bool: units that an area may take in at all.
    limits
        What the bound may use.
    """
    free = replace(part, cost=np.where(part.cost >= 0, 0, -1), opening=0 * part.opening)
    labels = construct(part)
    aim = float(evaluate(free, labels).left_over_households)
    found = bound_subproblem(free, labels, left_over=1.0, area=0.0, aim=aim, limits=limits)
    outside = float(part.households[~inside].sum())  # counted by whoever asks
    return max(0, int(np.ceil(found.cost - outside - 1e-6))), found


def fractional_knapsack_left_over(part: Subproblem, inside: np.ndarray) -> int:
    """Households among the units `inside` that the anchors' joint capacity cannot take.

    The units with most households for their load are taken first, the last one in part: no
    selection of whole units covers more.

    Parameters
    ----------
    part
        A subproblem of stage "lead".
    inside
        (n,) bool, which units of the part are asked about.
    """
    units = np.flatnonzero(inside)
    load, households = part.load[units].astype(float), part.households[units]
    order = np.argsort(-households / np.maximum(load, 1e-9), kind="stable")
    room = float(part.capacity.sum())
    before = np.cumsum(load[order]) - load[order]
    share = np.clip((room - before) / np.maximum(load[order], 1e-9), 0.0, 1.0)
    covered = float((share * households[order]).sum())
    return max(0, int(np.ceil(households.sum() - covered - 1e-6)))


def company_bound(problem: Problem, on_multipliers: Callable[[Multipliers], None] = lambda _: None) -> int:
    """Households every plan leaves over because of R13 and R15; 0 in mode "whole".

    A linear programme over the city: parts of units go to anchors that reach them, so that most
    households are covered. In mode "mixed" only units that no area without an anchor can take are
    asked about. Streets that codes do not settle are not counted.

    Parameters
    ----------
    problem
        The problem.
    on_multipliers
        Called with what proves the bound.
    """
    companies = problem.companies
    if companies is None or problem.rules.mode == "whole":
        return 0
    needs_anchor = problem.is_target.copy()
    if problem.rules.mode == "mixed":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            needs_anchor[part.units] = False
    alone = needs_anchor & problem.is_settled
    households, load, unit, anchor, places = [], [], [], [], []
    n_units = 0
    for part in split_lead(problem):
        inside = np.flatnonzero(reachable_units(part) & needs_anchor[part.units])
        alone[part.units[inside]] = False
        if not problem.is_settled[part.units].all():
            continue
        numbers = np.searchsorted(problem.anchors, part.units[part.anchors])
        k, i = np.nonzero(part.cost[:, inside] >= 0)
        unit.append(n_units + i)
        anchor.append(numbers[k])
        households.append(part.households[inside])
        load.append(part.load[inside])
        places.append(part.units[inside])
        n_units += len(inside)
    n_alone = int(problem.households[alone].sum())
    if not n_units:
        return n_alone
    row, column = np.concatenate(unit), np.concatenate(anchor)
    people, loads = np.concatenate(households), np.concatenate(load)
    held = np.flatnonzero(companies.of_anchor[column] >= 0)
    pairs = np.arange(len(row))
    rows = [
        coo_array((np.ones(len(row)), (row, pairs)), shape=(n_units, len(row))),
        coo_array((loads[row], (column, pairs)), shape=(len(problem.anchors), len(row))),
        coo_array((loads[row[held]], (companies.of_anchor[column[held]], held)), shape=(len(companies.ids), len(row))),
    ]
    limits = [np.ones(n_units), problem.capacity, companies.allowance + 1]
    found = linprog(  # type: ignore[call-overload]
        -people[row], A_ub=vstack(rows), b_ub=np.concatenate(limits), method="highs"
    )
    if not found.success:
        return n_alone
    covered = -float(found.fun)
    duals = -np.asarray(found.ineqlin.marginals)
    prices = np.where(alone, problem.households, 0).astype(float)
    prices[np.concatenate(places)] = people - duals[:n_units]
    rooms = duals[n_units + len(problem.anchors) :].tolist()
    on_multipliers(Multipliers(1.0, 0.0, prices, dict(zip(companies.ids.astype(str), rooms, strict=True))))
    return n_alone + max(0, int(np.ceil(people.sum() - covered * (1 + 1e-9) - 1e-6)))


def area_count_bound(problem: Problem) -> int:
    """Households that so few areas leave over: together they hold no more than the most each.

    Whatever one weight has too much of is left over, units with the fewest households for it first
    and the last one in part: no choice of whole units leaves fewer. The weight that proves most
    counts.
    """
    rules = problem.rules
    if rules.areas is None or rules.mode != "whole":
        return 0
    people = problem.households[problem.is_target]
    least = 0
    for size in problem.sizes:
        if size.upper is None:
            continue
        weight = size.weight[problem.is_target]
        rounding = len(weight) / 2 if size.name == "floor_area" else 0  # unit by unit, to whole m²
        too_much = weight.sum() - rules.areas * size.upper - rounding
        least = max(least, _fewest_for(people, weight, too_much))
    return least


def _fewest_for(households: np.ndarray, weight: np.ndarray, amount: float) -> int:
    """Households that units of some weight have at least."""
    units = np.flatnonzero(weight > 0)
    units = units[np.argsort(households[units] / weight[units], kind="stable")]
    before = np.cumsum(weight[units]) - weight[units]
    share = np.clip((amount - before) / weight[units], 0.0, 1.0)
    return int(np.ceil(float(share @ households[units]) * (1 - 1e-9) - 1e-6))
