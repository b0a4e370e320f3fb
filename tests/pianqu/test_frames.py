"""Columns are given by name, by Series or by position; missing values are never zero."""

import numpy as np
import pandas as pd
import pytest

import pianqu
from pianqu.frames import read_codes, read_numbers


def test_a_column_by_name_by_index_and_by_position_is_the_same(yards):
    named = read_numbers(yards, "households", "weight")
    turned = yards["households"].iloc[::-1]
    assert named.tolist() == read_numbers(yards, turned, "weight").tolist()
    assert named.tolist() == read_numbers(yards, yards["households"].to_numpy(), "weight").tolist()
    assert read_numbers(yards, 2.6, "weight").tolist() == [3] * 5


def test_a_missing_weight_is_named_and_never_zero(yards):
    with pytest.raises(pianqu.PianquError, match="b, d"):
        read_numbers(yards, yards["households"].where(~yards.index.isin(["b", "d"])), "weight")


def test_missing_codes_are_a_value_of_their_own(yards):
    codes = read_codes(yards, pd.Series(["x", None, "x", None, "y"], index=yards.index), "walls")
    assert codes[0] == codes[2] != codes[1] == codes[3] != codes[4]
    assert np.array_equal(read_codes(yards, None, "walls"), np.zeros(5))
