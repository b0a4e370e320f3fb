"""The rules that touch units left over: what relaxing each means, in words and for the problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.document.wording import blocking_rule
from analysis.bundling.evaluation.score import find_unled
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from geo.admin.place_codes import district_part
from geo.messages import Sentence, load_catalogue
from geo.schema import BARRIERS_ZH

say = load_catalogue(__file__)

LOWER_SHARES = (0.8, 0.5)
"""Lower bounds tried, as shares of the one in force."""
CAPACITY_FACTORS = (1.25, 1.5)
"""Capacities tried, as multiples of those in force."""
UPPER_FACTORS = (1.25, 1.5)
"""Upper bounds tried, as multiples of those in force."""
REACH_FACTOR = 1.5
"""Reach of an area tried, as a multiple of what is in force (R26)."""
UNIT_RATIO = 1.5
"""Largest unit tried next to its anchor, as a multiple of what is in force (R13)."""


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
    sentence
        The change in words, without its effect.
    pairs
        Ids of the units it makes neighbours; empty where it is no matter of single units.
    """

    rules: tuple[str, ...]
    what: dict[str, Any]
    apply: Callable[[Problem], Problem]
    sentence: Sentence
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
    is_area = problem.rules.mode == "area"
    waits = problem.is_target & (plan.area_of < 0)
    left = {str(u) for u in problem.unit_ids[waits | find_unled(problem, plan) if is_area else waits]}
    near = pairs[~pairs["allowed"].astype(bool)]
    near = near[near["unit_a"].isin(left) | near["unit_b"].isin(left)]
    return (
        *_street_permits(problem, near, streets, street_of),
        *_crossings(near),
        *_sizes(problem),
        *_eligibility(problem, rebuilt),
        *(_of_led_areas(problem, rebuilt) if is_area else ()),
    )


def _of_led_areas(problem: Problem, rebuilt: Callable[..., Problem]) -> list[Relaxation]:
    """Rules of areas with leaders inside alone."""
    rules, far = problem.rules, problem.rules.reach_m * REACH_FACTOR
    found = [
        Relaxation(
            ("R26",),
            {"kind": "reach_m", "value": far},
            lambda p: replace(p, rules=replace(p.rules, reach_m=far)),
            say("relaxation.reach", now=rules.reach_m, new=far),
        )
    ]
    options: list[tuple[bool, str, dict[str, Any], Sentence]] = [
        (rules.must_be_new, "R14", {"must_be_new": False}, say("relaxation.must_be_new")),
        (not rules.managed_members, "R31", {"managed_members": True}, say("relaxation.managed_members")),
    ]
    return found + [_rebuilding(rebuilt, rule, change, sentence) for is_on, rule, change, sentence in options if is_on]


def _rebuilding(rebuilt: Callable[..., Problem], rule: str, change: dict[str, Any], sentence: Sentence) -> Relaxation:
    """A relaxation for which the problem is built anew."""
    (kind, value), *_ = change.items()
    return Relaxation((rule,), {"kind": kind, "value": value}, lambda _: rebuilt(**change), sentence)


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
                _adding(ids, joins_walls=problem.rules.mode == "area"),
                say("relaxation.streets", one=names[0], other=names[1]),
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
                say("relaxation.crossing", which=which, barrier=Sentence(BARRIERS_ZH.get(kind, kind), kind)),
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
                    say("relaxation.capacity_ratio", now=rules.capacity_ratio, new=ratio),
                )
            )
        largest = rules.unit_ratio * UNIT_RATIO
        found.append(
            Relaxation(
                ("R13",),
                {"kind": "unit_ratio", "value": largest},
                lambda p: replace(p, largest=np.floor(p.largest * UNIT_RATIO).astype(np.int64)),
                say("relaxation.unit_ratio", new=largest, now=rules.unit_ratio),
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
                    say("relaxation.radius", now=rules.radius_m, new=far),
                )
            )
    return found


def _any_number(areas: int) -> Relaxation:
    """As many areas as there may be."""
    return Relaxation(
        ("R31",),
        {"kind": "areas", "value": None},
        lambda p: replace(p, rules=replace(p.rules, areas=None)),
        say("relaxation.areas", areas=areas),
    )


def _bounded(k: int, size: Size, side: str, value: int) -> Relaxation:
    """The k-th weight of `CellProblem.sizes` asks for less, or allows more."""
    now = getattr(size, side) or 0
    what: dict[str, Any] = {"kind": side, "value": value}
    if k:
        what = {"kind": f"bound_{side}", "weight": size.name, "value": value}
    return Relaxation(
        ("R31",),
        what,
        partial(_with_bound, k=k, side=side, value=value),
        say(f"relaxation.{side}", now=now, value=value, measure=size.measure),
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
        say("relaxation.company_growth", now=share, new=share * factor),
    )


def _eligibility(problem: Problem, rebuilt: Callable[..., Problem]) -> list[Relaxation]:
    """Who may be taken in, and who may lead; the problem is built anew."""
    rules = problem.rules
    months, rating = rules.min_contract_months, rules.min_credit_rating
    options: list[tuple[bool, str, dict[str, Any], Sentence]] = [
        (not rules.auto_absorb_special, "R05", {"auto_absorb_special": True}, say("relaxation.special")),
        (rules.exclude_unwilling, "R40", {"exclude_unwilling": False}, say("relaxation.unwilling")),
        (
            rules.mode != "whole" and months > 0,
            "R10",
            {"min_contract_months": 0},
            say("relaxation.contract", months=months),
        ),
        (
            rules.mode != "whole" and rating != "C",
            "R12",
            {"min_credit_rating": "C"},
            say("relaxation.credit", rating=rating),
        ),
    ]
    return [
        Relaxation(
            (rule,),
            {"kind": next(iter(change)), "value": next(iter(change.values()))},
            lambda p, c=change: rebuilt(**c),  # type: ignore[misc]
            sentence,
        )
        for is_possible, rule, change, sentence in options
        if is_possible
    ]


def _adding(ids: list[tuple[str, str]], *, joins_walls: bool = False) -> Callable[[Problem], Problem]:
    """Makes units neighbours, by id; those the problem does not decide about are passed over.

    With `joins_walls` the walls these stand behind become one.
    """

    def apply(problem: Problem) -> Problem:
        place = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
        new = [(place[a], place[b]) for a, b in ids if a in place and b in place]
        joined = add_pairs(problem, new)
        return _without_walls(joined, new) if joins_walls else joined

    return apply


def _without_walls(problem: Problem, pairs: Sequence[tuple[int, int]]) -> Problem:
    """The problem in which two units of each pair stand behind one wall, and all behind either with them."""
    labels = problem.jurisdiction.copy()
    for one, other in pairs:
        labels[labels == labels[other]] = labels[one]
    return replace(problem, jurisdiction=labels)


def add_pairs(problem: Problem, pairs: Iterable[tuple[int, int]]) -> Problem:
    """The problem with more pairs of neighbours, by position; nobody has measured how these face.

    Parameters
    ----------
    problem
        The problem.
    pairs
        Positions of two units each.
    """
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
