"""Paper and scale: what is asked for is on it, in its middle, at a round 1:N that is true."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from app.drawings.frames import PAPERS, UNITS_A_MM, find_nearest, frame_ground, make_frame, round_scale, surround

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


def bench_of(*points):
    shapes = gpd.GeoSeries([None if point is None else Point(point) for point in points], crs="EPSG:4546")
    return SimpleNamespace(units=gpd.GeoDataFrame({"name": ["x"] * len(shapes)}, geometry=shapes))


def test_a_unit_alone_is_seen_among_the_nearest():
    bench = bench_of((0, 0), (700, 0), (0, -900), None, (90_000, 0), (0, 600), (800, 800))
    assert find_nearest(bench, 0, 3) == [5, 1, 2]
    west, south, east, north = surround(bench, [0], 120.0, 0.25)
    assert all(west < x < east and south < y < north for x, y in ((700, 0), (0, -900), (0, 600), (800, 800)))
    assert surround(bench, [0, 1], 120.0, 0.25) == (-175.0, -175.0, 875.0, 175.0)  # two are company enough


def test_a_unit_far_from_all_others_is_not_lost_in_the_land():
    west, _, east, _ = surround(bench_of((0, 0), (90_000, 0)), [0], 120.0, 0.25)
    assert east - west == 3000


def test_what_has_no_place_has_a_frame():
    assert surround(bench_of(None, (0, 0)), [0], 120.0, 0.25) == (0.0, 0.0, 1.0, 1.0)
    assert find_nearest(bench_of(None, (0, 0)), 0, 3) == []
