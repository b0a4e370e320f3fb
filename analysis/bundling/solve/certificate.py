"""Lagrangian multipliers that prove a plan's bounds to whoever solves what they relax: written into PLAN.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.bundling.model.problem import Problem

LEFT_OVER_METHOD = {"area": "component_sizes", "lead": "anchor_capacity", "whole": "counting", "mixed": "counting"}
"""How households left over are bounded in each mode, by name."""
METRES_METHOD = {
    "area": "component_models",
    "lead": "anchor_areas",
    "whole": "medoid_knapsacks",
    "mixed": "anchor_areas_and_knapsacks",
}
"""How metres are bounded in each mode, by name."""


@dataclass(frozen=True, eq=False)
class Multipliers:
    """What is paid for in a relaxation; see decision 0024.

    Parameters
    ----------
    left_over, unled
        Price of a household in no area, and of one in an area without an anchor.
    prices
        (n,) what serving each unit of the problem is worth.
    companies
        Price of each m² that a company takes on, by its id.
    """

    left_over: float
    unled: float
    prices: np.ndarray
    companies: Mapping[str, float] = field(default_factory=dict)

    def plus(self, others: Multipliers | None) -> Multipliers:
        """Of areas with an anchor and of those without, bounded apart: of both together.

        Whoever is not led is left over to the first and, in an area without an anchor, unled.
        """
        if others is None:
            return Multipliers(self.left_over, self.left_over, self.prices, self.companies)
        return Multipliers(
            self.left_over + others.left_over, self.left_over, self.prices + others.prices, self.companies
        )


class MultiplierLog:
    """Multipliers met while bounds are found, level by level.

    Examples
    --------
    >>> paid = MultiplierLog()
    >>> paid.at("household_metres")(Multipliers(1.0, 0.0, np.zeros(1)))
    >>> list(paid.levels)
    ['household_metres']
    """

    def __init__(self) -> None:
        self.levels: dict[str, list[Multipliers]] = {}

    def at(self, level: str) -> Any:
        """Takes the multipliers of a level down."""
        return lambda given: self.levels.setdefault(level, []).append(given)


def certificate_document(problem: Problem, levels: Mapping[str, list[Multipliers]]) -> dict[str, Any]:
    """Multipliers as `certificate` of PLAN.json: prices of the targets, ascending by id.

    Parameters
    ----------
    problem
        The problem.
    levels
        Multipliers of each level, by its name.
    """
    targets = np.flatnonzero(problem.is_target)
    ids = problem.unit_ids[targets].astype(str)
    order = targets[np.argsort(ids, kind="stable")]
    return {
        "levels": {
            name: [
                {
                    "left_over": _short(one.left_over),
                    "unled": _short(one.unled),
                    "prices": [_short(price) for price in one.prices[order].tolist()],
                    "companies": {
                        company: float(f"{price:.9g}") for company, price in sorted(one.companies.items()) if price > 0
                    },
                }
                for one in given
            ]
            for name, given in levels.items()
        }
    }


def _short(price: float) -> float | int:
    """Rounded down to a few decimals; any price proves something, these nearly as much."""
    value = np.floor(max(price, 0.0) * 1e4) / 1e4
    return int(value) if value == int(value) else float(value)
