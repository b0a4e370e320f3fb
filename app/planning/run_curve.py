"""The curve of a planning run: of the level that still moves, and how far it is from its bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

Point = tuple[float, int, int, int]
"""(seconds, households left over, household-metres, areas) of the best plan so far."""


@dataclass(frozen=True)
class RunCurve:
    """What is drawn of a run.

    Parameters
    ----------
    level
        "left_over" (households) while somebody more might be taken in, then "metres" (household-metres)
        of the plans that leave over as few as the best.
    seconds, values
        Of the points, in time.
    bound
        What no plan goes below; None where nothing is proven, as for household-metres.
    gap_share
        How far households left over may still be from the best possible, 0 to 1 of those of the best
        plan; None before the bound is known.
    """

    level: Literal["left_over", "metres"]
    seconds: tuple[float, ...]
    values: tuple[int, ...]
    bound: int | None
    gap_share: float | None

    @property
    def gain_share(self) -> float:
        """How much less the last value is than the first that is drawn, 0 to 1."""
        return 1 - self.values[-1] / self.values[0] if self.values[0] else 0.0


def fit_run_curve(points: Sequence[Point], least_left_over: int | None) -> RunCurve:
    """The curve of the level that still moves.

    Parameters
    ----------
    points
        One or more, in time.
    least_left_over
        Households that every plan leaves over; None before that is known.

    Examples
    --------
    >>> run_curve([(0.1, 90, 500, 3), (1, 80, 900, 4)], 60)
    RunCurve(level='left_over', seconds=(0.1, 1), values=(90, 80), bound=60, gap_share=0.25)
    >>> run_curve([(0.1, 90, 500, 3), (1, 80, 900, 4), (2, 80, 720, 4)], 80)
    RunCurve(level='metres', seconds=(1, 2), values=(900, 720), bound=None, gap_share=0.0)
    """
    left = points[-1][1]
    gap = None if least_left_over is None else (left - least_left_over) / left if left else 0.0
    if left > (least_left_over or 0):
        seconds, values = [p[0] for p in points], [p[1] for p in points]
        return RunCurve("left_over", tuple(seconds), tuple(values), least_left_over, gap)
    last = list(takewhile(lambda point: point[1] == left, reversed(points)))[::-1]
    return RunCurve("metres", tuple(p[0] for p in last), tuple(p[2] for p in last), None, gap)
