"""Rank-1 cuts over rows “each unit once”: what they are, and those that a fractional choice of areas breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.kernels.pricing import MAX_CUT_UNITS
from analysis.bundling.solver.kernels.rank_one import find_violated_sets, find_violated_triples

EPS = 1e-7
MAX_CUTS = 100
"""Cuts added at a time."""
MAX_CUTS_A_UNIT = 8
"""Cuts added at a time that one unit is in."""
LEAST_EXCESS = 0.02
"""Violation from which a cut is worth a row."""
N_CANDIDATES = 25
"""Units that share areas with one, tried beside it."""
MULTIPLIERS = (
    ((2, 1, 1, 1), 3),
    ((1, 1, 1, 1, 1), 2),
    ((1, 1, 1, 1, 1), 3),
    ((2, 2, 1, 1, 1), 4),
    ((3, 1, 1, 1, 1), 4),
    ((3, 2, 2, 1, 1), 5),
)
"""Numerators and denominators over four and five rows that are not dominated (Pecin et al. 2017)."""


@dataclass(frozen=True)
class RankOneCut:
    """Σ over areas of ⌊Σ numerators of its units / denominator⌋ ≤ ⌊Σ numerators / denominator⌋.

    Valid for every partition (Chvátal 1973): rows “each unit once” times numerator / denominator,
    added up and rounded down.
    """

    units: tuple[int, ...]
    numerators: tuple[int, ...]
    denominator: int

    @property
    def most(self) -> int:
        """The right-hand side."""
        return sum(self.numerators) // self.denominator

    def coefficients(self, held: np.ndarray) -> np.ndarray:
        """(a,) what each area counts in the cut.

        Parameters
        ----------
        held
            (a, n) int: which units each area holds.
        """
        return held[:, list(self.units)] @ np.array(self.numerators) // self.denominator


def separate_rank_one(areas: Sequence[np.ndarray], shares: np.ndarray, n: int) -> list[RankOneCut]:
    """Cuts over three, four and five units that a fractional choice of areas breaks, those broken most first.

    Triples are all looked at (subset rows; Jepsen et al. 2008), the others are found by local search.

    Parameters
    ----------
    areas
        Of each area, (k,) int: its units.
    shares
        (a,) how much of each is taken.
    n
        Number of units.
    """
    chosen = [k for k in range(len(shares)) if shares[k] > EPS]
    if not chosen:
        return []
    units = [np.sort(areas[k]) for k in chosen]
    first = np.concatenate([[0], np.cumsum([len(one) for one in units])]).astype(np.int64)
    given = first, np.concatenate(units), shares[chosen].astype(float), n
    out, excess = np.zeros((1000, 3), dtype=np.int64), np.zeros(1000)
    count = find_violated_triples(*given, LEAST_EXCESS, out, excess)
    found = {RankOneCut(tuple(sorted(out[k].tolist())), (1, 1, 1), 2): float(excess[k]) for k in range(count)}
    numerators = np.array([[*one, *[0] * (MAX_CUT_UNITS - len(one))] for one, _ in MULTIPLIERS], dtype=np.int64)
    denominators = np.array([denominator for _, denominator in MULTIPLIERS], dtype=np.int64)
    out, kind, excess = np.zeros((1000, MAX_CUT_UNITS), dtype=np.int64), np.zeros(1000, dtype=np.int64), np.zeros(1000)
    count = find_violated_sets(*given, numerators, denominators, N_CANDIDATES, LEAST_EXCESS, out, kind, excess)
    for k in range(count):
        amounts, denominator = MULTIPLIERS[kind[k]]
        pairs = sorted(zip(out[k, : len(amounts)].tolist(), amounts, strict=True))
        cut = RankOneCut(tuple(unit for unit, _ in pairs), tuple(amount for _, amount in pairs), denominator)
        found[cut] = float(excess[k])
    return _choose(found.items(), n)


def _choose(found: Iterable[tuple[RankOneCut, float]], n: int) -> list[RankOneCut]:
    """Those broken most, few of each unit."""
    used = np.zeros(n, dtype=np.int64)
    cuts: list[RankOneCut] = []
    for cut, _ in sorted(found, key=lambda one: (-one[1], one[0].units, one[0].numerators)):
        if len(cuts) == MAX_CUTS:
            break
        units = list(cut.units)
        if used[units].max() < MAX_CUTS_A_UNIT:
            used[units] += 1
            cuts.append(cut)
    return cuts
