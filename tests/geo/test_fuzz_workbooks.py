from __future__ import annotations

import pytest

from tests.bench.fuzz_workbooks import run


@pytest.mark.full
def test_sums_of_books_put_together_at_random_are_those_meant():
    assert run(10, 3) == []


@pytest.mark.full
def test_sums_of_two_hundred_books_are_those_meant():
    assert run(200, 1) == []
