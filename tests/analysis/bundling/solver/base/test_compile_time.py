"""Compiling is heard of, whatever is compiled inside; what is compiled already takes none."""

import numba

from analysis.bundling.solver.base.compile_time import time_compiling


def test_only_compiling_is_counted():
    @numba.njit
    def double(x):
        return 2 * x

    with time_compiling() as timer:
        assert double(4) == 8
        compiled = timer.seconds
        assert double(5) == 10
    assert compiled > 0
    assert timer.seconds == compiled


def test_what_is_compiled_later_is_not_heard():
    @numba.njit
    def add(x):
        return x + 1

    with time_compiling() as timer:
        pass
    assert add(1) == 2
    assert timer.seconds == 0
