"""The grid of streets of the fictional city: the same for the same seed, cells that are rectangles with an area."""

import numpy as np

from geo.demo.grid import build_grid, cell_ring
from geo.demo.spec import SPECS


def test_the_same_seed_gives_the_same_grid():
    first, again = (build_grid(SPECS["small"], np.random.default_rng(7)) for _ in range(2))
    ring = cell_ring(first, 0, 0)
    assert ring.area > 0
    assert ring.equals(cell_ring(again, 0, 0))
