"""The search of led areas: annealing for a start, then groups of neighbouring areas solved exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.bundling.objective import Objective
from analysis.bundling.parts import Part, opened
from analysis.bundling.proving.area_model import Costs
from analysis.bundling.proving.priced import Priced, price_part
from analysis.bundling.proving.separators import Cut, broken
from analysis.bundling.proving.transport import Transport, promising_pairs, transport
from analysis.bundling.searching.annealing import Spent, anneal_lead, left_over_price, scales
from analysis.bundling.searching.groups import Group, Resolved, groups, resolve
from analysis.bundling.searching.lead_choice import choose_leads
from analysis.bundling.searching.modelled import resolve_modelled
from analysis.bundling.searching.worth import sound_labels, value

LEFT_PRICE = 1000.0
"""Price of a household left over where nobody is to be, in usual walks."""

ROUNDS_PER_GROUP = 20
"""Rounds that one group of areas solved exactly counts for."""

ANNEALED_SHARE = 0.1
"""Share of a part's budget that one annealing takes before groups of areas are solved exactly."""

ANNEALED_SHARE_LEAVING = 0.2
"""The same where not everyone can be served: who is left over is first a matter of annealing."""

OPENED_SHARE = 0.3
"""Share of the budget for groups of areas while the choice of leads stands, where they may be closed."""

MIN_ROUNDS_TO_RESOLVE = 200
"""Parts with fewer rounds than this to spend are annealed only."""

PATIENCE = 60
"""Groups in a row that bring nothing, besides one an anchor, before annealing begins anew."""

SOME_PATIENCE = 24
"""The same, while somebody is left over who is not to be."""

N_AT_A_TIME = 2
"""Groups solved at a time; they have no unit in common, so each is solved as if alone."""

N_PROMISING = 3.0
"""Anchors a unit may go to, on average, when HiGHS solves a group."""

MAX_SECONDS_A_GROUP = 1.5
"""Of HiGHS, where a clock is read; without one only the number of nodes limits it."""

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""`map`, or what does the same several at a time."""


def improve_led(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: Spent,
    each: Each,
    seconds_left: Callable[[], float],
) -> np.ndarray:
    """Anneal, then solve groups of areas until nothing is found any more; again while time lasts.

    See `search.improve`.
    """
    budget = _Budget(spent)
    if budget.spend(0, labels) >= 1:
        return labels
    cuts: dict[Cut, None] = {}
    metres, _ = scales(part)
    price, _ = left_over_price(objective, metres)
    found = transport(part, price, objective.area_m)
    if objective.left_over_m is None:  # nobody is left over to save metres or an anchor's opening
        price = max(
            LEFT_PRICE * metres, float(part.opening.max(initial=0)), float(objective.area_m)
        )
    costs = Costs(price, float(objective.area_m))
    priced = Priced(-np.inf, found.prices, {}, np.zeros(part.cost.shape))
    priced = price_part(
        part, costs, priced, aim=1.03 * found.bound, rounds=4, steps=100, length=1.0
    )
    n_left = int((found.labels < 0).sum()) - (0 if part.may_close else len(part.anchors))
    serves_all = objective.left_over_m is None and n_left == 0  # anchors are served by nobody
    best = labels
    while budget.share < 1:
        is_first = best is labels
        anew = is_first or not serves_all or bool((best < 0).any())
        if part.may_close:
            tried = _opened(
                part, None if anew else best, best, priced, objective, rng, budget, costs,
                each, serves_all,
            )  # fmt: skip
        else:
            share = ANNEALED_SHARE if serves_all else ANNEALED_SHARE_LEAVING
            phase = budget.phase(budget.share + share, None if is_first else best)
            start, hot = _start_of(part, labels, found) if anew else (best, 0.5)
            tried = sound_labels(part, anneal_lead(part, start, objective, rng, phase, hot))
        if len(part.anchors) > 1:
            way = _Way(
                _solver(part, costs, priced, found, serves_all, seconds_left),
                each,
                serves_all,
                cuts,
            )
            tried = _resolve_groups(part, tried, objective, rng, budget, way)
        best = min(best, tried, key=lambda one: value(part, one).key(objective))
        known = costs.of(part, best)
        if serves_all and not (best < 0).any():
            priced = price_part(part, costs, priced, aim=known, rounds=4, steps=60, length=0.3)
        budget.spend(1, best)
    return best


def joined_labels(part: Part, labels: np.ndarray) -> np.ndarray:
    """Labels in which what an anchor does not reach over its own units is left over."""
    labels = labels.copy()
    labels[part.anchors] = np.arange(len(part.anchors))
    for _, group in list(broken(part, labels)):
        labels[group] = -1
    return labels


def _start_of(part: Part, labels: np.ndarray, found: Transport) -> tuple[np.ndarray, float]:
    """Where annealing begins, and how hot.

    Where the transportation relaxation serves almost everyone it is close to the best plan and
    must not be melted (sap_gy2_18a, 12 s: 2.0 % above the best known from the grown plan at heat
    10, 0.2 % from the relaxation at heat 2). Where capacity is short it says little of who is
    left over, and in small parts any start is as good as another.
    """
    few = part.n_units // 20
    n_left = int((found.labels < 0).sum()) - len(part.anchors)  # anchors are served by nobody
    if few > 0 and n_left <= few:
        return joined_labels(part, found.labels), 2.0
    return labels, 10.0


def _opened(
    part: Part,
    labels: np.ndarray | None,
    known: np.ndarray,
    priced: Priced,
    objective: Objective,
    rng: np.random.Generator,
    budget: _Budget,
    costs: Costs,
    each: Each,
    serves_all: bool,
) -> np.ndarray:
    """A plan where anchors may be closed: those open are searched as if they always were.

    Open are those of the labels given, or those `lead_choice.choose_leads` finds. `known` is the
    best plan so far: what is told of meanwhile.
    """
    if labels is None:
        chosen, begin = choose_leads(part, priced.mean[np.arange(len(part.anchors)), part.anchors])
    else:
        chosen, begin = np.unique(labels[labels >= 0]), labels
    if len(chosen) == 0:
        return np.full(part.n_units, -1, dtype=np.int64)
    free = opened(part, chosen)
    free = replace(free, opening=np.zeros_like(free.opening))
    place = np.full(len(part.anchors) + 1, -1, dtype=np.int64)  # the last stands for "left over"
    place[chosen] = np.arange(len(chosen))
    hot = 2.0 if labels is None else 0.5
    start = joined_labels(free, place[begin])
    phase = budget.phase(budget.share + ANNEALED_SHARE, known)
    found = sound_labels(free, anneal_lead(free, start, objective, rng, phase, hot))
    if labels is None and len(chosen) > 1 and serves_all:
        own = Priced(-np.inf, priced.prices, {}, np.zeros(free.cost.shape))
        aim = costs.of(free, found) if not (found < 0).any() else 1.03 * abs(priced.bound)
        own = price_part(free, costs, own, aim=aim, rounds=4, steps=80, length=1.0)
        inner = _Budget(budget.phase(budget.share + OPENED_SHARE, known))
        way = _Way(lambda group, now, _: resolve(free, now, group, costs, own), each, serves_all)
        found = _resolve_groups(free, found, objective, rng, inner, way)
    return np.where(found >= 0, np.append(chosen, -1)[found], -1)


def _resolve_groups(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    budget: _Budget,
    way: _Way,
) -> np.ndarray:
    """Solve groups of neighbouring areas exactly, larger ones while they are solved quickly.

    Ends when many groups in a row brought nothing.
    """
    best, best_key = labels, value(part, labels).key(objective)
    settled: set[tuple[bytes, bytes]] = set()
    m = len(part.anchors)
    k, failed = 3.0, 0
    least = 3.0 if part.may_close else 2.0
    while budget.share < 1:
        is_open = way.serves_all and best_key[0] > 0
        if failed >= (SOME_PATIENCE if is_open else PATIENCE + m):
            break
        batch = groups(part, best, max(2, round(k)), N_AT_A_TIME, rng)
        names = [(group.anchors.tobytes(), best[group.units].tobytes()) for group in batch]
        new = [i for i, name in enumerate(names) if name not in settled]
        if not new:  # nothing better is to be found there
            failed += 1
            k = min(k * 1.01, m)
            budget.spend(1, best)
            continue

        known = tuple(way.cuts)  # those of groups solved at a time come after: no thread decides

        def solve(group: Group, now: np.ndarray = best, known: tuple[Cut, ...] = known) -> Resolved:
            return way.solve(group, now, known)

        answers = list(way.each(solve, [batch[i] for i in new]))
        tried = best.copy()
        for i, answer in zip(new, answers, strict=True):
            tried[batch[i].units] = answer.labels
            way.cuts.update(dict.fromkeys(answer.cuts))
            if answer.is_proven:
                settled.add((names[i][0], answer.labels.tobytes()))
            k = min(k * 1.02, m) if answer.is_proven else max(k * 0.9, least)
        key = value(part, tried).key(objective)
        if key < best_key and (not is_open or key[0] < best_key[0]):
            failed = 0
        else:  # what took HiGHS too long says nothing: it is tried with fewer areas
            failed += sum(way.serves_all or answer.is_proven or k <= least for answer in answers)
        if key <= best_key:
            best, best_key = tried, key
        budget.spend(ROUNDS_PER_GROUP * len(new), best)
    return best


Solve = Callable[[Group, np.ndarray, tuple[Cut, ...]], Resolved]
"""From a group, the labels of the part and separators known to the group's answer."""


@dataclass(frozen=True, eq=False)
class _Way:
    """How groups of areas are solved, and the separators found so far."""

    solve: Solve
    each: Each
    serves_all: bool
    cuts: dict[Cut, None] = field(default_factory=dict)


def _solver(
    part: Part,
    costs: Costs,
    priced: Priced,
    found: Transport,
    serves_all: bool,
    seconds_left: Callable[[], float],
) -> Solve:
    """By prices and branch and bound where everyone fits, else by HiGHS (decision 0013)."""
    if serves_all:
        return lambda group, now, _: resolve(part, now, group, costs, priced)
    pairs = promising_pairs(found, N_PROMISING * (3.0 if part.may_close else 1.0))

    def modelled(group: Group, now: np.ndarray, cuts: tuple[Cut, ...]) -> Resolved:
        left = seconds_left()
        limit = min(left, MAX_SECONDS_A_GROUP) if left < np.inf else np.inf
        return resolve_modelled(part, now, group, costs, pairs, cuts, seconds=limit)

    return modelled


class _Budget:
    """What is left of a part's budget, counted through the phases of its search."""

    def __init__(self, spent: Spent) -> None:
        self._spent = spent
        self.rounds = 0
        self.share = 0.0

    def spend(self, rounds: int, labels: np.ndarray) -> float:
        """Count some more rounds; the share of the whole budget that is spent."""
        self.rounds += rounds
        self.share = self._spent(self.rounds, labels)
        return self.share

    def phase(self, end: float, best: np.ndarray | None) -> Spent:
        """A budget that is spent when the whole's share reaches `end`.

        `best` is what is told of meanwhile, where it is better than what the phase finds. Where
        there are few rounds the first phase has them all.
        """
        before, begin = self.rounds, self.share

        def spent(rounds: int, labels: np.ndarray) -> float:
            share = self.spend(before + rounds - self.rounds, labels if best is None else best)
            if share > 0 and self.rounds / share < MIN_ROUNDS_TO_RESOLVE:
                return share
            return (share - begin) / max(1e-9, min(end, 1.0) - begin)

        return spent
