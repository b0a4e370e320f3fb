"""Two files of results of the solver are compared pair by pair."""

import numpy as np
import pandas as pd
import pytest

from tests.bench.paired import compare_runs, sign_test


def runs(*rows):
    return pd.DataFrame(rows, columns=["instance", "seed", "objective"])


def test_runs_are_compared_by_instance_and_seed():
    before = runs(("b", 0, 200.0), ("a", 1, 100.0), ("a", 0, 100.0), ("c", 0, None), ("d", 0, 1.0), ("e", 0, None))
    after = runs(("a", 0, 99.0), ("a", 1, 500.0), ("a", 1, 102.0), ("b", 0, 200.0), ("c", 0, 5.0), ("e", 0, None))
    pairs = compare_runs(before, after)
    assert list(zip(pairs["instance"], pairs["seed"], strict=True)) == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("c", 0),
        ("e", 0),
    ]
    assert pairs["change"].tolist() == pytest.approx([-1.0, 2.0, 0.0, -np.inf, 0.0])
    assert sign_test(pairs["change"].to_numpy()) == (2, 1, 2, 1.0)


def test_files_without_a_run_in_common_are_told():
    with pytest.raises(ValueError, match="in common"):
        compare_runs(runs(("a", 0, 1.0)), runs(("a", 1, 1.0)))
