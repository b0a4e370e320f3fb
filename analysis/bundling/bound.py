"""What no plan can do better than: lower bounds of the households left over, and of the metres."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from time import perf_counter
from typing import TypeVar

import numpy as np

from analysis.bundling.conditions.companies import within_allowance
from analysis.bundling.construct import construct
from analysis.bundling.parts import Part, reachable, split_lead, split_whole
from analysis.bundling.plan import LEFT_OVER, Plan
from analysis.bundling.problem import Problem
from analysis.bundling.proving.company_bound import left_over_by_companies
from analysis.bundling.proving.met import Met
from analysis.bundling.proving.proof import bound_part
from analysis.bundling.rules import Mode
from analysis.bundling.search import sound_labels, value
from analysis.bundling.searching.number import least_left_over

T = TypeVar("T")
GoesOn = Callable[[int], bool]
"""Asked before every step of a part's relaxation with its number."""

SecondsLeft = Callable[[], float]

Budget = Callable[[float], tuple[GoesOn, SecondsLeft]]
"""From the share of the time left that a part's bound may use, 0 to 1, to what tells it whether
to go on from its steps done, and the seconds it has left."""


def some_steps(count: int, *, seconds: float = float("inf")) -> Budget:
    """A budget of so many steps for each part; without `seconds` it reads no clock.

    Examples
    --------
    >>> goes_on, seconds_left = some_steps(3)(0.5)
    >>> goes_on(2), goes_on(3), seconds_left()
    (True, False, 0.0)
    """
    ends = perf_counter() + seconds
    return lambda share: (lambda step: step < count and perf_counter() < ends, lambda: 0.0)


QUICK_STEPS = 40
QUICK = some_steps(QUICK_STEPS)

PRICES = (1.0, 4.0, 16.0)
"""Of a household left over, in usual walks."""

PRICES_BESIDE_ANCHORS = (1 / 16, 1 / 4, 1.0, 4.0)
"""The same where most of an area may be led as well, so that leaving its others over costs less."""


def left_over_bound(problem: Problem, budget: Budget = QUICK) -> int:
    """Households that every plan leaves over: `left_over_by_wall`, or what R15 proves of the city."""
    return max(sum(left_over_by_wall(problem, budget).values()), left_over_in_city(problem))


def left_over_in_city(problem: Problem) -> int:
    """Households that every plan leaves over because of what couples streets.

    That is what companies may take on (R15), and a given number of areas.
    """
    return max(left_over_by_companies(_with_slack(problem)), least_left_over(problem))


def not_led_bound(problem: Problem, budget: Budget = QUICK, *, workers: int = 1) -> int | None:
    """Households that every plan of mode "mixed" leaves over or has in areas without an anchor.

    Its areas with an anchor are a plan of mode "lead" that leaves them all over; None in other modes.
    """
    if problem.rules.mode != "mixed":
        return None
    lead = in_mode(problem, "lead")
    return max(
        sum(left_over_by_wall(lead, budget, workers=workers).values()), left_over_in_city(lead)
    )


def left_over_by_wall(
    problem: Problem,
    budget: Budget = QUICK,
    *,
    workers: int = 1,
    on_met: Callable[[Met], None] = lambda _: None,
) -> dict[int, int]:
    """Households that every plan leaves over behind each wall, by its label.

    Counted are units no anchor can reach through neighbours it may take in (stages with anchors)
    and that lie in no connected group heavy enough for an area, or are too heavy themselves
    (stages without). In mode "lead" the anchors' capacity counts too, for each part by a
    fractional knapsack of all anchors together and by one exact knapsack an anchor, whichever
    proves more. Further bounds (`PlanRules.bounds`) count as too light and too heavy do; of what
    walks they forbid nothing is asked, so a bound of metres holds with them as without. Streets
    that codes do not settle (`Problem.is_settled`) are not counted, and floor areas get back the
    m² that whole numbers cost them.

    Parameters
    ----------
    problem
        What must be decided.
    budget, workers
        See `over_parts`.
    on_met
        Told of plans of parts met on the way; see `met.with_met`.

    Returns
    -------
    Households; valid for every plan of the problem, not always attainable.
    """
    mode = problem.rules.mode
    problem = _with_slack(problem)
    can_join = ~problem.is_settled
    least = dict.fromkeys(np.unique(problem.wall).tolist(), 0)
    if mode != "whole":
        parts = split_lead(problem)
        for part in parts:
            can_join[part.units[reachable(part)]] = True
        settled = [part for part in parts if problem.is_settled[part.units].all()]
        if mode == "lead":

            def over_capacity(k: int, goes_on: GoesOn, seconds_left: SecondsLeft) -> int:
                part, inside = settled[k], reachable(settled[k])
                least, labels = households_no_anchor_takes(part, inside, goes_on, seconds_left)
                on_met(Met(part, labels))
                return max(households_above_capacity(part, inside), least)

            found = over_parts(settled, over_capacity, budget, workers=workers)
            for part, people in zip(settled, found, strict=True):
                least[int(problem.wall[part.units[0]])] += people
    if mode != "lead":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            can_join[part.units] = True
    outside = problem.is_target & ~can_join
    for label, people in zip(problem.wall[outside], problem.households[outside], strict=True):
        least[int(label)] += int(people)
    return least


def metres_bounds(
    problem: Problem,
    left_over: Mapping[int, int],
    budget: Budget,
    *,
    plan: Plan | None = None,
    workers: int = 1,
    unled: Mapping[int, int] | None = None,
    area_m: int = 0,
    on_met: Callable[[Met], None] = lambda _: None,
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
        See `over_parts`.
    on_met
        Told of better plans of parts met on the way, not in mode "mixed"; see `met.with_met`.

    Returns
    -------
    of_all, by_wall
        Of all plans that leave no more over altogether, and behind each wall of those that leave
        no more over there.
    """
    if problem.rules.mode != "mixed":
        pricing = _Pricing.of(problem, plan, budget, workers, on_met, area_m=area_m)
        return _least_metres(pricing, left_over)
    led, others = (None, None) if plan is None else by_anchor(plan)
    as_lead, unreached = in_mode(problem, "lead"), _reached_by_none(problem)
    not_led = {wall: left + (unled or {}).get(wall, 0) for wall, left in left_over.items()}
    one, one_by_wall = _least_metres(
        _Pricing.of(
            as_lead, led, lambda share: budget(0.6 * share), workers, _nobody, area_m=area_m
        ),
        not_led,
    )
    other, other_by_wall = _least_metres(
        _Pricing.of(
            in_mode(problem, "whole"),
            others,
            budget,
            workers,
            _nobody,
            counted=unreached,
            area_m=area_m,
        ),
        left_over,
        PRICES_BESIDE_ANCHORS,
    )
    by_wall = {
        wall: one_by_wall.get(wall, 0) + other_by_wall.get(wall, 0)
        for wall in {*one_by_wall, *other_by_wall}
    }
    return one + other, by_wall


def in_mode(problem: Problem, mode: Mode) -> Problem:
    """The problem as it were in another mode."""
    return replace(problem, rules=replace(problem.rules, mode=mode))


def by_anchor(plan: Plan) -> tuple[Plan, Plan]:
    """The plan's areas with an anchor alone, and those without one alone."""
    is_led = np.append(plan.anchor_of >= 0, False)[plan.area_of]
    led = np.where(is_led, plan.area_of, LEFT_OVER)
    others = np.where(is_led, LEFT_OVER, plan.area_of)
    return Plan(led, plan.anchor_of), Plan(others, plan.anchor_of)


def _nobody(_: Met) -> None:
    """Nobody is told."""


def _reached_by_none(problem: Problem) -> np.ndarray:
    """(n,) bool: targets that no anchor reaches through units it may take in."""
    problem = _with_slack(problem)
    can_be_led = ~problem.is_settled
    for part in split_lead(problem):
        can_be_led[part.units[reachable(part)]] = True
    return problem.is_target & ~can_be_led


def _least_metres(
    pricing: _Pricing, left_over: Mapping[int, int], prices: tuple[float, ...] = PRICES
) -> tuple[int, dict[int, int]]:
    """What `metres_bounds` says of the areas of one kind."""
    most = pricing.left_inside(left_over)
    budget = pricing.budget
    of_all, by_wall, best_price = 0.0, dict.fromkeys(most, 0.0), pricing.usual
    for price in (*(pricing.usual * factor for factor in prices), None):
        is_last = price is None  # the best of them, for longer
        if is_last and budget(1.0)[1]() <= 0:
            break
        at = best_price if price is None else price
        cost = pricing.least_costs(at, 1.0 if is_last else 0.15, is_for_long=is_last)
        reached = sum(cost.values()) - at * sum(most.values())
        if reached > of_all:
            of_all, best_price = reached, at
        by_wall = {k: max(by_wall[k], cost.get(k, 0.0) - at * most[k]) for k in most}
    return _whole(of_all), {k: _whole(metres) for k, metres in by_wall.items()}


def metres_by_left_over(
    problem: Problem, budget: Budget, *, area_m: int = 0, workers: int = 1
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
    pricing = _Pricing.of(problem, None, budget, workers, _nobody, area_m=area_m)
    surely = sum(pricing.surely_left().values())
    costs = {
        pricing.usual * factor: sum(
            pricing.least_costs(pricing.usual * factor, 0.3, is_for_long=False).values()
        )
        for factor in PRICES
    }

    def least(left_over: int) -> int:
        inside = max(0, left_over - surely)
        return max(0, *(_whole(cost - price * inside) for price, cost in costs.items()))

    return least


@dataclass(frozen=True, eq=False)
class _Pricing:
    """What parts cost at least where households left over have a price, behind each wall."""

    problem: Problem
    split: tuple[Part, ...]
    counted: np.ndarray
    parts: list[Part]
    labels: list[np.ndarray]
    budget: Budget
    workers: int
    on_met: Callable[[Met], None]
    area_m: int

    @classmethod
    def of(
        cls,
        problem: Problem,
        plan: Plan | None,
        budget: Budget,
        workers: int,
        on_met: Callable[[Met], None],
        *,
        counted: np.ndarray | None = None,
        area_m: int = 0,
    ) -> _Pricing:
        """The parts of a problem of mode "lead" or "whole".

        Parameters
        ----------
        counted
            (n,) bool: units whose households have the price when they are left over; None = all.
        area_m
            Price of each area.
        """
        problem = _with_slack(problem)
        counted = np.ones(problem.n_units, dtype=bool) if counted is None else counted
        targets = np.flatnonzero(problem.is_target)
        is_lead = problem.rules.mode == "lead"
        split = split_lead(problem) if is_lead else split_whole(problem, targets)
        parts = [
            replace(part, households=part.households * counted[part.units])
            for part in split
            if problem.is_settled[part.units].all()
        ]
        labels = [construct(part) if plan is None else labels_in(part, plan) for part in parts]
        return cls(problem, split, counted, parts, labels, budget, workers, on_met, area_m)

    def surely_left(self) -> dict[int, int]:
        """Households behind each wall that no plan has in an area, for they are in no part."""
        inside = np.zeros(self.problem.n_units, dtype=bool)
        for part in self.split:
            inside[part.units] = True
        surely = self.problem.is_target & self.problem.is_settled & ~inside & self.counted
        found = dict.fromkeys(np.unique(self.problem.wall).tolist(), 0)
        for label, people in zip(
            self.problem.wall[surely], self.problem.households[surely], strict=True
        ):
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

    def least_costs(self, price: float, of: float, *, is_for_long: bool) -> dict[int, float]:
        """Least cost behind each wall that has a part, at a price."""

        def least(k: int, goes_on: GoesOn, seconds_left: SecondsLeft) -> float:
            part, labels = self.parts[k], self.labels[k]
            worth = value(part, labels)
            known = worth.household_metres + price * worth.left_over_households
            known += self.area_m * worth.n_areas
            found = bound_part(
                part, labels, left_over=price, area=float(self.area_m), aim=float(known), goes_on=goes_on,
                seconds_left=seconds_left if is_for_long else lambda: 0.0,
            )  # fmt: skip
            if found.labels is not labels:
                self.on_met(Met(part, found.labels))
            return found.cost

        cost: dict[int, float] = {}
        found = over_parts(self.parts, least, self.budget, of=of, workers=self.workers)
        for part, at_least in zip(self.parts, found, strict=True):
            wall = int(self.problem.wall[part.units[0]])
            cost[wall] = cost.get(wall, 0.0) + at_least
        return cost


def labels_in(part: Part, plan: Plan) -> np.ndarray:
    """(n,) the labels of a part that a plan of its problem stands for."""
    area = plan.area_of[part.units]
    labels = np.full(part.n_units, -1, dtype=np.int64)
    if part.stage == "whole":
        labels[area >= 0] = np.unique(area[area >= 0], return_inverse=True)[1]
    else:
        for k, anchor in enumerate(part.anchors):
            labels[(area >= 0) & (area == area[anchor])] = k
            labels[anchor] = k
    return sound_labels(part, labels)


def over_parts(
    parts: Sequence[Part],
    bound: Callable[[int, GoesOn, SecondsLeft], T],
    budget: Budget,
    *,
    of: float = 1.0,
    workers: int = 1,
) -> list[T]:
    """What `bound` says of each part, several at a time, each for its share of the time by size.

    Parameters
    ----------
    parts
        What is given.
    bound
        Called with the number of a part and its budget.
    budget
        See `Budget`.
    of
        Share of the time left that all together may use.
    workers
        Threads; compiled code and HiGHS leave Python's lock alone.
    """
    total = waiting = sum(part.n_units for part in parts)
    lock = Lock()

    def one(k: int) -> T:
        nonlocal waiting
        with lock:
            share = workers * parts[k].n_units / max(1.0, waiting + total * (1 / of - 1))
            allowed = budget(min(1.0, share))
            waiting -= parts[k].n_units
        return bound(k, *allowed)

    if workers == 1:
        return [one(k) for k in range(len(parts))]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(len(parts))))


def _whole(metres: float) -> int:
    """The least whole number that a bound proves, rounding of floats allowed for."""
    return int(np.ceil(metres * (1 - 1e-9) - 1e-6))


def _with_slack(problem: Problem) -> Problem:
    """The problem with the m² given back that whole numbers took from anchors and from bounds.

    Walks are all that is bounded, whatever objectives are named. No anchor takes in more than its
    company may take on (R15); that several anchors have one company is not asked.
    """
    half = -(-problem.n_units // 2)  # rounding unit by unit moves a sum of m² by no more
    rules = problem.rules
    wider = tuple(
        bound if bound.weight != "floor_area"
        else replace(bound, lower=max(0, bound.lower - half),
                     upper=None if bound.upper is None else bound.upper + half)
        for bound in rules.bounds
    )  # fmt: skip
    if rules.weight == "floor_area":
        rules = replace(rules, lower=max(0, rules.lower - half), upper=rules.upper + half)
    return replace(
        problem,
        load=np.maximum(problem.load - 1, 0),
        capacity=within_allowance(problem) + 1,
        largest=problem.largest + 1,
        rules=replace(rules, objective=(), bounds=wider),
        move_m=0,
        preferences=None,
    )


def households_no_anchor_takes(
    part: Part, inside: np.ndarray, goes_on: GoesOn, seconds_left: SecondsLeft
) -> tuple[int, np.ndarray]:
    """Households among the units `inside` that no choice of areas takes in, and the best labels met."""
    free = replace(part, cost=np.where(part.cost >= 0, 0, -1), opening=0 * part.opening)
    labels = construct(part)
    aim = float(value(free, labels).left_over_households)
    found = bound_part(
        free, labels, left_over=1.0, area=0.0, aim=aim, goes_on=goes_on, seconds_left=seconds_left
    )
    outside = float(part.households[~inside].sum())  # counted by whoever asks
    return max(0, int(np.ceil(found.cost - outside - 1e-6))), found.labels


def households_above_capacity(part: Part, inside: np.ndarray) -> int:
    """Households among the units `inside` that the anchors' joint capacity cannot take.

    The units with most households for their load are taken first, the last one in part: no
    selection of whole units covers more.
    """
    units = np.flatnonzero(inside)
    load, households = part.load[units].astype(float), part.households[units]
    order = np.argsort(-households / np.maximum(load, 1e-9), kind="stable")
    room = float(part.capacity.sum())
    before = np.cumsum(load[order]) - load[order]
    share = np.clip((room - before) / np.maximum(load[order], 1e-9), 0.0, 1.0)
    covered = float((share * households[order]).sum())
    return max(0, int(np.ceil(households.sum() - covered - 1e-6)))
