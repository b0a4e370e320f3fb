"""Areas that break a bound are taken apart, all others stay as they are."""

import numpy as np
import pytest

from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import split_lead, split_whole


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_dropped_twice(random_town, seed):
    part = split_whole(random_town(seed), np.arange(12))
    for one in part:
        labels = np.random.default_rng(seed).integers(-1, 3, one.n_units)
        kept = drop_infeasible_areas(one, labels)
        assert drop_infeasible_areas(one, kept).tolist() == kept.tolist()
        totals = [one.weight[kept == area].sum() for area in np.unique(kept[kept >= 0])]
        assert all(one.lower <= total <= one.upper for total in totals)


def test_an_anchor_alone_is_no_area(random_town):
    part = split_lead(random_town(1, mode="lead", anchor_share=0.3))[0]
    labels = np.full(part.n_units, -1)
    labels[part.anchors] = np.arange(len(part.anchors))
    found = evaluate(part, labels)
    assert (found.n_areas, found.household_metres) == (0, 0)
    assert found.left_over_households == part.households.sum()
