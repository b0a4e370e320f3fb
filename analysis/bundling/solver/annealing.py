"""Simulated annealing of a subproblem: compiled moves, falling temperature, rising penalties."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import numpy as np

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.budget import BudgetShare, MapFunction
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.construct import grow_from_seeds
from analysis.bundling.solver.kernels import anneal_assignment, anneal_partition
from analysis.bundling.solver.kernels.jit import random_state

MOVES_PER_ROUND = 10_000
"""Tried moves of one round, 2 ms to 6 ms of one core."""

CYCLES, CYCLE_UNITS = (8, 16, 32), 250
"""Rounds of the short annealings of a part of so many units, in turn."""

RESTARTS = (5.0, 1.0), (5.0, 3.0), (2.0, 10.0), (2.0, 3.0)
"""How hot each begins, in usual walks, and how many times dearer than usual it is to be left over
and, at first, to be above capacity; in turn. No one way is best everywhere (decision 0020)."""

N_CHAINS = 2
"""Of short annealings side by side, each with random numbers of its own."""

COLD = 0.005
"""Temperature at the end, in usual walks."""


def anneal_whole(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    take: Callable[[np.ndarray], None] = lambda labels: None,
) -> np.ndarray:
    """The best labels that annealing of whole areas meets, violations among them.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        Share of the budget spent, from rounds and labels; see `BudgetShare`.
    take
        Given labels (n,) twice a cycle of cooling, violations among them: the best it met and those it ended with.
    """
    data = anneal_partition.partition_data(part)
    is_seeded = part.k > 0 and len(np.unique(labels[labels >= 0])) != part.k
    if is_seeded:
        labels = grow_from_seeds(part, rng)
    state = anneal_partition.partition_state(data, labels)
    state.best[:] = -1 if is_seeded else labels
    stream = random_state(rng)
    metres, people = cost_scales(part)
    heaviness = metres * people / max(1.0, float(part.weight.mean()))
    price, first = left_over_price(objective, metres)
    cooling = CoolingSchedule(part.n_units)
    hot, cold = (2.0, 0.1) if part.measure == "cut" else (3.0, 0.005)
    rounds, before = 0, 0.0
    shown, shown_key = state.best.copy(), (np.inf, np.inf)
    while (share := spent(rounds, shown)) < 1:
        phase = cooling.phase(rounds, share)
        if phase < before:
            take(state.best)
            take(state.area)
            state.best_key[:] = np.iinfo(np.int64).max
        before = phase
        penalties = anneal_partition.PartitionPenalties(
            temperature=interpolate_geometrically(hot * metres * people, cold * metres * people, phase),
            excess=interpolate_geometrically(heaviness, 300 * heaviness, phase),
            left_over=price,
            area=float(objective.area_m),
        )
        anneal_partition.anneal_partition(data, state, penalties, first, objective.area_m, MOVES_PER_ROUND, stream)
        rounds += 1
        if tuple(state.best_key) < shown_key:
            shown, shown_key = state.best.copy(), tuple(state.best_key)
    take(state.best)
    take(state.area)
    return shown


def anneal_lead(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    hot: float,
    *,
    is_cooled_once: bool = False,
) -> np.ndarray:
    """The best labels that annealing of led areas meets, begun `hot` times as hot as a usual walk.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        Share of the budget spent, from rounds and labels; see `BudgetShare`.
    hot
        Temperature at the beginning, in usual walks.
    is_cooled_once
        Whether the temperature falls once; else in the cycles of `CoolingSchedule`.
    """
    data = anneal_assignment.assignment_data(part)
    state = anneal_assignment.assignment_state(data, labels)
    stream = random_state(rng)
    metres, people = cost_scales(part)
    price, first = left_over_price(objective, metres)
    cooling = CoolingSchedule(part.n_units)
    rounds = 0
    while (share := spent(rounds, state.best)) < 1:
        phase = share if is_cooled_once else cooling.phase(rounds, share)
        penalties = anneal_assignment.AssignmentPenalties(
            temperature=interpolate_geometrically(hot * metres * people, COLD * metres * people, phase),
            overload=interpolate_geometrically(3 * metres, 3000 * metres, phase),
            left_over=price,
            area=float(objective.area_m),
        )
        anneal_assignment.anneal_assignment(data, state, penalties, first, objective.area_m, MOVES_PER_ROUND, stream)
        rounds += 1
    return state.best


def anneal_repeatedly(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    take: Callable[[np.ndarray], None],
    each: MapFunction = map,
) -> None:
    """Anneal led areas again and again, briefly and in many ways, `N_CHAINS` side by side.

    Each begins where the one before ended, melted anew. What one leaves over another serves: how
    long, how hot and how urgently changes from one to the next (`CYCLES`, `RESTARTS`).

    Parameters
    ----------
    part, labels
        Of stage "lead"; (n,) where the first begins, −1 = left over.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        See `BudgetShare`.
    take
        Given sound labels (n,) twice an annealing: the best it met and those it ended with.
    each
        `map`, or what does the same several at a time; it changes the time only.
    """
    data = anneal_assignment.assignment_data(part)
    chains = [(anneal_assignment.assignment_state(data, labels), random_state(rng)) for _ in range(N_CHAINS)]
    metres, people = cost_scales(part)
    price, first = left_over_price(objective, metres)

    def anneal(chain: tuple[anneal_assignment.AssignmentState, np.ndarray]) -> None:
        state, stream = chain
        anneal_assignment.anneal_assignment(data, state, penalties, first, objective.area_m, MOVES_PER_ROUND, stream)

    rounds, shown, shown_key = 0, labels, (np.inf, np.inf)
    share = spent(0, shown)
    for hot, urgency in cycle(RESTARTS):
        for usual in CYCLES:
            length = max(2, round(usual * part.n_units / CYCLE_UNITS))
            if share > 0:  # what is not over when the budget is would be lost
                length = max(1, min(length, round(rounds / N_CHAINS / share * (1 - share))))
            for state, _ in chains:
                state.best_key[:] = np.iinfo(np.int64).max
            for step in range(length):
                if share >= 1:
                    break
                phase = step / length
                penalties = anneal_assignment.AssignmentPenalties(
                    temperature=interpolate_geometrically(hot * metres * people, COLD * metres * people, phase),
                    overload=interpolate_geometrically(3 * urgency * metres, 3000 * metres, phase),
                    left_over=urgency * price,
                    area=float(objective.area_m),
                )
                rounds += len(list(each(anneal, chains)))
                share = spent(rounds, shown)
            for state, _ in chains:
                if tuple(state.best_key) < shown_key:
                    shown, shown_key = state.best.copy(), tuple(state.best_key)
                for end in (state.best, state.area):
                    take(drop_infeasible_areas(part, end))
            if share >= 1:
                return


def cost_scales(part: Subproblem) -> tuple[float, float]:
    """A usual walk in metres and a usual number of households: the scale of a move's change."""
    people = max(1.0, float(part.walkers.mean()))
    if part.measure == "cut":
        return 1.0, 1.0
    if part.stage == "whole":
        row = part.adjacency.sources
        walks = 2 * part.metres[row, part.indices]  # about as far as members are from a medoid
        return (max(1.0, float(np.median(walks))) if len(walks) else 1.0), people
    walks = np.where(part.cost >= 0, part.cost / np.maximum(part.households, 1), np.inf)
    walks = np.sort(walks, axis=0)[min(1, len(walks) - 1)]  # to the second nearest anchor
    walks = walks[np.isfinite(walks) & (walks > 0)]
    return (max(1.0, float(np.median(walks))) if len(walks) else 1.0), people


def left_over_price(objective: Objective, metres: float) -> tuple[float, int]:
    """Price of a household left over while annealing, and the exact one (−1 = comes first).

    Parameters
    ----------
    objective
        What the best is judged by.
    metres
        A usual walk, see `cost_scales`.
    """
    if objective.left_over_m is None:
        return 30.0 * metres, -1
    return float(objective.left_over_m), objective.left_over_m


class CoolingSchedule:
    """How far the present cycle of cooling is, from the rounds done and the budget spent.

    A budget of r rounds is cut into about √(40 r / n) equal cycles for n units, each of at least
    8 rounds: on tight instances several short cycles beat one long one (city1000_s202_p2, 600
    rounds a part: 166.5 M at √(4 r / n), 164.0 M at √(40 r / n), no better beyond), while each
    still grows with the budget.
    """

    def __init__(self, n_units: int) -> None:
        self._n_units = n_units
        self._n_cycles = 0

    def phase(self, rounds: int, share: float) -> float:
        """Share of the present cycle, 0 to 1; the number of cycles is fixed after some rounds.

        Parameters
        ----------
        rounds
            Rounds done.
        share
            Share of the budget spent, 0 to 1.
        """
        if self._n_cycles == 0 and share > 0 and (rounds >= 3 or share > 0.02):
            total = rounds / share
            wanted = (40 * total / self._n_units) ** 0.5
            self._n_cycles = max(1, round(min(wanted, total / 8)))
        return share * self._n_cycles % 1.0 if self._n_cycles else share


def interpolate_geometrically(start: float, end: float, share: float) -> float:
    """Geometric path from start to end.

    Parameters
    ----------
    start, end
        Temperatures, above zero.
    share
        How far, 0-1.

    Examples
    --------
    >>> interpolate_geometrically(100.0, 1.0, 0.5)
    10.0
    """
    return float(start * (end / start) ** share)
