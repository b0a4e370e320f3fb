"""The curve of a run in words: the gap, the gain, and no gap without a bound."""

from app.i18n import load_words
from app.planning.child import RunState, fit_run_curve
from app.web.layout.plans.run import run_view

FALLING = ((0.1, 90, 1000, 3), (2.0, 80, 1100, 4))


SETTLED = ((0.1, 12, 900, 3), (1.0, 0, 2000, 4), (4.0, 0, 1500, 4))


def drawn(points, least, language="zh"):
    state = RunState("j", "running", request={"name": "甲"}, points=points, least_left_over=least)
    return str(run_view(state, load_words(language)))


def test_the_gap_is_said_in_per_cent_and_read_aloud():
    label = drawn(FALLING, 60)
    assert label.count("差距为 25.0%") == 2  # beside the curve, and for screen readers
    assert "a gap of 25.0%" in drawn(FALLING, 60, "en")


def test_the_gain_is_said_where_nothing_is_proven():
    said = drawn(SETTLED, 0)
    assert "差距为 0.0%" in said
    assert "缩短 25.0%" in said
    assert "25.0% less" in drawn(SETTLED, 0, "en")


def test_before_a_bound_is_known_no_gap_is_claimed():
    assert fit_run_curve(FALLING, None).gap_share is None
    assert "差距" not in drawn(FALLING, None)
