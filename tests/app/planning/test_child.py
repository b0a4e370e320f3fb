"""The curve of a run: of the level that still moves, beside its bound."""

import pytest

from app.i18n import load_words
from app.planning.child import fit_run_curve
from app.web.layout.plans.run import curve_figure

FALLING = ((0.1, 90, 1000, 3), (2.0, 80, 1100, 4))


SETTLED = ((0.1, 12, 900, 3), (1.0, 0, 2000, 4), (4.0, 0, 1500, 4))


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
