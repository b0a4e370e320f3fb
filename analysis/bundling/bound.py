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
from analysis.bundling.plan import Plan
from analysis.bundling.problem import Problem
from analysis.bundling.proving.company_bound import left_over_by_companies
from analysis.bundling.proving.met import Met
from analysis.bundling.proving.proof import bound_part
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

PRICES = (1, 4, 16)
"""Of a household left over, in usual walks."""


def left_over_bound(problem: Problem, budget: Budget = QUICK) -> int:
    """Households that every plan leaves over: `left_over_by_wall`, or what R15 proves of the city."""
    return max(sum(left_over_by_wall(problem, budget).values()), left_over_in_city(problem))


def left_over_in_city(problem: Problem) -> int:
    """Households that every plan leaves over because of what couples streets.

    That is what companies may take on (R15), and a given number of areas.
    """
    return max(left_over_by_companies(_with_slack(problem)), least_left_over(problem))


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
    on_met: Callable[[Met], None] = lambda _: None,
) -> tuple[int | None, dict[int, int]]:
    """Household-metres of every plan that leaves no more households over than given.

    At a price p a household the cost L(p) of every plan is bounded part by part; a plan that
    leaves at most b over walks at least L(p) − p·b. The best of a few prices counts. Streets that
    codes do not settle count as 0.

    Parameters
    ----------
    problem
        What must be decided.
    left_over
        Households behind each wall, by its label; those of a plan at hand for instance.
    plan
        One at hand: whoever knows what can be had gets closer to it.
    budget, workers
        See `over_parts`.
    on_met
        Told of better plans of parts met on the way; see `met.with_met`.

    Returns
    -------
    of_all, by_wall
        Of all plans that leave no more over altogether, and behind each wall of those that leave
        no more over there. None and nothing where nothing is claimed: in mode "mixed".
    """
    pricing = _Pricing.of(problem, plan, budget, workers, on_met)
    if pricing is None:
        return None, {}
    most = _left_inside(pricing.problem, pricing.split, left_over)
    of_all, by_wall, best_price = 0.0, dict.fromkeys(most, 0.0), pricing.usual
    for price in (*(pricing.usual * factor for factor in PRICES), None):
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
    problem: Problem, budget: Budget, *, workers: int = 1
) -> Callable[[int], int] | None:
    """From the households that a plan may leave over to metres that it then walks at least.

    A quick `metres_bounds` for plans not known yet: L(p) is found once for each price.

    Parameters
    ----------
    problem, budget, workers
        As there.

    Returns
    -------
    None where nothing is claimed.
    """
    pricing = _Pricing.of(problem, None, budget, workers, lambda _: None)
    if pricing is None:
        return None
    surely = int(problem.households[_surely_left(pricing.problem, pricing.split)].sum())
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
    parts: list[Part]
    labels: list[np.ndarray]
    budget: Budget
    workers: int
    on_met: Callable[[Met], None]

    @classmethod
    def of(
        cls,
        problem: Problem,
        plan: Plan | None,
        budget: Budget,
        workers: int,
        on_met: Callable[[Met], None],
    ) -> _Pricing | None:
        """None where metres are not bounded."""
        mode = problem.rules.mode
        if mode == "mixed":
            return None
        problem = _with_slack(problem)
        targets = np.flatnonzero(problem.is_target)
        split = split_lead(problem) if mode == "lead" else split_whole(problem, targets)
        parts = [part for part in split if problem.is_settled[part.units].all()]
        labels = [construct(part) if plan is None else labels_in(part, plan) for part in parts]
        return cls(problem, split, parts, labels, budget, workers, on_met)

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
            found = bound_part(
                part, labels, left_over=price, area=0.0, aim=float(known), goes_on=goes_on,
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


def _left_inside(
    problem: Problem, parts: tuple[Part, ...], left_over: Mapping[int, int]
) -> dict[int, int]:
    """What may be left over inside the parts behind each wall when as many as given are in all."""
    surely = _surely_left(problem, parts)
    most = {int(label): int(left) for label, left in left_over.items()}
    for label, people in zip(problem.wall[surely], problem.households[surely], strict=True):
        most[int(label)] -= int(people)
    return {label: max(0, left) for label, left in most.items()}


def _surely_left(problem: Problem, parts: tuple[Part, ...]) -> np.ndarray:
    """(n,) bool: targets that no plan has in an area, for they are in no part."""
    inside = np.zeros(problem.n_units, dtype=bool)
    for part in parts:
        inside[part.units] = True
    return problem.is_target & problem.is_settled & ~inside


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
