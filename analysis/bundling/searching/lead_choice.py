"""Which anchors should lead: opened, closed and exchanged while the transportation relaxation gains."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.parts import Part, opened
from analysis.bundling.proving.transport import transport

CELLS = 4_000_000
"""Pairs of anchor and unit in all the relaxations tried, about ten seconds of one core."""

N_NEAR = 6
"""An open anchor is exchanged with this many closed ones, the nearest."""


@dataclass(frozen=True, eq=False)
class LeadChoice:
    """Anchors that might lead.

    Parameters
    ----------
    chosen
        Indices of the open anchors, ascending.
    labels
        (n,) index of the anchor that would serve most of each unit, −1 = none would.
    cost
        What the transportation relaxation says of them, see `_relaxed`.
    """

    chosen: np.ndarray
    labels: np.ndarray
    cost: float


def lead_choices(part: Part, share: np.ndarray) -> list[LeadChoice]:
    """Choices of the anchors that lead, the most promising first: the relaxation's best and those met on the way.

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    share
        (m,) how open each anchor is in a relaxation: where the choice begins.
    """
    order = np.argsort(-share, kind="stable")
    room = np.cumsum((part.capacity + part.load[part.anchors])[order])
    enough = int(np.searchsorted(room, 1.02 * part.load.sum())) + 1
    now = frozenset(order[: max(enough, int((share > 0.5).sum()))].tolist())
    apart = _apart(part)
    n_tries = max(30, CELLS // part.cost.size)
    known = {now: _relaxed(part, now)}
    while True:
        least = known[now][0]
        for other in _beside(now, apart, share):
            if other in known or len(known) >= n_tries:
                continue
            known[other] = _relaxed(part, other)
            if known[other][0] < least - 1e-9 * abs(least):
                break
        best = min(known, key=lambda one: known[one][0])
        if best == now:
            break
        now = best
    ranked = sorted(known, key=lambda one: known[one][0])
    return [
        LeadChoice(chosen, np.append(chosen, -1)[known[one][1]], known[one][0])
        for one in ranked
        if np.isfinite(known[one][0]) and len(chosen := np.array(sorted(one), dtype=np.int64))
    ]


def _beside(now: frozenset[int], apart: np.ndarray, share: np.ndarray) -> list[frozenset[int]]:
    """Choices one step away, the likely ones first: exchanges with near anchors, one less, one more."""
    closed = np.array([k for k in range(len(apart)) if k not in now], dtype=np.int64)
    steps: list[tuple[float, frozenset[int]]] = []
    for out in sorted(now):
        steps.append((float(share[out]), now - {out}))
        near = closed[np.argsort(apart[out, closed], kind="stable")][:N_NEAR]
        steps += [(float(share[out] - share[k]), (now - {out}) | {int(k)}) for k in near]
    steps += [(1.0 - float(share[new]), now | {int(new)}) for new in closed]
    return [choice for _, choice in sorted(steps, key=lambda step: step[0])]


def _relaxed(part: Part, choice: frozenset[int]) -> tuple[float, np.ndarray]:
    """What the transportation relaxation says of a choice: cost with all openings, and labels.

    Whole units fill no anchor to the last household: where less than half a unit an anchor would
    be left of all room, the cost counts as higher by as much as room lacks (choose_zyc3: the
    cheapest choice has 0.3 % left and its best plan costs 2 % more; 0.1 % dearer is 2.5 %).
    """
    chosen = np.array(sorted(choice), dtype=np.int64)
    load = part.load.sum() - part.load[part.anchors[chosen]].sum()
    if load > part.capacity[chosen].sum():
        return float("inf"), np.full(part.n_units, -1)
    free = replace(opened(part, chosen), opening=np.zeros(len(chosen), dtype=np.int64))
    found = transport(free, 10.0 * float(part.cost.max(initial=1)))
    labels = found.labels.copy()
    labels[free.anchors] = np.arange(len(chosen))
    cost = found.bound + float(part.opening[chosen].sum())
    wanted = load + 0.5 * float(part.load.mean()) * len(chosen)
    lacking = max(0.0, wanted / max(1.0, float(part.capacity[chosen].sum())) - 1.0)
    return cost * (1.0 + lacking), labels


def _apart(part: Part) -> np.ndarray:
    """(m, m) cost of serving one anchor's unit from another, a household; ∞ where it may not be."""
    cost = part.cost[:, part.anchors].astype(float)
    cost[cost < 0] = np.inf
    return cost / np.maximum(part.households[part.anchors], 1)
