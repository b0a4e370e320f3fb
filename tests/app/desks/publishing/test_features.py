"""Boxes of features: what has no place meets none."""

import numpy as np

from app.desks.publishing.features import FeatureLayer

NOWHERE = [np.nan] * 4
LAYER = FeatureLayer({"a": 0, "b": 1, "c": 2}, (b"1", b"2", b"3"), np.array([[0, 0, 1, 1], [2, 2, 3, 3], NOWHERE]))


def test_boxes_meet_where_they_touch():
    assert LAYER.find((1, 1, 2, 2)).tolist() == [0, 1]
    assert LAYER.find((1.5, 1.5, 1.8, 1.8)).tolist() == []
    assert LAYER.find(None).tolist() == [0, 1, 2]


def test_the_extent_is_of_what_has_a_place():
    assert LAYER.extent == [0, 0, 3, 3]
    assert FeatureLayer({}, (), np.array([NOWHERE])).extent == []
