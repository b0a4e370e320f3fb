"""One step of the large neighbourhood search: neighbourhoods of a plan reoptimised until none improves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.budget import BudgetShare, MapFunction
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import PlanCosts, TransportRelaxation, promising_pairs
from analysis.bundling.solver.exact.lagrangian import LagrangianState
from analysis.bundling.solver.models.separators import Separator
from analysis.bundling.solver.neighbourhood_mip import reoptimise_by_mip
from analysis.bundling.solver.neighbourhoods import Neighbourhood, Reoptimised, draw_neighbourhoods, reoptimise

ROUNDS_PER_NEIGHBOURHOOD = 20
"""Rounds that one group of areas solved exactly counts for."""

MIN_ROUNDS_TO_RESOLVE = 200
"""Parts with fewer rounds than this to spend are annealed only."""

PATIENCE = 60
"""Groups in a row that bring nothing, besides one an anchor, before annealing begins anew."""

PATIENCE_LEFT_OVER = 24
"""The same, while somebody is left over who is not to be."""

N_AT_A_TIME = 2
"""Groups solved at a time; they have no unit in common, so each is solved as if alone."""

N_PROMISING = 3.0
"""Anchors a unit may go to, on average, when HiGHS solves a group."""

MAX_SECONDS_A_NEIGHBOURHOOD = 1.5
"""Of HiGHS, where a clock is read; without one only the number of nodes limits it."""


def reoptimise_neighbourhoods(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    budget: RoundBudget,
    operator: RepairOperator,
    around: np.ndarray | None = None,
) -> np.ndarray:
    """Solve groups of neighbouring areas exactly, larger ones while they are solved quickly.

    Ends when many groups in a row brought nothing.

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
    budget
        Of the step.
    operator
        How a neighbourhood is reoptimised.
    around
        (k,) units that neighbourhoods begin at; None = anywhere.
    """
    best, best_key = labels, evaluate(part, labels).key(objective)
    known_key = evaluate(part, operator.known).key(objective)
    proven_optimal = operator.proven_optimal
    m = len(part.anchors)
    k, failed = 3.0, 0
    least = 3.0 if part.may_close else 2.0
    while budget.share < 1:
        is_open = operator.serves_all and best_key[0] > 0
        if failed >= (PATIENCE_LEFT_OVER if is_open or around is not None else PATIENCE + m):
            break
        batch = draw_neighbourhoods(part, best, max(2, round(k)), N_AT_A_TIME, rng, around)
        names = [(neighbourhood.anchors.tobytes(), best[neighbourhood.units].tobytes()) for neighbourhood in batch]
        new = [i for i, name in enumerate(names) if name not in proven_optimal]
        if not new:  # nothing better is to be found there
            failed += 1
            k = min(k * 1.01, m)
            budget.spend(1, best if best_key < known_key else operator.known)
            continue

        known = tuple(operator.cuts)  # those of groups solved at a time come after: no thread decides

        def solve(
            asked: tuple[Neighbourhood, TimeLimit], now: np.ndarray = best, known: tuple[Separator, ...] = known
        ) -> Reoptimised:
            return operator.reoptimise(asked[0], now, known, asked[1])

        limits = [operator.has_time.share(1.0, MAX_SECONDS_A_NEIGHBOURHOOD) for _ in new]
        answers = list(operator.each(solve, [(batch[i], limit) for i, limit in zip(new, limits, strict=True)]))
        candidate = best.copy()
        for i, answer in zip(new, answers, strict=True):
            candidate[batch[i].units] = answer.labels
            operator.cuts.update(dict.fromkeys(answer.cuts))
            name = names[i][0], answer.labels.tobytes()
            if answer.is_proven or operator.serves_all:  # without a proof, HiGHS may have more luck
                proven_optimal.add(name)
            k = min(k * 1.02, m) if answer.is_proven else max(k * 0.9, least)
        if operator.take is not None:
            operator.take(candidate)
        key = evaluate(part, candidate).key(objective)
        if key < best_key and (not is_open or key[0] < best_key[0]):
            failed = 0
        else:  # what took HiGHS too long says nothing: it is tried with fewer areas
            failed += sum(operator.serves_all or answer.is_proven or k <= least for answer in answers)
        if key <= best_key:
            best, best_key = candidate, key
        budget.spend(ROUNDS_PER_NEIGHBOURHOOD * len(new), best if best_key < known_key else operator.known)
    return best


Reoptimise = Callable[[Neighbourhood, np.ndarray, tuple[Separator, ...], TimeLimit], Reoptimised]
"""From a group, the labels of the part, separators known and the time for it to the group's answer."""


@dataclass(frozen=True, eq=False)
class RepairOperator:
    """How groups of areas are solved, the separators found so far, and who wants every plan met."""

    reoptimise: Reoptimise
    each: MapFunction
    has_time: TimeLimit
    serves_all: bool
    known: np.ndarray
    cuts: dict[Separator, None] = field(default_factory=dict)
    proven_optimal: set[tuple[bytes, bytes]] = field(default_factory=set)
    take: Callable[[np.ndarray], None] | None = None


def choose_repair(
    part: Subproblem,
    costs: PlanCosts,
    state: Callable[[], LagrangianState],
    relaxation: TransportRelaxation,
    serves_all: bool,
) -> Reoptimise:
    """By prices and branch and bound where everyone fits, else by HiGHS (decision 0013).

    Parameters
    ----------
    part
        The subproblem.
    costs
        Prices of a household left over and of an area.
    state
        Gives the Lagrangian state at hand.
    relaxation
        The transportation relaxation.
    serves_all
        Whether everyone can be served.
    """
    if serves_all:
        return lambda neighbourhood, now, _, __: reoptimise(part, now, neighbourhood, costs, state())
    pairs = promising_pairs(relaxation, N_PROMISING * (3.0 if part.may_close else 1.0))

    def reoptimise_modelled(
        neighbourhood: Neighbourhood, now: np.ndarray, cuts: tuple[Separator, ...], has_time: TimeLimit
    ) -> Reoptimised:
        return reoptimise_by_mip(part, now, neighbourhood, costs, pairs, cuts, has_time=has_time)

    return reoptimise_modelled


class RoundBudget:
    """What is left of a part's budget, counted through the phases of its search."""

    def __init__(self, spent: BudgetShare) -> None:
        self._spent = spent
        self.rounds = 0
        self.share = 0.0

    def spend(self, rounds: int, labels: np.ndarray) -> float:
        """Count some more rounds; the share of the whole budget that is spent.

        Parameters
        ----------
        rounds
            Rounds done since the last time.
        labels
            (n,) the best so far.
        """
        self.rounds += rounds
        self.share = self._spent(self.rounds, labels)
        return self.share

    def phase(self, end: float, best: np.ndarray | None) -> BudgetShare:
        """A budget that is spent when the whole's share reaches `end`.

        `best` is what is told of meanwhile, where it is better than what the phase finds. Where
        there are few rounds the first phase has them all.

        Parameters
        ----------
        end
            Share of the whole budget at which the phase ends.
        best
            (n,) labels reported meanwhile; None = those of the phase.
        """
        before, begin = self.rounds, self.share

        def spent(rounds: int, labels: np.ndarray) -> float:
            share = self.spend(before + rounds - self.rounds, labels if best is None else best)
            if share >= 1:
                return 1.0
            if share > 0 and self.rounds / share < MIN_ROUNDS_TO_RESOLVE:
                return share
            return (share - begin) / max(1e-9, min(end, 1.0) - begin)

        return spent
