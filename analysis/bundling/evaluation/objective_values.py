"""What a plan, or one of its areas, is worth by each objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import numpy as np
from scipy.optimize import linear_sum_assignment

from analysis.bundling.evaluation.score import metres_of_area, score, unanchored_by_jurisdiction
from analysis.bundling.model.objectives import missing_lengths_error, objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.score import Score
from analysis.economics import count_shared_posts
from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def measure_objectives(problem: Problem, plan: Plan, names: Sequence[str]) -> dict[str, int]:
    """What a plan is worth by each of some objectives, from scratch.

    "walking" in household-metres; "compact": pairs of neighbours that are not in one area; "border":
    metres along which these face each other, each pair's whole;
    "staffing": posts of cleaning, greening and repair, of areas as one and of all other units
    alone (R35, R38); "closeness": units in another area than in the plan begun with; "preferences":
    households led, once for each soft rule their anchor does not meet (R12, R14, R16); "areas";
    "window": areas outside a preferred window of their size (R31); "new_leads_old": households led by
    anchors that are old themselves (R14).

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    names
        Keys of `LEVEL_OF`.
    """
    found: dict[str, int] = {}
    for name in names:
        if name == "walking":
            found[name] = score(problem, plan).household_metres
        elif name in ("compact", "border"):
            row = problem.adjacency.sources
            here, there = plan.area_of[row], plan.area_of[problem.indices]
            found[name] = int(_lengths(problem, name)[(here != there) | (here < 0)].sum()) // 2
        elif name == "staffing":
            groups = [plan.members(area) for area in range(plan.n_areas)]
            groups += [np.array([unit]) for unit in np.flatnonzero(plan.area_of < 0)]
            found[name] = sum(count_posts(problem, group) for group in groups)
        elif name == "closeness":
            found[name] = count_moved_units(initial_areas(problem), plan.area_of)
        elif name in ("preferences", "window", "new_leads_old"):
            found[name] = sum(_MEASURED_BY_AREA[name](problem, plan, area) for area in range(plan.n_areas))
        else:
            found[name] = plan.n_areas
    return found


def measure_area(problem: Problem, plan: Plan, area: int, names: Sequence[str]) -> dict[str, int]:
    """What one area adds to the objectives that are sums over areas; 0 of each for one without a unit.

    Parameters
    ----------
    names
        Keys of `LEVEL_OF`; "closeness" is reported of whole plans only and left out. "compact" and
        "border" are minus the pairs of neighbours inside, and their metres: the sum differs from
        what is parted by a constant.
    """
    members = plan.members(area)
    found = {name: 0 for name in names if name != "closeness"}
    if not len(members):
        return found
    measured: dict[str, Callable[[], int]] = {
        "areas": lambda: 1,
        "walking": lambda: metres_of_area(problem, plan, area),
        "staffing": lambda: count_posts(problem, members),
        "compact": lambda: -_uncut_length(problem, plan, members, area, "compact"),
        "border": lambda: -_uncut_length(problem, plan, members, area, "border"),
    }
    for name in set(found) & set(_MEASURED_BY_AREA):
        measured[name] = partial(_MEASURED_BY_AREA[name], problem, plan, area)
    return {name: measured[name]() for name in found}


def households_against_by_rule(problem: Problem, plan: Plan, area: int) -> np.ndarray:
    """(3,) int: households an area's anchor leads against each of `PREFERENCES`; 0 without an anchor.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    area
        Number of an area of the plan.
    """
    found = np.zeros(3, dtype=np.int64)
    if problem.preferences is None:
        return found
    for anchor, led in group_led(plan, area).items():
        found += problem.preferences.against(np.array([anchor]), led)[:, 0] @ problem.households[led]
    return found


def group_led(plan: Plan, area: int) -> dict[int, np.ndarray]:
    """Positions of who each anchor of an area leads, by the anchor's, both ascending; anchors that lead.

    Parameters
    ----------
    plan
        A plan.
    area
        Number of an area of the plan.
    """
    members = plan.members(area)
    if plan.leader_of is None:
        anchor = int(plan.anchor_of[area])
        return {anchor: members[members != anchor]} if anchor >= 0 else {}
    leaders = plan.leader_of[members]
    return {int(anchor): members[leaders == anchor] for anchor in np.unique(leaders[leaders >= 0])}


def sizes_outside_preferred(rules: PlanRules, n_members: int, floor_area_m2: float) -> tuple[str, ...]:
    """Of "members" and "floor_area" those in which an area is outside its preferred window (R31).

    Parameters
    ----------
    rules
        With the windows.
    n_members
        Units of the area.
    floor_area_m2
        Their floor area.

    Examples
    --------
    >>> from analysis.bundling.model.rules import rules_from_policy
    >>> from analysis.policy import read_policy
    >>> sizes_outside_preferred(rules_from_policy(read_policy()), 2, 120_000.0)
    ('members',)
    """
    windows = {"members": rules.preferred_members, "floor_area": rules.preferred_floor_area_m2}
    values = {"members": n_members, "floor_area": floor_area_m2}
    return tuple(name for name, (least, most) in windows.items() if not least <= values[name] <= most)


def _is_outside_preferred(problem: Problem, plan: Plan, area: int) -> int:
    members = plan.members(area)
    floor_m2 = problem.load[members].sum() if problem.grounds_m2 is None else problem.grounds_m2[members, 0].sum()
    return int(bool(sizes_outside_preferred(problem.rules, len(members), float(floor_m2))))


def _households_led_by_old(problem: Problem, plan: Plan, area: int) -> int:
    if problem.is_old is None:
        return 0
    led = [units for anchor, units in group_led(plan, area).items() if problem.is_old[anchor]]
    return int(sum(problem.households[units].sum() for units in led))


def _households_against(problem: Problem, plan: Plan, area: int) -> int:
    return int(households_against_by_rule(problem, plan, area).sum())


_MEASURED_BY_AREA: Mapping[str, Callable[..., int]] = MappingProxyType(
    {"preferences": _households_against, "window": _is_outside_preferred, "new_leads_old": _households_led_by_old}
)


def _uncut_length(problem: Problem, plan: Plan, members: np.ndarray, area: int, name: str) -> int:
    """Pairs of neighbours inside an area, or the metres along which they face each other."""
    lengths, total = _lengths(problem, name), 0
    for i in members:
        here = slice(problem.indptr[i], problem.indptr[i + 1])
        total += int(lengths[here][plan.area_of[problem.indices[here]] == area].sum())
    return total // 2


def cut_edge_costs_m(problem: Problem) -> np.ndarray:
    """(len(indices),) int, household-metres: what it costs to part each pair of neighbours."""
    aims, found = objectives_of(problem.rules), np.zeros(len(problem.indices), dtype=np.int64)
    for name in ("compact", "border"):
        if name in aims.names:
            found += aims.price_m(name) * _lengths(problem, name)
    return found


def _lengths(problem: Problem, name: str) -> np.ndarray:
    """(len(indices),) int: what each pair of neighbours counts in "compact" or "border"."""
    if name == "compact":
        return np.ones(len(problem.indices), dtype=np.int64)
    if problem.facing_m is None:
        raise missing_lengths_error()
    return problem.facing_m


def walking_with_area_price(problem: Problem, plan: Plan, value: Score | None = None) -> int | None:
    """Household-metres of a plan, each area at its price; None where areas have none.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    value
        What the plan is worth, where that is known already.
    """
    price_m = objectives_of(problem.rules).area_price_m
    if price_m is None:
        return None
    return (value or score(problem, plan)).household_metres + price_m * plan.n_areas


def primary_levels(problem: Problem, plan: Plan) -> tuple[int, int]:
    """What comes before every objective: households left over, then, in modes "mixed" and "area", those not led.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    left = problem.is_target & (plan.area_of < 0)
    unled = sum(unanchored_by_jurisdiction(problem, plan).values())
    return int(problem.households[left].sum()), unled


def count_posts(problem: Problem, members: np.ndarray) -> int:
    """Posts of cleaning, greening and repair of units run as one.

    Parameters
    ----------
    problem
        The problem.
    members
        (k,) positions of units.
    """
    cleaning_m2, greening_m2, repair_m2, _ = problem.rules.staffing_norms
    grounds = problem.grounds_m2
    floor_m2 = problem.load[members].sum() if grounds is None else grounds[members, 0].sum()
    green_m2 = 0.0 if grounds is None else grounds[members, 1].sum()
    posts = count_shared_posts(
        float(floor_m2), float(green_m2), cleaning_m2=cleaning_m2, greening_m2=greening_m2, repair_m2=repair_m2
    )
    return round(sum(posts))


def staffing_bound(problem: Problem) -> int:
    """Posts no plan does without: as if everything behind one wall were one area."""
    return sum(
        count_posts(problem, np.flatnonzero(problem.jurisdiction == wall)) for wall in np.unique(problem.jurisdiction)
    )


def count_moved_units(before: np.ndarray, after: np.ndarray) -> int:
    """Units in another area than before, or newly in one or in none; areas matched at their best.

    Parameters
    ----------
    before, after
        (n,) int: areas of the same units, −1 = none.

    Examples
    --------
    >>> count_moved_units(np.array([0, 0, 1, -1]), np.array([5, 5, 5, -1]))
    1
    """
    somewhere = int(((before >= 0) | (after >= 0)).sum())
    both = (before >= 0) & (after >= 0)
    if not both.any():
        return somewhere
    old, row = np.unique(before[both], return_inverse=True)
    new, column = np.unique(after[both], return_inverse=True)
    shared = np.zeros((len(old), len(new)), dtype=np.int64)
    np.add.at(shared, (row, column), 1)
    matched = linear_sum_assignment(shared, maximize=True)
    return somewhere - int(shared[matched].sum())


def initial_areas(problem: Problem) -> np.ndarray:
    """(n,) int: areas of the plan begun with.

    Raises
    ------
    UsageError
        If there is none.
    """
    if problem.start_of is None:
        raise UsageError(*say("error.no_start"))
    return problem.start_of
