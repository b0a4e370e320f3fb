"""The level that decides between a place and the runner-up is named, though no objective names it."""

from dataclasses import replace

import pytest

from analysis.bundling.explain.alternatives import Alternative, describe_deciding_level
from geo.messages import Sentence

OTHER = Alternative(
    "A1", None, Sentence("片区1", "area 1"), (), 0, -500, {"walking": -500, "areas": 0}, (0, 80, -500.0)
)


@pytest.mark.parametrize(
    ("changes", "score", "level"),
    [
        ({"walking": -500, "areas": -1}, (0, 80, -700.0), "households without a leader (+80)"),
        ({"walking": -500, "areas": -1}, (9, 80, -700.0), "households left over (+9)"),
        ({"walking": 500, "areas": -1}, (0, 0, 300.0), "walking with areas at their price (+300)"),
        ({"areas": 0, "walking": 40}, (0, 0, 0, 40), "household-metres walked (+40)"),
        ({"walking": 1, "compact": 2}, (0, 0, 5.0), "the sum by their weights (+5)"),
        ({"window": 1, "walking": -9, "areas": 0}, (0, 0, 9_999_991.0), "areas outside the preferred sizes (+1)"),
        ({"walking": 0, "areas": 0}, (0, 0, 0.0), "all levels are equal"),
    ],
)
def test_the_first_level_that_differs_decides(changes, score, level):
    assert level in describe_deciding_level(replace(OTHER, changes=changes, score=score)).en
