"""Listed areas are all there are, by plain Python that shares no code with them."""

import pytest

from analysis.bundling.led_areas.listing import list_areas
from analysis.bundling.led_areas.part import split_led_areas
from tests.analysis.bundling.led_areas.towns import Oracle, mixed_town


def is_possible(oracle, members, middle):
    """Whether whoever is beyond reach of the middle could be led inside."""
    anchors = [unit for unit in members if unit in oracle.problem.anchors]
    return all(
        oracle.walk(middle, unit, 10**9) <= oracle.problem.rules.reach_m
        or any(oracle.may_lead(anchor, unit) for anchor in anchors)
        for unit in members
    )


@pytest.mark.parametrize("seed", range(40))
def test_every_area_of_a_little_town_is_listed_with_its_middle(seed):
    problem = mixed_town(seed)
    oracle, found = Oracle(problem), {}
    for part in split_led_areas(problem, problem.capacity):
        listed = list_areas(problem, part.units, most_sets=2**9)
        for row, middle in zip(listed.is_in, listed.middle.tolist(), strict=True):
            found[tuple(part.units[row].tolist())] = int(part.units[middle])
    expected = {members: middle for members, middle in oracle.areas.items() if is_possible(oracle, members, middle)}
    assert found == expected


def test_too_many_areas_are_none():
    problem = mixed_town(0)
    units = split_led_areas(problem, problem.capacity)[0].units
    assert list_areas(problem, units, most_sets=1) is None
