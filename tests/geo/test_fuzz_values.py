from __future__ import annotations

import pytest

from tests.bench.fuzz_values import COLUMNS, fuzz


def misread(cells, seed):
    table, wrong = fuzz(cells, seed)
    assert set(table) == set(COLUMNS)
    assert all(counts["right"] > 0.2 * sum(counts.values()) for counts in table.values())
    return wrong


@pytest.mark.parametrize("seed", [1, 2])
def test_no_cell_of_any_column_is_misread_in_silence(seed):
    assert misread(100, seed) == []


@pytest.mark.full
def test_twenty_thousand_cells_are_not_misread_in_silence():
    assert misread(1_000, 7) == []
