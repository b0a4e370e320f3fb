"""Proofs that an instance has no complete assignment, by sums of weights and connected subsets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.bundling.benchmark.decomposition import decompose, find_groups
from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.evaluation.feasible_subsets import has_feasible_subset
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.listed_areas import MOST_SETS_UNTIMED, MOST_UNITS, solve_by_listing
from geo.messages import EMPTY, Sentence, join_names, load_catalogue

say = load_catalogue(__file__)

SHOWN = 5
"""Units that a sentence names."""


def prove_infeasible(instance: Instance) -> tuple[Cause, ...]:
    """Why no assignment keeps every rule: each cause alone proves that there is none.

    Returns
    -------
    Most weight first; empty where this arithmetic proves nothing. Units are positions, as text; a
    cause's `rule` is the field of the instance that it comes from.
    """
    found = _unserved(instance) if instance.problem == 1 else _sizes(instance) or _without_partition(instance)
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
            say("cause.largest_unit", unit=_name(instance, unit), weight=instance.weight[unit], most=largest[unit]),
        )
        for unit in np.flatnonzero(is_heavy).tolist()
    ]
    if (alone := np.flatnonzero(~is_reached & ~is_heavy)).size:
        through = say("reach.through") if instance.contiguous else EMPTY
        within = say("reach.within", radius_m=instance.radius_m) if instance.radius_m else EMPTY
        found.append(
            _cause(
                instance,
                "no_anchor",
                "leads",
                alone.tolist(),
                None,
                None,
                say("cause.no_anchor", named=_list_units(instance, alone), within=within, through=through),
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
            say(
                "cause.capacity",
                named=_list_units(instance, asking),
                demand=demand,
                n_leads=len(part.anchors),
                room=room,
            ),
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
                say("cause.above_upper", unit=_name(instance, unit), weight=instance.weight[unit], upper=upper),
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
                        say("cause.below_minimum", joined=_list_group(instance, group), total=total, lower=lower),
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
                        say(
                            "cause.no_number_fits",
                            joined=_list_group(instance, group),
                            total=total,
                            upper=upper,
                            n_least=n_least,
                            lower=lower,
                            n_most=n_most,
                        ),
                    )
                )
            elif is_barren:
                found.append(
                    _cause(
                        instance,
                        "no_area_fits",
                        "lower",
                        group.tolist(),
                        None,
                        None,
                        say(
                            "cause.no_area_fits",
                            joined=_list_group(instance, group),
                            how=say("reach.connected") if instance.contiguous else EMPTY,
                            lower=lower,
                            upper=upper,
                        ),
                    )
                )
    can_be = sum(0 if is_barren else n_most for n_most, is_barren in zip(most, barren, strict=True))
    return found + _number(instance, groups, can_be, sum(fewest), sum(barren))


def _without_partition(instance: Instance) -> list[Cause]:
    """Groups of a small instance all of whose areas were listed: no choice of them holds every unit once."""
    if instance.penalty_m or instance.n_units > MOST_UNITS:
        return []
    found = []
    for part in decompose(instance).parts:
        listed = solve_by_listing(part, left_over=np.inf, area=0.0, has_time=ENDLESS, most_sets=MOST_SETS_UNTIMED)
        if listed is not None and np.isinf(listed.cost):
            asked = say("number.asked", k=instance.k) if instance.k else EMPTY
            sentence = say(
                "cause.no_partition",
                joined=_list_group(instance, part.units),
                lower=instance.lower,
                upper=part.upper,
                asked=asked,
            )
            rule = "k" if instance.k else "lower"
            found.append(_cause(instance, "no_partition", rule, part.units.tolist(), None, None, sentence))
    return found


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
        barren = say("areas.barren", n=n_barren) if n_barren else EMPTY
        return [
            _cause(
                instance,
                "areas",
                "k",
                everyone,
                most,
                k,
                say("cause.too_many_areas", k=k, n_groups=len(groups), lower=instance.lower, most=most, barren=barren),
            )
        ]
    if k and k < fewest and not instance.penalty_m:
        held = say("number.held", upper=instance.upper) if instance.upper else EMPTY
        return [
            _cause(
                instance,
                "areas",
                "k",
                everyone,
                fewest,
                k,
                say("cause.too_few_areas", k=k, fewest=fewest, n_groups=len(groups), held=held),
            )
        ]
    return []


# --- both ----------------------------------------------------------------------------------------


def _list_group(instance: Instance, group: np.ndarray) -> Sentence:
    return say("units.of_street", street=instance.street[group[0]], units=_list_units(instance, group))


def _list_units(instance: Instance, units: np.ndarray) -> Sentence:
    named = join_names(_name(instance, unit) for unit in units[:SHOWN])
    return say("units.more" if len(units) > SHOWN else "units.all", units=named, n=len(units))


def _name(instance: Instance, unit: int) -> object:
    return unit if instance.names is None else instance.names[unit]


def _cause(
    instance: Instance, kind: str, rule: str, units: list[int], value: int | None, limit: int | None, reason: Sentence
) -> Cause:
    weight = int(instance.weight[units].sum())
    sentence = Sentence(f"{reason.zh}。", f"{reason.en}.")
    return Cause(kind, rule, tuple(map(str, units)), weight, value, limit, sentence)
