"""A problem becomes a result: construct every part, search each for its share of the budget."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from analysis.bundling.aims import aims_of, people_first
from analysis.bundling.bound import (
    QUICK,
    QUICK_STEPS,
    Budget,
    left_over_by_wall,
    left_over_in_city,
    metres_bounds,
    not_led_bound,
    some_steps,
)
from analysis.bundling.conditions.shares import (
    MAX_PASSES,
    first_shares,
    labels_on,
    next_shares,
    parts_with,
    without,
)
from analysis.bundling.construct import construct
from analysis.bundling.near import AtHand, bounds_at_hand
from analysis.bundling.objective import Score, score, score_by_wall, unled_by_wall
from analysis.bundling.parts import Part, Stage, split_lead, split_whole
from analysis.bundling.plan import Plan
from analysis.bundling.problem import Problem
from analysis.bundling.proving.met import Met, with_met
from analysis.bundling.search import compile_kernels
from analysis.bundling.searching.beat import beating
from analysis.bundling.searching.number import shared_number
from analysis.bundling.searching.polish import polish
from analysis.bundling.searching.several import search_parts
from analysis.bundling.searching.watch import Progress, Stop, StopAfter, Watch

__all__ = ["Bound", "Progress", "Result", "Stop", "StopAfter", "solve"]

logger = logging.getLogger(__name__)

Status = Literal["optimal", "feasible", "infeasible"]
SEARCH_SHARE = 0.9
"""Share of the seconds spent on plans; the rest is for the bounds."""
AT_HAND_SHARE = 0.1
"""Share spent on bounds before the search, where it may end near them."""
UNPOLISHED_SHARE = 0.5
"""Share spent before `polish` begins, where objectives besides walking are named."""

LEFT_OVER_METHOD = {"lead": "anchor_capacity", "whole": "counting", "mixed": "counting"}
METRES_METHOD = {
    "lead": "anchor_areas", "whole": "medoid_knapsacks", "mixed": "anchor_areas_and_knapsacks",
}  # fmt: skip
"""Names of `bound_names.BOUND_NAMES`."""

STAGES: dict[str, tuple[Stage, ...]] = {
    "lead": ("lead",),
    "whole": ("whole",),
    "mixed": ("lead", "whole"),
}


@dataclass(frozen=True)
class StreetBound:
    """What no plan can do better than behind one wall; see `Bound`.

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
class Bound:
    """What no plan can do better than, part by part of the score; None = nothing is claimed.

    Parameters
    ----------
    left_over_households
        Every plan leaves at least these over.
    household_metres
        Every plan that leaves no more households over than the one found, and has no more of them
        in areas without an anchor (mode "mixed"), walks at least these.
    left_over_method, metres_method
        How they were found, see `bound_names`; "" where nothing is claimed.
    streets
        The same behind each wall, by label.
    unled_households
        Every plan that leaves no more over has at least these in areas without an anchor; None in
        other modes than "mixed".
    not_led_households
        Every plan has at least these left over or in areas without an anchor; as there.
    """

    left_over_households: int | None
    household_metres: int | None
    left_over_method: str = ""
    metres_method: str = ""
    streets: tuple[StreetBound, ...] = ()
    unled_households: int | None = None
    not_led_households: int | None = None


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
    """

    plan: Plan
    score: Score
    bound: Bound
    status: Status
    seed: int
    seconds: float
    rounds: int
    why_stopped: str


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
) -> Result:
    """The best plan found within the budget.

    Each stage constructs a first plan of all its parts before it searches any of them, so that
    there is always a complete answer. Every part has its own stream of random numbers: the same
    problem, seed and rounds give the same plan. In mode "mixed" anchors first take in what they
    can; what they leave over is grouped into areas without an anchor.

    What companies may take on (R15) couples the streets: each anchor has a share of it while the
    streets are searched apart; what is not used is given to anchors it held back, and their parts
    alone are searched again.

    Parameters
    ----------
    problem
        What must be decided.
    seed
        Any whole number ≥ 0.
    stop
        Budget and question; see `StopAfter`.
    on_progress
        Called at least twice a second from beginning to end, and at the end of each part; from
        several threads, one at a time.
    workers
        Parts searched at a time; it changes the time, not the plan.

    Returns
    -------
    Result with a sound plan; an empty one where no area is possible.
    """
    stages = STAGES[problem.rules.mode]
    aims = aims_of(problem.rules)
    is_mixed = problem.rules.mode == "mixed"
    share = SEARCH_SHARE - 0.05 * is_mixed if aims.is_walking else UNPOLISHED_SHARE
    with beating(on_progress, nothing_yet(problem)) as tell:
        compile_kernels(stages, is_bounded=bool(problem.rules.bounds))
        watch = Watch(stop, tell, workers, share=share)
        at_hand = _at_hand(problem, stop, watch, workers)
        plan = _search(problem, stages, seed, watch, stop, workers)
        if is_mixed or not aims.is_walking:  # units go between led areas and others, too
            plan = polish(problem, plan, aims, until(watch, stop))
        return _result(problem, plan, seed, stop, watch, workers, at_hand)


def nothing_yet(problem: Problem) -> Progress:
    """What is told before there is a first plan: no unit is in an area."""
    plan = _no_areas(problem)
    return Progress(0.0, 0, STAGES[problem.rules.mode][0], 0, 0, score(problem, plan), lambda: plan)


def _at_hand(problem: Problem, stop: Stop, watch: Watch, workers: int) -> AtHand | None:
    """Bounds that the search may end near, by walking; None where nobody asks for that."""
    gap = stop.gap
    if gap is None or not aims_of(problem.rules).is_walking:
        return None
    found = bounds_at_hand(
        problem, lambda share: watch.bound_budget(AT_HAND_SHARE * share), workers=workers
    )
    watch.heed(lambda _, worth: found.is_near(worth, gap))
    return found


def _no_areas(problem: Problem) -> Plan:
    return Plan(np.full(problem.n_units, -1), np.zeros(0, dtype=np.int64))


def until(watch: Watch, stop: Stop, *, share: float = SEARCH_SHARE) -> Callable[[], bool]:
    """Whether a share of the time is left, where a clock is read, and nobody wants the end."""

    def goes_on() -> bool:
        in_time = stop.seconds is None or watch.seconds < share * stop.seconds
        return in_time and not stop.is_asked()

    return goes_on


def _search(
    problem: Problem,
    stages: tuple[Stage, ...],
    seed: int,
    watch: Watch,
    stop: Stop,
    workers: int,
) -> Plan:
    """The plan after every stage."""
    plan = _no_areas(problem)
    for stage, stream in zip(("lead", "whole"), np.random.SeedSequence(seed).spawn(2), strict=True):
        if stage not in stages:
            continue
        more = _More(stream, watch, workers, rest=stage != stages[-1])
        if stage == "lead":
            plan = _search_lead(problem, plan, more)
        else:
            parts = _split_rest(problem, plan)
            labels = [construct(part) for part in parts]
            if problem.rules.areas is not None:
                parts, labels = shared_number(
                    problem, parts, problem.rules.areas, stream,
                    lambda: watch.seconds_left > 0 and not stop.is_asked(),
                )  # fmt: skip
            plan = _searched(problem, plan, parts, labels, more)
    return exactly(problem, plan)


def exactly(problem: Problem, plan: Plan) -> Plan:
    """The plan, or none at all where another number of areas is asked for than it has."""
    if problem.rules.areas in (None, plan.n_areas):
        return plan
    return _no_areas(problem)


@dataclass(frozen=True, eq=False)
class _More:
    """What the search of a stage needs besides the problem; `rest`: another stage comes after it."""

    stream: np.random.SeedSequence
    watch: Watch
    workers: int
    rest: bool
    n_again: int = 0


def _search_lead(problem: Problem, plan: Plan, more: _More) -> Plan:
    """The plan with anchors' areas, searched again where a company's unused share helps (R15)."""
    shares = first_shares(problem)
    parts = split_lead(replace(problem, capacity=shares))
    cut = parts_with(parts, problem.anchors[shares < problem.capacity])
    again = replace(more, n_again=sum(part.n_units for part in cut))
    plan = _searched(problem, plan, parts, [construct(part) for part in parts], again)
    for _ in range(MAX_PASSES):
        larger = next_shares(problem, plan, shares)
        if larger is None:
            break
        parts = split_lead(replace(problem, capacity=larger))
        parts = parts_with(parts, problem.anchors[larger > shares])
        labels, shares = [labels_on(part, plan) for part in parts], larger
        plan = _searched(problem, without(plan, parts), parts, labels, more)
    return plan


def _searched(
    problem: Problem, plan: Plan, parts: Sequence[Part], labels: list[np.ndarray], more: _More
) -> Plan:
    """The plan with the areas found in parts of one stage, no worse than `labels`."""
    n_later = more.n_again
    if more.rest:
        later = _split_rest(problem, _with_areas(plan, parts, labels))
        n_later += sum(part.n_units for part in later)
    labels = search_parts(
        parts, labels, problem.objective, more.stream, more.watch,
        around=_score_around(problem, plan, parts), n_later=n_later, workers=more.workers,
        plan_of=partial(_with_areas, plan, parts),
    )  # fmt: skip
    return _with_areas(plan, parts, labels)


def _split_rest(problem: Problem, plan: Plan) -> tuple[Part, ...]:
    """Parts among the targets no area has yet."""
    return split_whole(problem, np.flatnonzero(problem.is_target & (plan.area_of < 0)))


def _with_areas(plan: Plan, parts: Sequence[Part], labels: Sequence[np.ndarray]) -> Plan:
    """The plan with the areas of the parts added; anchors that take nothing in stay without one."""
    area_of = plan.area_of.copy()
    anchor_of = list(plan.anchor_of)
    for part, label in zip(parts, labels, strict=True):
        for area in np.unique(label[label >= 0]):
            members = part.units[label == area]
            anchor = int(part.units[part.anchors[area]]) if part.stage == "lead" else -1
            if anchor >= 0 and len(members) == 1:
                continue
            area_of[members] = len(anchor_of)
            anchor_of.append(anchor)
    return Plan(area_of, np.array(anchor_of, dtype=np.int64))


def _score_around(problem: Problem, plan: Plan, parts: Sequence[Part]) -> Score:
    """Score of all that the parts do not decide: areas made before, units outside every part."""
    before = score(problem, plan)
    inside = sum(int(part.households.sum()) for part in parts)
    return Score(before.left_over_households - inside, before.household_metres, before.n_areas)


def _result(
    problem: Problem,
    plan: Plan,
    seed: int,
    stop: Stop,
    watch: Watch,
    workers: int,
    at_hand: AtHand | None,
) -> Result:
    plan, bound = _proven(problem, plan, stop, watch, workers, at_hand)
    worth = score(problem, plan)
    logger.info(
        "solved in %.1f s: %d areas, %d households left over (at least %d), %d household-metres",
        watch.seconds, plan.n_areas, worth.left_over_households, bound.left_over_households,
        worth.household_metres,
    )  # fmt: skip
    return Result(
        plan=plan,
        score=worth,
        bound=bound,
        status=status_of(problem, plan, bound),
        seed=seed,
        seconds=watch.seconds,
        rounds=watch.rounds,
        why_stopped=watch.why_stopped,
    )


def status_of(problem: Problem, plan: Plan, bound: Bound) -> Status:
    """What may be said of a plan: "optimal" only where every level that counts meets its bound.

    Metres that meet theirs say nothing of other objectives. Of these only the number of areas can
    be known to be least: where it is given, or where there is one area.
    """
    if plan.n_areas == 0:
        return "infeasible"
    aims, worth = aims_of(problem.rules), score(problem, plan)
    left, unled = people_first(problem, plan)
    least_areas = plan.n_areas == 1 or problem.rules.areas is not None
    known = {"walking": worth.household_metres == bound.household_metres, "areas": least_areas}
    is_best = left == bound.left_over_households and unled == (bound.unled_households or 0)
    is_best = is_best and all(known.get(name, False) for name in aims.counting)
    return "optimal" if is_best else "feasible"


def _proven(
    problem: Problem,
    plan: Plan,
    stop: Stop,
    watch: Watch,
    workers: int,
    at_hand: AtHand | None,
) -> tuple[Plan, Bound]:
    """The plan, or a better one that the proofs met, and a bound of each level, of all and by wall."""

    def some_of(whole: float) -> Budget:
        if watch.is_near:  # what is at hand is enough
            return QUICK
        return lambda share: watch.bound_budget(whole * share)

    fewer, nearer = list[Met](), list[Met]()
    least_left = left_over_by_wall(problem, some_of(0.4), workers=workers, on_met=fewer.append)
    of_all = left_over_in_city(problem)
    if at_hand is not None:
        least_left = {
            wall: max(least, at_hand.left_over[wall]) for wall, least in least_left.items()
        }
    found = with_met(problem, plan, fewer)
    if found is not plan:  # met where walks cost nothing
        plan = polish(problem, found, aims_of(problem.rules), until(watch, stop, share=1.0))
    not_led = not_led_bound(problem, some_of(0.2), workers=workers)
    left, _ = score_by_wall(problem, plan)
    metres, by_wall = metres_bounds(
        problem, left, some_of(1.0), plan=plan, workers=workers, on_met=nearer.append,
        unled=unled_by_wall(problem, plan),
    )  # fmt: skip
    plan = with_met(problem, plan, nearer)
    if at_hand is not None and at_hand.metres is not None:
        metres = max(metres, at_hand.metres(score(problem, plan).left_over_households))
    return plan, _bound(problem, plan, least_left, of_all, not_led, (metres, by_wall))


def quick_bound(problem: Problem, plan: Plan, *, seconds: float = float("inf")) -> Bound:
    """The bound of a plan however it was made, from a few steps a part.

    Locks only restrict, so what is proven of the problem without them holds with them.

    Parameters
    ----------
    problem, plan
        Sound or not: what is bounded are all sound plans.
    seconds
        Those of the metres end here at the latest; without it no clock is read.
    """
    least_left, of_all = left_over_by_wall(problem), left_over_in_city(problem)
    left, _ = score_by_wall(problem, plan)
    metres = metres_bounds(
        problem, left, some_steps(QUICK_STEPS, seconds=seconds), plan=plan,
        unled=unled_by_wall(problem, plan),
    )  # fmt: skip
    return _bound(problem, plan, least_left, of_all, not_led_bound(problem), metres)


def _bound(
    problem: Problem,
    plan: Plan,
    least_left: Mapping[int, int],
    of_all: int,
    not_led: int | None,
    least_by_wall: tuple[int, Mapping[int, int]],
) -> Bound:
    """What was proven behind each wall and of all, beside the plan."""
    least_metres, by_wall = least_by_wall
    worth, (left, metres) = score(problem, plan), score_by_wall(problem, plan)
    unled = unled_by_wall(problem, plan)
    least_metres = min(least_metres, worth.household_metres)
    mode = problem.rules.mode
    method = METRES_METHOD[mode]
    if worth.household_metres == 0:  # metres are never negative
        least_metres, method = 0, "never_negative"
    streets = tuple(
        StreetBound(
            wall, left[wall], least_left[wall], metres[wall],
            min(by_wall[wall], metres[wall]) if wall in by_wall else None, unled[wall],
        )
        for wall in left
    )  # fmt: skip
    by_streets = sum(least_left.values())
    how = LEFT_OVER_METHOD[mode] if by_streets >= of_all else "companies"
    return Bound(
        max(by_streets, of_all), least_metres, how, method, streets,
        unled_households=_least_unled(not_led, worth), not_led_households=not_led,
    )  # fmt: skip


def _least_unled(not_led: int | None, worth: Score) -> int | None:
    """Households in areas without an anchor, where no more are left over than a plan leaves."""
    return None if not_led is None else max(0, not_led - worth.left_over_households)


def carried_bound(problem: Problem, result: Result, plan: Plan) -> Bound:
    """What is proven of all plans beside a result, beside another plan of the same problem.

    The metres of plans that leave no more households over than the other plan, and lead no fewer,
    are bounded only where that leaves no more over than the result, and leads no fewer.
    """
    before, worth = result.bound, score(problem, plan)
    left, metres = score_by_wall(problem, plan)
    most, unled = (unled_by_wall(problem, one) for one in (result.plan, plan))
    least, method = before.household_metres, before.metres_method
    is_wider = worth.left_over_households > result.score.left_over_households
    is_wider = is_wider or sum(unled.values()) > sum(most.values())
    if worth.household_metres == 0:
        least, method = 0, "never_negative"
    elif least is None or is_wider:
        least, method = None, ""
    else:
        least = min(least, worth.household_metres)
    streets = tuple(
        StreetBound(
            one.wall, left[one.wall], one.least_left_over, metres[one.wall],
            None if one.least_metres is None or left[one.wall] > one.left_over_households
            or unled[one.wall] > most[one.wall] else min(one.least_metres, metres[one.wall]),
            unled[one.wall],
        )
        for one in before.streets
    )  # fmt: skip
    return replace(
        before, household_metres=least, metres_method=method, streets=streets,
        unled_households=_least_unled(before.not_led_households, worth),
    )  # fmt: skip


def with_plan(problem: Problem, result: Result, plan: Plan, bound: Bound) -> Result:
    """A result with another plan and the bound beside it."""
    worth = score(problem, plan)
    status = status_of(problem, plan, bound)
    return replace(result, plan=plan, score=worth, bound=bound, status=status)
