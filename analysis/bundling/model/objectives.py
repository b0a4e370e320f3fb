"""Objectives a planner may name: how each is measured, ordered and weighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment

from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.score import Objective, area_metres, score, unanchored_by_jurisdiction
from analysis.economics import count_shared_posts
from geo.errors import UsageError

if TYPE_CHECKING:
    from analysis.bundling.model.plan import Plan
    from analysis.bundling.model.problem import Problem

LEVEL_OF = {
    "walking": "household_metres",
    "compact": "cut_pairs",
    "border": "cut_facing_m",
    "staffing": "shared_posts",
    "closeness": "units_moved",
    "preferences": "households_against",
    "areas": "areas",
}
"""Every objective, with the name of its level in PLAN.json; less is better in each."""

_LEXICOGRAPHIC_AREA_M = 10_000_000
"""Household-metres that an area costs in the search where fewer areas come before walking."""

_LEXICOGRAPHIC_HOUSEHOLD_M = 10_000
"""Household-metres that a household led against a preference costs where preferences come first."""

_POSTS_AN_AREA = 2
"""Posts that one area fewer saves, roughly: what the search takes staffing for before it is exact."""


@dataclass(frozen=True)
class ObjectiveSpec:
    """Objectives in an order, or weighted; households left over come before all of them.

    Parameters
    ----------
    names
        Keys of `LEVEL_OF`.
    weights
        One for each name; None = in order: a later one counts where all before are equal.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...] | None = None

    def key(self, first: tuple[int, ...], values: Mapping[str, int]) -> tuple[float, ...]:
        """What plans are compared by, after what `primary_levels` tells: compare keys with `<`.

        Parameters
        ----------
        first
            What comes before all objectives (`primary_levels`).
        values
            What the plan is worth by each name.

        Examples
        --------
        >>> values = {"walking": 500, "closeness": 2}
        >>> ObjectiveSpec(("closeness", "walking")).key((9, 0), values)
        (9, 0, 2, 500)
        >>> ObjectiveSpec(("walking", "closeness"), (1.0, 200.0)).key((9, 0), values)
        (9, 0, 900.0)
        """
        if self.weights is None:
            return *first, *(values[name] for name in self.names)
        pairs = zip(self.weights, self.names, strict=True)
        return *first, sum(weight * values[name] for weight, name in pairs)

    @property
    def counting(self) -> tuple[str, ...]:
        """Names that tell plans apart: those of weight 0 do not.

        Examples
        --------
        >>> ObjectiveSpec(("walking", "areas"), (1.0, 0.0)).counting
        ('walking',)
        """
        if self.weights is None:
            return self.names
        return tuple(n for n, weight in zip(self.names, self.weights, strict=True) if weight)

    @property
    def is_walking(self) -> bool:
        """Whether walking and the number of areas are all that counts: the search is made for it."""
        return set(self.names) <= {"walking", "areas"} and self._rank("walking") == 0

    @property
    def is_cut_first(self) -> bool:
        """Whether compact or short outlines come before walking."""
        if self.weights is None:
            return min(self._rank("compact"), self._rank("border")) < self._rank("walking")
        outlines = self._weight("compact") + self._weight("border")
        return outlines > 0 and self._weight("walking") == 0

    @property
    def area_price_m(self) -> int | None:
        """Household-metres an area costs where walking and areas are all that is weighed; else None.

        Examples
        --------
        >>> ObjectiveSpec(("walking", "areas"), (2.0, 600.0)).area_price_m
        300
        >>> ObjectiveSpec(("walking", "areas"), (7.0, 600.0)).area_price_m is None  # no whole number
        True
        """
        if self.weights is None or set(self.counting) != {"walking", "areas"}:
            return None
        price = self._weight("areas") / self._weight("walking")
        return int(price) if price.is_integer() else None

    def objective(self) -> Objective:
        """What the search goes by: walking, with areas and staffing as a price of each area."""
        if self.weights is None:
            first = min(self._rank("areas"), self._rank("staffing"))
            return Objective(area_m=_LEXICOGRAPHIC_AREA_M if first < self._rank("walking") else 0)
        walking = self._weight("walking")
        price = self._weight("areas") + _POSTS_AN_AREA * self._weight("staffing")
        return Objective(area_m=round(price / walking) if walking else (_LEXICOGRAPHIC_AREA_M if price else 0))

    def price_m(self, name: str) -> int:
        """Household-metres that one of an objective costs.

        That is a unit in another area than before ("closeness"), a pair of neighbours parted
        ("compact"), a metre along which they face each other ("border"), a household led against one
        preference ("preferences").

        Examples
        --------
        >>> ObjectiveSpec(("walking", "closeness"), (2.0, 400.0)).price_m("closeness")
        200
        """
        ahead = _LEXICOGRAPHIC_HOUSEHOLD_M if name == "preferences" else _LEXICOGRAPHIC_AREA_M
        if self.weights is None:
            is_first = self._rank(name) < self._rank("walking")
            return ahead if is_first else int(name in self.names)
        walking, weight = self._weight("walking"), self._weight(name)
        return round(weight / walking) if walking else (ahead if weight else 0)

    def _rank(self, name: str) -> int:
        return self.names.index(name) if name in self.names else len(LEVEL_OF)

    def _weight(self, name: str) -> float:
        if self.weights is None or name not in self.names:
            return 0.0
        return self.weights[self.names.index(name)]


def read_objective(text: str) -> tuple[str, ...]:
    """What a planner names, as it stands in the rules.

    Parameters
    ----------
    text
        "walking,compact": in this order; "walking=1,closeness=200": weighted.

    Raises
    ------
    UsageError
        If a name is unknown or twice, a weight is no number ≥ 0, or only some have a weight.

    Examples
    --------
    >>> read_objective("walking=1, closeness=200")
    ('walking=1', 'closeness=200')
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    names = [part.partition("=")[0].strip() for part in parts]
    weights = [part.partition("=")[2].strip() for part in parts if "=" in part]
    known = ", ".join(LEVEL_OF)
    if not parts or not set(names) <= set(LEVEL_OF) or len(set(names)) < len(names):
        raise UsageError(
            f"目标“{text}”无法理解; 可用 {known}, 每个至多一次。",
            f"The objective '{text}' is not understood; use {known}, each once at most.",
        )
    if weights and len(weights) < len(parts):
        raise UsageError(
            f"目标“{text}”有的带权重有的不带; 请全部写成 名称=权重, 或全部不写(按次序)。",
            f"Only some of '{text}' have a weight; give name=weight for all, or for none (in order).",
        )
    if not all(_is_weight(weight) for weight in weights):
        raise UsageError(f"目标“{text}”的权重应为不小于 0 的数。", f"Weights of '{text}' must be numbers ≥ 0.")
    if not weights:
        return tuple(names)
    return tuple(f"{n}={float(w):g}" for n, w in zip(names, weights, strict=True))


def add_opening_price(objective: tuple[str, ...], opening: int | None) -> tuple[str, ...]:
    """Named objectives with a price for each area, in household-metres, added to them.

    Parameters
    ----------
    objective
        Named objectives as `read_objective` gives them.
    opening
        Household-metres of each area; None = no price.

    Raises
    ------
    UsageError
        If they are in an order, which knows no price, or have a weight for areas already.

    Examples
    --------
    >>> add_opening_price(("walking=2", "compact=9"), 100)
    ('walking=2', 'compact=9', 'areas=200')
    """
    if opening is None or not objective:
        return objective
    weights = {name: text for name, equals, text in (p.partition("=") for p in objective) if equals}
    if "areas" in weights or len(weights) < len(objective):
        raise UsageError(
            "开设片区的代价 (--opening) 只能与带权重且不含片区数 (areas) 的目标 (--objective) 同用; "
            "按次序的目标请把片区数写进次序。",
            "A price of areas (--opening) goes with a weighted objective (--objective) without areas; "
            "name areas in an ordered one.",
        )
    return (*objective, f"areas={opening * float(weights.get('walking', 1)):g}")


def objectives_of(rules: PlanRules) -> ObjectiveSpec:
    """The aims of a plan's rules: those named, else walking and `area_worth` for each area.

    Examples
    --------
    >>> from analysis.bundling.model.rules import rules_from_policy
    >>> from analysis.policy import read_policy
    >>> objectives_of(rules_from_policy(read_policy()))
    ObjectiveSpec(names=('walking', 'areas'), weights=(1.0, 200000.0))
    """
    if not rules.objective:
        return ObjectiveSpec(("walking", "areas"), (1.0, float(rules.area_worth)))
    pairs = [part.partition("=") for part in rules.objective]
    names = tuple(name for name, _, _ in pairs)
    if any(not equals for _, equals, _ in pairs):
        return ObjectiveSpec(names)
    return ObjectiveSpec(names, tuple(float(weight) for _, _, weight in pairs))


def measure_objectives(problem: Problem, plan: Plan, names: Sequence[str]) -> dict[str, int]:
    """What a plan is worth by each of some objectives, from scratch.

    "walking" in household-metres; "compact": pairs of neighbours that are not in one area; "border":
    metres along which these face each other, each pair's whole;
    "staffing": posts of cleaning, greening and repair, of areas as one and of all other units
    alone (R35, R38); "closeness": units in another area than in the plan begun with; "preferences":
    households led, once for each soft rule their anchor does not meet (R12, R14, R16); "areas".

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
        elif name == "preferences":
            found[name] = sum(_households_against(problem, plan, area) for area in range(plan.n_areas))
        else:
            found[name] = plan.n_areas
    return found


def measure_area(problem: Problem, plan: Plan, area: int, names: Sequence[str]) -> dict[str, int]:
    """What one area adds to the objectives that are sums over areas; 0 of each for one without a unit.

    Parameters
    ----------
    names
        Keys of `LEVEL_OF`; "closeness" is told of whole plans only and left out. "compact" and
        "border" are minus the pairs of neighbours inside, and their metres: the sum differs from
        what is parted by a constant.
    """
    members = plan.members(area)
    found = {name: 0 for name in names if name != "closeness"}
    if not len(members):
        return found
    measured = {
        "areas": lambda: 1,
        "walking": lambda: area_metres(problem, members, int(plan.anchor_of[area])),
        "staffing": lambda: count_posts(problem, members),
        "compact": lambda: -_uncut_length(problem, plan, members, area, "compact"),
        "border": lambda: -_uncut_length(problem, plan, members, area, "border"),
        "preferences": lambda: _households_against(problem, plan, area),
    }
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
    anchor = int(plan.anchor_of[area])
    if anchor < 0 or problem.preferences is None:
        return np.zeros(3, dtype=np.int64)
    led = plan.members(area)
    led = led[led != anchor]
    against = problem.preferences.against(np.array([anchor]), led)[:, 0]
    return against @ problem.households[led]


def _households_against(problem: Problem, plan: Plan, area: int) -> int:
    return int(households_against_by_rule(problem, plan, area).sum())


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


def missing_lengths_error() -> UsageError:
    """What is said where outlines are to be short and the length of a pair is not known."""
    return UsageError(
        "目标 border 要有每对相邻单元的相对长度, 而 edges 图层有缺; 请重新运行 pianqu graph。",
        "The objective border needs the length along which each pair of neighbours faces each other; "
        "the layer edges lacks some: run pianqu graph again.",
    )


def walking_with_area_price(problem: Problem, plan: Plan) -> int | None:
    """Household-metres of a plan, each area at its price; None where areas have none.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    price_m = objectives_of(problem.rules).area_price_m
    return None if price_m is None else score(problem, plan).household_metres + price_m * plan.n_areas


def primary_levels(problem: Problem, plan: Plan) -> tuple[int, int]:
    """What comes before every objective: households left over, then, in mode "mixed", those not led.

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
        raise UsageError(
            "目标 closeness 要有出发方案; 请用 --start 给出。",
            "The objective closeness needs a plan to start from; give one with --start.",
        )
    return problem.start_of


def _is_weight(text: str) -> bool:
    try:
        return isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return False
