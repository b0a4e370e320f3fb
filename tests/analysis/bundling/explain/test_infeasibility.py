"""A group none of whose connected units make an area is named, and only such a group."""

import pytest

from analysis.bundling.explain.infeasibility import find_causes
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter


@pytest.mark.parametrize(("weights", "is_barren"), [([900, 300, 900], True), ([900, 90, 900], False)])
def test_a_group_heavy_enough_of_which_no_connected_units_fit_is_told(make_problem, weights, is_barren):
    problem = make_problem([(0, 1), (1, 2)], weights, lower=950, upper=1100)
    found = find_causes(problem)
    assert [cause.kind for cause in found] == ["no_area_fits"] * is_barren
    assert solve(problem, stop=StopAfter(rounds=3)).score.left_over_households > 0
    for cause in found:
        assert (cause.units, cause.households, cause.value) == (("u000", "u001", "u002"), 2100, None)
        assert "950 到 1,100 户" in cause.sentence.zh
        assert "950 and 1,100 households" in cause.sentence.en
