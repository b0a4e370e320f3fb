"""Lower bounds of household-metres: Lagrangian relaxation of the households left over; the gap a search may end at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.certificate import Multipliers
from analysis.bundling.solve.incumbents import Incumbent
from analysis.bundling.solve.left_over_bounds import (
    bound_by_listing,
    city_left_over_bound,
    left_over_by_jurisdiction,
    relax_rounding,
    replace_mode,
)
from analysis.bundling.solve.plan_labels import label_part
from analysis.bundling.solver.base.bound_limits import BoundBudget, BoundLimits, scale_budget
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units, split_lead, split_whole
from analysis.bundling.solver.base.work_log import NO_TIME
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.listed_areas import list_levels
from analysis.bundling.solver.exact.listed_groups import solve_groups
from analysis.bundling.solver.exact.subproblem_bound import bound_subproblem
from analysis.bundling.solver.parallel import bound_parts

PRICES = (1.0, 4.0, 16.0)
"""Of a household left over, in usual walks."""

PRICES_MIXED = (1 / 16, 1 / 4, 1.0, 4.0)
"""The same where most of an area may be led as well, so that leaving its others over costs less."""


def metres_bounds(
    problem: Problem,
    left_over: Mapping[int, int],
    budget: BoundBudget,
    *,
    plan: Plan | None = None,
    workers: int = 1,
    unled: Mapping[int, int] | None = None,
    area_m: int = 0,
    on_incumbent: Callable[[Incumbent], None] = lambda _: None,
    on_multipliers: Callable[[Multipliers], None] = lambda _: None,
) -> tuple[int, dict[int, int]]:
    """Household-metres of every plan that leaves no more households over than given.

    At a price p a household the cost L(p) of every plan is bounded part by part; a plan that
    leaves at most b over walks at least L(p) − p·b. The best of a few prices counts. Streets that
    codes do not settle count as 0.

    In mode "mixed" the walks of areas with an anchor and of those without are bounded apart, and
    their bounds add up. The areas with one are a plan of mode "lead" in which all others are left
    over; those without one must hold whom no anchor reaches and who is not left over.

    Parameters
    ----------
    problem
        What must be decided.
    left_over
        Households behind each wall, by its label; those of a plan at hand for instance.
    unled
        The same of households in areas without an anchor, mode "mixed": then the bound is of plans
        that have no more of these, either.
    area_m
        Household-metres that each area costs besides, so that both are bounded together.
    plan
        One at hand: whoever knows what can be had gets closer to it.
    budget, workers
        See `parallel.bound_parts`.
    on_incumbent
        Told of better plans of parts met on the way, not in mode "mixed"; see `incumbents.adopt_incumbents`.
    on_multipliers
        Told the multipliers that prove most, as far as knapsacks do.

    Returns
    -------
    of_all, by_wall
        Of all plans that leave no more over altogether, and behind each wall of those that leave
        no more over there.
    """
    if problem.rules.mode != "mixed":
        pricing = _PricedRelaxation.of(problem, plan, budget, workers, on_incumbent, area_m=area_m)
        found = _bound_metres(pricing, left_over)
        if found.paid is not None:
            on_multipliers(found.paid)
        if problem.rules.mode == "whole":
            return _raise_by_listing(pricing, left_over, found)
        return found.of_all, found.by_wall
    listed = _listed_metres(problem, left_over, unled or {}, area_m)
    walls = None if listed.of_all is None else set(left_over) - listed.by_wall.keys()
    led, others = (None, None) if plan is None else split_by_anchor(plan)
    not_led = {wall: left + (unled or {}).get(wall, 0) for wall, left in left_over.items()}
    of_led = _PricedRelaxation.of(
        replace_mode(problem, "lead"), led, scale_budget(budget, 0.6), workers, _ignore, area_m=area_m, walls=walls
    )
    one = _bound_metres(of_led, not_led)
    of_others = _PricedRelaxation.of(
        replace_mode(problem, "whole"),
        others,
        budget,
        workers,
        _ignore,
        area_m=area_m,
        counted=_find_unreachable(problem),
        walls=walls,
    )
    other = _bound_metres(of_others, left_over, PRICES_MIXED)
    nothing = Multipliers(0.0, 0.0, np.zeros(problem.n_units))
    if one.paid is not None or other.paid is not None:
        on_multipliers((one.paid or nothing).plus(other.paid))
    by_wall = {wall: one.by_wall.get(wall, 0) + other.by_wall.get(wall, 0) for wall in {*one.by_wall, *other.by_wall}}
    by_wall = {wall: max(by_wall.get(wall, 0), listed.by_wall.get(wall, 0)) for wall in {*by_wall, *listed.by_wall}}
    return max(one.of_all + other.of_all, listed.of_all or 0), by_wall


@dataclass(frozen=True, eq=False)
class _MetresBound:
    """Metres of all and by wall, and multipliers that prove them; None where prices prove nothing."""

    of_all: int
    by_wall: dict[int, int]
    paid: Multipliers | None


def split_by_anchor(plan: Plan) -> tuple[Plan, Plan]:
    """The plan's areas with an anchor alone, and those without one alone."""
    is_led = np.append(plan.anchor_of >= 0, False)[plan.area_of]
    led = np.where(is_led, plan.area_of, LEFT_OVER)
    others = np.where(is_led, LEFT_OVER, plan.area_of)
    return Plan(led, plan.anchor_of), Plan(others, plan.anchor_of)


def _ignore(_: Incumbent) -> None:
    """Nobody is told."""


def _find_unreachable(problem: Problem) -> np.ndarray:
    """(n,) bool: targets that no anchor reaches through units it may take in."""
    problem = relax_rounding(problem)
    can_be_led = ~problem.is_settled
    for part in split_lead(problem):
        can_be_led[part.units[reachable_units(part)]] = True
    return problem.is_target & ~can_be_led


def _bound_metres(
    pricing: _PricedRelaxation, left_over: Mapping[int, int], prices: tuple[float, ...] = PRICES
) -> _MetresBound:
    """What `metres_bounds` says of the areas of one kind."""
    most = pricing.left_inside(left_over)
    budget = pricing.budget
    of_all, by_wall, best_price = 0.0, dict.fromkeys(most, 0.0), pricing.usual
    paid: Multipliers | None = None
    most_by_prices = -np.inf
    for price in (*(pricing.usual * factor for factor in prices), None):
        is_last = price is None  # the best of them, for longer
        if is_last and not budget(1.0).has_time():
            break
        at = best_price if price is None else price
        cost, found = pricing.least_costs(at, 1.0 if is_last else 0.15, is_for_long=is_last)
        reached = sum(cost.values()) - at * sum(most.values())
        if reached > of_all:
            of_all, best_price = reached, at
        by_prices = found.cost - at * sum(most.values())
        if by_prices > most_by_prices:
            most_by_prices, paid = by_prices, Multipliers(at, 0.0, found.prices)
        by_wall = {k: max(by_wall[k], cost.get(k, 0.0) - at * most[k]) for k in most}
    return _MetresBound(_whole(of_all), {k: _whole(metres) for k, metres in by_wall.items()}, paid)


def _raise_by_listing(
    pricing: _PricedRelaxation, left_over: Mapping[int, int], found: _MetresBound
) -> tuple[int, dict[int, int]]:
    """The bounds of mode "whole", raised where all areas of all parts behind a wall could be listed.

    Whoever leaves no more over behind a wall than must be leaves the fewest over in every part there. Where that is so
    behind every wall, it is so of all plans that leave no more over altogether.
    """
    problem, parts = pricing.problem, pricing.parts
    if not problem.is_settled.all():
        return found.of_all, found.by_wall
    walls = [int(problem.jurisdiction[part.units[0]]) for part in parts]
    left = dict.fromkeys(found.by_wall, 0)
    cost, unknown = dict.fromkeys(found.by_wall, 0.0), set[int]()
    for part, wall in zip(parts, walls, strict=True):
        listed = None if wall in unknown else list_levels(part, float(pricing.area_m))
        if listed is None or not listed.is_proven:
            unknown.add(wall)
            continue
        left[wall] += listed.left_over
        cost[wall] += listed.cost
    most = pricing.left_inside(left_over)
    exact = {wall for wall in found.by_wall if wall not in unknown and most[wall] == left[wall]}
    by_wall = {k: max(metres, _whole(cost[k])) if k in exact else metres for k, metres in found.by_wall.items()}
    if len(exact) < len(by_wall):
        return found.of_all, by_wall
    return max(found.of_all, sum(by_wall.values())), by_wall


@dataclass(frozen=True, eq=False)
class _ListedMetres:
    """What listing proves of plans of mode "mixed" that are no worse than one at hand.

    `of_all`: None where some group is not listed or the plan not as good as it can be; `by_wall`: those where all that
    is so.
    """

    of_all: int | None
    by_wall: dict[int, int]


def _listed_metres(
    problem: Problem, left_over: Mapping[int, int], unled: Mapping[int, int], area_m: int
) -> _ListedMetres:
    """Bounds where every group is listed, and the plan at hand leaves over, and has led by nobody, what must be."""
    listed = bound_by_listing(problem, area_m=area_m)
    is_as_good = sum(left_over.values()) <= listed.left_over and sum(unled.values()) <= listed.unled
    problem = relax_rounding(problem)
    least: dict[int, list[float]] = {}
    is_known = ~problem.is_target
    for group in solve_groups(problem, area_m=area_m):
        if group.is_proven and problem.is_settled[group.units].all():
            is_known[group.units] = True
            values = least.setdefault(int(problem.jurisdiction[group.units[0]]), [0.0, 0.0, 0.0])
            for k, value in enumerate((group.left_over, group.unled, group.cost)):
                values[k] += value
    unknown = set(problem.jurisdiction[~is_known].tolist())
    exact = {
        wall: _whole(cost)
        for wall, (left, others, cost) in least.items()
        if wall not in unknown and left_over.get(wall, 0) <= left and unled.get(wall, 0) <= others
    }
    return _ListedMetres(listed.cost if is_as_good else None, exact)


def metres_bound_function(
    problem: Problem, budget: BoundBudget, *, area_m: int = 0, workers: int = 1
) -> Callable[[int], int] | None:
    """From the households that a plan may leave over to metres that it then walks at least.

    A quick `metres_bounds` for plans not known yet: L(p) is found once for each price.

    Parameters
    ----------
    problem, budget, area_m, workers
        As there.

    Returns
    -------
    None where nothing is claimed.
    """
    if problem.rules.mode == "mixed":  # it depends on who is led, too
        return None
    pricing = _PricedRelaxation.of(problem, None, budget, workers, _ignore, area_m=area_m)
    surely = sum(pricing.surely_left().values())
    costs = {
        pricing.usual * factor: sum(pricing.least_costs(pricing.usual * factor, 0.3, is_for_long=False)[0].values())
        for factor in PRICES
    }

    def least(left_over: int) -> int:
        inside = max(0, left_over - surely)
        return max(0, *(_whole(cost - price * inside) for price, cost in costs.items()))

    return least


@dataclass(frozen=True, eq=False)
class _PricedRelaxation:
    """What parts cost at least where households left over have a price, behind each wall."""

    problem: Problem
    split: tuple[Subproblem, ...]
    counted: np.ndarray
    parts: list[Subproblem]
    labels: list[np.ndarray]
    budget: BoundBudget
    workers: int
    on_incumbent: Callable[[Incumbent], None]
    area_m: int

    @classmethod
    def of(
        cls,
        problem: Problem,
        plan: Plan | None,
        budget: BoundBudget,
        workers: int,
        on_incumbent: Callable[[Incumbent], None],
        *,
        counted: np.ndarray | None = None,
        area_m: int = 0,
        walls: Collection[int] | None = None,
    ) -> _PricedRelaxation:
        """The parts of a problem of mode "lead" or "whole".

        Parameters
        ----------
        counted
            (n,) bool: units whose households have the price when they are left over; None = all.
        area_m
            Price of each area.
        walls
            Labels of the jurisdictions whose parts are asked about; None = all.
        """
        problem = relax_rounding(problem)
        counted = np.ones(problem.n_units, dtype=bool) if counted is None else counted
        targets = np.flatnonzero(problem.is_target)
        is_lead = problem.rules.mode == "lead"
        split = split_lead(problem) if is_lead else split_whole(problem, targets)
        parts = [
            replace(part, households=part.households * counted[part.units])
            for part in split
            if problem.is_settled[part.units].all()
            if walls is None or int(problem.jurisdiction[part.units[0]]) in walls
        ]
        labels = [
            construct(part) if plan is None else drop_infeasible_areas(part, label_part(part, plan)) for part in parts
        ]
        return cls(problem, split, counted, parts, labels, budget, workers, on_incumbent, area_m)

    def surely_left(self) -> dict[int, int]:
        """Households behind each wall that no plan has in an area, for they are in no part."""
        inside = np.zeros(self.problem.n_units, dtype=bool)
        for part in self.split:
            inside[part.units] = True
        surely = self.problem.is_target & self.problem.is_settled & ~inside & self.counted
        found = dict.fromkeys(np.unique(self.problem.jurisdiction).tolist(), 0)
        for label, people in zip(self.problem.jurisdiction[surely], self.problem.households[surely], strict=True):
            found[int(label)] += int(people)
        return found

    def left_inside(self, left_over: Mapping[int, int]) -> dict[int, int]:
        """What may be left over inside the parts when so many are in all, behind each wall."""
        surely = self.surely_left()
        return {int(k): max(0, int(left) - surely[int(k)]) for k, left in left_over.items()}

    @property
    def usual(self) -> float:
        """A usual walk: the least price tried."""
        walks = self.problem.walks
        return float(np.median(walks.data)) if walks.nnz else 1.0

    def least_costs(self, price: float, of: float, *, is_for_long: bool) -> tuple[dict[int, float], _KnapsackBound]:
        """Least cost behind each wall that has a part, at a price; and what knapsacks alone prove."""
        prices = price * self.problem.households * self.counted
        for part in self.parts:
            prices[part.units[_is_inside(part)]] = 0.0

        def least(k: int, limits: BoundLimits) -> tuple[float, float]:
            part, labels = self.parts[k], self.labels[k]
            worth = evaluate(part, labels)
            known = worth.household_metres + price * worth.left_over_households
            known += self.area_m * worth.n_areas
            found = bound_subproblem(
                part,
                labels,
                left_over=price,
                area=float(self.area_m),
                aim=float(known),
                limits=limits if is_for_long else replace(limits, has_time=NO_TIME),
            )
            if found.prices is not None:
                inside = _is_inside(part)
                prices[part.units[inside]] = found.prices[inside]
            if found.labels is not labels:
                self.on_incumbent(Incumbent(part, found.labels))
            return found.cost, found.priced

        cost: dict[int, float] = {}
        found = bound_parts(self.parts, least, self.budget, of=of, workers=self.workers)
        for part, (at_least, _) in zip(self.parts, found, strict=True):
            wall = int(self.problem.jurisdiction[part.units[0]])
            cost[wall] = cost.get(wall, 0.0) + at_least
        return cost, _KnapsackBound(sum(priced for _, priced in found), prices)


@dataclass(frozen=True, eq=False)
class _KnapsackBound:
    """The cost of all parts together that (n,) prices of units prove by knapsacks alone."""

    cost: float
    prices: np.ndarray


def _is_inside(part: Subproblem) -> np.ndarray:
    """(n,) bool: units of a part that an area may take in at all."""
    return reachable_units(part) if part.stage == "lead" else np.ones(part.n_units, dtype=bool)


def _whole(metres: float) -> int:
    """The least whole number that a bound proves, rounding of floats allowed for."""
    return int(np.ceil(metres * (1 - 1e-9) - 1e-6))


@dataclass(frozen=True, eq=False)
class GapCriterion:
    """Bounds made before a search.

    Parameters
    ----------
    left_over
        Households that every plan leaves over behind each wall, by its label.
    least_left_over
        The same of all of them together.
    metres
        From the households a plan may leave over to household-metres it then walks at least, each area
        counting `area_m` of them; None = nothing is claimed.
    area_m
        Household-metres an area costs.
    """

    left_over: dict[int, int]
    least_left_over: int
    metres: Callable[[int], int] | None
    area_m: int = 0

    def within_gap(self, worth: Score, gap: float) -> bool:
        """Whether (value − bound) is no more than a share of the value, at both levels.

        Parameters
        ----------
        worth
            Score of a plan.
        gap
            Share of the value, 0 to 1.
        """
        if worth.left_over_households - self.least_left_over > gap * worth.left_over_households:
            return False
        metres = 0 if self.metres is None else self.metres(worth.left_over_households)
        cost = worth.household_metres + self.area_m * worth.n_areas
        return cost - metres <= gap * cost


def build_gap_criterion(problem: Problem, budget: BoundBudget, *, workers: int = 1) -> GapCriterion:
    """Bounds of every plan of a problem.

    Parameters
    ----------
    problem
        What must be decided.
    budget, workers
        See `parallel.bound_parts`.
    """
    left_over = left_over_by_jurisdiction(problem, budget, workers=workers)
    least = max(sum(left_over.values()), city_left_over_bound(problem))
    area_m = objectives_of(problem.rules).area_price_m or 0
    metres = metres_bound_function(problem, budget, area_m=area_m, workers=workers)
    return GapCriterion(left_over, least, metres, area_m)
