"""Reading, graph, advice and check are inside the seconds that a planner asked for."""

import pytest

from app.cli.answers import clock_lines
from app.planning import run
from app.planning.options import PlanOptions
from app.planning.rest import RestTimes
from app.planning.run import make_checked_plan, make_plan
from app.planning.run_clock import ADVICE_SHARE, LEAST_SEARCH, MARGIN, RunClock
from app.workbench.policies import resolve_folder_rules


def running_since(passed_s, asked):
    """A clock of which so many seconds are over, and that stands still."""
    times = [0.0, passed_s]
    return RunClock(asked, now=lambda: times.pop(0) if len(times) > 1 else times[0])


def test_the_search_has_what_the_rest_leaves():
    clock = running_since(10.0, 60.0)
    clock.rest_s = 20.0
    assert clock.allot_search(2.0) == pytest.approx(60 - 10 - MARGIN * 22 - ADVICE_SHARE * 60)
    assert clock.find_advice_end() == pytest.approx(60 - MARGIN * 20)
    assert not clock.is_short


def test_too_few_seconds_leave_a_little_search_and_are_told():
    clock = running_since(10.0, 20.0)
    clock.rest_s = 30.0
    assert clock.allot_search(2.0) == LEAST_SEARCH * 20.0
    assert clock.is_short


def test_compiling_is_not_counted():
    clock = running_since(10.0, 60.0)
    with clock.leave_out(lambda: 7.0):
        assert clock.seconds == 3.0
    assert clock.seconds == 3.0
    assert clock.record["compiling_s"] == 7.0


@pytest.fixture(scope="module")
def policy(town):
    return resolve_folder_rules(town[0]).policy


@pytest.mark.parametrize("mode", ["area", "mixed"])
def test_every_phase_of_a_checked_plan_is_recorded(town, policy, mode):
    clock = RunClock()
    made = make_checked_plan(
        town[0], policy, PlanOptions(mode=mode, scope="all", seconds=2.0), judge=policy, clock=clock
    )
    spent = made.document["work"]["spent"]
    phases = {"start", "data", "graph", "measuring", "search", "document", "advice", "check"}
    assert set(spent["spent_s"]) == phases
    assert spent["asked_s"] == 2.0
    assert sum(spent["spent_s"].values()) <= clock.seconds + 0.01 * len(phases)
    assert clock.rest_s > 0
    assert made.found.ok


def test_seconds_too_few_for_the_check_are_told_with_figures_and_the_plan_is_checked(town, policy, monkeypatch):
    searched = []
    search = run._search
    monkeypatch.setattr(run, "measure_rest", lambda *_, **__: RestTimes(1.0, 500.0))
    monkeypatch.setattr(run, "_search", lambda *given: searched.append(given[3].seconds) or search(*given))
    made = make_checked_plan(town[0], policy, PlanOptions(mode="whole", seconds=3.0), judge=policy)
    assert searched == [pytest.approx(LEAST_SEARCH * 3.0)]
    assert made.found.ok
    assert made.document["areas"]
    (line,) = [one for one in clock_lines(made.document) if "--seconds" in one.en]
    assert line.en.startswith("3 seconds are too few")


def test_given_rounds_read_no_clock(town, policy):
    options = PlanOptions(mode="whole", rounds=1)
    made = make_checked_plan(town[0], policy, options, judge=policy)
    alone = make_plan(town[0], policy, options)
    assert "spent" not in made.document["work"]
    assert {**made.document, "seconds": 0} == {**alone, "seconds": 0}
    assert clock_lines(made.document) == []
