"""A heartbeat repeats the last report, moved on in time, while nothing new comes."""

import time
from dataclasses import dataclass, replace

from analysis.bundling.solver.base.progress import HEARTBEAT_S, heartbeat


@dataclass(frozen=True)
class Report:
    name: str
    seconds: float = 0.0

    def later(self, seconds):
        return replace(self, seconds=self.seconds + seconds)


def test_the_first_report_comes_at_once_and_is_repeated_later():
    heard = []
    with heartbeat(heard.append, Report("begun")) as report:
        assert heard == [Report("begun")]
        until = time.monotonic() + 60
        while len(heard) < 3 and time.monotonic() < until:
            time.sleep(HEARTBEAT_S / 5)
        report(Report("done"))
    assert heard[-1] == Report("done")
    assert {one.name for one in heard[1:-1]} == {"begun"}
    assert heard[1].seconds >= HEARTBEAT_S / 2


def test_without_a_listener_there_is_no_thread():
    with heartbeat(None, Report("begun")) as report:
        assert report is None
