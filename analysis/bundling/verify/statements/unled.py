"""Mode "area": why nobody leads a target in its area; every reason held against the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import make_violation
from analysis.bundling.verify.base.schema import UnledPart
from analysis.bundling.verify.statements.leading import find_unled
from analysis.bundling.verify.statements.planned_units import SHARE, WALK_SPARE_M, PlannedUnits
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

UNLED_RULES: dict[str, tuple[str, ...]] = {
    "no_anchor_known": (),
    "no_anchor_in_area": (),
    "beyond_radius": ("R26",),
    "anchor_too_small": ("R13",),
    "anchor_full": ("R13",),
    "company_full": ("R15",),
    "lock_forbids_leader": (),
    "could_be_led": (),
}
"""The rules each reason rests on."""
_NOBODY, _NEAR_OR_LARGE, _FULL, _COMPANY, _FREE = range(5)
_STAGE = {
    "no_anchor_in_area": _NOBODY,
    "beyond_radius": _NEAR_OR_LARGE,
    "anchor_too_small": _NEAR_OR_LARGE,
    "anchor_full": _FULL,
    "company_full": _COMPANY,
    "lock_forbids_leader": _FREE,
    "could_be_led": _FREE,
}
_TRUE_IS = {
    _NOBODY: "unled_since.nobody",
    _NEAR_OR_LARGE: "unled_since.far_or_small",
    _FULL: "unled_since.full",
    _COMPANY: "unled_since.company",
    _FREE: "unled_since.free",
}


def check_unled(planned: PlannedUnits) -> Iterator[Violation]:
    """Every target in an area that nobody leads is listed, and no other unit; each reason is true.

    A reason is true where it is what stops the anchor that comes nearest to leading the unit: in reach (R26)
    and large enough (R13), with room left (R13), of a company with room left (R15); locks stop any that is
    in reach and large enough.

    Parameters
    ----------
    planned
        Who takes part.
    """
    context = planned.context
    if not context.plan.has_leaders_inside:
        return
    unled, listed = set(find_unled(context)), {row.unit_id for row in context.plan.unled}
    for units, key in ((sorted(unled - listed), "unled.not_listed"), (sorted(listed - unled), "unled.not_so")):
        if units:
            yield make_violation("reasons", say(key, n=len(units), units=context.unit_list(units)), units=units)
    reasons = UnledReasons(planned)
    for row in context.plan.unled:
        if row.unit_id in unled and row.unit_id in planned.place:
            yield from _check_reason(planned, reasons, row)


def _check_reason(planned: PlannedUnits, reasons: UnledReasons, row: UnledPart) -> Iterator[Violation]:
    named = planned.context.named(row.unit_id)
    if row.reason not in UNLED_RULES:
        yield make_violation("reasons", say("unled.unknown", named=named, reason=row.reason), units=[row.unit_id])
        return
    against = reasons.contradict(row.reason, planned.place[row.unit_id])
    if against is not None:
        sentence = say("unled.unfounded", named=named, reason=row.reason, against=against)
        yield make_violation("reasons", sentence, units=[row.unit_id])
    stated, own = (row.model_extra or {}).get("rules"), set(UNLED_RULES[row.reason])
    if isinstance(stated, list | tuple) and stated and not own <= set(map(str, stated)):
        texts = {"own": ", ".join(sorted(own)), "stated": ", ".join(map(str, stated))}
        yield make_violation(
            "reasons", say("unled.rules", named=named, reason=row.reason, **texts), units=[row.unit_id]
        )


class UnledReasons:
    """Questions about single targets that are in an area and have no leader.

    Parameters
    ----------
    planned
        Who takes part.
    """

    def __init__(self, planned: PlannedUnits) -> None:
        self.planned = planned
        self.plan = planned.context.plan

    def contradict(self, reason: str, unit: int) -> Sentence | None:
        """What speaks against a reason, in both languages; None where nothing does.

        Parameters
        ----------
        reason
            A key of `UNLED_RULES`.
        unit
            Position of a target in an area, without a leader.
        """
        if reason == "no_anchor_known":
            is_known = self.planned.context.management_known
            return say("against.modes_known") if is_known else None
        anchors, stage = self._anchors(unit), _STAGE[reason]
        held = [anchor for anchor in anchors if self._is_locked(unit, anchor)]
        free = [anchor for anchor in anchors if anchor not in held]
        is_free = self._stage(unit, free, sure=True) == _FREE
        if reason == "lock_forbids_leader":
            if not is_free and self._stage(unit, held, sure=False) >= _FULL:
                return None
            return say(_TRUE_IS[_FREE]) if is_free else say("against.no_lock_on_leader")
        if is_free and stage != _FREE:
            return say(_TRUE_IS[_FREE])
        ranges = [[self._stage(unit, some, sure=sure) for sure in (True, False)] for some in (anchors, free)]
        if reason == "no_anchor_in_area" and anchors:
            return say("against.anchor_inside")
        if not any(least <= stage <= most for least, most in ranges):
            least, most = ranges[1]
            return say(_TRUE_IS[least if stage < least else most])
        if reason == "beyond_radius" and all(self._is_near(unit, anchor, sure=True) for anchor in anchors):
            return say("against.all_near")
        if reason == "anchor_too_small" and all(self._is_large(unit, anchor, sure=True) for anchor in anchors):
            return say("against.none_too_small")
        return None

    def _anchors(self, unit: int) -> list[int]:
        """Anchors of its area."""
        planned = self.planned
        inside = (planned.area_of == planned.area_of[unit]) & planned.leads
        return np.flatnonzero(inside).tolist()

    def _stage(self, unit: int, anchors: list[int], *, sure: bool) -> int:
        """How far the anchor gets that comes nearest to leading a unit: surely, or at most."""
        return max((self._stage_with(unit, anchor, sure=sure) for anchor in anchors), default=_NOBODY)

    def _stage_with(self, unit: int, anchor: int, *, sure: bool) -> int:
        planned = self.planned
        if not (self._is_near(unit, anchor, sure=sure) and self._is_large(unit, anchor, sure=sure)):
            return _NEAR_OR_LARGE
        load, room = self._load(unit, sure=sure), self._limit(self._capacity(anchor), sure=sure)
        if self._taken_by_anchor(sure)[anchor] + load > room:
            return _FULL
        company = planned.company_of[anchor]
        allowance = planned.allowances.get(company) if company else None
        if allowance is None:
            return _FREE
        taken = self._taken_by_company(sure)[company]
        return _FREE if taken + load <= self._limit(allowance, sure=sure) else _COMPANY

    def _is_near(self, unit: int, anchor: int, *, sure: bool) -> bool:
        metres = self.planned.walks_of(anchor).get(unit)
        return metres is not None and metres <= self.plan.rules.radius_m + (0.0 if sure else WALK_SPARE_M)

    def _is_large(self, unit: int, anchor: int, *, sure: bool) -> bool:
        ratio = min(self.plan.rules.unit_ratio, self.plan.rules.capacity_ratio)
        largest = self._limit(ratio * float(self.planned.floor_m2[anchor]), sure=sure)
        return self._load(unit, sure=sure) <= largest

    def _capacity(self, anchor: int) -> float:
        return self.plan.rules.capacity_ratio * float(self.planned.floor_m2[anchor])

    def _load(self, unit: int, *, sure: bool) -> float:
        """m² a unit takes: counted up where what is asked is whether it surely has room."""
        return float(np.ceil(self.planned.floor_m2[unit])) if sure else float(self.planned.floor_m2[unit])

    def _limit(self, m2: float, *, sure: bool) -> float:
        return float(np.floor(m2)) if sure else m2 * (1 + SHARE) + 1e-6

    @cached_property
    def _taken(self) -> dict[bool, tuple[Mapping[int, float], Mapping[str | None, float]]]:
        """m² taken on by each anchor, and by each company: counted up (True), and as they are."""
        planned = self.planned
        found: dict[bool, tuple[Mapping[int, float], Mapping[str | None, float]]] = {}
        for sure in (True, False):
            of_anchor, of_company = defaultdict[int, float](float), defaultdict[str | None, float](float)
            for unit, leader in planned.context.leaders.items():
                if unit in planned.place and leader in planned.place:
                    anchor, load = planned.place[leader], self._load(planned.place[unit], sure=sure)
                    of_anchor[anchor] += load
                    of_company[planned.company_of[anchor]] += load
            found[sure] = of_anchor, of_company
        return found

    def _taken_by_anchor(self, sure: bool) -> Mapping[int, float]:
        return self._taken[sure][0]

    def _taken_by_company(self, sure: bool) -> Mapping[str | None, float]:
        return self._taken[sure][1]

    def _is_locked(self, unit: int, anchor: int) -> bool:
        """Whether a lock keeps an anchor from leading a unit, or keeps the area as it is."""
        own, leader = self.planned.ids[unit], self.planned.ids[anchor]
        for lock in self.plan.locks:
            if not isinstance(lock, Mapping):
                continue
            units = [str(one) for one in lock.get("unit_ids", ()) or ()]
            kind, other = lock.get("kind"), lock.get("with_unit_id")
            is_kept = kind == "area_kept" and own in units
            is_elsewhere = kind == "led_by" and own in units and other != leader
            is_parted = kind == "not_led_by" and own in units and other == leader
            if is_kept or is_elsewhere or is_parted or (kind == "leads_nobody" and leader in units):
                return True
        return False
