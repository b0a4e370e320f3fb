"""A mixed-integer model kept by rows, handed to HiGHS and solved under a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from highspy import _core
from scipy.sparse import csr_array

INFINITY = highspy.kHighsInf


@dataclass(frozen=True, eq=False)
class LinearRow:
    """lower ≤ Σ value · column ≤ upper."""

    columns: npt.ArrayLike
    values: npt.ArrayLike
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class MipSolution:
    """What the solver found.

    Parameters
    ----------
    values
        (c,) of the best point found, or None.
    bound
        No point costs less; −∞ when nothing is known, +∞ when there is none.
    is_proven
        Whether `values` is proven best (or proven absent).
    row_duals
        (r,) of a linear programme; empty otherwise.
    """

    values: np.ndarray | None
    bound: float
    is_proven: bool
    row_duals: np.ndarray


class MipModel:
    """Minimise cost · x over 0 ≤ x ≤ upper, some or all x whole.

    Parameters
    ----------
    cost, upper
        (c,) float.
    is_whole
        (c,) bool.
    """

    def __init__(self, cost: np.ndarray, upper: np.ndarray, is_whole: np.ndarray) -> None:
        self._solver = silent_highs(log_to_console=False, mip_rel_gap=0.0)
        model = highspy.HighsLp()
        model.num_col_ = len(cost)
        model.col_cost_ = np.asarray(cost, dtype=float)
        model.col_lower_ = np.zeros(len(cost))
        model.col_upper_ = np.asarray(upper, dtype=float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.zeros(len(cost) + 1, dtype=np.int32)
        if is_whole.any():
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[int(whole)] for whole in is_whole]
        self._solver.passModel(model)
        self._is_mip = bool(is_whole.any())

    def add(self, rows: Sequence[LinearRow]) -> None:
        """Add rows at the end."""
        if not rows:
            return
        columns = [np.asarray(row.columns, dtype=np.int32) for row in rows]
        starts = np.cumsum([0, *map(len, columns)])
        self._solver.addRows(
            len(rows),
            np.array([row.lower for row in rows]),
            np.array([row.upper for row in rows]),
            int(starts[-1]),
            starts[:-1].astype(np.int32),
            np.concatenate(columns),
            np.concatenate([np.asarray(row.values, dtype=float) for row in rows]),
        )

    def add_matrix(self, matrix: csr_array, lower: np.ndarray, upper: np.ndarray) -> None:
        """Add the rows lower ≤ matrix · x ≤ upper.

        Parameters
        ----------
        matrix
            (r, c) coefficients.
        lower
            (r,) float.
        upper
            (r,) float.
        """
        self._solver.addRows(
            matrix.shape[0],
            lower,
            upper,
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )

    def start_from(self, values: np.ndarray) -> None:
        """Offer a point that keeps every row, for the search to begin with."""
        point = highspy.HighsSolution()
        point.col_value = list(np.asarray(values, dtype=float))
        self._solver.setSolution(point)

    def solve(self, *, seconds: float = INFINITY, nodes: int | None = None, seed: int = 0) -> MipSolution:
        """Solve until proven, `seconds` are over or `nodes` have been branched on.

        Parameters
        ----------
        seconds
            Time limit.
        nodes
            Limit of branch and bound nodes; None = none.
        seed
            Of HiGHS.
        """
        self._solver.setOptionValue("time_limit", float(max(seconds, 0.0)))
        self._solver.setOptionValue("random_seed", seed)
        if nodes is not None:
            self._solver.setOptionValue("mip_max_nodes", nodes)
        self._solver.run()
        status = self._solver.getModelStatus()
        info = self._solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return MipSolution(None, float("inf"), True, np.zeros(0))
        if status == highspy.HighsModelStatus.kModelEmpty:
            return self._of_nothing()
        is_proven = status == highspy.HighsModelStatus.kOptimal
        has_point = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = self._solver.getSolution()
        values = np.array(solution.col_value) if has_point else None
        if self._is_mip:
            return MipSolution(values, float(info.mip_dual_bound), is_proven, np.zeros(0))
        bound = float(info.objective_function_value) if is_proven else -float("inf")
        return MipSolution(values, bound, is_proven, np.array(solution.row_dual))

    def _of_nothing(self) -> MipSolution:
        """What holds of a model without columns, of which HiGHS says nothing: every row is 0."""
        rows = self._solver.getLp()
        is_kept = (np.array(rows.row_lower_) <= 0).all() and (np.array(rows.row_upper_) >= 0).all()
        if not is_kept:
            return MipSolution(None, float("inf"), True, np.zeros(0))
        return MipSolution(np.zeros(0), 0.0, True, np.zeros(len(rows.row_lower_)))


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
