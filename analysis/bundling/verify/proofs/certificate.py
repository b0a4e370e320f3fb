"""The multipliers a plan carries for its bounds, read with no trust in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.bundling.verify.proofs.relaxed import StatedMultipliers
from analysis.bundling.verify.statements.planned_units import PlannedUnits

LEVELS_OF_WALKS = ("household_metres", "walks_and_areas")
LEVELS = ("left_over_households", "not_led_households", *LEVELS_OF_WALKS)
MOST = 1e15
"""No price is larger; households × metres of a city stay far below it."""


def read_certificate(
    planned: PlannedUnits, given: Any
) -> tuple[dict[str, list[StatedMultipliers]], list[str], list[str]]:
    """Multipliers by level; parts that are none; parts that are for another number of units.

    Parameters
    ----------
    given
        The `certificate` of a plan: {"levels": {name: [{"left_over", "unled", "prices", "companies"}]}};
        prices are those of the targets, ascending by id.
    """
    if given is None:
        return {}, [], []
    levels = given.get("levels") if isinstance(given, Mapping) else None
    if not isinstance(levels, Mapping):
        return {}, ["certificate.levels"], []
    found: dict[str, list[StatedMultipliers]] = {}
    faults, mismatched = list[str](), list[str]()
    for name, rows in levels.items():
        if name not in LEVELS or not isinstance(rows, list | tuple):
            faults.append(f"certificate.levels.{name}")
            continue
        for k, row in enumerate(rows):
            read = _multipliers(row)
            if read is None:
                faults.append(f"certificate.levels.{name}[{k}]")
            elif len(read.prices) != len(planned.target_ids):
                mismatched.append(f"certificate.levels.{name}[{k}]")
            else:
                found.setdefault(name, []).append(_align_with_units(planned, name, read))
    return found, faults, mismatched


def _multipliers(row: Any) -> StatedMultipliers | None:
    if not isinstance(row, Mapping):
        return None
    prices, companies = row.get("prices"), row.get("companies", {})
    numbers = [row.get("left_over"), row.get("unled", 0.0)]
    if not isinstance(prices, list | tuple) or not isinstance(companies, Mapping):
        return None
    if not all(_is_price(value) for value in (*numbers, *prices, *companies.values())):
        return None
    company_prices = {str(name): float(value) for name, value in companies.items()}
    left_over, unled = (float(number or 0.0) for number in numbers)
    return StatedMultipliers(left_over, unled, np.array(prices, dtype=float), company_prices)


def _align_with_units(planned: PlannedUnits, name: str, read: StatedMultipliers) -> StatedMultipliers:
    """The same with a price for every unit, those of anchors 0, and the prices its level is made of.

    A level that counts households pays 1 for each, whatever the plan says; only in mode "mixed" is there
    a level that households not led have a price against.
    """
    every = np.zeros(planned.n)
    every[planned.targets] = read.prices
    if name not in LEVELS_OF_WALKS:
        return replace(read, left_over=1.0, unled=0.0, prices=every)
    is_mixed = planned.context.plan.mode == "mixed"
    return replace(read, unled=read.unled if is_mixed else 0.0, prices=every)


def _is_price(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= MOST
