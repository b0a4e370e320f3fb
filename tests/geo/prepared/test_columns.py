"""Columns and shapes that may be absent come back as missing, never as a fault."""

import numpy as np
import pandas as pd
from shapely import Point, box

from geo.prepared.columns import centroids, geometries, text_column, text_value

FRAME = pd.DataFrame({"name": ["甲", None, 3], "geometry": [box(0, 0, 2, 4), None, Point(5, 6)]})


def test_a_text_is_a_text_or_nothing():
    assert [text_value(FRAME, "name", k) for k in range(3)] == ["甲", None, None]
    assert text_value(FRAME, "absent", 0) is None
    assert text_column(FRAME, "absent").isna().all()
    assert text_column(FRAME, "name").tolist() == ["甲", None, 3]


def test_shapes_are_a_copy_and_centres_nan_where_there_is_none():
    shapes = geometries(FRAME)
    shapes[0] = None
    assert FRAME["geometry"][0] is not None
    x, y = centroids(FRAME)
    assert (x[0], y[0], x[2], y[2]) == (1.0, 2.0, 5.0, 6.0)
    assert np.isnan(x[1])
    assert geometries(FRAME.drop(columns="geometry")).tolist() == [None] * 3
