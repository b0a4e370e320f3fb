"""A mixed-integer model kept by rows, handed to HiGHS and solved under a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from highspy import _core
from scipy.sparse import csc_array, csr_array

from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit

INFINITY = highspy.kHighsInf
_INTERRUPTS = (_core.cb.HighsCallbackType.kCallbackMipInterrupt, _core.cb.HighsCallbackType.kCallbackSimplexInterrupt)
MAX_PROBED = 10_000
"""Columns up to which HiGHS tries what follows when each is fixed, before it searches (Savelsbergh 1994): it may not
be interrupted there, and with 33,326 columns that took more than 90 seconds, the whole solution without it 19."""
_PROBING_OFF = 2**15 + 2**16
"""HiGHS's `presolve_rule_off`: probing, and enumeration by it."""


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


@dataclass(frozen=True, eq=False)
class MipArrays:
    """A model as it stands: cost · x, 0 ≤ x ≤ upper, row_lower ≤ matrix · x ≤ row_upper.

    Parameters
    ----------
    cost, upper
        (c,) float.
    is_whole
        (c,) bool.
    matrix
        (r, c) coefficients.
    row_lower, row_upper
        (r,) float.
    """

    cost: np.ndarray
    upper: np.ndarray
    is_whole: np.ndarray
    matrix: csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray


class MipModel:
    """Minimise cost · x over 0 ≤ x ≤ upper, some or all x whole.

    Parameters
    ----------
    cost, upper
        (c,) float.
    is_whole
        (c,) bool.
    options
        Of HiGHS, by name.
    """

    def __init__(
        self, cost: np.ndarray, upper: np.ndarray, is_whole: np.ndarray, **options: bool | int | float | str
    ) -> None:
        self._solver = silent_highs(**{"mip_rel_gap": 0.0, **options})
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
        self._is_asking = False

    def add_column(self, upper: float = 1.0, *, is_whole: bool = True) -> int:
        """Add a column that costs nothing yet, and return its number.

        Parameters
        ----------
        upper
            The most it may be.
        is_whole
            Whether it is a whole number.
        """
        column = self._solver.getNumCol()
        self._solver.addVar(0.0, upper)
        if is_whole:
            self._solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
            self._is_mip = True
        return column

    def set_cost(self, columns: np.ndarray, cost: np.ndarray) -> None:
        """Minimise another sum.

        Parameters
        ----------
        columns
            (k,) int: those that cost something.
        cost
            (k,) float: of each.
        """
        everything = np.arange(self._solver.getNumCol(), dtype=np.int32)
        self._solver.changeColsCost(len(everything), everything, np.zeros(len(everything)))
        self._solver.changeColsCost(len(columns), columns.astype(np.int32), cost.astype(float))

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

    def read_arrays(self) -> MipArrays:
        """The model as it stands."""
        lp = self._solver.getLp()
        held = lp.a_matrix_
        of = csc_array if held.format_ == highspy.MatrixFormat.kColwise else csr_array
        parts = np.array(held.value_), np.array(held.index_), np.array(held.start_)
        whole = np.array([kind == highspy.HighsVarType.kInteger for kind in lp.integrality_], dtype=bool)
        return MipArrays(
            np.array(lp.col_cost_),
            np.array(lp.col_upper_),
            whole if len(whole) else np.zeros(lp.num_col_, dtype=bool),
            csr_array(of(parts, shape=(lp.num_row_, lp.num_col_))),
            np.array(lp.row_lower_),
            np.array(lp.row_upper_),
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

    def solve(
        self, *, start: np.ndarray | None = None, has_time: TimeLimit = ENDLESS, nodes: int | None = None, seed: int = 0
    ) -> MipSolution:
        """Solve until proven, time is over or `nodes` have been branched on.

        Parameters
        ----------
        start
            (c,) a point that keeps every row, for the search to begin with; None = none.
        has_time
            Asked wherever HiGHS may be interrupted, always at the same places of its work.
        nodes
            Limit of branch and bound nodes; None = none.
        seed
            Of HiGHS.
        """
        if start is not None:
            point = highspy.HighsSolution()
            point.col_value = list(np.asarray(start, dtype=float))
            self._solver.setSolution(point)
        self._solver.setOptionValue("random_seed", seed)
        is_large = self._solver.getNumCol() > MAX_PROBED
        self._solver.setOptionValue("presolve_rule_off", _PROBING_OFF if is_large else 0)
        if nodes is not None:
            self._solver.setOptionValue("mip_max_nodes", nodes)
        if not has_time.is_endless and not has_time():
            return MipSolution(None, -float("inf"), False, np.zeros(0))
        self._interrupt_unless(has_time)
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

    def solve_lazily(
        self,
        separate: Callable[[np.ndarray], bool],
        *,
        start: np.ndarray | None = None,
        has_time: TimeLimit = ENDLESS,
        nodes: int | None = None,
        rounds: int | None = None,
    ) -> MipSolution:
        """Solve, add the rows that the point found breaks, solve again, until it breaks none (lazy constraints).

        Parameters
        ----------
        separate
            Given the (c,) values found: adds the rows they break; whether there were any.
        start
            (c,) a point that keeps every row, those not added yet among them; None = none.
        has_time
            For all of it.
        nodes
            Limit of branch and bound nodes each time; None = none.
        rounds
            Times the model is solved at most; None = any number.

        Returns
        -------
        The first point that breaks nothing, with the best bound met; no values where time or rounds
        were over before.
        """
        bound = -float("inf")
        for _ in count() if rounds is None else range(rounds):
            if not has_time():
                break
            solution = self.solve(start=start, has_time=has_time, nodes=nodes)
            bound = max(bound, solution.bound)
            if solution.values is None or not separate(solution.values):
                return replace(solution, bound=bound)
        return MipSolution(None, bound, False, np.zeros(0))

    def _interrupt_unless(self, has_time: TimeLimit) -> None:
        """Have HiGHS ask whether there is time, if a clock decides that."""
        if has_time.is_endless:
            if self._is_asking:
                for kind in _INTERRUPTS:
                    self._solver.stopCallback(kind)
            self._is_asking = False
            return

        def ask(_kind: Any, _message: str, _out: Any, answer: Any, _data: Any) -> None:
            if not has_time():
                answer.user_interrupt = True

        self._solver.setCallback(ask, None)
        for kind in _INTERRUPTS:
            self._solver.startCallback(kind)
        self._is_asking = True

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
