"""How the search's inner loops are compiled, and the random numbers they draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def entry(function: Function) -> Function:
    """Compile what Python calls: once on a machine, then it is read from numba's cache."""
    return cast(Function, njit(cache=True, nogil=True)(function))


def inner(function: Function) -> Function:
    """Compile what only compiled code calls: no wrappers, a third of the compile time less.

    All whole numbers are int64, so that each function is compiled for one signature.
    """
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, njit(nogil=True, **options)(function))


# numba reads a numpy Generator too, but six times slower and without a compile cache (measured:
# 2.0 against 0.3 ns a number); splitmix64 is plenty for annealing.


def random_state(rng: np.random.Generator) -> np.ndarray:
    """(1,) uint64 state of a stream, drawn from a generator.

    Examples
    --------
    >>> random_state(np.random.default_rng(0)).shape
    (1,)
    """
    return rng.integers(0, 2**64, size=1, dtype=np.uint64)


@inner
def uniform(state: np.ndarray) -> float:
    """A number in [0, 1) (splitmix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return np.float64(mixed >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def below(state: np.ndarray, n: int) -> int:
    """A whole number in 0..n-1."""
    return int(uniform(state) * n)
