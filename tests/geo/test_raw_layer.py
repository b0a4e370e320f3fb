from __future__ import annotations

import numpy as np
import pandas as pd

from geo.raw_layer import RawLayer


def test_shifted_rows_are_split_off_with_their_row_numbers():
    frame = pd.DataFrame({"小区名称": ["甲", "乙"], "列#2": [None, "120"]}, dtype=object)
    raw = RawLayer("a.csv", frame, np.array([2, 3]), shifted=np.array([False, True]))
    kept, shifted = raw.split_shifted()
    assert kept.rows.tolist() == [2]
    assert shifted.rows.tolist() == [3]
    assert list(kept.frame) == ["小区名称"]
