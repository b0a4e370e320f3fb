"""Proofs that an instance has no complete assignment: sums of weights, subset sums, connected subsets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analysis.bundling.benchmark.decomposition import decompose, find_groups
from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units

SHOWN = 5
"""Units that a sentence names."""

MOST_SETS = 20_000
"""Connected sets looked at; where there are more, nothing is claimed."""


def prove_infeasible(instance: Instance) -> tuple[Cause, ...]:
    """Why no assignment keeps every rule: each cause alone proves that there is none.

    Returns
    -------
    Most weight first; empty where this arithmetic proves nothing. Units are positions, as text; a
    cause's `rule` is the field of the instance that it comes from.
    """
    found = _unserved(instance) if instance.problem == 1 else _sizes(instance)
    return tuple(sorted(found, key=lambda cause: (-cause.households, cause.units)))


# --- problem 1 -----------------------------------------------------------------------------------


def _unserved(instance: Instance) -> list[Cause]:
    """Units out of every lead's reach, and groups with more demand than their leads have room."""
    if instance.penalty_m:
        return []
    parts = decompose(instance).parts
    is_reached = np.zeros(instance.n_units, dtype=bool)
    is_reached[instance.leads] = True
    for part in parts:
        is_reached[part.units[reachable_units(part)]] = True
    largest = np.full(instance.n_units, np.iinfo(np.int64).max)
    of_lead = instance.street[instance.leads]
    for code in np.unique(of_lead):
        largest[instance.street == code] = instance.capacity[of_lead == code].max()
    is_heavy = ~is_reached & (instance.weight > largest)
    found = [
        _cause(
            instance,
            "largest_unit",
            "capacity",
            [unit],
            int(instance.weight[unit]),
            int(largest[unit]),
            f"单元 {unit} 重 {instance.weight[unit]:,}, 超过本街道任何牵头的能力 (最大 {largest[unit]:,})",
            f"unit {unit} weighs {instance.weight[unit]:,}, above the capacity of every lead of its "
            f"street ({largest[unit]:,} at most)",
        )
        for unit in np.flatnonzero(is_heavy).tolist()
    ]
    if (alone := np.flatnonzero(~is_reached & ~is_heavy)).size:
        through = (", 途经也须是其带得下的本街道单元", ", through units of the street it has the capacity for")
        through_zh, through_en = through if instance.contiguous else ("", "")
        within_zh = f" {instance.radius_m:,} 米内" if instance.radius_m else ""
        within_en = f" within {instance.radius_m:,} m" if instance.radius_m else ""
        found.append(
            _cause(
                instance,
                "no_anchor",
                "leads",
                alone.tolist(),
                None,
                None,
                f"{_named_zh(alone)}{within_zh}没有可到达、带得下的本街道牵头{through_zh}",
                f"{_named_en(alone)}: no lead of the street with the capacity is in reach{within_en}{through_en}",
            )
        )
    return found + [cause for part in parts for cause in _overfull(instance, part)]


def _overfull(instance: Instance, part: Subproblem) -> list[Cause]:
    inside = part.units[reachable_units(part)]
    asking = np.setdiff1d(inside, part.units[part.anchors])
    demand, room = int(instance.weight[asking].sum()), int(part.capacity.sum())
    if demand <= room:
        return []
    return [
        _cause(
            instance,
            "capacity",
            "capacity",
            asking.tolist(),
            demand,
            room,
            f"{_named_zh(asking)}共重 {demand:,}, 可到达的 {len(part.anchors)} 个牵头合计能力只有 {room:,}",
            f"{_named_en(asking)} weigh {demand:,} in all, the {len(part.anchors)} leads in reach have a "
            f"capacity of {room:,}",
        )
    ]


# --- problem 2 -----------------------------------------------------------------------------------


def _sizes(instance: Instance) -> list[Cause]:
    """Units too heavy, groups that no number of areas divides, and a number that cannot be."""
    lower, upper = instance.lower, instance.upper
    groups, edges = find_groups(instance)
    totals = [int(instance.weight[group].sum()) for group in groups]
    most = [min(len(group), total // max(lower, 1)) for group, total in zip(groups, totals, strict=True)]
    barren = [_holds_no_area(instance, group, edges) for group in groups]
    fewest = [-(-total // upper) if upper else 1 for total in totals]
    fewest = [max(1, count) for count in fewest]
    found = []
    if not instance.penalty_m:
        found += [
            _cause(
                instance,
                "largest_unit",
                "upper",
                [unit],
                int(instance.weight[unit]),
                upper,
                f"单元 {unit} 重 {instance.weight[unit]:,}, 超过片区上限 {upper:,}",
                f"unit {unit} weighs {instance.weight[unit]:,}, above the most of an area, {upper:,}",
            )
            for unit in np.flatnonzero(instance.weight > upper).tolist()
            if upper
        ]
        for group, total, n_most, n_least, is_barren in zip(groups, totals, most, fewest, barren, strict=True):
            if total < lower:
                found.append(
                    _cause(
                        instance,
                        "below_minimum",
                        "lower",
                        group.tolist(),
                        total,
                        lower,
                        f"{_joined_zh(instance, group)}合计重 {total:,}, 低于片区下限 {lower:,}",
                        f"{_joined_en(instance, group)} weigh {total:,} in all, below the least of an area, {lower:,}",
                    )
                )
            elif n_least > n_most:
                found.append(
                    _cause(
                        instance,
                        "areas",
                        "upper",
                        group.tolist(),
                        n_most,
                        n_least,
                        f"{_joined_zh(instance, group)}合计重 {total:,}: 按上限 {upper:,} 至少 {n_least} 个片区, "
                        f"按下限 {lower:,} 至多 {n_most} 个",
                        f"{_joined_en(instance, group)} weigh {total:,} in all: at least {n_least} areas by the "
                        f"most of {upper:,}, at most {n_most} by the least of {lower:,}",
                    )
                )
            elif is_barren:
                kind = ("相连", "connected ") if instance.contiguous else ("", "")
                found.append(
                    _cause(
                        instance,
                        "no_area_fits",
                        "lower",
                        group.tolist(),
                        None,
                        None,
                        f"{_joined_zh(instance, group)}中, 没有哪几个{kind[0]}单元合起来在 {lower:,} 到 {upper:,} 之间",
                        f"{_joined_en(instance, group)}: no {kind[1]}units of these weigh between {lower:,} and "
                        f"{upper:,} together",
                    )
                )
    can_be = sum(0 if is_barren else n_most for n_most, is_barren in zip(most, barren, strict=True))
    return found + _number(instance, groups, can_be, sum(fewest), sum(barren))


def _holds_no_area(instance: Instance, group: np.ndarray, edges: np.ndarray) -> bool:
    """Whether a group is heavy enough for an area, and yet none of its units may be one."""
    if not instance.upper or instance.weight[group].sum() < instance.lower:
        return False
    inside = edges[np.isin(edges[:, 0], group)]  # an edge never leaves its group
    return not has_feasible_subset(
        instance.weight[group],
        np.searchsorted(group, inside),
        instance.lower,
        instance.upper,
        must_connect=bool(instance.contiguous),
    )


def _number(instance: Instance, groups: Sequence[np.ndarray], most: int, fewest: int, n_barren: int) -> list[Cause]:
    """More areas than there can be, or, where everyone must have one, too few."""
    k = instance.k
    everyone = np.concatenate([np.zeros(0, dtype=np.int64), *groups]).tolist()
    if k > most:
        barren_zh = f", 其中 {n_barren} 群凑不出上下限之间的片区" if n_barren else ""
        barren_en = f"; {n_barren} of them hold no area within the bounds" if n_barren else ""
        return [
            _cause(
                instance,
                "areas",
                "k",
                everyone,
                most,
                k,
                f"要求 {k} 个片区, {len(groups)} 群可同片的单元按下限 {instance.lower:,} 至多 {most} 个{barren_zh}",
                f"{k} areas are asked for; the {len(groups)} groups of units that can share areas have room for "
                f"{most} by the least of {instance.lower:,}{barren_en}",
            )
        ]
    if k and k < fewest and not instance.penalty_m:
        most_zh = f", 每片区至多 {instance.upper:,}" if instance.upper else ""
        most_en = f", each area {instance.upper:,} at most" if instance.upper else ""
        return [
            _cause(
                instance,
                "areas",
                "k",
                everyone,
                fewest,
                k,
                f"要求 {k} 个片区, 全部划入至少要 {fewest} 个 ({len(groups)} 群不能同片的单元{most_zh})",
                f"{k} areas are asked for; {fewest} at least hold everyone ({len(groups)} groups of units "
                f"that can share no area{most_en})",
            )
        ]
    return []


# --- subset sums and connected subsets -----------------------------------------------------------


def has_feasible_subset(weight: np.ndarray, edges: np.ndarray, lower: int, upper: int, *, must_connect: bool) -> bool:
    """Whether some units of a group may weigh between lower and upper together.

    Parameters
    ----------
    weight
        (n,) int.
    edges
        (e, 2) int pairs of neighbours, by position in `weight`.
    lower, upper
        Bounds of an area's weight, both included.
    must_connect
        Whether an area must be connected over `edges`.

    Returns
    -------
    False only where it is proven that none may.

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2]])
    >>> has_feasible_subset(np.array([250, 90, 250]), line, 300, 360, must_connect=True)
    True
    >>> has_feasible_subset(np.array([290, 90, 15]), line, 300, 360, must_connect=True)
    False
    >>> has_feasible_subset(np.array([290, 90, 15]), line, 300, 360, must_connect=False)
    True
    """
    if not _adds_up(weight, lower, upper):
        return False
    if not must_connect:
        return True
    sets = _connected_weights(weight, _neighbours(len(weight), edges), upper)
    return any(total >= lower or count >= MOST_SETS for count, total in enumerate(sets))


def _adds_up(weight: np.ndarray, lower: int, upper: int) -> bool:
    """Whether some of the weights add up to a number within the bounds: bit s is set for a sum s."""
    sums, most = 1, (1 << (upper + 1)) - 1
    for one in weight.tolist():
        sums |= (sums << one) & most
        if sums >> lower:
            return True
    return bool(sums >> lower)


def _connected_weights(weight: np.ndarray, beside: Sequence[Sequence[int]], upper: int) -> Iterator[int]:
    """The weight of every connected set that is not above upper, each set once (ESU, Wernicke 2006)."""
    for root in range(len(weight)):
        first = tuple(j for j in beside[root] if j > root)
        stack = [(int(weight[root]), first, frozenset((root, *first)))]
        while stack:
            total, next_ones, seen = stack.pop()
            if total > upper:
                continue
            yield total
            for k, unit in enumerate(next_ones):
                new = tuple(j for j in beside[unit] if j > root and j not in seen)
                stack.append((total + int(weight[unit]), (*next_ones[k + 1 :], *new), seen | {*new}))


def _neighbours(n: int, edges: np.ndarray) -> list[list[int]]:
    beside: list[list[int]] = [[] for _ in range(n)]
    for i, j in edges.tolist():
        beside[i].append(j)
        beside[j].append(i)
    return beside


# --- both ----------------------------------------------------------------------------------------


def _joined_zh(instance: Instance, group: np.ndarray) -> str:
    return f"街道 {instance.street[group[0]]} 的{_named_zh(group)}"


def _joined_en(instance: Instance, group: np.ndarray) -> str:
    return f"of street {instance.street[group[0]]} {_named_en(group)}"


def _named_zh(units: np.ndarray) -> str:
    dots = "…" if len(units) > SHOWN else ""
    return f"单元 {'、'.join(map(str, units[:SHOWN]))}{dots} (共 {len(units)} 个) "


def _named_en(units: np.ndarray) -> str:
    dots = ", …" if len(units) > SHOWN else ""
    return f"units {', '.join(map(str, units[:SHOWN]))}{dots} ({len(units)} in all)"


def _cause(
    instance: Instance, kind: str, rule: str, units: list[int], value: int | None, limit: int | None, zh: str, en: str
) -> Cause:
    weight = int(instance.weight[units].sum())
    return Cause(kind, rule, tuple(map(str, units)), weight, value, limit, f"{zh}。", f"{en}.")
