"""Violated rank-1 cuts are found, and their excess is what the shares say."""

import numpy as np
import pytest

from analysis.bundling.solver.kernels.rank_one import find_violated_sets, find_violated_triples

EACH_PAIR = [[0, 1], [1, 2], [0, 2]]
ALL_BUT_ONE = [[0, 1, 2], [0, 3], [1, 3], [2, 3]]


def csr(areas):
    return np.cumsum([0, *map(len, areas)]).astype(np.int64), np.concatenate(areas).astype(np.int64)


def test_half_of_each_pair_of_three_units_breaks_their_row():
    first, unit = csr(EACH_PAIR)
    out, excess = np.zeros((5, 3), dtype=np.int64), np.zeros(5)
    assert find_violated_triples(first, unit, np.full(3, 0.5), 4, 0.02, out, excess) == 1
    assert out[0].tolist() == [0, 1, 2]
    assert excess[0] == pytest.approx(0.5)


def test_a_cut_of_four_units_is_found_where_no_three_break_theirs():
    """Unit 3 counts twice: (2, 1, 1, 1) / 3 ≤ 1, and every area counts once."""
    first, unit = csr(ALL_BUT_ONE)
    share = np.array([2 / 3, 1 / 3, 1 / 3, 1 / 3])
    numerators, denominators = np.array([[2, 1, 1, 1, 0]], dtype=np.int64), np.array([3], dtype=np.int64)
    out, kind, excess = np.zeros((9, 5), dtype=np.int64), np.zeros(9, dtype=np.int64), np.zeros(9)
    count = find_violated_sets(first, unit, share, 5, numerators, denominators, 25, 0.02, out, kind, excess)
    assert count
    assert np.allclose(excess[:count], share.sum() - 1)
    for k in range(count):
        assert out[k, 0] == 3
        assert set(out[k, 1:4].tolist()) == {0, 1, 2}
