"""A plan in the labels of the parts of its problem, and labels of parts put into a plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.solver.base.subproblem import Subproblem


def label_part(part: Subproblem, plan: Plan) -> np.ndarray:
    """Labels that a plan of the problem gives the units of a part.

    Parameters
    ----------
    part
        Of either stage.
    plan
        Of the problem that the part was cut from.

    Returns
    -------
    (n,) int64: the number of the anchor that leads each unit (stage "lead"; anchors lead themselves), or
    the number of its area, from 0 (stage "whole"); −1 = left over.
    """
    area = plan.area_of[part.units]
    labels = np.full(part.n_units, -1, dtype=np.int64)
    if part.stage == "whole":
        labels[area >= 0] = np.unique(area[area >= 0], return_inverse=True)[1]
        return labels
    for k, anchor in enumerate(part.anchors):
        labels[(area >= 0) & (area == area[anchor])] = k
        labels[anchor] = k
    return labels


def add_areas(plan: Plan, parts: Sequence[Subproblem], labels: Sequence[np.ndarray]) -> Plan:
    """The plan with the areas of the parts added; anchors that take nothing in stay without one.

    Parameters
    ----------
    plan
        Units of the parts are in none of its areas.
    parts, labels
        Parts of one stage, and (n,) labels of each.
    """
    area_of = plan.area_of.copy()
    anchor_of = list(plan.anchor_of)
    for part, label in zip(parts, labels, strict=True):
        for area in np.unique(label[label >= 0]):
            members = part.units[label == area]
            anchor = int(part.units[part.anchors[area]]) if part.stage == "lead" else -1
            if anchor >= 0 and len(members) == 1:
                continue
            area_of[members] = len(anchor_of)
            anchor_of.append(anchor)
    return Plan(area_of, np.array(anchor_of, dtype=np.int64))


def remove_areas(plan: Plan, parts: Sequence[Subproblem]) -> Plan:
    """The plan without the areas of some parts, the others numbered anew.

    Parameters
    ----------
    plan
        What is to lose areas.
    parts
        Whose units are then in no area.
    """
    area_of = plan.area_of.copy()
    for part in parts:
        area_of[part.units] = -1
    return Plan(area_of, plan.anchor_of).without_empty_areas()
