"""What is asked is read from the frame, and refused where it contradicts itself."""

import numpy as np
import pytest

import pianqu
from pianqu.question import number_areas


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"lower": 9, "upper": 3}, "above upper"),
        ({"weight": "people"}, "people"),
        ({"weight": [1, 2]}, "one value for each"),
        ({"weight": [1, 2, None, -1, 5]}, "2 units"),
        ({"leads": ["z"]}, "z"),
        ({"leads": ["b"], "lower": 3, "areas": 2}, "leave areas out"),
        ({"capacity": 3}, "give leads"),
        ({"leads": [False] * 5}, "names no unit"),
    ],
)
def test_what_contradicts_itself_is_refused_with_a_remedy(yards, asked, said):
    with pytest.raises(pianqu.PianquError) as refused:
        pianqu.bundle(yards, pianqu.neighbours(yards), rounds=1, **asked)
    assert said in refused.value.en


def test_a_graph_of_other_units_is_refused(yards):
    with pytest.raises(pianqu.PianquError, match="different units"):
        pianqu.bundle(yards.iloc[:3], pianqu.neighbours(yards), rounds=1)


def test_areas_are_numbered_by_their_first_units():
    assert number_areas(np.array([9, 9, -1, 2, 9, 0])).tolist() == [0, 0, -1, 1, 0, 2]
    assert number_areas(np.array([], dtype=np.int64)).tolist() == []
