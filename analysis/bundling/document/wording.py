"""Units, areas and broken rules of a plan in words, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.reasons import say
from analysis.bundling.evaluation.company_allowance import company_of_anchor
from analysis.bundling.evaluation.feasibility import Fault
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.sizes import MEASURES
from geo.messages import Sentence


@dataclass(frozen=True, eq=False)
class Wording:
    """Names of what a plan document speaks of.

    Parameters
    ----------
    opened
        The plan.
    """

    opened: OpenPlan

    @property
    def streets(self) -> dict[str, str]:
        """Name of each street by its code."""
        return self.opened.tables.streets

    def unit_id(self, unit_id: str) -> str:
        """A unit by its id: its name and the id."""
        tables = self.opened.tables
        name = tables.names[tables.position[unit_id]] if unit_id in tables.position else ""
        return f"{name} ({unit_id})" if name else unit_id

    def unit(self, position: int) -> str:
        """A unit of the problem by its position."""
        return self.unit_id(str(self.opened.problem.unit_ids[position]))

    def units(self, positions: Iterable[int]) -> str:
        """Up to three units, and how many more there are."""
        positions = list(positions)
        more = f" … (+{len(positions) - 3})" if len(positions) > 3 else ""
        return ", ".join(self.unit(i) for i in positions[:3]) + more

    def area(self, number: int) -> Sentence:
        """An area by its number in the document; −1 = none."""
        areas = self.opened.document["areas"]
        if number < 0:
            return say("area.none")
        if number >= len(areas):
            return say("area.new")
        title = f"{areas[number]['name']} ({areas[number]['area_id']})"
        return Sentence(title, title)

    def fault(self, fault: Fault) -> Sentence:
        """A broken rule with its numbers."""
        value, limit, units = fault.value, fault.limit, self.units(fault.units)
        if fault.rule == "R26":
            walk = say("walk.unknown") if value is None else say("walk.metres", metres=value)
            return say("fault.R26", units=units, walk=walk, limit=limit or 0)
        if fault.rule == "reach":
            walk = say("walk.unknown") if value is None else say("walk.metres", metres=value)
            return say("fault.reach", units=units, walk=walk, limit=limit or 0)
        if fault.rule in ("R01", "R10", "R20", "R22", "mode"):
            return say(f"fault.{fault.rule}", units=units, value=value or 0)
        if fault.rule == "R13":
            return self._too_large(fault)
        whose = self._company_of(fault) if fault.rule == "R15" else ""
        unit = MEASURES[fault.size or "floor_area"]
        key = "fault.over" if (value or 0) > (limit or 0) else "fault.under"
        return say(key, whose=whose, value=value or 0, unit=unit, limit=limit or 0)

    def company(self, anchor: int) -> str:
        """The company of an anchor: its name and the id; "" where R15 does not hold it."""
        companies, k = self.opened.problem.companies, company_of_anchor(self.opened.problem, anchor)
        if companies is None or k < 0:
            return ""
        name = self.opened.tables.company_names.get(str(companies.ids[k]))
        return f"{name} ({companies.ids[k]})" if name else str(companies.ids[k])

    def _company_of(self, fault: Fault) -> Sentence:
        """The company that takes on too much: of the area's anchor, or of who leads the units inside it."""
        plan = self.opened.plan
        leads = plan.anchor_of[fault.area] if plan.leader_of is None else plan.leader_of[fault.units[0]]
        return say("fault.R15.company", company=self.company(int(leads)))

    def _too_large(self, fault: Fault) -> Sentence:
        """R13: units larger than their anchor, or more taken in than its capacity."""
        value, limit = fault.value or 0, fault.limit or 0
        loads = self.opened.problem.load[list(fault.units)]
        if value == loads.max() and (len(loads) == 1 or value < loads.sum()):
            return say("fault.R13.units", units=self.units(fault.units), value=value, limit=limit)
        return say("fault.R13.sum", value=value, limit=limit)

    def lock(self, lock: Lock) -> Sentence:
        """A lock in words."""
        units = ", ".join(self.unit_id(unit) for unit in lock.unit_ids[:3])
        other = self.unit_id(lock.with_unit_id) if lock.with_unit_id else ""
        return say(f"lock.{lock.kind}", units=units, other=other, n=len(lock.unit_ids))


def blocking_rule(blocked_by: str) -> str:
    """The rule a refused pair breaks.

    Examples
    --------
    >>> [blocking_rule(text) for text in ("railway:b1", "street", "gap>60", "override:o1")]
    ['R23', 'R20', 'R22', 'R22']
    """
    if ":" in blocked_by and not blocked_by.startswith("override:"):
        return "R23"
    return "R20" if blocked_by in ("district", "street", "neighbourhood") else "R22"
