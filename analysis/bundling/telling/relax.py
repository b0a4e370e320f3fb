"""The fewest rules that, relaxed, would let how many households in that are left over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.conditions.checks import may_take, most_areas_of, neighbours, pieces
from analysis.bundling.conditions.companies import allowance_for
from analysis.bundling.conditions.locks import NO_LOCKS, Lock, PlacedLocks, place_locks
from analysis.bundling.conditions.reduced import barred
from analysis.bundling.editing.assign import Effort, Slot, Task, assign
from analysis.bundling.plan import LEFT_OVER, Plan
from analysis.bundling.problem import Problem
from analysis.bundling.size_bounds import Size
from analysis.bundling.telling.causes import Cause
from analysis.bundling.telling.wording import rule_of_blame
from geo.refusals import BARRIERS_ZH

SHOWN = 12
"""Relaxations that are told, those that let most households in first."""
LOWER_SHARES = (0.8, 0.5)
"""Lower bounds tried, as shares of the one in force."""
CAPACITY_FACTORS = (1.25, 1.5)
"""Capacities tried, as multiples of those in force."""
MOST_UNITS = 80
"""Larger groups of units left over are not looked at: they are no matter of one rule."""
_EFFORT = Effort(nodes=300, cut_rounds=30, seconds=5.0)


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A rule that could be relaxed, and how the problem is then.

    Parameters
    ----------
    rules
        Rule ids.
    what
        The change, machine-readable.
    apply
        Makes the relaxed problem.
    zh, en
        The change in words, without its effect.
    touches
        Ids of the units it makes neighbours; None where it is no matter of single units.
    """

    rules: tuple[str, ...]
    what: dict[str, Any]
    apply: Callable[[Problem], Problem]
    zh: str
    en: str
    touches: frozenset[str] | None = None


@dataclass(frozen=True)
class Advice:
    """What a relaxation brings at least: the areas at hand stay, and units left over join or found one.

    Parameters
    ----------
    rules, what
        Of the relaxations, one or two.
    households, units
        Newly in an area.
    sentence_zh, sentence_en
        The change and its effect.
    """

    rules: tuple[str, ...]
    what: tuple[dict[str, Any], ...]
    households: int
    units: int
    sentence_zh: str
    sentence_en: str


def advise(
    problem: Problem,
    plan: Plan,
    relaxations: Sequence[Relaxation],
    locks: Sequence[Lock] = (),
    *,
    goes_on: Callable[[], bool] = lambda: True,
) -> tuple[Advice, ...]:
    """What each relaxation would bring, found by solving the surroundings of the units left over.

    One rule at a time first; then a border to cross together with a smaller least size, where both
    let in more than each by itself. What could be had without relaxing anything is not counted.

    Parameters
    ----------
    problem, plan, relaxations, locks
        As solved, and what may be relaxed.
    goes_on
        Asked before every group of units; once it says no, nothing further is tried.

    Returns
    -------
    Those that bring most first (two rules by what they bring beyond each of them), for equal numbers
    fewest rules; those that bring nothing are left out.
    """
    base = fill(problem, plan, place_locks(problem, locks), goes_on=goes_on)
    found: list[tuple[int, Advice]] = []
    filled: list[Plan] = []
    for relaxation in relaxations:
        if not goes_on():
            break
        advice, after = _effect(problem, base, base, (relaxation,), locks, goes_on)
        found.append((advice.households, advice))
        filled.append(after)
    tried = relaxations[: len(filled)]
    for k, size in enumerate(tried):
        if size.what["kind"] != "lower":
            continue
        for j, border in enumerate(tried):
            if not border.touches or not goes_on():
                continue
            advice, _ = _effect(problem, base, filled[k], (border, size), locks, goes_on)
            extra = advice.households - found[k][0] - found[j][0]
            found.append((extra, advice))
    useful = [(extra, advice) for extra, advice in found if extra > 0]
    useful.sort(key=lambda item: (-item[0], len(item[1].what)))
    return tuple(advice for _, advice in useful[:SHOWN])


def possible_relaxations(
    problem: Problem,
    plan: Plan,
    pairs: pd.DataFrame,
    streets: dict[str, str],
    street_of: dict[str, str],
    rebuilt: Callable[..., Problem],
) -> tuple[Relaxation, ...]:
    """Rules that touch the units left over, each with what relaxing it means.

    Parameters
    ----------
    problem, plan
        As solved.
    pairs
        The `edges` layer with refused pairs.
    streets, street_of
        Name of each street by code, and code of each unit by id.
    rebuilt
        The problem under the rules with some values changed, by keyword.
    """
    left = {str(u) for u in problem.unit_ids[problem.is_target & (plan.area_of < 0)]}
    near = pairs[~pairs["allowed"].astype(bool)]
    near = near[near["unit_a"].isin(left) | near["unit_b"].isin(left)]
    return (
        *_street_permits(problem, near, streets, street_of),
        *_crossings(near),
        *_sizes(problem),
        *_eligibility(problem, rebuilt),
    )


def advice_document(found: Sequence[Advice], why: Sequence[Cause]) -> list[dict[str, Any]]:
    """The `advice` of PLAN.json: relaxations, then causes; additive to the contract."""
    return [
        *(
            {"kind": "relax", "rules": list(a.rules),
             "what": list(a.what),
             "households": a.households, "units": a.units,
             "sentence_zh": a.sentence_zh, "sentence_en": a.sentence_en}
            for a in found
        ),
        *(
            {"kind": "cause", "cause": c.kind, "rules": [c.rule], "units": list(c.units),
             "households": c.households, "value": c.value, "limit": c.limit,
             "sentence_zh": c.sentence_zh, "sentence_en": c.sentence_en}
            for c in why
        ),
    ]  # fmt: skip


def fill(
    problem: Problem,
    plan: Plan,
    locks: PlacedLocks = NO_LOCKS,
    *,
    touched: frozenset[str] | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Plan:
    """The plan with units left over put into areas with room, or into new ones; nobody moves.

    Connected groups of units left over are decided one after the other, the largest first, each as
    well as can be. Units that a lock speaks of stay as they are. With `touched` only groups that
    hold one of these units are looked at. `goes_on` is asked before each.
    """
    problem = barred(problem, locks.held)
    held = {unit for bond in locks.bonds for unit in (bond.a, bond.b)}
    free = np.flatnonzero(problem.is_target & (plan.area_of < 0))
    groups = pieces(problem, [unit for unit in free.tolist() if unit not in held])
    groups.sort(key=lambda group: (-int(problem.households[group].sum()), group[0]))
    if touched is not None:
        meant = {i for i, unit in enumerate(problem.unit_ids) if str(unit) in touched}
        groups = [group for group in groups if meant & set(group)]
    frozen = {frozenset(kept.members.tolist()) for kept in locks.kept}
    for group in groups:
        if len(group) <= MOST_UNITS and goes_on():
            plan = _fill_group(problem, plan, np.array(group), frozen)
    return plan


# --- what each relaxation brings ----------------------------------------------------------------


def _effect(
    problem: Problem,
    base: Plan,
    start: Plan,
    relaxations: tuple[Relaxation, ...],
    locks: Sequence[Lock],
    goes_on: Callable[[], bool],
) -> tuple[Advice, Plan]:
    """What relaxations bring beyond `base`, building on `start`, and the plan that shows it."""
    relaxed = problem
    for relaxation in relaxations:
        relaxed = relaxation.apply(relaxed)
    if relaxed.n_units != problem.n_units:
        base = start = _carried(problem, base, relaxed)
    touched = relaxations[0].touches
    placed = place_locks(relaxed, locks)
    after = fill(relaxed, start, placed, touched=touched, goes_on=goes_on)
    new = relaxed.is_target & (after.area_of >= 0) & (base.area_of < 0)
    households, units = int(relaxed.households[new].sum()), int(new.sum())
    zh, en = "、".join(r.zh for r in relaxations), " and ".join(r.en for r in relaxations)
    advice = Advice(
        rules=tuple(dict.fromkeys(rule for r in relaxations for rule in r.rules)),
        what=tuple(r.what for r in relaxations),
        households=households,
        units=units,
        sentence_zh=f"{zh}: 至少可再划入 {households:,} 户 ({units} 个单元)。",
        sentence_en=f"{en}: at least {households:,} more households ({units} units) covered.",
    )
    return advice, after


def _carried(problem: Problem, plan: Plan, other: Problem) -> Plan:
    """The plan on the units of another problem of the same dataset, by id."""
    place = {str(unit): i for i, unit in enumerate(other.unit_ids)}
    area_of = np.full(other.n_units, LEFT_OVER)
    for i in np.flatnonzero(plan.area_of >= 0).tolist():
        if (j := place.get(str(problem.unit_ids[i]))) is not None:
            area_of[j] = plan.area_of[i]
    anchors = [place.get(str(problem.unit_ids[a]), -1) if a >= 0 else -1 for a in plan.anchor_of]
    return Plan(area_of, np.array(anchors, dtype=np.int64))


def _fill_group(
    problem: Problem, plan: Plan, group: np.ndarray, frozen: set[frozenset[int]]
) -> Plan:
    rules, none = problem.rules, np.zeros(0, dtype=np.int64)
    around = np.unique(np.concatenate([neighbours(problem, int(unit)) for unit in group]))
    slots: list[tuple[Slot, int]] = []
    for area in np.unique(plan.area_of[around][plan.area_of[around] >= 0]).tolist():
        members, anchor = plan.members(area), int(plan.anchor_of[area])
        fits = anchor >= 0 or rules.mode != "lead"
        if fits and frozenset(members.tolist()) not in frozen:
            slots.append((Slot(anchor, members), area))
    idle = around[np.isin(around, problem.anchors) & (plan.area_of[around] < 0)]
    slots += [(Slot(int(a), np.array([a])), -1) for a in idle if rules.mode != "whole"]
    if rules.mode != "lead" and rules.areas is None:
        n_new = min(2, most_areas_of(problem, group))
        slots += [(Slot(-1, none), -1)] * n_new
    may = np.zeros((len(group), len(slots)), dtype=bool)
    for s, (slot, _) in enumerate(slots):
        led = slot.anchor >= 0
        may[:, s] = may_take(problem, slot.anchor, group) if led else np.all(
            [size.fits(size.weight[group] + size.weight[slot.fixed].sum()) for size in problem.sizes],
            axis=0,
        )  # fmt: skip
    if not may.any():
        return plan
    home = np.full(len(group), -1)
    allowance = allowance_for(problem, plan, {slot.anchor for slot, _ in slots})
    places = tuple(slot for slot, _ in slots)
    task = Task(problem, group, places, may, home, allowance=allowance)
    answer = assign(task, aims=("left_over",), effort=_EFFORT)
    if answer is None or (answer.place < 0).all():
        return plan
    area_of, anchor_of = plan.area_of.copy(), plan.anchor_of.tolist()
    for s, (slot, area) in enumerate(slots):
        members = group[answer.place == s]
        if not len(members):
            continue
        if area < 0:
            area = len(anchor_of)
            anchor_of.append(slot.anchor)
            area_of[slot.fixed] = area
        area_of[members] = area
    return Plan(area_of, np.array(anchor_of, dtype=np.int64))


# --- the rules that may be relaxed --------------------------------------------------------------


def _street_permits(
    problem: Problem, near: pd.DataFrame, streets: dict[str, str], street_of: dict[str, str]
) -> list[Relaxation]:
    """Two streets of one district whose units may go together (a permit); R20 is for districts, too."""
    rows = near[near["blocked_by"].eq("street")]
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for a, b in zip(rows["unit_a"].astype(str), rows["unit_b"].astype(str), strict=True):
        one, other = sorted((street_of.get(a, ""), street_of.get(b, "")))
        if one and other and one[:6] == other[:6]:
            groups.setdefault((one, other), []).append((a, b))
    found = []
    for (one, other), ids in sorted(groups.items()):
        names = streets.get(one, one), streets.get(other, other)
        found.append(Relaxation(
            ("R20",),
            {"kind": "permit_streets", "street_a": one, "street_b": other},
            _adding(ids),
            f"批准 {names[0]}–{names[1]} 跨街道组片",
            f"permit {names[0]}-{names[1]} to go together",
            frozenset(unit for pair in ids for unit in pair),
        ))  # fmt: skip
    return found


def _crossings(near: pd.DataFrame) -> list[Relaxation]:
    """A barrier that a crossing would open where units left over lie at it."""
    rows = near[near["blocked_by"].astype(str).map(rule_of_blame).eq("R23")]
    found = []
    for label, group in rows.groupby(rows["blocked_by"].astype(str), sort=True):
        kind, _, which = str(label).partition(":")
        ids = list(zip(group["unit_a"].astype(str), group["unit_b"].astype(str), strict=True))
        found.append(Relaxation(
            ("R23",), {"kind": "crossing", "barrier": str(label)}, _adding(ids),
            f"在{BARRIERS_ZH.get(kind, kind)} {which} 处增设通道", f"a crossing at {kind} {which}",
            frozenset(unit for pair in ids for unit in pair),
        ))  # fmt: skip
    return found


def _sizes(problem: Problem) -> list[Relaxation]:
    """Bounds, capacity and radius, a step or two each."""
    rules, found = problem.rules, []
    if rules.mode != "lead":
        for k, size in enumerate(problem.sizes):
            lowers = dict.fromkeys(int(size.lower * share) for share in LOWER_SHARES)
            found += [_lower(k, size, lower) for lower in lowers if k == 0 or lower < size.lower]
    if rules.mode != "whole":
        for factor in CAPACITY_FACTORS:
            ratio = rules.capacity_ratio * factor
            found.append(Relaxation(
                ("R13",), {"kind": "capacity_ratio", "value": ratio},
                lambda p, f=factor: replace(p, capacity=np.floor(p.capacity * f).astype(np.int64)),  # type: ignore[misc]
                f"带入能力系数由 {rules.capacity_ratio:g} 提到 {ratio:g}",
                f"a capacity ratio of {ratio:g} instead of {rules.capacity_ratio:g}",
            ))  # fmt: skip
        if problem.companies is not None and rules.company_growth is not None:
            found += [_growth(rules.company_growth, factor) for factor in CAPACITY_FACTORS]
        if rules.radius_m < rules.walk_limit_m:
            far = rules.walk_limit_m
            found.append(Relaxation(
                ("R26",), {"kind": "radius_m", "value": far},
                lambda p: replace(p, rules=replace(p.rules, radius_m=far)),
                f"步行半径由 {rules.radius_m:g} 放宽到 {far:g} 米",
                f"a radius of {far:g} instead of {rules.radius_m:g} m",
            ))  # fmt: skip
    return found


def _lower(k: int, size: Size, lower: int) -> Relaxation:
    """The k-th weight of `Problem.sizes` asks for less."""
    zh, en = size.measure

    def apply(problem: Problem) -> Problem:
        rules = problem.rules
        if k == 0:
            return replace(problem, rules=replace(rules, lower=lower))
        bounds = list(rules.bounds)
        bounds[k - 1] = replace(bounds[k - 1], lower=lower)
        return replace(problem, rules=replace(rules, bounds=tuple(bounds)))

    what = {"kind": "lower", "value": lower}
    if k:
        what = {"kind": "bound_lower", "weight": size.name, "value": lower}
    return Relaxation(
        ("R31",), what, apply,
        f"片区下限由 {size.lower:,} 降到 {lower:,} {zh}",
        f"a least size of {lower:,} instead of {size.lower:,} {en}",
    )  # fmt: skip


def _growth(share: float, factor: float) -> Relaxation:
    """Companies take on more in a year."""

    def apply(problem: Problem) -> Problem:
        companies = problem.companies
        if companies is None:
            return problem
        allowance = np.floor(companies.allowance * factor).astype(np.int64)
        return replace(problem, companies=replace(companies, allowance=allowance))

    return Relaxation(
        ("R15",), {"kind": "company_growth", "value": round(share * factor, 6)}, apply,
        f"企业每年承接份额由 {share:g} 提到 {share * factor:g}",
        f"companies take on {share * factor:g} of what they manage in a year instead of {share:g}",
    )  # fmt: skip


def _eligibility(problem: Problem, rebuilt: Callable[..., Problem]) -> list[Relaxation]:
    """Who may be taken in, and who may lead; the problem is built anew."""
    rules = problem.rules
    options: list[tuple[bool, str, dict[str, Any], str, str]] = [
        (not rules.auto_absorb_special, "R05", {"auto_absorb_special": True},
         "逐个确认后带入移交小区", "handed-over communities confirmed one by one"),
        (rules.exclude_unwilling, "R40", {"exclude_unwilling": False},
         "业主改为同意合并", "owners who refuse came to agree"),
        (rules.mode != "whole" and rules.min_contract_months > 0, "R10", {"min_contract_months": 0},
         f"牵头合同剩余期不再要求 {rules.min_contract_months} 个月",
         f"anchors need no {rules.min_contract_months} months of contract left"),
        (rules.mode != "whole" and rules.min_credit_rating != "C", "R12", {"min_credit_rating": "C"},
         f"牵头企业信用不再要求 {rules.min_credit_rating} 级",
         f"anchors' companies need no rating of {rules.min_credit_rating}"),
    ]  # fmt: skip
    return [
        Relaxation((rule,), {"kind": next(iter(change)), "value": next(iter(change.values()))},
                   lambda p, c=change: rebuilt(**c), zh, en)  # type: ignore[misc]
        for is_possible, rule, change, zh, en in options
        if is_possible
    ]  # fmt: skip


def _adding(ids: list[tuple[str, str]]) -> Callable[[Problem], Problem]:
    """Makes units neighbours, by id; those the problem does not decide about are passed over."""

    def apply(problem: Problem) -> Problem:
        place = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
        new = [(place[a], place[b]) for a, b in ids if a in place and b in place]
        return with_pairs(problem, new)

    return apply


def with_pairs(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """The problem with more pairs of neighbours, by position; nobody has measured how these face."""
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    new = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    rows = np.concatenate([row, new[:, 0], new[:, 1]])
    columns = np.concatenate([problem.indices, new[:, 1], new[:, 0]])
    shape = (problem.n_units, problem.n_units)
    links = csr_array(coo_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape))
    links.sort_indices()
    return replace(
        problem, indptr=links.indptr.astype(np.int64), indices=links.indices.astype(np.int64),
        facing_m=problem.facing_m if links.nnz == len(problem.indices) else None,
    )  # fmt: skip
