"""Mode "area": what no plan is below on each level, from sizes of connected groups and who may lead whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analysis.bundling.verify.proofs.leader_lp import (
    LeaderPairs,
    count_led,
    count_led_by_choice,
    find_pairs,
    least_cost_of_leading,
)
from analysis.bundling.verify.statements.planned_units import PlannedUnits

TOLERANCE = 1e-6
"""Of sums and of linear programs, as a share."""


@dataclass(frozen=True)
class AreaBounds:
    """What no plan of mode "area" is below.

    Parameters
    ----------
    levels
        By name of the level: no plan is below, of those no worse on the levels above it.
    left_over, unled, metres
        The same of each street, by its code.
    most
        What leading can prove at most of a level, by a choice of leaders of whole units, floor areas in whole m²
        as planning counts them: a bound said to be by leading and above is false. Empty where codes, or rounding,
        leave open who is where, where locks may prove more, and where no bound is above what was proven.
    """

    levels: dict[str, int]
    left_over: dict[str, int] = field(default_factory=dict)
    unled: dict[str, int] = field(default_factory=dict)
    metres: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)


def recompute_area_bounds(planned: PlannedUnits, *, price_m: float | None) -> AreaBounds:
    """Bounds of every level of a plan of mode "area", from the tables and the plan's values.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays.
    price_m
        Household-metres each area costs beside walking; None where areas have no price.
    """
    value = {level.name: level.value for level in planned.context.plan.levels}
    left_value = value.get("left_over_households", math.inf)
    unled_value = value.get("unled_households", math.inf)
    groups = ConnectedGroups(planned)
    pairs = find_pairs(planned, in_whole_m2=False)
    asking = float(planned.households[planned.asks_leader].sum())
    not_led = round_up(asking - count_led(pairs, planned.households))
    levels = {"left_over_households": round_up(sum(groups.least_by_street.values()))}
    by_targets = planned.context.plan.rules.scope == "targets"  # else those left over are not all to be led
    levels["not_led_households"] = max(not_led, levels["left_over_households"] if by_targets else 0)
    # Whoever asks for no leader and is left over whatever is done takes nothing from those who do.
    of_leaders = left_value - sum(groups.members_lost_by_street.values())
    levels["unled_households"] = _rest(levels["not_led_households"], of_leaders)
    need = asking - of_leaders - unled_value
    walked = _metres_of_leading(planned, pairs, need)
    levels["household_metres"] = max(0, round_up(walked))
    if "households_led_by_old" in value:
        levels["households_led_by_old"] = max(0, round_up(_led_by_old(planned, pairs, need)))
    levels["areas"] = groups.count_least_areas(left_value)
    levels["areas_outside_preferred"] = groups.count_least_outside(left_value)
    levels["walks_and_areas"] = levels["household_metres"] + round_up((price_m or 0.0) * levels["areas"])
    left_by_street = {code: round_up(least) for code, least in groups.least_by_street.items()}
    unled_by_street, metres_by_street = _by_street(planned, pairs, groups)
    most = {}
    rounds_least = any(least > 0 and rounding > 0 for _, least, _, rounding in planned.sizes)
    is_above = any(
        level.bound is not None and level.bound > levels[level.name]
        for level in planned.context.plan.levels
        if level.name in ("not_led_households", "unled_households")
    )
    if is_above and planned.is_settled and not planned.context.plan.locks and not rounds_least:
        in_whole_m2 = find_pairs(planned, in_whole_m2=True)
        least = round_up(asking - count_led_by_choice(in_whole_m2, planned.households))
        most = {
            "not_led_households": max(least, levels["not_led_households"]) + 1,
            "unled_households": max(_rest(least, of_leaders), levels["unled_households"]) + 1,
        }
    return AreaBounds(levels, left_by_street, unled_by_street, metres_by_street, most)


def round_up(least: float) -> int:
    """The least whole number that a bound proves, rounding of floats allowed for.

    Examples
    --------
    >>> round_up(2.2), round_up(3.0000001), round_up(float("inf"))
    (3, 3, 0)
    """
    return 0 if not math.isfinite(least) else math.ceil(least - TOLERANCE * max(1.0, abs(least)))


def _rest(not_led: float, left_over: float) -> int:
    return max(0, round_up(not_led - left_over))


def _metres_of_leading(planned: PlannedUnits, pairs: LeaderPairs, need: float) -> float:
    """Household-metres of who is to be led at least; whoever is not may be a medoid and walk nowhere."""
    if not math.isfinite(need) or need <= 0:
        return 0.0
    households = planned.households
    return least_cost_of_leading(pairs, pairs.metres * households[pairs.unit], households, led_at_least=need)


def _led_by_old(planned: PlannedUnits, pairs: LeaderPairs, need: float) -> float:
    """Households that old anchors lead at least."""
    if not math.isfinite(need) or need <= 0:
        return 0.0
    households = planned.households
    costs = np.where(planned.is_old[pairs.anchor], households[pairs.unit], 0.0)
    return least_cost_of_leading(pairs, costs, households, led_at_least=need)


def _by_street(
    planned: PlannedUnits, pairs: LeaderPairs, groups: ConnectedGroups
) -> tuple[dict[str, int], dict[str, int]]:
    """Households unled, and household-metres, of each street; companies held to nothing but anchor by anchor."""
    area_of, leader_of = planned.area_of, planned.context.leaders
    is_led = np.array([unit in leader_of for unit in planned.ids], dtype=bool)
    unled, metres = {}, {}
    for code in sorted(set(groups.streets.tolist())):
        here = groups.streets == code
        among, asks = pairs.select(here), here & planned.asks_leader
        people = float(planned.households[asks].sum())
        out = float(planned.households[here & planned.targets & (area_of < 0)].sum())
        out -= groups.members_lost_by_street[code]
        not_led = round_up(people - count_led(among, planned.households))
        unled[code] = _rest(not_led, out)
        lost = float(planned.households[asks & (area_of >= 0) & ~is_led].sum())
        metres[code] = max(0, round_up(_metres_of_leading(planned, among, people - out - lost)))
    return unled, metres


class ConnectedGroups:
    """Connected groups of units under one wall, and what their sizes prove.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays.
    """

    def __init__(self, planned: PlannedUnits) -> None:
        self.planned = planned
        self.streets = np.array([code.split("|")[1:2] or [code] for code in planned.codes], dtype=object).reshape(-1)
        label = planned.labels(np.ones(planned.n, dtype=bool))
        order = np.argsort(label, kind="stable")
        starts = np.flatnonzero(np.diff(label[order], prepend=-1))
        groups = np.split(order, starts[1:]) if planned.n else []
        self.groups = [group for group in groups if planned.targets[group].any()]

    @cached_property
    def least_by_group(self) -> list[float]:
        """Households of each group that are in no area whatever is done."""
        return [self._least_left_over(group) for group in self.groups]

    @cached_property
    def least_by_street(self) -> dict[str, float]:
        """The same by street of the group's first unit."""
        found: dict[str, float] = dict.fromkeys(self.streets.tolist(), 0.0)
        for group, least in zip(self.groups, self.least_by_group, strict=True):
            found[self.streets[group[0]]] += least
        return found

    @cached_property
    def members_lost_by_street(self) -> dict[str, float]:
        """Households that ask for an area but for no leader, in groups too light for one, by street."""
        planned = self.planned
        found: dict[str, float] = dict.fromkeys(self.streets.tolist(), 0.0)
        for group in self.groups:
            others = group[planned.targets[group] & ~planned.asks_leader[group]]
            if self._most_areas(group) == 0:
                found[self.streets[group[0]]] += float(planned.households[others].sum())
        return found

    def _most_areas(self, group: np.ndarray) -> int:
        """Areas that a group is heavy enough for; each is made for a unit that asks for one."""
        most = int(self.planned.targets[group].sum())
        for figures, least, _, rounding in self.planned.sizes:
            if least > 0:
                most = min(most, int((figures[group] + rounding).sum() // (least * (1 - 1e-12))))
        return most

    def _least_left_over(self, group: np.ndarray) -> float:
        """What is above the most of as many areas as there may be; all where there may be none."""
        planned, n_areas = self.planned, self._most_areas(group)
        asks = planned.targets[group]
        people = np.where(asks, planned.households[group], 0.0)
        if n_areas == 0:
            return float(people.sum())
        least = 0.0
        for figures, _, most, rounding in planned.sizes:
            weight = figures[group]
            room = n_areas * most + weight[weight > most - rounding].sum()
            excess = weight.sum() - rounding * len(group) - room
            if math.isfinite(excess) and excess > 0:
                least = max(least, _cheapest(people, weight + rounding, excess))
        return least

    def count_least_areas(self, left_over: float) -> int:
        """Areas that no plan has fewer of, of those that leave no more households over.

        Parameters
        ----------
        left_over
            Households that may be left over altogether.
        """
        if not math.isfinite(left_over):
            return 0
        nowhere = [self._most_areas(group) == 0 for group in self.groups]
        lost = sum(least for least, is_lost in zip(self.least_by_group, nowhere, strict=True) if is_lost)
        spare = max(0.0, left_over - lost)
        return max((self._least_areas(k, spare) for k in range(len(self.planned.sizes))), default=0)

    def count_least_outside(self, left_over: float) -> int:
        """Areas outside their preferred window that no plan has fewer of, of those that leave no more over.

        Units that ask for an area and that no area inside the window can hold, no two of them in one area: each
        that is in an area is in one of its own, outside.

        Parameters
        ----------
        left_over
            Households that may be left over altogether.
        """
        planned, rules = self.planned, self.planned.context.plan.rules
        if not math.isfinite(left_over):
            return 0
        (few, many), (least_m2, most_m2) = rules.preferred_members, rules.preferred_floor_area_m2
        window = ((np.ones(planned.n), float(many)), (np.maximum(planned.floor_m2 - 0.5, 0.0), most_m2 + TOLERANCE))
        lost, apart = 0.0, list[float]()
        for group, least in zip(self.groups, self.least_by_group, strict=True):
            if self._most_areas(group) == 0:
                lost += least
                continue
            taken = set[int]()
            asking = group[planned.targets[group]]
            for unit in asking[np.argsort(-planned.households[asking], kind="stable")].tolist():
                if unit in taken:
                    continue
                inside = [*planned.companions(unit, window=window)]
                if len(inside) < few or planned.floor_m2[inside].sum() + 0.5 * len(inside) < least_m2:
                    taken |= planned.companions(unit)
                    apart.append(float(planned.households[unit]))
        spared = np.cumsum(sorted(apart)) <= max(0.0, left_over - lost) * (1 + TOLERANCE) + TOLERANCE
        return len(apart) - int(spared.sum())

    def _least_areas(self, size: int, spare: float) -> int:
        """The same by one weight: the areas each group needs, but for those that leaving units over spares."""
        planned = self.planned
        figures, _, most, rounding = planned.sizes[size]
        n_areas, savings = 0, list[float]()
        for group in self.groups:
            asks = group[planned.targets[group]]
            weight = figures[asks]
            largest = float(weight.max(initial=0.0))
            total = float(weight.sum() - rounding * len(asks))
            if self._most_areas(group) == 0:
                continue  # all of it is left over
            room = most + largest if largest > most - rounding else most
            if not 0 < room < math.inf:
                continue
            needed = max(1, math.ceil(total / room - 1e-9))
            n_areas += needed
            per_weight = float(np.min(planned.households[asks] / np.maximum(weight + rounding, 1e-9)))
            first = max(0.0, total - (needed - 1) * room) * per_weight
            savings += [first, *[room * per_weight] * (needed - 1)]
        for household in sorted(savings):
            if household > spare + TOLERANCE * max(1.0, spare):
                break
            spare -= household
            n_areas -= 1
        return max(0, n_areas)


def _cheapest(people: np.ndarray, weight: np.ndarray, excess: float) -> float:
    """The fewest people whose units together weigh so much; the last unit in part."""
    heavy = weight > 0
    order = np.argsort(people[heavy] / weight[heavy], kind="stable")
    people, weight = people[heavy][order], weight[heavy][order]
    share = np.clip((excess - (np.cumsum(weight) - weight)) / weight, 0.0, 1.0)
    return float(share @ people)
