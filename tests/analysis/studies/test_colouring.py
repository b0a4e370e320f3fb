"""Colours of areas: neighbours differ, all colours are used, the same input gives the same."""

import numpy as np
import pytest
import shapely

from analysis.studies.colouring import OKABE_ITO, colour_areas, find_adjacent_areas


def random_map(seed: int, n: int = 300) -> np.ndarray:
    """Neighbour pairs of n random Voronoi cells: a flat map."""
    points = shapely.multipoints(np.random.default_rng(seed).random((n, 2)))
    cells = np.array(shapely.voronoi_polygons(points, ordered=True).geoms)
    return find_adjacent_areas(cells, np.arange(n), gap_m=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_neighbours_differ_on_any_flat_map(seed):
    pairs = random_map(seed)
    colours = colour_areas(300, pairs)
    assert (colours[pairs[:, 0]] != colours[pairs[:, 1]]).all()


def test_colours_are_used_evenly():
    counts = np.bincount(colour_areas(300, random_map(0)), minlength=len(OKABE_ITO))
    assert counts.max() < 2 * counts.min()


def test_order_and_repetition_of_pairs_do_not_matter():
    pairs = random_map(1)
    again = np.vstack([pairs[::-1, ::-1], pairs])
    assert (colour_areas(300, pairs) == colour_areas(300, again)).all()


def test_too_few_colours_clash_least():
    triangle = np.array([[0, 1], [1, 2], [0, 2]])
    assert sorted(colour_areas(3, triangle, n_colours=2)) in ([0, 0, 1], [0, 1, 1])


def test_no_areas_no_colours():
    assert colour_areas(0, np.empty((0, 2), dtype=int)).shape == (0,)
    assert find_adjacent_areas(np.array([], dtype=object), np.array([], dtype=int), gap_m=1).shape == (0, 2)


def test_missing_places_and_left_over_units_have_no_neighbours():
    places = np.array([shapely.box(0, 0, 1, 1), None, shapely.box(2, 0, 3, 1)], dtype=object)
    assert len(find_adjacent_areas(places, np.array([0, 1, -1]), gap_m=10)) == 0
