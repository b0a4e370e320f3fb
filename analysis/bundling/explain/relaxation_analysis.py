"""What relaxing one or two rules would bring: the surroundings of units left over are solved again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.bundling.evaluation.company_allowance import allowance_at_anchors
from analysis.bundling.evaluation.feasibility import find_connected_pieces, max_areas_of, may_take, neighbours
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.explain.relaxation_pairs import find_relaxation_pairs
from analysis.bundling.explain.relaxations import Relaxation
from analysis.bundling.led_areas.relaxed import estimate_gains
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, index_locks
from analysis.bundling.locks.locks import Lock
from analysis.bundling.locks.presolve import exclude_units
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import AreaSlot, ReassignmentTask, SolveLimits, reassign
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

SHOWN = 16
"""Relaxations that are shown, those that let most households in first."""
MOST_UNITS = 80
"""Larger groups of units left over are not looked at: they are no matter of one rule."""
_EFFORT = SolveLimits(nodes=300, cut_rounds=30, seconds=math.inf)  # the same advice on a busy machine


@dataclass(frozen=True)
class Advice:
    """What a relaxation brings at least: the areas at hand stay, and units left over join or found one.

    Parameters
    ----------
    rules, what
        Of the relaxations, one or two.
    households, units
        Newly in an area.
    sentence
        The change and its effect.
    """

    rules: tuple[str, ...]
    what: tuple[dict[str, Any], ...]
    households: int
    units: int
    sentence: Sentence


def analyse_relaxations(
    problem: Problem,
    plan: Plan,
    relaxations: Sequence[Relaxation],
    locks: Sequence[Lock] = (),
    *,
    goes_on: Callable[[], bool] = lambda: True,
) -> tuple[Advice, ...]:
    """What each relaxation would bring, found by solving the surroundings of the units left over.

    One rule at a time first; then a border to cross together with a smaller least size, and any two
    rules that keep a unit out of an area together (`relaxation_pairs.find_relaxation_pairs`), where both let in
    more than each by itself. What could be had without relaxing anything is not counted.

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
    if problem.rules.mode == "area":
        return _analyse_with_leaders(problem, plan, relaxations, locks, goes_on)
    base = fill_areas(problem, plan, index_locks(problem, locks), goes_on=goes_on)
    found: list[tuple[int, Advice]] = []
    filled: list[Plan] = []
    for relaxation in relaxations:
        if not goes_on():
            break
        advice, after = _effect(problem, base, base, (relaxation,), locks, goes_on, touched=relaxation.touches)
        found.append((advice.households, advice))
        filled.append(after)
    tried = relaxations[: len(filled)]
    for k, size in enumerate(tried):
        if size.what["kind"] != "lower":
            continue
        for j, border in enumerate(tried):
            if not border.touches or not goes_on():
                continue
            advice, _ = _effect(problem, base, filled[k], (border, size), locks, goes_on, touched=border.touches)
            extra = advice.households - found[k][0] - found[j][0]
            found.append((extra, advice))
    for both in find_relaxation_pairs(problem, base, tried):
        if not goes_on():
            break
        rules = tried[both.one], tried[both.other]
        advice, _ = _effect(problem, base, base, rules, locks, goes_on, touched=both.units)
        alone = sum(
            _effect(problem, base, base, (rule,), locks, goes_on, touched=both.units)[0].households for rule in rules
        )
        if goes_on():
            found.append((advice.households - alone, advice))
    useful = [(extra, advice) for extra, advice in found if extra > 0]
    useful.sort(key=lambda item: (-item[0], len(item[1].what)))
    return tuple(advice for _, advice in useful[:SHOWN])


def _analyse_with_leaders(
    problem: Problem, plan: Plan, relaxations: Sequence[Relaxation], locks: Sequence[Lock], goes_on: Callable[[], bool]
) -> tuple[Advice, ...]:
    """What each relaxation brings where areas have leaders inside: households led besides, and placed besides."""
    gains = estimate_gains(
        problem, plan, [one.apply for one in relaxations], lambda other: index_locks(other, locks), goes_on=goes_on
    )
    found = [
        Advice(
            rules=relaxation.rules,
            what=(relaxation.what,),
            households=gain.households,
            units=gain.led_units + gain.placed_units,
            sentence=say(
                "advice_led",
                change=relaxation.sentence,
                led=gain.led_households,
                led_units=gain.led_units,
                placed=gain.placed_households,
                placed_units=gain.placed_units,
            ),
        )
        for relaxation, gain in zip(relaxations, gains, strict=True)
        if gain is not None and gain.households
    ]
    return tuple(sorted(found, key=lambda advice: -advice.households)[:SHOWN])


def advice_document(found: Sequence[Advice], why: Sequence[Cause]) -> list[dict[str, Any]]:
    """The `advice` of PLAN.json: relaxations, then causes; additive to the contract.

    Parameters
    ----------
    found
        Relaxations, those that bring most first.
    why
        What binds every plan.
    """
    return [
        *(
            {
                "kind": "relax",
                "rules": list(a.rules),
                "what": list(a.what),
                "households": a.households,
                "units": a.units,
                "sentence_zh": a.sentence.zh,
                "sentence_en": a.sentence.en,
            }
            for a in found
        ),
        *(
            {
                "kind": "cause",
                "cause": c.kind,
                "rules": [c.rule],
                "units": list(c.units),
                "households": c.households,
                "value": c.value,
                "limit": c.limit,
                "sentence_zh": c.sentence.zh,
                "sentence_en": c.sentence.en,
            }
            for c in why
        ),
    ]


def fill_areas(
    problem: Problem,
    plan: Plan,
    locks: IndexedLocks = NO_LOCKS,
    *,
    touched: frozenset[str] | None = None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Plan:
    """The plan with units left over put into areas with room, or into new ones; nobody moves.

    Connected groups of units left over are decided one after the other, the largest first, each as
    well as can be. Units that a lock speaks of stay as they are. With `touched` only groups that
    hold one of these units are looked at. `goes_on` is asked before each.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of it.
    locks
        What is settled.
    touched
        Ids of units; None = every group is looked at.
    goes_on
        Whether there is time for one more group.
    """
    problem = exclude_units(problem, locks.held)
    held = {unit for constraint in locks.pair_constraints for unit in (constraint.a, constraint.b)}
    free = np.flatnonzero(problem.is_target & (plan.area_of < 0))
    groups = find_connected_pieces(problem, [unit for unit in free.tolist() if unit not in held])
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
    *,
    touched: frozenset[str] | None,
) -> tuple[Advice, Plan]:
    """What relaxations bring beyond `base`, building on `start`, and the plan that shows it.

    With `touched` only groups of units left over that hold one of these are looked at.
    """
    relaxed = problem
    for relaxation in relaxations:
        relaxed = relaxation.apply(relaxed)
    if relaxed.n_units != problem.n_units:
        base = start = _carried(problem, base, relaxed)
    placed = index_locks(relaxed, locks)
    after = fill_areas(relaxed, start, placed, touched=touched, goes_on=goes_on)
    new = relaxed.is_target & (after.area_of >= 0) & (base.area_of < 0)
    households, units = int(relaxed.households[new].sum()), int(new.sum())
    change = Sentence.join((r.sentence for r in relaxations), ("、", " and "))
    advice = Advice(
        rules=tuple(dict.fromkeys(rule for r in relaxations for rule in r.rules)),
        what=tuple(r.what for r in relaxations),
        households=households,
        units=units,
        sentence=say("advice", change=change, households=households, units=units),
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


def _fill_group(problem: Problem, plan: Plan, group: np.ndarray, frozen: set[frozenset[int]]) -> Plan:
    rules, none = problem.rules, np.zeros(0, dtype=np.int64)
    around = np.unique(np.concatenate([neighbours(problem, int(unit)) for unit in group]))
    slots: list[tuple[AreaSlot, int]] = []
    for area in np.unique(plan.area_of[around][plan.area_of[around] >= 0]).tolist():
        members, anchor = plan.members(area), int(plan.anchor_of[area])
        fits = anchor >= 0 or rules.mode != "lead"
        if fits and frozenset(members.tolist()) not in frozen:
            slots.append((AreaSlot(anchor, members), area))
    idle = around[np.isin(around, problem.anchors) & (plan.area_of[around] < 0)]
    slots += [(AreaSlot(int(a), np.array([a])), -1) for a in idle if rules.mode != "whole"]
    if rules.mode != "lead" and rules.areas is None:
        n_new = min(2, max_areas_of(problem, group))
        slots += [(AreaSlot(-1, none), -1)] * n_new
    may = np.zeros((len(group), len(slots)), dtype=bool)
    for s, (slot, _) in enumerate(slots):
        led = slot.anchor >= 0
        may[:, s] = (
            may_take(problem, slot.anchor, group)
            if led
            else np.all(
                [size.fits(size.weight[group] + size.weight[slot.fixed].sum()) for size in problem.sizes], axis=0
            )
        )
    if not may.any():
        return plan
    home = np.full(len(group), -1)
    allowance = allowance_at_anchors(problem, plan, {slot.anchor for slot, _ in slots})
    places = tuple(slot for slot, _ in slots)
    task = ReassignmentTask(problem, group, places, may, home, allowance=allowance)
    answer = reassign(task, aims=("left_over",), effort=_EFFORT)
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
