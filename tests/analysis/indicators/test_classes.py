"""Classes of numbers: every value in one, none empty, bounds where the method says."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.indicators.classes import METHODS, classify_values, compute_class_bounds, format_class_ranges
from analysis.indicators.registry import THEMES
from analysis.policy import read_policy

POLICY = read_policy()
NUMBERS = st.lists(st.integers(0, 300), min_size=1, max_size=60)


@pytest.mark.parametrize("method", METHODS[1:])
@given(values=NUMBERS)
def test_bounds_increase_inside_the_values_and_leave_no_more_classes_than_asked(method, values):
    bounds = compute_class_bounds(values, method)
    assert (np.diff(bounds) > 0).all()
    assert len(bounds) < 5
    assert len(bounds) < len(set(values))
    if len(bounds):
        assert min(values) < bounds[0]
        assert bounds[-1] <= max(values)


@given(values=NUMBERS)
def test_every_class_of_whole_numbers_says_what_is_in_it(values):
    bounds = compute_class_bounds(values, "natural")
    texts = format_class_ranges(values, bounds, step=1, is_whole=True)
    ends = [[int(part) for part in text.split("–")] for text in texts]
    for value, at in zip(values, np.searchsorted(bounds, values, side="right"), strict=True):
        assert ends[at][0] <= value <= ends[at][-1]


def test_natural_breaks_lie_in_the_gaps():
    values = [1, 2, 3, 50, 51, 52, 200, 201]
    low, high = compute_class_bounds(values, "natural", n_classes=3)
    assert 3 < low <= 50
    assert 52 < high <= 200


@given(values=st.lists(st.integers(0, 40), min_size=4, max_size=9))
def test_natural_breaks_leave_the_least_variance_of_all_ways_to_part(values):
    different = sorted(set(values))
    if len(different) <= 3:
        return
    array = np.array(values, dtype=float)

    def spread(bounds):
        of = np.searchsorted(bounds, array, side="right")
        return sum(((array[of == k] - array[of == k].mean()) ** 2).sum() for k in set(of.tolist()))

    ways = itertools.combinations(different[1:], 2)
    assert spread(compute_class_bounds(values, "natural", n_classes=3)) == pytest.approx(min(map(spread, ways)))


def test_many_values_in_one_corner_still_get_classes():
    values = [*np.linspace(0, 1e-6, 2000), 1000.0]
    assert compute_class_bounds(values, "natural", step=1.0).tolist() == [500.0]


def test_equal_counts_are_equal_where_values_differ():
    bounds = compute_class_bounds(range(100), "quantile")
    assert np.bincount(np.searchsorted(bounds, range(100), side="right")).tolist() == [20] * 5


def test_bands_that_stay_keep_their_units():
    theme = next(one for one in THEMES if one.key == "port_gap")
    table = pd.DataFrame({"band": ["enough", "c0", "no_data", "c3", "c1"], "value": [0.0, 4.0, np.nan, 150.0, 20.0]})
    bands, band_of = classify_values(theme, table, POLICY, "natural")
    assert [band.key for band in bands] == ["enough", "c0", "c1", "c2", "no_data"]
    assert band_of.tolist() == ["enough", "c0", "no_data", "c2", "c1"]


def test_the_same_values_give_the_same_bounds_in_any_order():
    values = np.random.default_rng(3).gamma(2, 40, 500).round()
    one, other = (compute_class_bounds(v, "natural") for v in (values, values[::-1]))
    assert one.tolist() == other.tolist()
