"""What a planner compares proposals by: sizes, who is led, walks, posts and money, coverage before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.economics import compute_plan_economics
from analysis.indicators.coverage import PROFESSIONAL_BY_PLAN, PROFESSIONAL_COVERAGE
from analysis.indicators.registry import compute_indicators
from analysis.policy import Policy
from geo.storage.dataset import Dataset


def measure_proposal(dataset: Dataset, document: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """The figures of one proposal, as JSON; walks in metres, money in yuan a year.

    Shares come with their numerator and denominator. A walk is one from a led unit to its leader (its anchor
    in the older modes), weighed with households. Posts saved and cost are those of R32–R38 over all areas.
    Coverage is of the whole city, before the plan and once every area operates (a projection).

    Parameters
    ----------
    dataset
        What the plan was made for.
    document
        PLAN.json.
    policy
        The policy in force.
    """
    units = pd.DataFrame(dataset.layer("units"))
    economics = compute_plan_economics(document, units, policy)
    return {
        "areas": len(document["areas"]),
        **_sizes(document, policy),
        **_households(document, units),
        **_walks(document, units, dataset.layer("walks")),
        "posts_saved": round(sum(area.saved_posts for area in economics.values()), 1),
        "cost_yuan_year": round(sum(area.cost for area in economics.values())),
        "income_yuan_year": round(sum(area.income for area in economics.values())),
        "units_without_figures": sum(len(area.missing_units) for area in economics.values()),
        "coverage": _coverage(dataset, document, policy),
        "levels": [
            {"name": level["name"], "value": level["value"], "bound": level["bound"], "gap": level["gap"]}
            for level in document["levels"]
        ],
    }


def leaders_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Leader of each unit that a plan has led, by unit id, whatever its mode.

    Parameters
    ----------
    document
        PLAN.json.

    Examples
    --------
    >>> leaders_of({"areas": [{"anchor_unit_id": "a", "unit_ids": ["a", "b"]}]})
    {'b': 'a'}
    >>> leaders_of({"areas": [{"anchor_unit_id": None, "unit_ids": ["a", "b"], "led": {"b": "a"}}]})
    {'b': 'a'}
    """
    found: dict[str, str] = {}
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        if anchor is not None:
            found |= {unit: anchor for unit in area["unit_ids"] if unit != anchor}
        found |= area.get("led", {})
    return found


def _sizes(document: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """How many areas are within the households of the policy, and within 3 to 12 units; the smallest ones."""
    least, most = policy.value("size.households")
    low, high = document["rules"].get("preferred_members", (3, 12))
    areas = document["areas"]
    inside = [
        area
        for area in areas
        if area["households"] is not None
        and least <= area["households"] <= most
        and low <= len(area["unit_ids"]) <= high
    ]
    return {
        "areas_inside_window": len(inside),
        "window": {"households": [int(least), int(most)], "members": [int(low), int(high)]},
        "areas_of_two_or_fewer": sum(len(area["unit_ids"]) <= 2 for area in areas),
        "members_mean": round(float(np.mean([len(area["unit_ids"]) for area in areas])), 2) if areas else None,
    }


def _households(document: Mapping[str, Any], units: pd.DataFrame) -> dict[str, Any]:
    """Households of targets that are led, in an area without a leader, and in no area."""
    people = units.set_index("unit_id")["households"].astype("float64").fillna(0.0)
    left = [row["unit_id"] for row in document["left_over"]]
    led = list(leaders_of(document))
    if "unled" in document:
        unled = [row["unit_id"] for row in document["unled"]]
    else:
        unled = [unit for area in document["areas"] if area["anchor_unit_id"] is None for unit in area["unit_ids"]]
    counts = {name: int(people.reindex(ids).sum()) for name, ids in (("led", led), ("unled", unled), ("left", left))}
    return {
        "households_led": counts["led"],
        "households_unled": counts["unled"],
        "households_left_over": counts["left"],
        "households_of_targets": sum(counts.values()),
    }


def _walks(document: Mapping[str, Any], units: pd.DataFrame, walks: pd.DataFrame) -> dict[str, Any]:
    """Mean and 90th percentile of the walks to leaders, weighed with households."""
    pairs = leaders_of(document)
    if not pairs:
        return {"walk_mean_m": None, "walk_p90_m": None}
    metres = {
        frozenset(pair): walk
        for pair, walk in zip(zip(walks["unit_a"], walks["unit_b"], strict=True), walks["walk_m"], strict=True)
    }
    people = units.set_index("unit_id")["households"].astype("float64").fillna(0.0)
    known = [
        (metres[key], people[unit]) for unit, leader in pairs.items() if (key := frozenset((unit, leader))) in metres
    ]
    if not known or not sum(weight for _, weight in known):
        return {"walk_mean_m": None, "walk_p90_m": None}
    walk, weight = (np.array(side, dtype=float) for side in zip(*sorted(known), strict=True))
    share = np.cumsum(weight) / weight.sum()
    return {
        "walk_mean_m": round(float(walk @ weight / weight.sum()), 1),
        "walk_p90_m": round(float(walk[np.searchsorted(share, 0.9)]), 1),
    }


def _coverage(dataset: Dataset, document: Mapping[str, Any], policy: Policy) -> list[dict[str, Any]]:
    """Professional coverage of the city before and after, by number and by households, on every roster."""
    rows: list[dict[str, Any]] = []
    for basis in ("count", "households"):
        figures = compute_indicators(
            dataset, policy, basis=basis, plan=document, keys=(PROFESSIONAL_COVERAGE.key, PROFESSIONAL_BY_PLAN.key)
        )
        rows += [
            {
                "moment": "before" if figure.key == PROFESSIONAL_COVERAGE.key else "after",
                "basis": basis,
                "roster": figure.roster,
                "value": figure.value,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
            }
            for figure in figures
        ]
    return rows
