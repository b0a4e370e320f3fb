"""What binds an area: the limits it stands at, and what parts it from the units beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.wording import Wording, blocking_rule
from analysis.bundling.evaluation.company_allowance import company_of_anchor, floor_area_taken
from analysis.bundling.evaluation.feasibility import anchor_index, may_take, neighbours, remaining_capacity, walks_from
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from geo.adjacency.edge_reasons import reason_text
from geo.errors import UnknownCodeError
from geo.messages import Sentence


@dataclass(frozen=True)
class Binding:
    """One limit of an area: how far it is used, and whether it is what keeps the area as it is."""

    kind: str
    rule: str
    value: float
    limit: float | None
    is_binding: bool
    sentence_zh: str
    sentence_en: str


@dataclass(frozen=True)
class AreaAccount:
    """What binds one area: capacity, company, radius, upper, lower, lock, number, street, barrier, distance."""

    area_id: str
    title: Sentence
    bindings: tuple[Binding, ...]


def explain_area(opened: OpenPlan, area_id: str) -> AreaAccount:
    """What binds an area.

    Raises
    ------
    UnknownCodeError
        If the plan has no such area.
    """
    if area_id not in opened.area_ids:
        raise UnknownCodeError(f"方案中没有片区 {area_id}。", f"The plan has no area {area_id}.")
    wording, area = Wording(opened), opened.area_ids.index(area_id)
    sizes = _lead_bindings if opened.plan.anchor_of[area] >= 0 else _whole_bindings
    bindings = (*sizes(wording, area), *_settled_bindings(wording, area), *_border_bindings(wording, area))
    return AreaAccount(area_id, wording.area(area), bindings)


def _lead_bindings(wording: Wording, area: int) -> list[Binding]:
    problem, plan = wording.opened.problem, wording.opened.plan
    anchor, members = int(plan.anchor_of[area]), plan.members(area)
    capacity = int(problem.capacity[anchor_index(problem, anchor)])
    room = remaining_capacity(problem, plan, area)
    beside = _free_beside(problem, plan, members)
    could = beside[may_take(problem, anchor, beside)]
    least = int(problem.load[could].min()) if len(could) else None
    taken = members[members != anchor]
    walks = walks_from(problem, anchor, taken)
    ways = walks_from(problem, anchor, beside)
    far = beside[(ways == 0) | (ways > problem.rules.radius_m)]
    farthest, radius = int(walks.max(initial=0)), problem.rules.radius_m
    is_beyond = farthest > radius or bool((walks == 0).any()) or bool(len(far))
    rest_zh = f"余 {room:,} ㎡" if room >= 0 else f"超出 {-room:,} ㎡"
    rest_en = f"{room:,} m² left" if room >= 0 else f"{-room:,} m² too much"
    waits_zh = "" if least is None else f"; 相邻未划入的最小单元 {least:,} ㎡"
    waits_en = "" if least is None else f"; the smallest unit left over beside it has {least:,} m²"
    return [
        Binding(
            "capacity",
            "R13",
            capacity - room,
            capacity,
            room < 0 or (least is not None and least > room),
            f"带入能力 {capacity:,} ㎡, 已用 {capacity - room:,} ㎡, {rest_zh}{waits_zh}",
            f"{capacity - room:,} of {capacity:,} m² of capacity used, {rest_en}{waits_en}",
        ),
        *_company_binding(wording, anchor, could),
        Binding(
            "radius",
            "R26",
            farthest,
            radius,
            is_beyond,
            f"最远单元步行 {farthest} 米, 限 {radius:g} 米; 相邻未划入而超出的 {len(far)} 个",
            f"the farthest unit is {farthest} m on foot, at most {radius:g} m; {len(far)} left over "
            "beside it are beyond",
        ),
    ]


def _company_binding(wording: Wording, anchor: int, could: np.ndarray) -> list[Binding]:
    """R15, of all areas of the anchor's company; `could`: units beside the area it could take in."""
    problem, plan = wording.opened.problem, wording.opened.plan
    companies, k = problem.companies, company_of_anchor(problem, anchor)
    if companies is None or k < 0:
        return []
    taken, most = int(floor_area_taken(problem, plan)[k]), int(companies.allowance[k])
    is_binding = taken > most or bool((problem.load[could] > most - taken).any())
    name, managed = wording.company(anchor), float(companies.managed_m2[k])
    how_zh, how_en = (
        ("在管面积", "manages")
        if companies.is_recorded[k]
        else ("在管面积 (按服务单元合计)", "manages, by the units it serves,")
    )
    return [
        Binding(
            "company",
            "R15",
            taken,
            most,
            is_binding,
            f"企业 {name} {how_zh} {managed:,.0f} ㎡, 各片区共承接 {taken:,} ㎡, 上限 {most:,} ㎡",
            f"its company {name} {how_en} {managed:,.0f} m² and takes on {taken:,} m² in all areas, "
            f"at most {most:,} m²",
        )
    ]


def _whole_bindings(wording: Wording, area: int) -> list[Binding]:
    problem, plan = wording.opened.problem, wording.opened.plan
    members = plan.members(area)
    beside = _free_beside(problem, plan, members)
    return [one for size in problem.sizes for one in _size_bindings(size, members, beside)]


def _size_bindings(size: Size, members: np.ndarray, beside: np.ndarray) -> list[Binding]:
    """The most and the least of one weight, as far as there are any."""
    zh, en = size.measure
    total, lightest = int(size.weight[members].sum()), int(size.weight[members].min())
    found = []
    if size.upper is not None:
        above = total - size.upper
        is_full = bool(len(beside)) and total + int(size.weight[beside].min()) > size.upper
        found.append(
            Binding(
                "upper",
                "R31",
                total,
                size.upper,
                above > 0 or is_full,
                f"共 {total:,} {zh}, {'超出' if above > 0 else '距'}上限 {size.upper:,} "
                f"{'' if above > 0 else '还有 '}{abs(above):,}; 相邻未划入 {len(beside)} 个",
                f"{total:,} {en}, {abs(above):,} {'above' if above > 0 else 'below'} the most of "
                f"{size.upper:,}; {len(beside)} units left over beside it",
            )
        )
    below = size.lower - total
    smallest_zh = "" if size.name == "members" else f"; 最小单元 {lightest:,} {zh}"
    smallest_en = "" if size.name == "members" else f"; the smallest unit has {lightest:,}"
    found.append(
        Binding(
            "lower",
            "R31",
            total,
            size.lower,
            total - lightest < size.lower,
            f"比下限 {size.lower:,} {'少' if below > 0 else '多'} {abs(below):,} {zh}{smallest_zh}",
            f"{abs(below):,} {en} {'below' if below > 0 else 'above'} the least of {size.lower:,}{smallest_en}",
        )
    )
    return found


def _settled_bindings(wording: Wording, area: int) -> list[Binding]:
    """What is settled beforehand: that the area stays as it is, and how many areas there are."""
    opened = wording.opened
    entry, wanted = opened.document["areas"][area], opened.problem.rules.areas
    members, anchor = frozenset(entry["unit_ids"]), entry["anchor_unit_id"]
    found = []
    for lock in opened.locks:
        if lock.kind == "area_kept" and members.intersection(lock.unit_ids):
            told = wording.lock(lock)
            is_so = members == set(lock.unit_ids) and anchor == lock.anchor_unit_id
            changed = Sentence("", "") if is_so else Sentence(", 现在不是这样", ", and now it is not so")
            found.append(
                Binding(
                    "lock",
                    lock.rule,
                    len(members),
                    len(lock.unit_ids),
                    True,
                    told.zh + changed.zh,
                    told.en + changed.en,
                )
            )
    if wanted is not None:
        n_areas = opened.plan.n_areas
        found.append(
            Binding(
                "number",
                "areas",
                n_areas,
                wanted,
                True,
                f"要求 {wanted} 个片区, 方案有 {n_areas} 个: 片区不能另设, 也不能合并",
                f"{wanted} areas are asked for, the plan has {n_areas}: none may be founded or joined",
            )
        )
    return found


def _free_beside(problem: Problem, plan: Plan, members: np.ndarray) -> np.ndarray:
    """Targets in no area beside an area's members, ascending."""
    around = np.unique(np.concatenate([neighbours(problem, int(i)) for i in members]))
    return around[problem.is_target[around] & (plan.area_of[around] < 0)]


def _border_bindings(wording: Wording, area: int) -> list[Binding]:
    """Streets, barriers and distances that part an area from units beyond, one entry each."""
    opened = wording.opened
    ids = set(opened.problem.unit_ids[opened.plan.members(area)].astype(str))
    pairs = opened.graph.pairs
    crosses = pairs["unit_a"].isin(ids) != pairs["unit_b"].isin(ids)
    rows = pairs[crosses & ~pairs["allowed"].astype(bool)]
    beyond = rows["unit_b"].where(rows["unit_a"].isin(ids), rows["unit_a"])
    people = opened.dataset.layer("units").set_index("unit_id")["households"]
    found = []
    for blocked_by, units in beyond.groupby(rows["blocked_by"].astype(str), sort=True):
        others = sorted(set(units))
        known = people.reindex(others).dropna()
        n_open = len(others) - len(known)
        open_zh = f" (另有 {n_open} 个户数无数据)" if n_open else ""
        open_en = f" ({n_open} of them without a figure)" if n_open else ""
        told = Sentence(*reason_text(str(blocked_by)))
        is_barrier = blocking_rule(str(blocked_by)) == "R23"
        kind = (
            "barrier"
            if is_barrier
            else ("street" if blocked_by in ("district", "street", "neighbourhood") else "distance")
        )
        found.append(
            Binding(
                kind,
                blocking_rule(str(blocked_by)),
                len(others),
                None,
                True,
                f"{told.zh}: 隔开 {len(others)} 个单元, {int(known.sum()):,} 户{open_zh}",
                f"{told.en}: parts it from {len(others)} units with {int(known.sum()):,} households{open_en}",
            )
        )
    return found
