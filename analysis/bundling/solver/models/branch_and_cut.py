"""Branch and cut by SCIP: one tree, whose nodes add the rows that their points break."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel, MipSolution

try:
    from pyscipopt import SCIP_RESULT, Conshdlr, Model, quicksum
except ImportError:  # no wheel for this platform
    HAS_SCIP, Conshdlr = False, object  # type: ignore[assignment,misc]
else:
    HAS_SCIP = True

Separate = Callable[[np.ndarray, bool], Sequence[LinearRow]]
"""Given a (c,) point and whether it is whole: rows that it breaks. Every whole point that is no solution breaks one."""

MEMORY_MB = 2_000
"""Beyond which the tree grows no further."""


def solve_by_branch_and_cut(
    model: MipModel,
    separate: Separate,
    has_time: TimeLimit = ENDLESS,
    *,
    below: float = INFINITY,
    nodes: int | None = None,
) -> MipSolution:
    """Solve a model some of whose rows are not written down, but found where a point breaks them.

    Parameters
    ----------
    model
        With the rows known.
    separate
        See `Separate`.
    has_time
        Asked in each node that SCIP separates, always at the same places of its work; the bound reached is kept.
    below
        Only points that cost less are looked for.
    nodes
        Limit of branch and bound nodes; None = none.

    Returns
    -------
    The best point met, if any costs less than `below`. Its bound is no more than `below`: where it is
    that, and proven, no point costs less.
    """
    tree = Model("branch and cut")
    try:
        return _grow(tree, model, separate, has_time, below, nodes)
    finally:
        tree.freeProb()


def _grow(
    tree: Any, model: MipModel, separate: Separate, has_time: TimeLimit, below: float, nodes: int | None
) -> MipSolution:
    tree.hideOutput()
    lp = model.read_arrays()
    columns = [
        tree.addVar(vtype="B" if whole else "C", lb=0.0, ub=upper, obj=cost)
        for cost, upper, whole in zip(lp.cost.tolist(), lp.upper.tolist(), lp.is_whole.tolist(), strict=True)
    ]
    start, index, value = lp.matrix.indptr.tolist(), lp.matrix.indices.tolist(), lp.matrix.data.tolist()
    for k, (least, most) in enumerate(zip(lp.row_lower.tolist(), lp.row_upper.tolist(), strict=True)):
        inside = range(start[k], start[k + 1])
        total = quicksum(value[e] * columns[index[e]] for e in inside)
        if least == most:
            tree.addCons(total == least)
            continue
        if most < INFINITY:
            tree.addCons(total <= most)
        if least > -INFINITY:
            tree.addCons(total >= least)
    handler = _LazyRows(columns, separate, has_time)
    tree.includeConshdlr(
        handler,
        "lazy rows",
        "rows found where a point breaks them",
        sepapriority=100,
        enfopriority=-10,
        chckpriority=-10,
        sepafreq=1,
        eagerfreq=-1,
        maxprerounds=0,
        needscons=False,
    )
    settings = {
        "limits/memory": float(MEMORY_MB),
        "misc/usesymmetry": 0,  # of rows not known yet nobody knows the symmetry
    }
    if nodes is not None:
        settings["limits/totalnodes"] = nodes
    tree.setParams(settings)
    if below < INFINITY:
        tree.setObjlimit(below)
    tree.optimizeNogil()
    if handler.error is not None:
        raise handler.error
    is_proven = tree.getStatus() in ("optimal", "infeasible")
    bound = float(tree.getDualbound())
    bound = min(bound if abs(bound) < tree.infinity() else np.copysign(INFINITY, bound), below)
    values = None
    if tree.getNSols():
        best = tree.getBestSol()
        found = np.array([tree.getSolVal(best, column) for column in columns])
        values = found if lp.cost @ found < below else None
    return MipSolution(values, bound, is_proven, np.zeros(0))


class _LazyRows(Conshdlr):
    """What SCIP asks about the rows that are not written down (a constraint handler)."""

    def __init__(self, columns: list[Any], separate: Separate, has_time: TimeLimit) -> None:
        self._columns, self._separate, self._has_time = columns, separate, has_time
        self.error: Exception | None = None

    # --- called by SCIP, with its own names ----------------------------------------------------------

    def conssepalp(self, constraints: Any, nusefulconss: int) -> dict[str, int]:
        """Rows that a point of the relaxation breaks."""
        if self.error is not None or not self._has_time():
            self.model.interruptSolve()
            return {"result": SCIP_RESULT.DIDNOTRUN}
        return self._cut(is_whole=False, otherwise=SCIP_RESULT.DIDNOTFIND)

    def consenfolp(self, constraints: Any, nusefulconss: int, solinfeasible: bool) -> dict[str, int]:
        """Rows that a whole point of the relaxation breaks."""
        return self._cut(is_whole=True, otherwise=SCIP_RESULT.FEASIBLE)

    def consenfops(
        self, constraints: Any, nusefulconss: int, solinfeasible: bool, objinfeasible: bool
    ) -> dict[str, int]:
        """Whether a whole point without relaxation breaks any."""
        return self._judge(None)

    def conscheck(self, constraints: Any, solution: Any, *rest: Any) -> dict[str, int]:
        """Whether a whole point from elsewhere breaks any."""
        return self._judge(solution)

    def conslock(self, constraint: Any, locktype: int, nlockspos: int, nlocksneg: int) -> None:
        """A column may be in such a row with either sign: presolve leaves it alone."""
        locks = nlockspos + nlocksneg
        for column in self._columns:
            self.model.addVarLocksType(column, locktype, locks, locks)

    # --------------------------------------------------------------------------------------------------

    def _broken_rows(self, solution: Any, *, is_whole: bool) -> Sequence[LinearRow] | None:
        """None where the question fails: no error may pass through SCIP, so it is kept until the tree has ended."""
        value = self.model.getSolVal
        try:
            return self._separate(np.array([value(solution, column) for column in self._columns]), is_whole)
        except Exception as error:
            self.error = error
            self.model.interruptSolve()
            return None

    def _cut(self, *, is_whole: bool, otherwise: int) -> dict[str, int]:
        is_over = False
        rows = self._broken_rows(None, is_whole=is_whole)
        if rows is None:
            return {"result": SCIP_RESULT.INFEASIBLE if is_whole else SCIP_RESULT.DIDNOTRUN}
        for row in rows:
            cut = self.model.createEmptyRowUnspec(
                "lazy",
                lhs=None if row.lower <= -INFINITY else row.lower,
                rhs=None if row.upper >= INFINITY else row.upper,
                local=False,
            )
            self.model.cacheRowExtensions(cut)
            for column, value in zip(np.asarray(row.columns).tolist(), np.asarray(row.values).tolist(), strict=True):
                self.model.addVarToRow(cut, self._columns[column], value)
            self.model.flushRowExtensions(cut)
            is_over |= bool(self.model.addCut(cut, forcecut=is_whole))
            self.model.addPoolCut(cut)
            self.model.releaseRow(cut)
        if is_over:
            return {"result": SCIP_RESULT.CUTOFF}
        return {"result": SCIP_RESULT.SEPARATED if rows else otherwise}

    def _judge(self, solution: Any) -> dict[str, int]:
        rows = self._broken_rows(solution, is_whole=True)
        return {"result": SCIP_RESULT.FEASIBLE if rows is not None and not rows else SCIP_RESULT.INFEASIBLE}
