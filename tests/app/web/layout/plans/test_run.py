"""Every state of a run can be drawn."""

from dataclasses import replace

import pytest

from app.i18n import load_words
from app.planning.child import RunState
from app.web.layout.plans.run import run_label, run_view, runs_view


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_of_a_run_can_be_drawn(language):
    words = load_words(language)
    running = RunState("j", "running", request={"name": "甲"})
    curve = ((0.1, 90, 1000, 3), (2.0, 80, 1100, 4))
    states = (
        running,
        replace(running, phase="waiting"),
        replace(running, phase="waiting", ahead=2),
        replace(running, step="searching", share=0.4, points=curve, least_left_over=70),
        replace(running, phase="stopping"),
        replace(running, step="explaining"),
        replace(running, phase="failed", fault=("坏", "bad")),
        replace(running, phase="lost", fault=("坏了", "broken")),
    )
    drawn = [str(run_view(state, words)) for state in states]
    assert len(set(drawn)) == len(states)
    assert len(runs_view(states, words)) == len(states)
    assert runs_view((), words) == []
    assert "40%" in run_label(states[3:], words).children
    assert run_label(states[1:], words).children == words("run.queued")
    assert run_label((), words) == words("planner.open")
