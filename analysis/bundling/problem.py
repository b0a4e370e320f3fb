"""What must be decided: units with weights, their graph, walls, anchors, bounds, locks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

Mode = Literal["lead", "whole", "mixed"]
Scope = Literal["targets", "all"]
WeightName = Literal["households", "floor_area"]


@dataclass(frozen=True)
class PlanRules:
    """Every value a plan is held to; written into PLAN.json and read back by `verify`.

    Parameters
    ----------
    mode
        "lead": each area is an anchor with what it takes in; "whole": areas within [lower, upper];
        "mixed": lead first, what is left over into whole areas.
    scope
        "targets": only units R01 names (and anchors); "all": every placed unit.
    within
        "street", "neighbourhood" or "none": the wall no area crosses (R20).
    weight
        What lower and upper count: "households" or "floor_area" (m²).
    lower, upper
        Bounds of an area without an anchor, both hard (R31).
    radius_m
        Longest walk from anchor to member (R26).
    capacity_ratio
        Absorbed floor area ≤ this × the anchor's floor area (R13).
    streets
        Only these street codes are planned; empty = all.
    gap_m, walk_m, detour_factor, walk_limit_m, hard_kinds
        The neighbour rules the graph was built with (R22, R23).
    professional_modes, old_until_year, min_contract_months, min_credit_rating, allow_unrated,
    auto_absorb_special, exclude_unwilling
        Eligibility of targets and anchors (R01, R02, R05, R10, R11, R12, R40).
    """

    mode: Mode
    scope: Scope
    within: str
    weight: WeightName
    lower: int
    upper: int
    radius_m: float
    capacity_ratio: float
    streets: tuple[str, ...]
    gap_m: float
    walk_m: float
    detour_factor: float
    walk_limit_m: float
    hard_kinds: tuple[str, ...]
    professional_modes: tuple[str, ...]
    old_until_year: int
    min_contract_months: int
    min_credit_rating: str
    allow_unrated: bool
    auto_absorb_special: bool
    exclude_unwilling: bool


@dataclass(frozen=True, eq=False)
class Problem:
    """What must be decided about n units in scope.

    Parameters
    ----------
    rules
        The values in force.
    unit_ids
        (n,) text.
    households
        (n,) int: what a walk is weighed with.
    weight
        (n,) int, households or m²: what `rules.lower` and `rules.upper` bound.
    load
        (n,) int, m²: what an anchor's capacity counts.
    wall
        (n,) int: label of the street (or neighbourhood); areas stay inside one label.
    indptr, indices
        CSR adjacency among the n units; pairs across the wall are already taken out.
    walks
        (n, n) sparse, metres (int64), symmetric; no entry = beyond the limit.
    anchors
        (m,) positions of units that may lead.
    capacity
        (m,) int, m²: the largest sum of `load` an anchor may take in, its own not counted.
    is_target
        (n,) bool: units that ask for an area; False only for anchors outside the targets.
    out_of_scope
        unit_id, reason: units of the dataset this problem does not decide about.
    """

    rules: PlanRules
    unit_ids: np.ndarray
    households: np.ndarray
    weight: np.ndarray
    load: np.ndarray
    wall: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    walks: csr_array
    anchors: np.ndarray
    capacity: np.ndarray
    is_target: np.ndarray
    out_of_scope: pd.DataFrame
