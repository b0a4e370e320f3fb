"""Whole places in classes: the ramp breaks at the target, so that who meets it never looks worse than who does not."""

from dataclasses import replace

import pytest

from analysis.figures.figure import CURRENT
from app.maps.palettes import OCHRE, TEAL
from app.maps.place_classes import classify_places
from app.workbench.scenario import BASE_SCENARIO, select_figures

RATE, LOAD, LACK = "professional_coverage_rate", "ebike_bikes_per_port", "unmanaged_single_building_count"


@pytest.fixture
def figure(bench):
    def make(key, value, target=None):
        known = next(f for f in select_figures(bench, BASE_SCENARIO, "city") if f.key == key and f.roster == CURRENT)
        return replace(known, value=value, target=target, numerator=1, denominator=1)

    return make


def ramp_of(colour):
    return next(name for name, ramps in (("ochre", OCHRE), ("teal", TEAL)) if any(colour in ramp for ramp in ramps))


def told(found):
    band = {one.key: one for one in found.bands}
    return [(ramp_of(band[key].colours[0]), band[key].is_met) for key in found.keys]


@pytest.mark.parametrize("method", ["policy", "natural", "quantile"])
def test_a_rate_of_exactly_the_target_is_met_and_just_below_is_not(figure, method):
    values = (0.55, 0.70, 0.8199, 0.82, 0.83, 0.99)
    found = classify_places(RATE, [figure(RATE, value, 0.82) for value in values], method)
    assert told(found) == [("ochre", False)] * 3 + [("teal", True)] * 3


@pytest.mark.parametrize("method", ["policy", "natural", "quantile"])
def test_a_load_of_exactly_the_target_is_met_and_just_above_is_not(figure, bench, method):
    key = next(f.key for f in select_figures(bench, BASE_SCENARIO, "city") if f.unit == "bikes/port")
    values = (1.5, 2.4, 3.0, 3.01, 3.3, 9.0)
    found = classify_places(key, [figure(key, value, 3.0) for value in values], method)
    assert told(found) == [("teal", True)] * 3 + [("ochre", False)] * 3


def test_where_all_meet_it_none_is_ochre_and_the_darkest_is_the_best(figure):
    found = classify_places(RATE, [figure(RATE, value, 0.5) for value in (0.6, 0.7, 0.8, 0.9)], "natural")
    assert {ramp for ramp, _ in told(found)} == {"teal"}
    fill = {band.key: band.colours[0] for band in found.bands}
    assert fill[found.keys[-1]] == TEAL[4][-1]


def test_places_with_targets_of_their_own_are_held_against_them(figure):
    found = classify_places(RATE, [figure(RATE, 0.80, 0.75), figure(RATE, 0.80, 0.85)], "policy")
    assert told(found) == [("teal", True), ("ochre", False)]


def test_nothing_lacking_is_teal_and_the_more_the_darker(figure):
    found = classify_places(LACK, [figure(LACK, value) for value in (0, 1, 30)], "policy")
    assert [ramp for ramp, _ in told(found)] == ["teal", "ochre", "ochre"]
    fill = {band.key: band.colours[0] for band in found.bands}
    assert [fill[key] for key in found.keys[1:]] == [OCHRE[4][0], OCHRE[4][-1]]
