"""How one unit stands in each indicator: in its numerator, in its denominator, unknown, or not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.figures.figure import Basis
from analysis.figures.indicator import Indicator
from analysis.indicators.scoreboard import Scoreboard

Part = Literal["counted", "not_counted", "unknown"]


@dataclass(frozen=True)
class UnitStatus:
    """What one unit contributes to one indicator on one roster.

    Parameters
    ----------
    indicator, roster, basis
        Which figure, on which roster, and what is counted.
    part
        "counted": in the numerator; "not_counted": in the denominator alone; "unknown": asked
        for, but its data are missing, so it is in neither.
    top, bottom
        What it adds to numerator and denominator, in the unit of the indicator; None where unknown.
    is_estimated
        What it adds rests on an estimate.
    """

    indicator: Indicator
    roster: str
    basis: Basis
    part: Part
    top: float | None
    bottom: float | None
    is_estimated: bool


def list_unit_statuses(board: Scoreboard, unit_id: str) -> tuple[UnitStatus, ...]:
    """How a unit stands in every indicator that asks for it, in the order of the action plan.

    Indicators that offices report, and those that speak of other things than units, are left out.

    Parameters
    ----------
    board
        A scorecard; its levels do not matter.
    unit_id
        A unit of its roster.
    """
    found = []
    for entry in board.entries:
        tally = entry.tally
        if tally is None or entry.missing:
            continue
        rows = np.flatnonzero((tally.ids == unit_id) & tally.in_scope)
        if not len(rows):
            continue
        known = rows[tally.known[rows]]
        part: Part = "unknown"
        if len(known):
            part = "counted" if tally.counted[known].any() else "not_counted"
        found.append(
            UnitStatus(
                entry.indicator,
                entry.facts.roster,
                tally.basis,
                part,
                float(tally.top[known].sum()) if len(known) else None,
                float(tally.bottom[known].sum()) if len(known) else None,
                bool(tally.estimated[known].any()),
            )
        )
    return tuple(found)
