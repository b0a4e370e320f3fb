"""Paper and scale: what is asked for is on it, in its middle, at a round 1:N that is true."""

import numpy as np
import pytest

from app.drawings.frames import PAPERS, UNITS_A_MM, frame_ground, make_frame, round_scale

GROUNDS = [(0, 0, 12_000, 9_000), (500_000, 4_490_000, 500_400, 4_490_900), (0, 0, 1, 1)]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_ground_is_whole_and_fills_the_frame_at_a_true_scale(paper, ground):
    frame = frame_ground(ground, PAPERS[paper])
    corners = frame.to_paper(np.array([ground[:2], ground[2:]], dtype=float))
    assert ((corners >= 0) & (corners <= [frame.width, frame.height])).all()
    millimetres = np.diff(corners[:, 0])[0] / UNITS_A_MM
    assert millimetres * frame.denominator / 1000 == pytest.approx(ground[2] - ground[0])
    assert (frame.width / UNITS_A_MM, frame.height / UNITS_A_MM) == pytest.approx(PAPERS[paper].map_mm)
    assert frame.denominator == round_scale(frame.denominator)


def test_a_frame_of_the_units_holds_them(bench):
    frame = make_frame(bench)
    west, south, east, north = bench.units.total_bounds
    assert frame.west < west < east < frame.east
    assert frame.south < south < north < frame.north
