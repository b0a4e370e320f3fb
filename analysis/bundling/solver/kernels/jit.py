"""How the search's inner loops are compiled, and the random numbers they draw."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numba.core import config
from numba.misc.appdirs import AppDirs

Function = TypeVar("Function", bound=Callable[..., Any])


def cache_folder(sources: Path, base: Path) -> Path:
    """Where compiled code of exactly these sources is kept.

    numba asks only whether the file of the function itself has changed. Compiled code also holds what other
    files define (inner functions, named tuples), so that after an upgrade it would be stale or fail to load.

    Parameters
    ----------
    sources
        Folder of the sources, with those below it.
    base
        Folder of caches.

    Returns
    -------
    A folder whose name changes when any source does.
    """
    digest = hashlib.sha256()
    for path in sorted(sources.rglob("*.py")):
        digest.update(path.relative_to(sources).as_posix().encode() + b"\0" + path.read_bytes())
    return base / f"numba-{digest.hexdigest()[:16]}"


def writable_folder(*folders: Path) -> Path:
    """The first folder that can be written, made if it is not there; the last where none can.

    Parameters
    ----------
    folders
        At least one.
    """
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
    return folders[-1]


_KERNELS = Path(__file__).resolve().parent
"""Compiled code is defined here, types of its arguments included."""
_GIVEN = getattr(config, "CACHE_DIR", "")  # NUMBA_CACHE_DIR
_BASE = writable_folder(
    *([Path(_GIVEN)] if _GIVEN else []),
    Path(__file__).parent / "__pycache__",
    Path(AppDirs("pianqu", appauthor=False).user_cache_dir),  # installed where users may not write
)
config.CACHE_DIR = str(cache_folder(_KERNELS, _BASE))  # type: ignore[attr-defined]


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
    """A whole number in 0..n-1.

    Parameters
    ----------
    state
        (1,) uint64 state of the random numbers, changed.
    n
        At least 1.
    """
    return int(uniform(state) * n)


@inner
def accept_move(change: float, temperature: float, state: np.ndarray) -> bool:
    """Whether a move is accepted (Metropolis): always where it is no worse, else by chance.

    Parameters
    ----------
    change
        Energy after it − energy before.
    temperature
        Above 0, in units of the energy.
    state
        (1,) uint64 state of the random numbers, changed where the move is worse.
    """
    return change <= 0 or uniform(state) < np.exp(-change / temperature)
