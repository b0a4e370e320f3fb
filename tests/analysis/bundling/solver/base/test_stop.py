"""A budget that makes no sense is told at once."""

import pytest

from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.work_log import ClockRecord
from geo.errors import UsageError


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"rounds": -1},
        {"rounds": 1, "gap": 1.5},
        {"rounds": 1, "gap": -0.1},
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError):
        StopAfter(**wrong)


@pytest.mark.parametrize(
    "right", [{"seconds": 0.0}, {"rounds": 0}, {"clock": ClockRecord()}, {"rounds": 1, "gap": 0.0}]
)
def test_nothing_at_all_is_a_budget_too(right):
    assert not StopAfter(**right).is_asked()


def test_somebody_may_ask_for_the_end():
    asked = []
    stop = StopAfter(rounds=1, when=lambda: bool(asked))
    assert not stop.is_asked()
    asked.append(1)
    assert stop.is_asked()
