"""Units, areas and broken rules of a plan in words, Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.companies import company_of_anchor
from analysis.bundling.model.feasibility import Fault
from analysis.bundling.model.sizes import MEASURES


@dataclass(frozen=True)
class Sentence:
    """The same in both languages."""

    zh: str
    en: str

    def __add__(self, other: Sentence) -> Sentence:
        """One after the other."""
        return Sentence(self.zh + other.zh, f"{self.en} {other.en}".strip())


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
            return Sentence("未划入", "left over")
        if number >= len(areas):
            return Sentence("新片区", "a new area")
        title = f"{areas[number]['name']} ({areas[number]['area_id']})"
        return Sentence(title, title)

    def fault(self, fault: Fault) -> Sentence:
        """A broken rule with its numbers."""
        value, limit = fault.value, fault.limit
        measured = {
            "R01": Sentence(
                f"{self.units(fault.units)} 不是本次划分对象", f"{self.units(fault.units)} is none the plan is for"
            ),
            "R10": Sentence(f"{self.units(fault.units)} 不能牵头", f"{self.units(fault.units)} may not lead"),
            "R20": Sentence(f"跨 {value or 0:.0f} 个街道", f"it lies in {value or 0:.0f} streets"),
            "R22": Sentence(f"不连片, 分成 {value or 0:.0f} 块", f"it is not connected but in {value or 0:.0f} parts"),
            "R26": Sentence(
                f"{self.units(fault.units)} 到牵头小区步行{_metres(value)}, 超过 {limit or 0:g} 米",
                f"{self.units(fault.units)} is {_metres_en(value)} on foot from the anchor, more than {limit or 0:g} m",
            ),
            "mode": Sentence("编组方式不允许这样的片区", "the mode does not allow such an area"),
        }
        if fault.rule in measured:
            return measured[fault.rule]
        if fault.rule == "R13":
            return self._too_large(fault)
        whose = self._company_of_area(fault.area) if fault.rule == "R15" else Sentence("", "")
        unit = Sentence(*MEASURES[fault.size or "floor_area"])
        over = (value or 0) > (limit or 0)
        return Sentence(
            f"{whose.zh}{value or 0:,.0f} {unit.zh}, {'超过' if over else '低于'} {limit or 0:,.0f} {unit.zh}",
            f"{whose.en}{value or 0:,.0f} {unit.en}, {'more' if over else 'less'} than {limit or 0:,.0f}",
        )

    def company(self, anchor: int) -> str:
        """The company of an anchor: its name and the id; "" where R15 does not hold it."""
        companies, k = self.opened.problem.companies, company_of_anchor(self.opened.problem, anchor)
        if companies is None or k < 0:
            return ""
        name = self.opened.tables.company_names.get(str(companies.ids[k]))
        return f"{name} ({companies.ids[k]})" if name else str(companies.ids[k])

    def _company_of_area(self, area: int) -> Sentence:
        name = self.company(int(self.opened.plan.anchor_of[area]))
        return Sentence(f"{name} 共承接 ", f"{name} takes on ")

    def _too_large(self, fault: Fault) -> Sentence:
        """R13: units larger than their anchor, or more taken in than its capacity."""
        value, limit = fault.value or 0, fault.limit or 0
        loads = self.opened.problem.load[list(fault.units)]
        if value == loads.max() and (len(loads) == 1 or value < loads.sum()):
            units = self.units(fault.units)
            return Sentence(
                f"{units} {value:,.0f} ㎡, 超过牵头小区的 {limit:,.0f} ㎡",
                f"{units}: {value:,.0f} m², more than its anchor's {limit:,.0f}",
            )
        return Sentence(
            f"带入合计 {value:,.0f} ㎡, 超过带入能力 {limit:,.0f} ㎡",
            f"{value:,.0f} m² taken in, more than the anchor's capacity of {limit:,.0f}",
        )

    def lock(self, lock: Lock) -> Sentence:
        """A lock in words."""
        units = ", ".join(self.unit_id(unit) for unit in lock.unit_ids[:3])
        other = self.unit_id(lock.with_unit_id) if lock.with_unit_id else ""
        return {
            "in_area": Sentence(f"{units} 锁定在 {other} 的片区", f"{units} is locked to the area of {other}"),
            "area_kept": Sentence(
                f"片区 ({units} 等 {len(lock.unit_ids)} 个) 锁定不变",
                f"the area of {units} ({len(lock.unit_ids)} units) is locked as it is",
            ),
            "together": Sentence(f"{units} 锁定在一起", f"{units} are locked together"),
            "apart": Sentence(f"{units} 锁定分开", f"{units} are locked apart"),
            "out": Sentence(f"{units} 锁定不划入", f"{units} is locked out"),
        }[lock.kind]


def blocking_rule(blocked_by: str) -> str:
    """The rule a refused pair breaks.

    Examples
    --------
    >>> [rule_of_blame(text) for text in ("railway:b1", "street", "gap>60", "override:o1")]
    ['R23', 'R20', 'R22', 'R22']
    """
    if ":" in blocked_by and not blocked_by.startswith("override:"):
        return "R23"
    return "R20" if blocked_by in ("district", "street", "neighbourhood") else "R22"


def _metres(value: float | None) -> str:
    return "超出已知范围" if value is None else f" {value:.0f} 米"


def _metres_en(value: float | None) -> str:
    return "beyond all known walks" if value is None else f"{value:.0f} m"
