"""The search of one part: annealing over connected moves, then exact answers for groups of areas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.bundling import kernel_lead, kernel_whole
from analysis.bundling.columns import Area, violated_cuts
from analysis.bundling.compiled import random_state
from analysis.bundling.construct import seeded_areas
from analysis.bundling.neighbourhood import AreaModel, Sight, joined_labels, neighbourhood, resolve
from analysis.bundling.objective import PEOPLE_FIRST, Objective, Score
from analysis.bundling.parts import Part, Stage, opened
from analysis.bundling.proof import bound_part
from analysis.bundling.transport import Transport, promising_pairs, transport

MOVES_PER_ROUND = 10_000
"""Tried moves of one round, about 2 ms of one core."""

ROUNDS_PER_GROUP = 40
"""Rounds that one group of areas solved exactly counts for."""

ANNEALED_SHARE = 0.2
"""Share of a part's budget that one annealing takes before groups of areas are solved exactly."""

MIN_ROUNDS_TO_RESOLVE = 200
"""Parts with fewer rounds than this to spend are annealed only."""

PATIENCE = 60
"""Groups in a row that bring nothing, besides one an anchor, before annealing begins anew."""

N_PROMISING = 3.0
"""Anchors a unit may go to, on average, when a group of areas is solved exactly."""

MAX_SECONDS_A_GROUP = 1.5
"""Where a clock is read; without one only the number of nodes limits the exact answer of a group."""

Spent = Callable[[int, np.ndarray], float]
"""Called after every round with its number and the best labels so far; returns the share of the
budget that is spent. The search ends at 1."""


def improve(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: Spent,
    *,
    seconds_left: Callable[[], float] = lambda: float("inf"),
) -> np.ndarray:
    """Better labels than those given, or the same.

    Annealing: in each cycle the temperature falls and the prices of what must not remain (weight
    outside the bounds, load above capacity) rise geometrically, so that a longer search is a
    calmer one (Kirkpatrick, Gelatt & Vecchi 1983); see `Cooling` for the number of cycles. Areas
    that still break a bound in the best labels are taken apart, never returned.

    Led areas are then improved by large-neighbourhood search (Shaw 1998): a group of areas that
    lie together is solved exactly, over and over; when that brings nothing any more, annealing
    begins anew.

    Parameters
    ----------
    part
        What is given.
    labels
        (n,) int: a sound start, see `construct`.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        See `Spent`.
    seconds_left
        Until the whole search must end; ∞ where no clock is read.

    Returns
    -------
    (n,) int64 labels, −1 = left over.
    """
    if part.stage == "whole":
        return sound_labels(part, _anneal_whole(part, labels, objective, rng, spent))
    return _improve_lead(part, labels, objective, rng, _Budget(spent), seconds_left)


def _improve_lead(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    budget: _Budget,
    seconds_left: Callable[[], float],
) -> np.ndarray:
    """Anneal, then solve groups of areas until nothing is found any more; again while time lasts."""
    if budget.spend(0, labels) >= 1:
        return labels
    metres, _ = _scales(part)
    price, _ = _left_over_price(objective, metres)
    found = transport(part, price, objective.area_m)
    per_unit = N_PROMISING * (3.0 if part.may_close else 1.0)
    if objective.left_over_m is None:  # nobody is left over to save metres or an anchor's opening
        price = max(1000 * metres, float(part.opening.max(initial=0)), float(objective.area_m))
    sight = Sight(promising_pairs(found, per_unit), price, objective.area_m)
    best = labels
    while budget.share < 1:
        phase = budget.phase(budget.share + ANNEALED_SHARE, best if best is not labels else None)
        if part.may_close:
            tried = _opened_start(part, found.labels, objective, rng, phase, sight, seconds_left())
        else:
            start, hot = _start_of(part, labels, found)
            tried = sound_labels(part, _anneal_lead(part, start, objective, rng, phase, hot))
        if len(part.anchors) > 1:
            tried = _resolve_groups(part, tried, objective, rng, budget, sight, seconds_left)
        best = min(best, tried, key=lambda one: value(part, one).key(objective))
    return best


def sound_labels(part: Part, labels: np.ndarray) -> np.ndarray:
    """Labels with every area outside the bounds ("whole") or above capacity ("lead") taken apart."""
    labels = np.asarray(labels, dtype=np.int64).copy()
    for area in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == area)
        if part.stage == "whole":
            sound = part.lower <= part.weight[members].sum() <= part.upper
        else:
            taken = part.load[members].sum() - part.load[part.anchors[area]]
            sound = taken <= part.capacity[area]
        if not sound:
            labels[members] = -1
    if part.stage == "lead" and not part.may_close:
        labels[part.anchors] = np.arange(len(part.anchors))
    if part.k and len(np.unique(labels[labels >= 0])) != part.k:
        labels[:] = -1
    return labels


def value(part: Part, labels: np.ndarray) -> Score:
    """What sound labels of a part are worth, computed from scratch.

    Anchors that take nothing in are no areas.
    """
    left = int(part.households[labels < 0].sum())
    metres = opening = n_areas = 0
    for area in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == area)
        if part.stage == "whole":
            metres += 0 if part.measure == "cut" else _walked(part, members)
            n_areas += 1
        elif part.may_close or len(members) > 1:
            taken = members if part.may_close else members[members != part.anchors[area]]
            metres += int(part.cost[area, taken].sum())
            opening += int(part.opening[area])
            n_areas += 1
    if part.measure == "cut":
        row = np.repeat(np.arange(part.n_units), np.diff(part.indptr))
        metres = int((labels[row] != labels[part.indices]).sum()) // 2
    return Score(left, metres, n_areas, opening)


def _walked(part: Part, members: np.ndarray) -> int:
    """Household-metres of an area, walked to its medoid."""
    return int((part.metres[np.ix_(members, members)] @ part.walkers[members]).min())


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


def _opened_start(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: Spent,
    sight: Sight,
    seconds: float,
) -> np.ndarray:
    """A first plan where anchors may be closed.

    Which are open is decided with whole units, but without asking for connection; then their areas
    are annealed as if they always were.
    """
    everyone = np.arange(len(part.anchors))
    nothing = np.full(part.n_units, -1, dtype=np.int64)
    limit = min(0.3 * seconds, 60.0) if seconds < float("inf") else float("inf")
    answer = AreaModel(part, nothing, everyone, sight).solve(limit, 500)
    if answer.labels is not None:
        labels = answer.labels
    chosen = np.unique(labels[labels >= 0])
    if len(chosen) == 0:
        return nothing
    open_part = opened(part, chosen)
    place = np.full(len(part.anchors) + 1, -1, dtype=np.int64)  # the last stands for "left over"
    place[chosen] = np.arange(len(chosen))
    start = joined_labels(open_part, place[labels])
    found = sound_labels(open_part, _anneal_lead(open_part, start, objective, rng, spent, 2.0))
    return np.where(found >= 0, chosen[found], -1)


def _resolve_groups(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    budget: _Budget,
    sight: Sight,
    seconds_left: Callable[[], float],
) -> np.ndarray:
    """Solve groups of neighbouring areas exactly, larger ones while they are solved quickly.

    Ends when many groups in a row brought nothing.
    """
    best, best_key = labels, value(part, labels).key(objective)
    settled: set[tuple[bytes, bytes]] = set()
    k, failed = 3.0, 0
    while budget.share < 1 and failed < PATIENCE + len(part.anchors):
        group = neighbourhood(part, best, max(2, round(k)), rng)
        inside = np.where(np.isin(best, group) | (best < 0), best, -2)
        name = group.tobytes(), inside.tobytes()
        if len(group) == 0 or name in settled:  # nothing better is to be found there
            failed += 1
            k = min(k * 1.005, len(part.anchors))
            budget.spend(1, best)
            continue
        seconds = seconds_left()
        if seconds < float("inf"):
            seconds = min(seconds, MAX_SECONDS_A_GROUP)
        tried, is_proven = resolve(part, best, group, sight, seconds=seconds, nodes=200)
        key = value(part, tried).key(objective)
        if is_proven and key >= best_key:
            settled.add(name)
        if key < best_key:
            failed = 0
        elif is_proven or k <= 2:  # what took too long says nothing: it is tried with fewer areas
            failed += 1
        if key <= best_key:
            best, best_key = tried, key
        k = min(k * 1.02, len(part.anchors)) if is_proven else max(k * 0.88, 2)
        budget.spend(ROUNDS_PER_GROUP, best)
    return best


def _anneal_whole(
    part: Part, labels: np.ndarray, objective: Objective, rng: np.random.Generator, spent: Spent
) -> np.ndarray:
    town = kernel_whole.town_of(part)
    is_seeded = part.k > 0 and len(np.unique(labels[labels >= 0])) != part.k
    if is_seeded:
        labels = seeded_areas(part, rng)
    areas = kernel_whole.new_areas(town, labels)
    areas.best[:] = -1 if is_seeded else labels
    state = random_state(rng)
    metres, people = _scales(part)
    heaviness = metres * people / max(1.0, float(part.weight.mean()))
    price, first = _left_over_price(objective, metres)
    cooling = Cooling(part.n_units)
    hot, cold = (2.0, 0.1) if part.measure == "cut" else (3.0, 0.005)
    rounds = 0
    while (share := spent(rounds, areas.best)) < 1:
        phase = cooling.phase(rounds, share)
        prices = kernel_whole.Prices(
            heat=_between(hot * metres * people, cold * metres * people, phase),
            excess=_between(heaviness, 300 * heaviness, phase),
            left_over=price,
            area=float(objective.area_m),
        )
        kernel_whole.anneal(town, areas, prices, first, objective.area_m, MOVES_PER_ROUND, state)
        rounds += 1
    return areas.best


def _anneal_lead(
    part: Part,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: Spent,
    hot: float,
) -> np.ndarray:
    quarter = kernel_lead.quarter_of(part)
    leads = kernel_lead.new_leads(quarter, labels)
    state = random_state(rng)
    metres, people = _scales(part)
    price, first = _left_over_price(objective, metres)
    cooling = Cooling(part.n_units)
    rounds = 0
    while (share := spent(rounds, leads.best)) < 1:
        phase = cooling.phase(rounds, share)
        prices = kernel_lead.Prices(
            heat=_between(hot * metres * people, 0.005 * metres * people, phase),
            overload=_between(3 * metres, 3000 * metres, phase),
            left_over=price,
            area=float(objective.area_m),
        )
        kernel_lead.anneal(quarter, leads, prices, first, objective.area_m, MOVES_PER_ROUND, state)
        rounds += 1
    return leads.best


def _scales(part: Part) -> tuple[float, float]:
    """A usual walk in metres and a usual number of households: the scale of a move's change."""
    people = max(1.0, float(part.walkers.mean()))
    if part.measure == "cut":
        return 1.0, 1.0
    if part.stage == "whole":
        row = np.repeat(np.arange(part.n_units), np.diff(part.indptr))
        walks = 2 * part.metres[row, part.indices]  # about as far as members are from a medoid
        return (max(1.0, float(np.median(walks))) if len(walks) else 1.0), people
    walks = np.where(part.cost >= 0, part.cost / np.maximum(part.households, 1), np.inf)
    walks = np.sort(walks, axis=0)[min(1, len(walks) - 1)]  # to the second nearest anchor
    walks = walks[np.isfinite(walks) & (walks > 0)]
    return (max(1.0, float(np.median(walks))) if len(walks) else 1.0), people


def _left_over_price(objective: Objective, metres: float) -> tuple[float, int]:
    """Price of a household left over while annealing, and the exact one (−1 = comes first)."""
    if objective.left_over_m is None:
        return 30.0 * metres, -1
    return float(objective.left_over_m), objective.left_over_m


class Cooling:
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
        """Share of the present cycle, 0 to 1; the number of cycles is fixed after some rounds."""
        if self._n_cycles == 0 and share > 0 and (rounds >= 3 or share > 0.02):
            total = rounds / share
            wanted = (40 * total / self._n_units) ** 0.5
            self._n_cycles = max(1, round(min(wanted, total / 8)))
        return share * self._n_cycles % 1.0 if self._n_cycles else share


def _between(start: float, end: float, share: float) -> float:
    """Geometric path from start to end."""
    return float(start * (end / start) ** share)


def compile_kernels(stages: tuple[Stage, ...]) -> None:
    """Have the kernels of the stages ready, so that no search pays for compiling them.

    The first use on a machine takes some seconds, later ones read numba's cache.
    """
    for stage in stages:
        part, labels = _smallest(stage), np.zeros(2, dtype=np.int64)
        improve(part, labels, PEOPLE_FIRST, np.random.default_rng(0), lambda n, _: float(n))
        bound_part(part, labels, left_over=1.0, area=0.0, aim=1.0, goes_on=lambda step: False)
    violated_cuts([Area(0, np.zeros(1, dtype=np.int64), 0.0)], np.ones(1), 2)


def _smallest(stage: Stage) -> Part:
    """Two neighbours, the first of them an anchor in stage "lead"."""
    ones = np.ones(2, dtype=np.int64)
    anchors = np.zeros(1 if stage == "lead" else 0, dtype=np.int64)
    return Part(
        stage=stage,
        units=np.arange(2),
        indptr=np.array([0, 1, 2], dtype=np.int64),
        indices=np.array([1, 0]),
        households=ones,
        weight=ones,
        load=ones,
        metres=np.array([[0, 1], [1, 0]], dtype=np.int32),
        cost=np.array([[-1, 1]], dtype=np.int64)[: len(anchors)],
        anchors=anchors,
        capacity=np.ones(len(anchors), dtype=np.int64),
        lower=1,
        upper=2,
        opening=np.zeros(len(anchors), dtype=np.int64),
        walkers=ones,
    )
