"""Scores are compared under an objective, part by part."""

import pytest

from analysis.bundling.model.score import PEOPLE_FIRST, Objective, Score


def test_fewer_left_over_beats_any_number_of_metres():
    better, worse = Score(9, 10**9, 1), Score(10, 0, 1)
    assert better.key(PEOPLE_FIRST) < worse.key(PEOPLE_FIRST)
    assert worse.key(Objective(left_over_m=5)) < better.key(Objective(left_over_m=5))


def test_parts_of_a_score_are_never_traded_silently():
    with pytest.raises(TypeError):
        Score(1, 2, 3) < Score(2, 3, 4)  # noqa: B015
