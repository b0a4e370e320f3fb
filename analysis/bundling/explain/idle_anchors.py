"""Why an anchor that may lead is idle: nobody in reach, no capacity, or opening it costs more than it saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.bundling.evaluation.company_allowance import allowance_at_anchors, remaining_allowance
from analysis.bundling.evaluation.feasibility import may_take, walks_from
from analysis.bundling.evaluation.score import walk_matrix
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import AreaSlot, ReassignmentTask, SolveLimits, reassign
from geo.messages import EMPTY, Sentence, load_catalogue

say = load_catalogue(__file__)

IdleKind = Literal["nobody", "too_small", "company", "not_nearer", "too_dear", "would_help"]
MAX_UNITS = 30
"""Units in reach that are looked at, those nearest on foot."""
_EFFORT = SolveLimits(nodes=500, cut_rounds=30, seconds=math.inf)  # the same reason on a busy machine


@dataclass(frozen=True)
class IdleAnchorReason:
    """What opening an anchor would bring.

    Parameters
    ----------
    kind
        "nobody": no unit it could reach; "too_small": all in reach have more floor area; "company":
        its company may take on no more; "not_nearer": nobody would walk less; "too_dear": less is
        saved than opening costs; "would_help": it is worth opening.
    rule
        The rule behind it.
    n_units
        Units in reach.
    households
        Newly in an area, if it led.
    saved_m
        Household-metres less, if it led.
    opening_m
        Household-metres that opening costs.
    sentence
        The same in words.
    """

    kind: IdleKind
    rule: str
    n_units: int
    households: int
    saved_m: int
    opening_m: int
    sentence: Sentence


def explain_idle_anchor(problem: Problem, plan: Plan, anchor: int) -> IdleAnchorReason:
    """Why an anchor leads nobody in a plan, by placing the units around it anew with it open.

    Units left over and units of other anchors are placed; areas without an anchor stay as they are.

    Parameters
    ----------
    problem, plan
        The plan breaks no rule.
    anchor
        Position of an anchor in no area.
    """
    opening = problem.objective.area_m
    reach = _reach(problem, anchor, may_take(problem, anchor, np.arange(problem.n_units)))
    if not len(reach):
        near = _reach(problem, anchor, _in_radius(problem, anchor))
        if len(near):
            return IdleAnchorReason("too_small", "R13", len(near), 0, 0, opening, say("idle.too_small", n=len(near)))
        return IdleAnchorReason("nobody", "R26", 0, 0, 0, opening, say("idle.nobody", radius_m=problem.rules.radius_m))
    left = remaining_allowance(problem, plan, anchor)
    if left is not None and left < int(problem.load[reach].min()):
        return IdleAnchorReason(
            "company", "R15", len(reach), 0, 0, opening, say("idle.company", n=len(reach), left=left)
        )
    led = np.append(plan.anchor_of >= 0, True)[plan.area_of[reach]]  # −1: left over
    households, saved = _opened(problem, plan, anchor, reach[led]) if led.any() else (0, 0)
    return _judged(len(reach), int((~led).sum()), households, saved, opening)


def _judged(n_units: int, n_unled: int, households: int, saved: int, opening: int) -> IdleAnchorReason:
    kind: IdleKind = "would_help"
    key = "would_cover" if households > 0 else "would_save"
    if households <= 0 and saved <= opening:
        kind = key = "not_nearer" if saved <= 0 else "too_dear"
    untried = say("idle.untried", n=n_unled) if n_unled else EMPTY
    sentence = say(f"idle.{key}", n_units=n_units, untried=untried, households=households, saved=saved, opening=opening)
    saved = 0 if kind == "not_nearer" else saved
    return IdleAnchorReason(kind, "R38", n_units, max(households, 0), saved, opening, sentence)


def _in_radius(problem: Problem, anchor: int) -> np.ndarray:
    walk = walks_from(problem, anchor, np.arange(problem.n_units))
    return np.asarray((walk > 0) & (walk <= problem.rules.radius_m) & problem.is_target)


def _reach(problem: Problem, anchor: int, may: np.ndarray) -> np.ndarray:
    """Positions of units reached from an anchor over units that `may` be taken in, ascending."""
    reached = problem.adjacency.reach(anchor, may)
    reached[anchor] = False
    return np.flatnonzero(reached)


def _opened(problem: Problem, plan: Plan, anchor: int, reach: np.ndarray) -> tuple[int, int]:
    """Households newly covered, and household-metres saved, at the best with the anchor open."""
    walk = walks_from(problem, anchor, reach)
    free = np.sort(reach[np.argsort(walk, kind="stable")[:MAX_UNITS]])
    slots = [AreaSlot(anchor, np.array([anchor]))]
    areas = np.unique(plan.area_of[free][plan.area_of[free] >= 0]).tolist()
    slots += [AreaSlot(int(plan.anchor_of[k]), np.setdiff1d(plan.members(k), free)) for k in areas]
    home = np.array([areas.index(k) + 1 if k >= 0 else -1 for k in plan.area_of[free].tolist()])
    may = np.zeros((len(free), len(slots)), dtype=bool)
    may[:, 0] = True
    may[np.flatnonzero(home >= 0), home[home >= 0]] = True
    allowance = allowance_at_anchors(problem, plan, {slot.anchor for slot in slots})
    task = ReassignmentTask(problem, free, tuple(slots), may, home, allowance=allowance)
    answer = reassign(task, aims=("left_over", "metres"), effort=_EFFORT)
    if answer is None:
        return 0, 0
    before, after = _evaluate(task, home), _evaluate(task, answer.place)
    return after[0] - before[0], before[1] - after[1]


def _evaluate(task: ReassignmentTask, place: np.ndarray) -> tuple[int, int]:
    """Households in a place, and their walking."""
    covered = metres = 0
    for s, slot in enumerate(task.slots):
        units = task.free[place == s]
        people = task.problem.households[units]
        covered += int(people.sum())
        metres += int(walk_matrix(task.problem, np.array([slot.anchor]), units)[0] @ people)
    return covered, metres
