"""Searches over compressed rows find what a search over sets finds."""

import numpy as np

from analysis.bundling.solver.kernels.graph_search import label_pieces, mark_reachable

PATH = np.array([0, 1, 3, 5, 7, 8]), np.array([1, 0, 2, 1, 3, 2, 4, 3])  # 0 - 1 - 2 - 3 - 4


def test_what_is_excluded_is_not_passed():
    seen, stack = np.ones(5, dtype=bool), np.zeros(5, dtype=np.int64)
    mark_reachable(*PATH, 0, np.array([True, False, False, True, False]), seen, stack)
    assert seen.tolist() == [True, True, True, False, False]


def test_pieces_with_the_anchor_come_first():
    anchors, labels = np.array([0, 3]), np.array([0, -1, 0, 1, 0])
    piece = np.full(5, -1)
    assert label_pieces(*PATH, anchors, labels, piece) == 4
    assert piece.tolist() == [0, -1, 2, 1, 3]


def test_a_closed_anchor_has_no_piece():
    piece = np.full(5, -1)
    assert label_pieces(*PATH, np.array([0, 3]), np.zeros(5, dtype=np.int64), piece) == 2
    assert piece.tolist() == [0] * 5
