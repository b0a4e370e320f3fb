"""The sketch of single buildings: what is written can be read."""

from itertools import combinations

import pytest

from app.exports.stray_map import _AROUND, _BESIDE, _Frame, _free


@pytest.fixture
def frame():
    return _Frame(west=0.0, south=0.0, scale=1.0)


def boxes(taken):
    return [(box.left, box.top, box.right, box.foot) for box in taken]


def test_numbers_and_names_close_together_are_written_apart(frame):
    taken = []
    for x in (300, 304, 310):
        _free((x, 150), _BESIDE, (20, 20), frame, taken)
        _free((x, 150), _AROUND, (90, 14), frame, taken)
    assert len(set(boxes(taken))) == 6
    assert not any(one.meets(other) for one, other in combinations(taken, 2))


def test_what_has_room_stays_where_it_belongs_and_on_the_paper(frame):
    assert _free((300, 150), _AROUND, (90, 14), frame, []) == (300, 150)
    taken = []
    x, y = _free((2, 2), _BESIDE, (20, 20), frame, taken)
    assert (x, y) == (12, 12)
    assert frame.holds(taken[0])
