"""One planning run as a service: it tells how far it is from beginning to end, and ends when asked."""

import time

import numpy as np
import pytest

from analysis.policy import read_policy
from app.services import planning
from app.services.planning import PlanOptions, make_plan

SOON = PlanOptions(mode="whole", rounds=1)


def slowly(function):
    def slow(*arguments, **options):
        time.sleep(2.5)
        return function(*arguments, **options)

    return slow


@pytest.mark.parametrize("name", ["open_dataset", "solve_settled", "to_document", "advise"])
def test_news_come_twice_a_second_whatever_takes_long(town, monkeypatch, name):
    monkeypatch.setattr(planning, name, slowly(getattr(planning, name)))
    at = [time.perf_counter()]
    make_plan(town[0], read_policy(), SOON, on_progress=lambda _: at.append(time.perf_counter()))
    silent_s = np.diff([*at, time.perf_counter()])
    assert silent_s.sum() > 2.5
    assert silent_s.max() < 1.5  # 0.5 on a machine with nothing else to do


def test_advice_is_no_longer_looked_for_once_the_end_is_asked(town, monkeypatch):
    goes_on = []
    monkeypatch.setattr(planning, "AFTER_STOP_S", 0.0)
    monkeypatch.setattr(
        planning, "advise", lambda *_, **options: goes_on.append(options["goes_on"]()) or ()
    )
    for is_asked in (False, True):
        make_plan(town[0], read_policy(), SOON, when=lambda is_asked=is_asked: is_asked)
    assert goes_on == [True, False]
