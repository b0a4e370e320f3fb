"""What no plan can do better than: a first, cheap lower bound of the households left over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.bundling.parts import Part, split_lead, split_whole
from analysis.bundling.problem import Problem


def left_over_bound(problem: Problem) -> int:
    """Households that every plan leaves over.

    Counted are units no anchor can reach through neighbours it may take in (stages with anchors)
    and that lie in no connected group heavy enough for an area, or are too heavy themselves
    (stages without). In mode "lead" the anchors' joint capacity counts too, by a fractional
    knapsack for each part. Streets that codes do not settle (`Problem.is_settled`) are not
    counted, and floor areas get back the m² that whole numbers cost them.

    Returns
    -------
    Households; valid for every plan of the problem, not always attainable.
    """
    mode = problem.rules.mode
    problem = replace(
        problem,
        load=np.maximum(problem.load - 1, 0),
        capacity=problem.capacity + 1,
        largest=problem.largest + 1,
    )
    can_join = ~problem.is_settled
    over_capacity = 0
    if mode != "whole":
        for part in split_lead(problem):
            inside = reachable(part)
            can_join[part.units[inside]] = True
            if mode == "lead" and problem.is_settled[part.units].all():
                over_capacity += households_above_capacity(part, inside)
    if mode != "lead":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            can_join[part.units] = True
    return int(problem.households[problem.is_target & ~can_join].sum()) + over_capacity


def reachable(part: Part) -> np.ndarray:
    """(n,) bool: units some anchor reaches through units it may take in; anchors are False."""
    found = np.zeros(part.n_units, dtype=bool)
    for anchor, start in enumerate(part.anchors):
        seen = {int(start)}
        stack = [int(start)]
        while stack:
            unit = stack.pop()
            for i in part.indices[part.indptr[unit] : part.indptr[unit + 1]].tolist():
                if i not in seen and part.cost[anchor, i] >= 0:
                    seen.add(i)
                    stack.append(i)
        found[list(seen - {int(start)})] = True
    return found


def households_above_capacity(part: Part, inside: np.ndarray) -> int:
    """Households among the units `inside` that the anchors' joint capacity cannot take.

    The units with most households for their load are taken first, the last one in part: no
    selection of whole units covers more.
    """
    units = np.flatnonzero(inside)
    load, households = part.load[units].astype(float), part.households[units]
    order = np.argsort(-households / np.maximum(load, 1e-9), kind="stable")
    room = float(part.capacity.sum())
    before = np.cumsum(load[order]) - load[order]
    share = np.clip((room - before) / np.maximum(load[order], 1e-9), 0.0, 1.0)
    covered = float((share * households[order]).sum())
    return max(0, int(np.ceil(households.sum() - covered - 1e-6)))
