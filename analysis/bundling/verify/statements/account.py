"""What a plan says of itself: reasons, bounds, figures; told false, proven again, or not checked."""

from __future__ import annotations

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.context import Case
from analysis.bundling.verify.planned import Planned
from analysis.bundling.verify.statements.bounds import check_bounds, prove
from analysis.bundling.verify.statements.figures import check_figures
from analysis.bundling.verify.statements.left_reasons import check_left_over
from analysis.bundling.verify.verification import Unchecked


def check_account(case: Case) -> tuple[tuple[Violation, ...], tuple[Unchecked, ...]]:
    """Reasons, bounds and all figures that no single rule is about."""
    planned = Planned(case)
    violations, unchecked = check_figures(planned)
    if not (case.dataset.has("edges") and case.dataset.has("walks")):
        plan = case.plan
        claims = ["status"] if plan.status == "optimal" else []
        claims += [level.name for level in plan.levels if level.bound is not None]
        missing = Unchecked(
            "reasons",
            (),
            "数据集没有相邻关系 (edges, walks), 未划入的原因和各级下界未复核; 请先运行 pianqu graph。",
            "The dataset has no graph (edges, walks): reasons of units left over and bounds are not checked; "
            "run pianqu graph first.",
            tuple(claims),
        )
        return tuple(violations), (*unchecked, missing)
    of_bounds, open_bounds = check_bounds(planned, prove(planned, case.plan.certificate))
    reasons = check_left_over(planned)
    return (*reasons, *violations, *of_bounds), (*open_bounds, *unchecked)
