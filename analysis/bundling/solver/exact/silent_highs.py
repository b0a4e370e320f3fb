"""A HiGHS solver that prints nothing."""

from __future__ import annotations

from typing import Any

from highspy import _core


def silent_highs(**options: bool | int | float | str) -> Any:
    """A solver on one thread, without the banner that `highspy.Highs()` writes to stdout.

    Parameters
    ----------
    options
        Of HiGHS, by name.

    Examples
    --------
    >>> solver = silent_highs(random_seed=0)
    >>> _ = solver.addVar(0.0, 1.0), solver.run()
    >>> solver.getModelStatus().name
    'kOptimal'
    """
    solver = _core._Highs()
    for name, value in {"output_flag": False, "threads": 1, **options}.items():
        solver.setOptionValue(name, value)
    return solver
