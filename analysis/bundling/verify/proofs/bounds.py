"""Every bound a plan claims is proven again, or said not to be checked; "optimal" likewise."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import make_violation
from analysis.bundling.verify.base.rule_labels import level_label
from analysis.bundling.verify.base.verification import Unchecked
from analysis.bundling.verify.proofs.area_bounds import recompute_area_bounds
from analysis.bundling.verify.proofs.certificate import read_certificate
from analysis.bundling.verify.proofs.listing import list_groups
from analysis.bundling.verify.proofs.relaxed import LeastCost, StatedMultipliers, least_cost
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from analysis.bundling.verify.statements.totals import area_price_m
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

METRES_TOLERANCE = 1e-5
"""Share by which bounds of household-metres may differ: a tenth of what their values may."""
BY_LEADING = ("leader_assignment_lp", "leader_assignment_mip")
"""What a plan of mode "area" calls a bound by the program of who may lead whom, units split or whole."""


@dataclass(frozen=True)
class RecomputedBounds:
    """What was proven again.

    Parameters
    ----------
    levels
        By name of the level: no plan, of those the bound is about, is below.
    left_over, unled, metres
        The same of each street, by its code (`PlannedUnits.codes`); unled in mode "area" alone.
    most
        What the method that a level names for its bound can prove at most; a bound above is false.
    faults, mismatched
        Parts of the certificate that are no multipliers, or are for another number of units.
    """

    levels: dict[str, int]
    left_over: dict[str, int] = field(default_factory=dict)
    unled: dict[str, int] = field(default_factory=dict)
    metres: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    mismatched: tuple[str, ...] = ()


def recompute_bounds(planned: PlannedUnits, certificate: Any) -> RecomputedBounds:
    """Bounds of every level, from the tables and whatever multipliers the plan carries.

    A certificate can only help: none, or a bad one, proves less, never anything false.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays.
    certificate
        As the document has it; None without one.
    """
    plan = planned.context.plan
    if plan.has_leaders_inside:
        found = recompute_area_bounds(planned, price_m=area_price_m(planned.context))
        return RecomputedBounds(
            {**found.levels, "shared_posts": _least_posts(planned)},
            _by_street(found.left_over),
            _by_street(found.unled),
            _by_street(found.metres),
            found.most,
            mismatched=() if certificate is None else ("certificate",),
        )
    given, faults, mismatched = read_certificate(planned, certificate)
    value = {level.name: level.value for level in plan.levels}
    nothing = StatedMultipliers(1.0, 0.0, np.zeros(planned.n))
    left = [least_cost(planned, m, counts_walks=False) for m in (nothing, *given.get("left_over_households", ()))]
    levels = {
        "left_over_households": max(_round_up(max(one.of_all for one in left)), _round_up(_excess_households(planned)))
    }
    if plan.mode == "mixed":
        not_led = max(
            least_cost(planned, m, counts_walks=False, has_groups=False).of_all
            for m in (nothing, *given.get("not_led_households", ()))
        )
        rest = max(levels["left_over_households"], _round_up(not_led)) - value.get("left_over_households", 0.0)
        levels["unled_households"] = max(0, _round_up(rest))
    sums = _by_code(planned)
    of_metres: dict[str, list[tuple[StatedMultipliers, LeastCost]]] = {}
    price_m = area_price_m(planned.context) or 0.0
    for name, area_m in (("household_metres", 0.0), ("walks_and_areas", price_m)):
        of_metres[name] = [(m, least_cost(planned, m, counts_walks=True, area_m=area_m)) for m in given.get(name, ())]
        levels[name] = max(
            (
                _round_up(
                    least.of_all
                    - m.left_over * value.get("left_over_households", math.inf)
                    - (m.unled * value.get("unled_households", math.inf) if m.unled else 0.0)
                )
                for m, least in of_metres[name]
            ),
            default=0,
        )
        levels[name] = max(0, levels[name])
    levels["walks_and_areas"] = max(levels["walks_and_areas"], levels["household_metres"])
    levels["shared_posts"] = _least_posts(planned)
    metres: dict[str, int] = {}
    for code, (people, unled) in sums.items():
        proven = [
            least.by_code.get(code, 0.0)
            - sum(m.companies.get(c, 0.0) * room for c, room in planned.allowances.items())
            - m.left_over * people
            - m.unled * unled
            for m, least in of_metres["household_metres"]
        ]
        metres[code] = max(0, _round_up(max(proven, default=0.0)))
    by_code = {code: max(0, _round_up(max(one.by_code.get(code, 0.0) for one in left[:1] or left))) for code in sums}
    for m, one in zip(given.get("left_over_households", ()), left[1:], strict=True):
        if not any(m.companies.values()):
            by_code = {c: max(n, _round_up(one.by_code.get(c, 0.0))) for c, n in by_code.items()}
    if plan.mode != "lead":
        _raise_by_listing(planned, sums, levels, by_code, metres)
    return RecomputedBounds(
        levels, _by_street(by_code), metres=_by_street(metres), faults=tuple(faults), mismatched=tuple(mismatched)
    )


def _raise_by_listing(
    planned: PlannedUnits,
    sums: Mapping[str, tuple[float, float]],
    levels: dict[str, int],
    by_code: dict[str, int],
    metres: dict[str, int],
) -> None:
    """Raise bounds (changed) by groups whose areas can all be listed, where the plan claims more."""
    claimed = {level.name: level.bound or 0.0 for level in planned.context.plan.levels}
    names = ("left_over_households", "unled_households", "household_metres", "walks_and_areas")
    is_proven = all(claimed.get(name, 0.0) <= levels.get(name, 0) + 1e-6 for name in names)
    open_rows = list(_unproven_rows(planned, _by_street(by_code), {}, _by_street(metres)))
    if not planned.is_settled or (is_proven and not open_rows):
        return
    found = list_groups(planned, area_price_m(planned.context) or 0.0)
    for code in sums:
        by_code[code] = max(by_code[code], _round_up(found.by_code[code].left_over))
    listed = found.of_all
    left = max(levels["left_over_households"], sum(by_code.values()), _round_up(listed.left_over))
    levels["left_over_households"] = left
    people, others = (sum(of[k] for of in sums.values()) for k in (0, 1))
    is_tight = people <= listed.left_over + 1e-6
    if planned.context.plan.mode == "mixed" and is_tight:
        levels["unled_households"] = max(levels["unled_households"], _round_up(listed.unled))
    for code, (left_over, unled) in sums.items():
        of = found.by_code[code]
        if of.is_whole and left_over <= of.left_over + 1e-6 and unled <= of.unled + 1e-6:
            metres[code] = max(metres[code], _round_up(of.metres))
    if listed.is_whole and is_tight and others <= listed.unled + 1e-6:
        levels["household_metres"] = max(levels["household_metres"], _round_up(listed.metres))
        levels["walks_and_areas"] = max(levels["walks_and_areas"], _round_up(listed.cost))


def _by_street(by_code: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers of each street; codes begin with a district."""
    found: dict[str, int] = defaultdict(int)
    for code, least in by_code.items():
        found[code.split("|")[-1]] += least
    return dict(found)


def check_bounds(planned: PlannedUnits, proven: RecomputedBounds) -> tuple[list[Violation], list[Unchecked]]:
    """Which bounds hold up, street by street and in all, and whether "optimal" does.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays.
    proven
        What `recompute_bounds` found.
    """
    plan = planned.context.plan
    violations, unchecked = [], list[Unchecked]()
    if proven.mismatched:
        unchecked.append(
            Unchecked("certificate", (), *say("unchecked.certificate", mismatched=", ".join(proven.mismatched[:5])))
        )
    if proven.faults:
        named = ", ".join(proven.faults[:5])
        violations.append(make_violation("certificate", say("certificate.multipliers", named=named)))
    open_levels = set()
    for level in plan.levels:
        least = proven.levels.get(level.name, 0)
        if level.bound is None or level.bound <= _with_tolerance(planned, level.name, least):
            continue
        method, most = (level.model_extra or {}).get("method"), proven.most.get(level.name)
        if method in BY_LEADING and most is not None and level.bound > most + 1e-6:
            violations.append(
                make_violation(
                    "levels",
                    say(
                        "levels.false_bound", level=level_label(level.name), bound=level.bound, method=method, most=most
                    ),
                    value=level.bound,
                    limit=most,
                )
            )
            continue
        open_levels.add(level.name)
        unchecked.append(
            Unchecked(
                "levels",
                (),
                *_say_unchecked(level.name, level.bound, least, method if plan.has_leaders_inside else None),
                (level.name,),
            )
        )
    if plan.status == "optimal":
        claim = _claimed_levels(planned)
        if claim is None:
            violations.append(make_violation("levels", say("levels.not_optimal")))
        elif claim & open_levels:
            unchecked.append(
                Unchecked(
                    "status", (), *say("unchecked.status", claim=", ".join(sorted(claim & open_levels))), ("status",)
                )
            )
    unchecked += _unproven_streets(planned, proven)
    return violations, unchecked


def _say_unchecked(name: str, bound: float, least: int, method: object) -> Sentence:
    """That a bound was not proven again, and which part of its method was not."""
    why = {
        "leader_assignment_mip": "whole_units",
        "component_models": "window" if name == "areas_outside_preferred" else "walks",
    }.get(str(method))
    told = say("unchecked.level", level=level_label(name), bound=bound, least=least)
    more = say(f"unchecked.{why}") if why else Sentence("", "")
    return Sentence(f"{told.zh}{more.zh}", f"{told.en} {more.en}".rstrip())


def _with_tolerance(planned: PlannedUnits, name: str, least: float) -> float:
    """What a bound may be and count as proven again: those of the linear program rest on walks to the metre."""
    by_lp = planned.context.plan.has_leaders_inside and name in ("household_metres", "walks_and_areas", "metres_bound")
    share = METRES_TOLERANCE if by_lp else 0.0
    return max(least, 0.0) * (1 + share) + 1e-6


def _claimed_levels(planned: PlannedUnits) -> set[str] | None:
    """Levels whose bounds "optimal" rests on; None where the plan's own bounds do not bear it out."""
    plan, rules = planned.context.plan, planned.context.plan.rules
    level = {one.name: one for one in plan.levels}

    def is_met(name: str) -> bool:
        one = level.get(name)
        return (
            one is not None
            and one.bound is not None
            and abs(one.value - one.bound) <= (1e-4 * max(1.0, abs(one.value)))
        )

    if plan.has_leaders_inside:
        counts = {"left_over_households", "unled_households", *_counting_levels(rules.objective, set(level))}
        return counts if all(map(is_met, counts)) else None
    needed = {"left_over_households"} | ({"unled_households"} if plan.mode == "mixed" else set())
    if not all(is_met(name) for name in needed if name in level):
        return None
    parts = [part.partition("=") for part in rules.objective]
    counting = {name for name, equals, weight in parts if not equals or float(weight)}
    if not rules.objective:
        counting = {"walking"} | ({"areas"} if rules.area_worth else set())
    least_areas = len(plan.areas) == 1 or rules.areas is not None
    walks = {"household_metres"} if is_met("household_metres") else None
    others = counting - {"walking"}
    rest_known = others <= ({"areas"} if least_areas else set[str]())
    if rest_known and (walks is not None or "walking" not in counting):
        return needed | (walks or set() if "walking" in counting else set())
    return needed | {"walks_and_areas"} if is_met("walks_and_areas") else None


_LEVEL_OF = {
    "walking": "household_metres",
    "areas": "areas",
    "window": "areas_outside_preferred",
    "compact": "cut_pairs",
    "border": "cut_facing_m",
    "staffing": "shared_posts",
    "closeness": "units_moved",
    "preferences": "households_against",
    "new_leads_old": "households_led_by_old",
}
"""The level of each objective that a planner names."""


def _counting_levels(objective: tuple[str, ...], told: set[str]) -> set[str]:
    """Levels that a plan of mode "area" is best by; walking with a price of areas is one of its own."""
    parts = [part.partition("=") for part in objective]
    names = {name for name, equals, weight in parts if not equals or float(weight)}
    if not names:
        names = {"window", "walking", "areas"} | ({"compact"} if "cut_pairs" in told else set())
    counts = {_LEVEL_OF.get(name, name) for name in names}
    is_priced = "walks_and_areas" in told and {"household_metres", "areas"} <= counts
    return counts - {"household_metres", "areas"} | {"walks_and_areas"} if is_priced else counts


def _unproven_streets(planned: PlannedUnits, proven: RecomputedBounds) -> Iterator[Unchecked]:
    """Bounds of single streets that were not proven again."""
    open_rows = list(_unproven_rows(planned, proven.left_over, proven.unled, proven.metres))
    if open_rows:
        named = list(dict.fromkeys(name for name, _, _ in open_rows))
        claimed, proven_again = sum(row[1] for row in open_rows), sum(row[2] for row in open_rows)
        some = ", ".join(named[:5]) + (" …" if len(named) > 5 else "")
        yield Unchecked(
            "streets",
            (),
            *say("unchecked.street_bounds", n=len(named), claimed=claimed, proven_again=proven_again, some=some),
        )


def _unproven_rows(
    planned: PlannedUnits, left_over: Mapping[str, int], unled: Mapping[str, int], metres: Mapping[str, int]
) -> Iterator[tuple[str, float, float]]:
    """Streets of which a plan claims more than was proven, by code, as (name, claimed, proven)."""
    rows = (planned.context.plan.model_extra or {}).get("streets")
    if not isinstance(rows, list):
        return
    walls = ("street", "neighbourhood") if planned.context.plan.has_leaders_inside else ("street",)
    is_by_street = planned.is_settled and planned.context.plan.rules.within in walls
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        codes = [str(code) for code in row.get("street_codes", ())]
        for name, found in (("left_over_bound", left_over), ("unled_bound", unled), ("metres_bound", metres)):
            stated = row.get(name)
            least = sum(found.get(code, 0) for code in codes) if is_by_street else 0
            if isinstance(stated, int | float) and stated > _with_tolerance(planned, name, least):
                yield "+".join(codes), stated, least


def _by_code(planned: PlannedUnits) -> dict[str, tuple[float, float]]:
    """Households left over, and not led in areas, behind each code."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    areas = planned.context.plan.areas
    for i in range(planned.n):
        k = int(planned.area_of[i])
        people = float(planned.households[i]) if planned.targets[i] else 0.0
        found[planned.codes[i]][0] += people if k < 0 else 0.0
        if planned.context.plan.mode == "mixed" and k >= 0 and areas[k].anchor_unit_id is None:
            found[planned.codes[i]][1] += people
    return {code: (left, unled) for code, (left, unled) in found.items()}


def _excess_households(planned: PlannedUnits) -> float:
    """Households that a number of areas asked for leaves over: together they hold no more than each may."""
    rules = planned.context.plan.rules
    if rules.areas is None or planned.context.plan.mode != "whole":
        return 0.0
    people = planned.households[planned.targets]
    least = 0.0
    for figures, _, most, rounding in planned.sizes:
        weight = figures[planned.targets]
        too_much = weight.sum() - rounding * len(weight) - rules.areas * most
        if not np.isfinite(too_much) or too_much <= 0:
            continue
        heavy = weight > 0
        order = np.argsort(people[heavy] / weight[heavy], kind="stable")
        w, h = weight[heavy][order], people[heavy][order]
        share = np.clip((too_much - (np.cumsum(w) - w)) / w, 0.0, 1.0)
        least = max(least, float(share @ h))
    return least


def _least_posts(planned: PlannedUnits) -> int:
    """Posts of cleaning, greening and repair as if everything that may be in one area were one."""
    norms = planned.context.plan.rules.staffing_norms
    if len(norms) != 4 or not all(norms[:3]):
        return 0
    cleaning, greening, repair, green_share = norms
    label = planned.labels(np.ones(planned.n, dtype=bool))
    land = planned.units["land_area_m2"].astype("float64").fillna(0.0).to_numpy()
    total = 0
    for group in np.unique(label):
        floor = float(planned.floor_m2[label == group].sum())
        green = green_share * float(land[label == group].sum())
        total += math.ceil(floor / cleaning - 1e-9) + math.ceil(green / greening - 1e-9)
        total += max(1, math.ceil(floor / repair - 1e-9))
    return total


def _round_up(least: float) -> int:
    """The least whole number that a bound proves, rounding of floats allowed for."""
    return 0 if not math.isfinite(least) else math.ceil(least - 1e-6 * max(1.0, abs(least) * 1e-3))
