"""Each unit left over has the reason nearest to a cure."""

import numpy as np
import pandas as pd

from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter

NO_PAIRS = pd.DataFrame(columns=["unit_a", "unit_b", "allowed", "blocked_by"])


def explained(problem, pairs=NO_PAIRS):
    result = solve(problem, stop=StopAfter(rounds=2))
    table = explain_left_over(problem, result.plan, pairs)
    return dict(zip(table["unit_id"], table["reason"], strict=True))


def refused(*, a="u000", b="zz", blocked_by=None):
    return pd.DataFrame([(a, b, blocked_by is None, blocked_by)], columns=["unit_a", "unit_b", "allowed", "blocked_by"])


def test_a_lonely_unit_is_told_what_parts_it_from_others(make_problem):
    alone = make_problem([], [50], lower=100, upper=200)
    assert explained(alone) == {"u000": "no_neighbour"}
    assert explained(alone, refused(blocked_by="railway:r1")) == {"u000": "barrier"}
    assert explained(alone, refused(blocked_by="street")) == {"u000": "other_street"}
    assert explained(alone, refused(blocked_by="walk>500")) == {"u000": "no_neighbour"}
    assert explained(alone, refused()) == {"u000": "neighbours_not_planned"}
    apart = make_problem([], [50, 60], lower=100, upper=200, wall=[0, 1])
    pair = refused(b="u001")
    assert explained(apart, pair) == {"u000": "street_unknown", "u001": "street_unknown"}


def test_size_is_the_reason_where_numbers_prove_it(make_problem):
    town = make_problem([(0, 1), (2, 3)], [40, 50, 300, 60], lower=100, upper=200)
    assert explained(town) == {
        "u000": "below_min_size",
        "u001": "below_min_size",
        "u002": "above_max_size",
        "u003": "below_min_size",
    }


def test_lumps_that_cannot_be_packed_have_no_fit(make_problem):
    #  90 - 90 - 90 in areas of 100 to 200: two of them, and one is left
    town = make_problem([(0, 1), (1, 2)], [90, 90, 90], lower=100, upper=200)
    assert list(explained(town).values()) == ["no_fit"]


def test_what_keeps_a_unit_from_an_anchor(make_problem):
    def led(households, **options):
        return make_problem([(0, 1), (1, 2)], households, mode="lead", **options)

    far = led([100, 50, 50], anchors=[0], capacity=[99_999], radius_m=100.0)
    assert explained(far) == {"u002": "no_adjacent_anchor"}
    small = led([40, 50, 10], anchors=[0], capacity=[99_999])
    assert explained(small) == {"u001": "anchor_too_small", "u002": "anchor_too_small"}
    full = led([100, 50, 50], anchors=[0], capacity=[4_000])
    assert explained(full) == {"u002": "anchor_capacity"}


def test_mixed_names_the_rules_of_both_ways(make_problem):
    town = make_problem([(0, 1)], [40, 50], mode="mixed", lower=100, upper=200)
    plan = solve(town, stop=StopAfter(rounds=0)).plan
    table = explain_left_over(town, plan, NO_PAIRS)
    assert table["reason"].tolist() == ["below_min_size"] * 2
    assert table["rules"].tolist() == [("R31", "R26")] * 2
    assert np.isin(table["unit_id"], town.unit_ids).all()
