"""Names on a drawing: none covers another or what is taken, none leaves the paper."""

from itertools import combinations

import numpy as np
import pytest

from app.drawings.frames import Frame
from app.drawings.names import Name, measure_text, place_names

FRAME = Frame(0, 0, 1.0, 400, 300, 12)


def meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("seed", range(8))
def test_no_two_names_meet_and_none_leaves_the_paper(seed):
    random = np.random.default_rng(seed)
    wanted = [
        Name(x, y, ("珩圃街道", "95.24%")[: 1 + k % 2], 12, angle=float(random.integers(-80, 80)) * (k % 3 == 0))
        for k, (x, y) in enumerate(random.uniform((0, 0), (400, 300), (60, 2)))
    ]
    taken = [(100.0, 100.0, 160.0, 150.0)]
    placed = place_names(wanted, FRAME, taken)
    assert 8 <= len(placed) < 60
    boxes = [*taken, *(name.box for name in placed)]
    assert not any(meet(one, other) for one, other in combinations(boxes, 2))
    assert all(w >= 0 and t >= 0 and e <= 400 and b <= 300 for w, t, e, b in boxes)


def test_the_first_name_stands_where_it_would_and_the_next_gives_way():
    first, second = place_names([Name(200, 150, ("甲街道",), 12), Name(200, 150, ("乙街道",), 12)], FRAME)
    assert (first.x, first.y, first.size) == (200, 150, 12)
    assert (second.x, second.y) != (200, 150)


def test_a_name_without_room_for_its_value_stands_without_it():
    narrow = [(0.0, 0.0, 400.0, 140.0), (0.0, 160.0, 400.0, 300.0)]
    (name,) = place_names([Name(200, 150, ("甲街道", "80%"), 12)], FRAME, narrow)
    assert name.lines == ("甲街道",)


def test_a_chinese_character_is_as_wide_as_high():
    assert measure_text("片区") == 2.0
    assert measure_text("ab") < 1.5
