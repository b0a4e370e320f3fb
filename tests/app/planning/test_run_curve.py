"""The curve of a run: of the level that still moves, beside its bound, and in words."""

import pytest

from app.i18n import load_words
from app.planning.child import RunState, fit_run_curve
from app.web.layout.plans.run import curve_figure, run_view

FALLING = ((0.1, 90, 1000, 3), (2.0, 80, 1100, 4))
SETTLED = ((0.1, 12, 900, 3), (1.0, 0, 2000, 4), (4.0, 0, 1500, 4))


def drawn(points, least, language="zh"):
    state = RunState("j", "running", request={"name": "甲"}, points=points, least_left_over=least)
    return str(run_view(state, load_words(language)))


def test_while_somebody_is_left_over_the_curve_is_of_them_above_the_bound():
    curve = fit_run_curve(FALLING, 60)
    assert (curve.level, curve.values, curve.bound) == ("left_over", (90, 80), 60)
    best, bound = curve_figure(curve, load_words("zh"))["data"]
    assert best["y"] == (90, 80)
    assert bound["y"] == [60, 60]


@pytest.mark.parametrize("least", [None, 0])
def test_where_everybody_fits_the_curve_is_of_metres_since_then(least):
    curve = fit_run_curve(SETTLED, least)
    assert (curve.level, curve.seconds, curve.values) == ("metres", (1.0, 4.0), (2000, 1500))
    (best,) = curve_figure(curve, load_words("zh"))["data"]
    assert best["y"] == (2000, 1500)


def test_at_the_bound_the_metres_go_on_although_somebody_is_left_over():
    assert fit_run_curve(((0.1, 70, 900, 3), (1.0, 70, 800, 3)), 70).level == "metres"


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
