"""The rules that touch units left over: what relaxing each means, in words and for the problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.document.wording import blocking_rule
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from geo.admin.place_codes import district_part
from geo.schema import BARRIERS_ZH

LOWER_SHARES = (0.8, 0.5)
"""Lower bounds tried, as shares of the one in force."""
CAPACITY_FACTORS = (1.25, 1.5)
"""Capacities tried, as multiples of those in force."""
UPPER_FACTORS = (1.25, 1.5)
"""Upper bounds tried, as multiples of those in force."""
UNIT_RATIO = 1.5
"""Largest unit tried beside its anchor, as a multiple of what is in force (R13)."""


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
    pairs
        Ids of the units it makes neighbours; empty where it is no matter of single units.
    """

    rules: tuple[str, ...]
    what: dict[str, Any]
    apply: Callable[[Problem], Problem]
    zh: str
    en: str
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def touches(self) -> frozenset[str] | None:
        """The units it makes neighbours; None where it is no matter of single units."""
        return frozenset(unit for pair in self.pairs for unit in pair) or None


def find_relaxations(
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


def _street_permits(
    problem: Problem, near: pd.DataFrame, streets: dict[str, str], street_of: dict[str, str]
) -> list[Relaxation]:
    """Two streets of one district whose units may go together (a permit); R20 is for districts, too."""
    rows = near[near["blocked_by"].eq("street")]
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for a, b in zip(rows["unit_a"].astype(str), rows["unit_b"].astype(str), strict=True):
        one, other = sorted((street_of.get(a, ""), street_of.get(b, "")))
        if one and other and district_part(one) == district_part(other):
            groups.setdefault((one, other), []).append((a, b))
    found = []
    for (one, other), ids in sorted(groups.items()):
        names = streets.get(one, one), streets.get(other, other)
        found.append(
            Relaxation(
                ("R20",),
                {"kind": "permit_streets", "street_a": one, "street_b": other},
                _adding(ids),
                f"批准 {names[0]}–{names[1]} 跨街道组片",
                f"permit {names[0]}-{names[1]} to go together",
                tuple(ids),
            )
        )
    return found


def _crossings(near: pd.DataFrame) -> list[Relaxation]:
    """A barrier that a crossing would open where units left over lie at it."""
    rows = near[near["blocked_by"].astype(str).map(blocking_rule).eq("R23")]
    found = []
    for label, group in rows.groupby(rows["blocked_by"].astype(str), sort=True):
        kind, _, which = str(label).partition(":")
        ids = list(zip(group["unit_a"].astype(str), group["unit_b"].astype(str), strict=True))
        found.append(
            Relaxation(
                ("R23",),
                {"kind": "crossing", "barrier": str(label)},
                _adding(ids),
                f"在{BARRIERS_ZH.get(kind, kind)} {which} 处增设通道",
                f"a crossing at {kind} {which}",
                tuple(ids),
            )
        )
    return found


def _sizes(problem: Problem) -> list[Relaxation]:
    """Bounds, capacity and radius, a step or two each."""
    rules, found = problem.rules, []
    if rules.mode != "lead":
        for k, size in enumerate(problem.sizes):
            lowers = dict.fromkeys(int(size.lower * share) for share in LOWER_SHARES)
            found += [_bounded(k, size, "lower", lower) for lower in lowers if k == 0 or lower < size.lower]
            if size.upper:
                uppers = (int(size.upper * factor) for factor in UPPER_FACTORS)
                found += [_bounded(k, size, "upper", upper) for upper in uppers]
    if rules.areas is not None:
        found.append(_any_number(rules.areas))
    if rules.mode != "whole":
        for factor in CAPACITY_FACTORS:
            ratio = rules.capacity_ratio * factor
            found.append(
                Relaxation(
                    ("R13",),
                    {"kind": "capacity_ratio", "value": ratio},
                    lambda p, f=factor: replace(p, capacity=np.floor(p.capacity * f).astype(np.int64)),  # type: ignore[misc]
                    f"带入能力系数由 {rules.capacity_ratio:g} 提到 {ratio:g}",
                    f"a capacity ratio of {ratio:g} instead of {rules.capacity_ratio:g}",
                )
            )
        largest = rules.unit_ratio * UNIT_RATIO
        found.append(
            Relaxation(
                ("R13",),
                {"kind": "unit_ratio", "value": largest},
                lambda p: replace(p, largest=np.floor(p.largest * UNIT_RATIO).astype(np.int64)),
                f"带入的单个单元至多为牵头小区的 {largest:g} 倍 (现为 {rules.unit_ratio:g})",
                f"units up to {largest:g} times as large as their anchor instead of {rules.unit_ratio:g}",
            )
        )
        if problem.companies is not None and rules.company_growth is not None:
            found += [_growth(rules.company_growth, factor) for factor in CAPACITY_FACTORS]
        if rules.radius_m < rules.walk_limit_m:
            far = rules.walk_limit_m
            found.append(
                Relaxation(
                    ("R26",),
                    {"kind": "radius_m", "value": far},
                    lambda p: replace(p, rules=replace(p.rules, radius_m=far)),
                    f"步行半径由 {rules.radius_m:g} 放宽到 {far:g} 米",
                    f"a radius of {far:g} instead of {rules.radius_m:g} m",
                )
            )
    return found


def _any_number(areas: int) -> Relaxation:
    """As many areas as there may be."""
    return Relaxation(
        ("R31",),
        {"kind": "areas", "value": None},
        lambda p: replace(p, rules=replace(p.rules, areas=None)),
        f"片区个数不再限定为 {areas}",
        f"any number of areas instead of {areas}",
    )


_SIDES = {"lower": ("下限", "降到", "least"), "upper": ("上限", "提到", "largest")}


def _bounded(k: int, size: Size, side: str, value: int) -> Relaxation:
    """The k-th weight of `CellProblem.sizes` asks for less, or allows more."""
    (zh, en), now = size.measure, getattr(size, side) or 0
    bound_zh, turned_zh, bound_en = _SIDES[side]
    what: dict[str, Any] = {"kind": side, "value": value}
    if k:
        what = {"kind": f"bound_{side}", "weight": size.name, "value": value}
    return Relaxation(
        ("R31",),
        what,
        partial(_with_bound, k=k, side=side, value=value),
        f"片区{bound_zh}由 {now:,} {turned_zh} {value:,} {zh}",
        f"a {bound_en} size of {value:,} instead of {now:,} {en}",
    )


def _with_bound(problem: Problem, *, k: int, side: str, value: int) -> Problem:
    """The problem with the least or the most of the k-th weight changed."""
    rules = problem.rules
    changed: dict[str, Any] = {side: value}
    if k == 0:
        return replace(problem, rules=replace(rules, **changed))
    bounds = list(rules.bounds)
    bounds[k - 1] = replace(bounds[k - 1], **changed)
    return replace(problem, rules=replace(rules, bounds=tuple(bounds)))


def _growth(share: float, factor: float) -> Relaxation:
    """Companies take on more in a year."""

    def apply(problem: Problem) -> Problem:
        companies = problem.companies
        if companies is None:
            return problem
        allowance = np.floor(companies.allowance * factor).astype(np.int64)
        return replace(problem, companies=replace(companies, allowance=allowance))

    return Relaxation(
        ("R15",),
        {"kind": "company_growth", "value": round(share * factor, 6)},
        apply,
        f"企业每年承接份额由 {share:g} 提到 {share * factor:g}",
        f"companies take on {share * factor:g} of what they manage in a year instead of {share:g}",
    )


def _eligibility(problem: Problem, rebuilt: Callable[..., Problem]) -> list[Relaxation]:
    """Who may be taken in, and who may lead; the problem is built anew."""
    rules = problem.rules
    options: list[tuple[bool, str, dict[str, Any], str, str]] = [
        (
            not rules.auto_absorb_special,
            "R05",
            {"auto_absorb_special": True},
            "逐个确认后带入移交小区",
            "handed-over communities confirmed one by one",
        ),
        (
            rules.exclude_unwilling,
            "R40",
            {"exclude_unwilling": False},
            "业主改为同意合并",
            "owners who refuse came to agree",
        ),
        (
            rules.mode != "whole" and rules.min_contract_months > 0,
            "R10",
            {"min_contract_months": 0},
            f"牵头合同剩余期不再要求 {rules.min_contract_months} 个月",
            f"anchors need no {rules.min_contract_months} months of contract left",
        ),
        (
            rules.mode != "whole" and rules.min_credit_rating != "C",
            "R12",
            {"min_credit_rating": "C"},
            f"牵头企业信用不再要求 {rules.min_credit_rating} 级",
            f"anchors' companies need no rating of {rules.min_credit_rating}",
        ),
    ]
    return [
        Relaxation(
            (rule,),
            {"kind": next(iter(change)), "value": next(iter(change.values()))},
            lambda p, c=change: rebuilt(**c),  # type: ignore[misc]
            zh,
            en,
        )
        for is_possible, rule, change, zh, en in options
        if is_possible
    ]


def _adding(ids: list[tuple[str, str]]) -> Callable[[Problem], Problem]:
    """Makes units neighbours, by id; those the problem does not decide about are passed over."""

    def apply(problem: Problem) -> Problem:
        place = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
        new = [(place[a], place[b]) for a, b in ids if a in place and b in place]
        return add_pairs(problem, new)

    return apply


def add_pairs(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """The problem with more pairs of neighbours, by position; nobody has measured how these face."""
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    new = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    rows = np.concatenate([row, new[:, 0], new[:, 1]])
    columns = np.concatenate([problem.indices, new[:, 1], new[:, 0]])
    shape = (problem.n_units, problem.n_units)
    links = csr_array(coo_array((np.ones(len(rows), dtype=np.int64), (rows, columns)), shape=shape))
    links.sort_indices()
    return replace(
        problem,
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        facing_m=problem.facing_m if links.nnz == len(problem.indices) else None,
    )
