"""Areas with leaders inside are searched, part by part, by simulated annealing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from analysis.bundling.led_areas.part import LedAreaPart
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Score
from analysis.bundling.solver.annealing import MOVES_PER_ROUND, CoolingSchedule, interpolate_geometrically
from analysis.bundling.solver.base.budget import BudgetShare, SearchBudget
from analysis.bundling.solver.kernels.anneal_led_areas import (
    AREAS,
    METRES,
    UNLED,
    LedAreaData,
    LedAreaPrices,
    LedAreaState,
    anneal_led_areas,
    build_state,
    evaluate_areas,
)
from analysis.bundling.solver.kernels.jit import random_state

HOT, COLD = 1.4, 0.01
"""Temperatures at the beginning and the end, in prices of a usual unit without a leader (measured on the
demo city and Hangzhou: from 0.5 to 3 and from 0.005 to 0.05 the plans differ by less than 1 % of those led)."""


FIRST = 0.1
"""Temperature of the moves that make a first plan, in the same prices."""


def measure_led_areas(part: LedAreaPart, labels: np.ndarray) -> tuple[np.ndarray, Score]:
    """Labels without areas that are none, and what they are worth as far as the part can tell.

    Leaders are those that the search gives; `leaders.assign_leaders` may find better ones, or fewer where
    companies have no more to give (R15).

    Parameters
    ----------
    part
        The part.
    labels
        (n,) int: area of each unit, −1 = none.
    """
    state = build_state(part.data, part.prices, labels)
    is_area = np.append(state.values[:, AREAS] > 0, False)
    sound = np.where(is_area[state.area], state.area, -1)
    left = part.data.households[part.is_target & (sound < 0)]
    return sound, Score(
        int(left.sum()),
        int(state.sums[METRES]),
        int(state.values[:, AREAS].sum()),
        unled_households=int(state.sums[UNLED]),
    )


def search_led_areas(
    parts: Sequence[LedAreaPart],
    labels: Sequence[np.ndarray],
    stream: np.random.SeedSequence,
    watch: SearchBudget,
    *,
    around: Score,
    plan_of: Callable[[Sequence[np.ndarray]], Plan],
    n_later: int = 0,
    workers: int = 1,
) -> list[np.ndarray]:
    """Labels of every part, none worse than those given.

    Every part has its own stream of random numbers: the number of workers changes the time alone.

    Parameters
    ----------
    parts, labels
        What is given, and sound labels of each.
    stream
        Where the parts' seeds come from.
    watch
        The budget.
    around
        What all that the parts do not decide is worth.
    plan_of
        Makes a plan of the labels of all parts, for who watches.
    n_later
        Units that are searched once more afterwards.
    workers
        Parts searched at a time.
    """
    measured = [measure_led_areas(part, one) for part, one in zip(parts, labels, strict=True)]
    watch.begin(
        "area",
        [value for _, value in measured],
        around,
        sum(part.n_units for part in parts) + n_later,
        [one for one, _ in measured],
        plan_of,
    )
    seeds = stream.spawn(len(parts))

    def search(k: int) -> np.ndarray:
        return anneal_part(parts[k], labels[k], np.random.default_rng(seeds[k]), watch.part_budget(k, parts[k]))

    if workers == 1 or len(parts) < 2:
        return [search(k) for k in range(len(parts))]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(search, range(len(parts))))


def anneal_part(part: LedAreaPart, labels: np.ndarray, rng: np.random.Generator, spent: BudgetShare) -> np.ndarray:
    """The best labels that annealing meets, no worse than those given.

    Parameters
    ----------
    part
        The part.
    labels
        (n,) int: sound labels to begin with.
    rng
        The only source of randomness.
    spent
        Share of the budget spent, from rounds and labels.

    Returns
    -------
    (n,) int64 labels, −1 = none.
    """
    state, stream = build_state(part.data, part.prices, labels), random_state(rng)
    data = part.data
    people = data.households[data.asks_area]
    usual = float(part.prices.unled) * max(1.0, float(people.mean()) if len(people) else 1.0)
    cooling, rounds = CoolingSchedule(part.n_units), 0
    if (labels < 0).all():  # however little time there is, a plan has areas
        anneal_led_areas(data, part.prices, state, part.outside_first_m, FIRST * usual, MOVES_PER_ROUND, stream)
    while (share := spent(rounds, _best(state))) < 1:
        temperature = interpolate_geometrically(HOT * usual, COLD * usual, cooling.phase(rounds, share))
        anneal_led_areas(data, part.prices, state, part.outside_first_m, temperature, MOVES_PER_ROUND, stream)
        rounds += 1
    return measure_led_areas(part, _best(state))[0]


def _best(state: LedAreaState) -> np.ndarray:
    """The best labels so far; those begun with before there was a round."""
    return state.best if state.best_key[0] >= 0 else state.area


def compile_kernels() -> None:
    """Have the kernels ready, so that no search pays for compiling them."""
    data, prices = _smallest()
    state = build_state(data, prices, np.full(2, -1, dtype=np.int64))
    anneal_led_areas(data, prices, state, 0, 1.0, 1, random_state(np.random.default_rng(0)))
    evaluate_areas(data, prices, state)


def _smallest() -> tuple[LedAreaData, LedAreaPrices]:
    """A target beside an anchor, in the types of every part."""
    ones, flags = np.ones(2, dtype=np.int64), np.ones(2, dtype=bool)
    data = LedAreaData(
        indptr=np.array([0, 1, 2], dtype=np.int64),
        indices=np.array([1, 0], dtype=np.int64),
        households=ones,
        load=ones,
        floor_m2=ones,
        weights=ones[None, :],
        lower=ones[:1],
        upper=2 * ones[:1],
        metres=np.array([[0, 1], [1, 0]], dtype=np.int64),
        is_within_reach=np.ones((2, 2), dtype=bool),
        asks_area=flags,
        asks_leader=np.array([True, False]),
        anchor=np.array([-1, 0], dtype=np.int64),
        capacity=ones[:1],
        cost=np.array([[1, -1]], dtype=np.int64),
        is_old=flags[:1],
        least_members=1,
        most_members=2,
        least_floor_m2=1,
        most_floor_m2=2,
        pairs=np.zeros((0, 3), dtype=np.int64),
        priority=ones,
        links_m=ones,
        home=ones,
    )
    return data, LedAreaPrices(left_over=2, unled=1, outside=1, area=1, led_by_old=1, broken=1, moved=1)
