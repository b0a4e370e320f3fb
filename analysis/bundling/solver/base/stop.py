"""Stopping criteria: a time, a number of rounds, a gap, or somebody who asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from analysis.bundling.solver.base.work_log import ClockRecord
from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)


class Stop(Protocol):
    """When a search must end: its budget, and a question asked after every round."""

    @property
    def seconds(self) -> float | None:
        """Budget of the whole search in seconds; None = no clock is read."""

    @property
    def rounds(self) -> int | None:
        """Budget of each part in rounds; None = any number."""

    @property
    def gap(self) -> float | None:
        """How near to the bound, as a share of the value, is near enough; None = never."""

    @property
    def clock(self) -> ClockRecord | None:
        """What the clock decided in an earlier run, to be done again; None = none."""

    def is_asked(self) -> bool:
        """Whether somebody wants the search to end now."""


@dataclass(frozen=True)
class StopAfter:
    """End after a time, after a number of rounds a part, near a bound, or when asked: what comes first.

    Parameters
    ----------
    seconds
        For the whole search, shared among the parts by their size. Given the same rounds and no
        seconds, results are the same on every machine.
    rounds
        For each part; a round is `annealing.MOVES_PER_ROUND` tried moves.
    when
        Asked after every round, for instance whether a file named "stop" is there.
    gap
        Share of the value, 0.01 for instance: the search ends once (value − bound) is no more of
        it, by the best bound at hand, for every level. Bounds are then made before the search, too.
        When it ends is a matter of the clock: plans of given rounds may differ.
    clock
        What an earlier run recorded (`Result.clock`): it is done again, and no clock is read.

    Raises
    ------
    UsageError
        If there is neither seconds nor rounds nor such a record, or one is negative, or the gap is no share.

    Examples
    --------
    >>> stop = StopAfter(rounds=20)
    >>> stop.seconds, stop.rounds, stop.is_asked()
    (None, 20, False)
    """

    seconds: float | None = None
    rounds: int | None = None
    when: Callable[[], bool] | None = None
    gap: float | None = None
    clock: ClockRecord | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.rounds is None and self.clock is None:
            raise UsageError(*say("budget.missing"))
        for name, budget in (("seconds", self.seconds), ("rounds", self.rounds)):
            if budget is not None and not budget >= 0:
                raise UsageError(*say("budget.negative", name=name, budget=budget))
        if self.gap is not None and not 0 <= self.gap <= 1:
            raise UsageError(*say("budget.gap", gap=self.gap))

    def is_asked(self) -> bool:
        """Whether `when` says so."""
        return self.when is not None and self.when()
