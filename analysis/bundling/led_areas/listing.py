"""Every area that a few units could be, leaders inside apart, and what each is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.evaluation.objective_values import count_posts, sizes_outside_preferred
from analysis.bundling.evaluation.score import walk_matrix
from analysis.bundling.led_areas.leaders import find_pairs
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.objectives import missing_lengths_error
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import UNBOUNDED
from analysis.bundling.solver.exact.connected_sets import list_masks, unpack_masks

MOST_UNITS = 64
"""Parts of more units are not begun with: their sets are too many."""


@dataclass(frozen=True, eq=False)
class ListedAreas:
    """Areas that some units can be, of which a plan chooses some that share no unit.

    Parameters
    ----------
    units
        (n,) positions in the problem, ascending.
    is_in
        (s, n) bool: members of each area.
    middle
        (s,) int: place of the member with the least household-metres, the first of equals.
    is_kept
        Whether the one area is there in every plan.
    """

    units: np.ndarray
    is_in: np.ndarray
    middle: np.ndarray
    is_kept: bool = False

    @property
    def n_areas(self) -> int:
        """Number of areas."""
        return len(self.is_in)


def list_areas(
    problem: Problem, units: np.ndarray, locks: IndexedLocks = NO_LOCKS, *, most_sets: int
) -> ListedAreas | None:
    """Every connected set of units that keeps all bounds and locks and in which somebody asks for an area.

    Parameters
    ----------
    problem
        Of mode "area".
    units
        (n,) positions, ascending; all that may share an area with one of them.
    locks
        What is settled between two units.
    most_sets
        Sets met at most (`connected_sets.list_masks`).

    Returns
    -------
    None where there are more sets, or more units than `MOST_UNITS`.
    """
    if len(units) > MOST_UNITS:
        return None
    weights, uppers = _bounded_weights(problem, units)
    near = problem.adjacency.matrix[units][:, units].tocsr()
    masks = list_masks(Adjacency(near.indptr, near.indices), weights, uppers, most_sets)
    if masks is None:
        return None
    is_in = unpack_masks(masks, len(units))
    is_in = is_in[is_in[:, problem.is_target[units]].any(axis=1)]
    for size in problem.sizes:
        is_in = is_in[is_in @ size.weight[units] >= size.lower]
    is_in = is_in[_keeps_pairs(units, is_in, locks)]
    middle = _find_middles(problem, units, is_in)
    is_near = ~_is_too_far(problem, units, is_in, middle, locks)
    return ListedAreas(units, is_in[is_near], middle[is_near])


def keep_area(problem: Problem, members: np.ndarray) -> ListedAreas:
    """An area that stays.

    Parameters
    ----------
    problem
        Of mode "area".
    members
        (n,) positions, ascending.
    """
    is_in = np.ones((1, len(members)), dtype=bool)
    return ListedAreas(members, is_in, _find_middles(problem, members, is_in), is_kept=True)


def measure_areas(problem: Problem, listed: ListedAreas, name: str) -> np.ndarray:
    """(s,) what each area adds to an objective, where nobody is led.

    Parameters
    ----------
    problem
        Of mode "area".
    listed
        The areas.
    name
        One of `MEASURED`: sums over areas. "compact" and "border" are minus what is inside, "staffing" is less
        the posts that members have alone.

    Raises
    ------
    UsageError
        If outlines are to be short ("border") and the length of a pair is not known.
    """
    return MEASURED[name](problem, listed)


def walks_to_middles(problem: Problem, listed: ListedAreas) -> np.ndarray:
    """(n, n) household-metres of each unit (row) to each member that may be the middle (column).

    Parameters
    ----------
    problem
        Of mode "area".
    listed
        The areas.
    """
    walks = walk_matrix(problem, listed.units, listed.units)
    return np.asarray(problem.households[listed.units][:, None] * walks.T)


def is_beyond_reach(problem: Problem, units: np.ndarray) -> np.ndarray:
    """(n, n) bool: whether a unit (row) that nobody leads is too far from a middle (column).

    Parameters
    ----------
    problem
        Of mode "area".
    units
        (n,) positions.
    """
    walks = problem.walks[units][:, units].toarray().T
    far = (walks == 0) | (walks > problem.rules.reach_m)
    np.fill_diagonal(far, val=False)
    return np.asarray(far)


def _bounded_weights(problem: Problem, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights that no area exceeds: of units below a most, and how many are above it, of which there may be one."""
    weights, uppers = [np.zeros(len(units), dtype=np.int64)], [0]
    for size in problem.sizes:
        upper = UNBOUNDED if size.upper is None else size.upper
        is_above = size.weight[units] > upper
        weights += [np.where(is_above, 0, size.weight[units]), is_above.astype(np.int64)]
        uppers += [upper, 1]
    return np.array(weights, dtype=np.int64), np.array(uppers, dtype=np.int64)


def _keeps_pairs(units: np.ndarray, is_in: np.ndarray, locks: IndexedLocks) -> np.ndarray:
    """(s,) bool: areas that break no lock between two units."""
    place = {unit: k for k, unit in enumerate(units.tolist())}
    nowhere = np.zeros(len(is_in), dtype=bool)
    keeps = np.ones(len(is_in), dtype=bool)
    for constraint in locks.pair_constraints:
        a, b = (is_in[:, place[end]] if end in place else nowhere for end in (constraint.a, constraint.b))
        keeps &= {"together": a == b, "joined": ~a | b, "apart": ~(a & b)}[constraint.kind]
    return keeps


def _find_middles(problem: Problem, units: np.ndarray, is_in: np.ndarray) -> np.ndarray:
    """(s,) place of the member of each area from which all members have the fewest household-metres."""
    walked = (is_in * problem.households[units]) @ walk_matrix(problem, units, units).T
    return np.where(is_in, walked, np.iinfo(np.int64).max).argmin(axis=1) if len(is_in) else np.zeros(0, dtype=np.int64)


def _is_too_far(
    problem: Problem, units: np.ndarray, is_in: np.ndarray, middle: np.ndarray, locks: IndexedLocks
) -> np.ndarray:
    """(s,) bool: areas with a member beyond reach of the middle that none of them may lead."""
    group_of = np.full(problem.n_units, -1, dtype=np.int64)
    group_of[units] = 0
    pairs = find_pairs(problem, group_of, locks)
    place = np.searchsorted(units, pairs.unit), np.searchsorted(units, problem.anchors[pairs.anchor])
    may_lead = csr_array((np.ones(len(pairs.unit)), place), shape=(len(units), len(units)))
    has_leader = np.asarray((may_lead @ is_in.T.astype(float)).T > 0)
    is_far = is_beyond_reach(problem, units)[:, middle].T
    return np.asarray((is_in & is_far & ~has_leader).any(axis=1))


def _walking(problem: Problem, listed: ListedAreas) -> np.ndarray:
    metres = walks_to_middles(problem, listed).T
    walked = np.zeros(listed.n_areas)
    for c in np.unique(listed.middle).tolist():
        here = listed.middle == c
        walked[here] = listed.is_in[here] @ metres[c].astype(float)
    return walked


def _n_areas(_: Problem, listed: ListedAreas) -> np.ndarray:
    return np.ones(listed.n_areas)


def _outside_window(problem: Problem, listed: ListedAreas) -> np.ndarray:
    grounds = problem.grounds_m2
    floor_m2 = (problem.load if grounds is None else grounds[:, 0])[listed.units]
    sizes = zip(listed.is_in.sum(axis=1).tolist(), (listed.is_in @ floor_m2).tolist(), strict=True)
    return np.array([float(bool(sizes_outside_preferred(problem.rules, n, float(m2)))) for n, m2 in sizes])


def _staffing(problem: Problem, listed: ListedAreas) -> np.ndarray:
    alone = np.array([count_posts(problem, np.array([unit])) for unit in listed.units], dtype=float)
    return np.array([count_posts(problem, listed.units[row]) - alone[row].sum() for row in listed.is_in], dtype=float)


def _uncut(problem: Problem, listed: ListedAreas, length: np.ndarray) -> np.ndarray:
    between = csr_array((length, problem.indices, problem.indptr), shape=(problem.n_units,) * 2)
    among = between[listed.units][:, listed.units].toarray().astype(float)
    is_in = listed.is_in.astype(float)
    return -((is_in @ among) * is_in).sum(axis=1) / 2


def _compact(problem: Problem, listed: ListedAreas) -> np.ndarray:
    return _uncut(problem, listed, np.ones(len(problem.indices)))


def _border(problem: Problem, listed: ListedAreas) -> np.ndarray:
    if problem.facing_m is None:
        raise missing_lengths_error()
    return _uncut(problem, listed, problem.facing_m)


def _of_leaders(_: Problem, listed: ListedAreas) -> np.ndarray:
    return np.zeros(listed.n_areas)


MEASURED: Mapping[str, Callable[[Problem, ListedAreas], np.ndarray]] = MappingProxyType(
    {
        "walking": _walking,
        "areas": _n_areas,
        "window": _outside_window,
        "staffing": _staffing,
        "compact": _compact,
        "border": _border,
        "preferences": _of_leaders,
        "new_leads_old": _of_leaders,
    }
)
"""What an area adds to each objective that is a sum over areas and over who is led."""
