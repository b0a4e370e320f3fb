"""Why units are left over, told afresh: no reason that the data contradict, nobody one move could place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart, OutsidePart
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

RULES: dict[str, tuple[str, ...]] = {
    "lock_unmet": ("L01", "L02", "L03"),
    "could_join": (),
    "lock_forbids": ("L02", "L04"),
    "barrier": ("R23",),
    "street_unknown": ("R20",),
    "other_street": ("R20",),
    "neighbours_not_planned": ("R01",),
    "no_neighbour": ("R22",),
    "no_adjacent_anchor": ("R26",),
    "anchor_too_small": ("R13",),
    "anchor_capacity": ("R13",),
    "company_capacity": ("R15",),
    "below_min_size": ("R31",),
    "above_max_size": ("R31",),
    "no_fit": ("R22", "R31"),
}
"""The rules each reason rests on."""
_ALONE = ("barrier", "street_unknown", "other_street", "neighbours_not_planned", "no_neighbour")
_LED = ("no_adjacent_anchor", "anchor_too_small", "anchor_capacity", "company_capacity")


class LeftOverReasons:
    """Questions about single units left over.

    Parameters
    ----------
    planned
        Who takes part.
    """

    def __init__(self, planned: PlannedUnits) -> None:
        self.planned = planned
        self.plan = planned.context.plan
        self._opens_by_anchor = self.plan.mode in ("lead", "mixed")

    # --- one move -------------------------------------------------------------------------------

    def find_insertion(self, unit: int, *, with_locks: bool = True) -> str | None:
        """An area that surely may take a unit in, or an anchor it may open one with; None for neither.

        Whole numbers cost some m²: only what has room for these besides counts.

        Parameters
        ----------
        unit
            Position of the unit.
        with_locks
            Whether places that a lock forbids are left out.
        """
        planned, plan = self.planned, self.plan
        if plan.rules.areas not in (None, len(plan.areas)):
            return None
        for k in sorted({int(planned.area_of[j]) for j in planned.sure[unit]} - {-1}):
            if self._fits(unit, k) and not (with_locks and self._locked(unit, k, None)):
                return plan.areas[k].area_id
        if plan.rules.areas is not None or planned.households[unit] <= 0:
            return None
        if self._opens_by_anchor:
            for j in planned.sure[unit]:
                idle = planned.leads[j] and planned.area_of[j] < 0
                if idle and self._may_lead(unit, j, []) and not (with_locks and self._locked(unit, None, j)):
                    return planned.ids[j]
        fits = plan.mode != "lead" and self._in_bounds([unit])
        if fits and not (with_locks and self._locked(unit, None, None)):
            return planned.ids[unit]
        return None

    def _fits(self, unit: int, k: int) -> bool:
        planned, area = self.planned, self.plan.areas[k]
        members = [planned.place[i] for i in area.unit_ids if i in planned.place]
        if len(members) != len(area.unit_ids):
            return False
        codes = {planned.codes[i] for i in members}
        if codes != {planned.codes[unit]}:
            return False
        if self.plan.has_leaders_inside:
            return self._in_bounds([*members, unit]) and self._is_within_reach(area, [*members, unit])
        if area.anchor_unit_id is None:
            return self._in_bounds([*members, unit])
        anchor = planned.place.get(area.anchor_unit_id)
        if anchor is None or not planned.leads[anchor]:
            return False
        return self._may_lead(unit, anchor, [i for i in members if i != anchor])

    def _in_bounds(self, members: list[int]) -> bool:
        """Whether units surely have the size of an area; with leaders inside one alone may be above the most."""
        for figures, least, most, rounding in self.planned.sizes:
            total, largest = figures[members].sum(), figures[members].max()
            beside = largest if self.plan.has_leaders_inside and largest > most + rounding else 0.0
            if not (least + rounding * len(members) <= total and total - beside <= most - rounding * len(members)):
                return False
        return True

    def _is_within_reach(self, area: AreaPart, members: list[int]) -> bool:
        """Whether members that nobody leads are near the medoid they would have (R26)."""
        planned, rules = self.planned, self.plan.rules
        metres = planned.walks[members][:, members].toarray()
        is_missing = (metres == 0) & ~np.eye(len(members), dtype=bool)
        order = np.argsort(members)
        counted = np.where(is_missing, planned.limit_m, metres)[np.ix_(order, order)]
        medoid = order[int((counted @ planned.households[np.array(members)[order]]).argmin())]
        loose = np.array([planned.ids[i] not in area.led for i in members], dtype=bool)
        is_far = is_missing[medoid] | (metres[medoid] > min(rules.reach_m, rules.walk_limit_m))
        return not (loose & is_far).any()

    def _may_lead(self, unit: int, anchor: int, led: list[int]) -> bool:
        planned, rules = self.planned, self.plan.rules
        metres = planned.walks_of(anchor).get(unit)
        floor = planned.floor_m2
        own = floor[anchor]
        if metres is None or metres > rules.radius_m:
            return False
        load = float(np.ceil(floor[unit]))
        if load > np.floor(rules.unit_ratio * own) or load > np.floor(rules.capacity_ratio * own):
            return False
        if np.ceil(floor[led]).sum() + load > np.floor(rules.capacity_ratio * own):
            return False
        company = planned.company_of[anchor]
        room = planned.allowances.get(company) if company else None
        return room is None or self._taken.get(company, 0.0) + load <= np.floor(room)

    @cached_property
    def _taken(self) -> dict[str | None, float]:
        """m² each company takes on, unit by unit in whole m²."""
        planned, found = self.planned, dict[str | None, float]()
        for area in self.plan.areas:
            anchor = planned.place.get(area.anchor_unit_id or "")
            if anchor is None:
                continue
            led = [planned.place[i] for i in area.unit_ids if i in planned.place]
            load = float(np.ceil(planned.floor_m2[[i for i in led if i != anchor]]).sum())
            company = planned.company_of[anchor]
            found[company] = found.get(company, 0.0) + load
        return found

    def _locked(self, unit: int, k: int | None, anchor: int | None) -> bool:
        """Whether some lock speaks against a move, or of its units at all in a way not looked into."""
        planned = self.planned
        moved = {planned.ids[unit]} | ({planned.ids[anchor]} if anchor is not None else set())
        there = set(self.plan.areas[k].unit_ids) if k is not None else set[str]()
        for lock in self.plan.locks:
            if not isinstance(lock, Mapping):
                continue
            units = {str(i) for i in lock.get("unit_ids", ()) or ()}
            named = units | {str(i) for i in (lock.get("with_unit_id"), lock.get("anchor_unit_id")) if i}
            kind = lock.get("kind")
            if kind == "area_kept" and (units == there or named & moved):
                return True
            if kind == "apart" and named & moved and named <= there | moved:
                return True
            if kind in ("in_area", "together") and named & moved and not named <= there | moved:
                return True
        return False

    # --- reasons --------------------------------------------------------------------------------

    def contradicts(self, reason: str, unit: int) -> Sentence | None:
        """What speaks against a reason, in both languages; None where nothing does.

        Parameters
        ----------
        reason
            Key of the reason.
        unit
            Position of the unit.
        """
        if reason not in RULES:
            return say("against.no_such_reason")
        free = self.find_insertion(unit, with_locks=False)
        held = None if free is None else self.find_insertion(unit)
        if reason == "could_join":
            if held is not None or self._could_be(unit):
                return None
            return say("against.no_area")
        if reason == "lock_forbids":
            is_open = free is not None or self._could_be(unit)
            if held is None and is_open and self._is_locked_somewhere(unit):
                return None
            return say("against.not_lock_alone")
        if reason == "lock_unmet":
            named = planned_locks(self.plan.locks)
            return None if self.planned.ids[unit] in named else say("against.no_lock")
        if held is not None:
            return say("against.could_join", held=held)
        return self._unfounded(reason, unit)

    def _is_locked_somewhere(self, unit: int) -> bool:
        """Whether a lock speaks against some move that codes, permits and rounding leave open."""
        planned, mode = self.planned, self.plan.mode
        around = planned.possible[unit]
        areas = {int(planned.area_of[j]) for j in around} - {-1}
        idle = [j for j in around if self._opens_by_anchor and planned.leads[j] and planned.area_of[j] < 0]
        return (
            any(self._locked(unit, k, None) for k in areas)
            or any(self._locked(unit, None, anchor) for anchor in idle)
            or (mode != "lead" and self._locked(unit, None, None))
        )

    def _could_be(self, unit: int) -> bool:
        """Whether codes, permits or rounding leave open that a move exists that is not sure."""
        planned = self.planned
        is_rounded = any(rounding for _, _, _, rounding in planned.sizes)
        if planned.is_settled and not is_rounded:
            return False
        return any(planned.area_of[j] >= 0 or planned.leads[j] for j in planned.possible[unit])

    def _unfounded(self, reason: str, unit: int) -> Sentence | None:
        planned, mode = self.planned, self.plan.mode
        if reason in _ALONE:
            return self._beside(reason, unit)
        if reason in _LED and not self._opens_by_anchor:
            return say("against.no_leads")
        if reason in ("below_min_size", "above_max_size") and mode == "lead":
            return say("against.no_bounds")
        if reason in _LED:
            return self._from_anchors(reason, unit)
        heavy = any(f[unit] > most + rounding for f, _, most, rounding in planned.sizes)
        if self.plan.has_leaders_inside:
            return self._unfounded_by_size(reason, unit)
        if reason == "above_max_size":
            return None if self._may_be_heavy(unit) else say("against.not_above_upper")
        if reason == "below_min_size":
            if heavy or not self._group_is_enough(unit):
                return None
            return say("against.group_reaches_lower")
        if mode != "lead":  # no_fit
            if self._may_be_heavy(unit) and heavy:
                return say("against.above_upper")
            if planned.groups[unit] < 0:
                return say("against.group_below_lower")
            return None
        return self._from_anchors(reason, unit)

    def _unfounded_by_size(self, reason: str, unit: int) -> Sentence | None:
        """Reasons of sizes where leaders are inside: no unit is too heavy alone."""
        planned = self.planned
        if reason == "above_max_size":
            areas = {int(planned.area_of[j]) for j in planned.possible[unit]} - {-1}
            is_above = any(self._may_be_above(unit, k) for k in areas)
            return None if is_above else say("against.not_above_with_it")
        if reason == "below_min_size":
            is_enough = self._group_is_enough(unit)
            return say("against.group_reaches_lower") if is_enough else None

        if planned.groups[unit] < 0:
            return say("against.group_below_lower")
        return None

    def _may_be_above(self, unit: int, k: int) -> bool:
        """Whether an area may be above the most of some weight with a unit."""
        planned = self.planned
        members = np.append(np.flatnonzero(planned.area_of == k), unit)
        for figures, _, most, rounding in planned.sizes:
            total, largest = figures[members].sum(), figures[members].max()
            beside = largest if largest > most + rounding else 0.0
            if total - beside > most - rounding * len(members):
                return True
        return False

    def _may_be_heavy(self, unit: int) -> bool:
        return any(f[unit] > most - rounding for f, _, most, rounding in self.planned.sizes)

    @cached_property
    def _sure_total(self) -> np.ndarray:
        """(n,) bool: units whose surely connected group surely reaches every least size."""
        planned = self.planned
        has_members = self.plan.has_leaders_inside
        among = np.ones(planned.n, dtype=bool) if has_members else planned.targets.copy()
        for figures, _, most, rounding in planned.sizes:
            among &= (figures <= most - rounding) | has_members
        enough = np.zeros(planned.n, dtype=bool)
        seen = ~among
        for start in np.flatnonzero(among).tolist():
            if seen[start]:
                continue
            group, stack = [start], [start]
            seen[start] = True
            while stack:
                for j in planned.sure[stack.pop()]:
                    if not seen[j]:
                        seen[j] = True
                        group.append(j)
                        stack.append(j)
            enough[group] = all(
                (figures - rounding)[group].sum() >= least for figures, least, _, rounding in planned.sizes
            )
        return enough

    def _group_is_enough(self, unit: int) -> bool:
        return bool(self._sure_total[unit])

    @cached_property
    def _reached(self) -> dict[str, dict[int, list[int]]]:
        """Anchors that surely, and possibly, reach each unit; with any size, too."""
        planned = self.planned
        found: dict[str, dict[int, list[int]]] = {"sure": {}, "any": {}, "may": {}, "may_any": {}}
        radius = self.plan.rules.radius_m
        for anchor in planned.anchors:
            wide = planned.within_reach(anchor, any_size=True)
            fits = planned.within_reach(anchor, by_company=False)
            near = {u: m for u, m in wide.items() if m <= radius}
            own = planned.floor_m2[anchor]
            ratio = min(self.plan.rules.unit_ratio, self.plan.rules.capacity_ratio)
            small = {u: m for u, m in near.items() if planned.floor_m2[u] + 1 <= ratio * own - 1}
            for name, units in (
                ("may_any", wide),
                ("may", fits),
                ("any", planned.joined(anchor, near, planned.sure)),
                ("sure", planned.joined(anchor, small, planned.sure)),
            ):
                for unit in units:
                    found[name].setdefault(unit, []).append(anchor)
        return found

    def _from_anchors(self, reason: str, unit: int) -> Sentence | None:
        reached = self._reached
        if reason == "no_adjacent_anchor":
            there = reached["any"].get(unit)
            return self._near(there[0]) if there else None
        if reason == "anchor_too_small":
            if unit not in reached["may_any"]:
                return say("against.no_anchor_in_reach")
            there = reached["sure"].get(unit)
            return self._near(there[0]) if there else None
        if unit not in reached["may"]:
            return say("against.no_anchor_takes_it")
        if reason in ("anchor_capacity", "company_capacity"):
            for anchor in reached["sure"].get(unit, ()):
                if self._has_room(unit, anchor, by_company=reason == "company_capacity"):
                    return self._near(anchor)
        return None

    def _has_room(self, unit: int, anchor: int, *, by_company: bool) -> bool:
        """Whether an anchor surely has room for a unit; with `by_company` its company, too."""
        planned, rules = self.planned, self.plan.rules
        k = int(planned.area_of[anchor])
        led = [] if k < 0 else [planned.place[i] for i in self.plan.areas[k].unit_ids if i in planned.place]
        taken = np.ceil(planned.floor_m2[[i for i in led if i != anchor]]).sum()
        load = np.ceil(planned.floor_m2[unit])
        if taken + load > np.floor(rules.capacity_ratio * planned.floor_m2[anchor]):
            return False
        company = planned.company_of[anchor]
        room = planned.allowances.get(company) if company else None
        if not by_company or room is None:
            return True
        return bool(self._taken.get(company, 0.0) + load <= np.floor(room))

    def _near(self, anchor: int) -> Sentence:
        named = self.planned.context.named(self.planned.ids[anchor])
        return say("against.anchor_in_reach", named=named)

    def _beside(self, reason: str, unit: int) -> Sentence | None:
        """Reasons of units without a neighbour they may join."""
        planned = self.planned
        if planned.sure[unit]:
            named = planned.context.named(planned.ids[planned.sure[unit][0]])
            return say("against.neighbour", named=named)
        kinds = self._causes.get(planned.ids[unit], set())
        if reason == "no_neighbour":
            if "allowed" in kinds:
                return say("against.has_neighbours")
            return None
        if reason == "neighbours_not_planned" and "outside" not in kinds:
            return say("against.no_neighbour_out_of_scope")
        if reason == "barrier" and "hard" not in kinds:
            return say("against.no_barrier")
        if reason == "other_street" and not kinds & {"street", "across"}:
            return say("against.no_other_street")
        if reason == "street_unknown" and "across" not in kinds:
            return say("against.street_known")
        return None

    @cached_property
    def _causes(self) -> dict[str, set[str]]:
        """What the pairs of each unit are, by id: allowed, outside, across a street, street, hard."""
        planned = self.planned
        edges = planned.context.dataset.layer("edges")
        hard, found = set(self.plan.rules.hard_kinds), dict[str, set[str]]()
        rows = edges[["unit_a", "unit_b", "allowed", "blocked_by"]].itertuples(index=False)
        for a, b, allowed, blame in rows:
            kinds = {"allowed"} if allowed else set[str]()
            if allowed:
                inside = a in planned.place and b in planned.place
                kinds.add("across" if inside else "outside")
            else:
                kind = str(blame).split(":")[0]
                kinds.add("hard" if kind in hard else kind)
            for unit in (a, b):
                found.setdefault(str(unit), set()).update(kinds)
        return found


def planned_locks(locks: tuple[Any, ...]) -> set[str]:
    """Units that locks want somewhere: to be in an area, together, or in an area that is kept."""
    named: set[str] = set()
    for lock in locks:
        if isinstance(lock, Mapping) and lock.get("kind") in ("in_area", "together", "area_kept"):
            named |= {str(unit) for unit in lock.get("unit_ids", ()) or ()}
            named |= {str(lock["with_unit_id"])} if lock.get("with_unit_id") else set()
    return named


def check_left_over(planned: PlannedUnits) -> Iterator[Violation]:
    """Every unit left over asks for an area, and nothing speaks against the reason it is given."""
    reasons, context = LeftOverReasons(planned), planned.context
    for row in context.plan.left_over:
        if row.unit_id not in context.units.index:
            continue
        at = planned.place.get(row.unit_id)
        named = context.named(row.unit_id)
        if at is None or not planned.targets[at]:
            yield make_violation("reasons", say("reasons.not_left_over", named=named), units=[row.unit_id])
            continue
        against = reasons.contradicts(row.reason, at)
        if against is not None:
            yield make_violation(
                "reasons",
                say("reasons.unfounded", named=named, reason=row.reason, against=against),
                units=[row.unit_id],
            )
            continue
        yield from _check_rules(row, named)


def check_reason_names(context: CheckContext) -> Iterator[Violation]:
    """Reasons that are none, and rules they do not rest on: what can be stated without a graph.

    Parameters
    ----------
    context
        The plan, and the tables it is checked against.
    """
    for row in context.plan.left_over:
        named = context.named(row.unit_id) if row.unit_id in context.units.index else row.unit_id
        if row.reason in RULES:
            yield from _check_rules(row, named)
            continue
        yield make_violation("reasons", say("reasons.unknown", named=named, reason=row.reason), units=[row.unit_id])


def _check_rules(row: OutsidePart, named: str) -> Iterator[Violation]:
    """The rules next to a reason are those it rests on, and others only as reasons have them."""
    stated = (row.model_extra or {}).get("rules")
    if not isinstance(stated, list | tuple) or not stated:
        return
    own = set(RULES[row.reason])
    known = {rule for rules in RULES.values() for rule in rules} | {"R28"}
    is_bare = row.reason == "lock_unmet" and own & set(stated)
    if (own <= set(stated) or is_bare) and set(stated) <= known:
        return
    yield make_violation(
        "reasons",
        say(
            "reasons.rules",
            named=named,
            reason=row.reason,
            own=", ".join(sorted(own)),
            stated=", ".join(map(str, stated)),
        ),
        units=[row.unit_id],
    )
