"""The multipliers a plan carries for its bounds, read with no trust in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from analysis.bundling.verify.planned import Planned
from analysis.bundling.verify.statements.relaxed import Multipliers

LEVELS_OF_WALKS = ("household_metres", "walks_and_areas")
LEVELS = ("left_over_households", "not_led_households", *LEVELS_OF_WALKS)
MOST = 1e15
"""No price is larger; households × metres of a city stay far below it."""


def read_certificate(planned: Planned, given: Any) -> tuple[dict[str, list[Multipliers]], list[str], list[str]]:
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
    found: dict[str, list[Multipliers]] = {}
    faults, misfits = list[str](), list[str]()
    for name, rows in levels.items():
        if name not in LEVELS or not isinstance(rows, list | tuple):
            faults.append(f"certificate.levels.{name}")
            continue
        for k, row in enumerate(rows):
            read = _multipliers(row)
            if read is None:
                faults.append(f"certificate.levels.{name}[{k}]")
            elif len(read.prices) != len(planned.target_ids):
                misfits.append(f"certificate.levels.{name}[{k}]")
            else:
                found.setdefault(name, []).append(_placed(planned, name, read))
    return found, faults, misfits


def _multipliers(row: Any) -> Multipliers | None:
    if not isinstance(row, Mapping):
        return None
    prices, companies = row.get("prices"), row.get("companies", {})
    numbers = [row.get("left_over"), row.get("unled", 0.0)]
    if not isinstance(prices, list | tuple) or not isinstance(companies, Mapping):
        return None
    if not all(_is_price(value) for value in (*numbers, *prices, *companies.values())):
        return None
    told = {str(name): float(value) for name, value in companies.items()}
    left_over, unled = (float(number or 0.0) for number in numbers)
    return Multipliers(left_over, unled, np.array(prices, dtype=float), told)


def _placed(planned: Planned, name: str, read: Multipliers) -> Multipliers:
    """The same with a price for every unit, those of anchors 0, and the prices its level is made of.

    A level that counts households pays 1 for each, whatever the plan says; only in mode "mixed" is there
    a level that households not led have a price against.
    """
    every = np.zeros(planned.n)
    every[planned.targets] = read.prices
    if name not in LEVELS_OF_WALKS:
        return replace(read, left_over=1.0, unled=0.0, prices=every)
    is_mixed = planned.case.plan.mode == "mixed"
    return replace(read, unled=read.unled if is_mixed else 0.0, prices=every)


def _is_price(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= MOST
