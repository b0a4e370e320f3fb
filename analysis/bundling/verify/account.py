"""What a plan says of itself: reasons, bounds, figures; told false, proven again, or not checked."""

from __future__ import annotations

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.verification import Unchecked
from analysis.bundling.verify.proofs.bounds import check_bounds, recompute_bounds
from analysis.bundling.verify.statements.figures import check_figures
from analysis.bundling.verify.statements.left_reasons import check_left_over, check_reason_names
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def check_account(context: CheckContext) -> tuple[tuple[Violation, ...], tuple[Unchecked, ...]]:
    """Reasons, bounds and all figures that no single rule is about."""
    planned = PlannedUnits(context)
    violations, unchecked = check_figures(planned)
    if not (context.dataset.has("edges") and context.dataset.has("walks")):
        plan = context.plan
        claims = ["status"] if plan.status == "optimal" else []
        claims += [level.name for level in plan.levels if level.bound is not None]
        missing = Unchecked("reasons", (), *say("unchecked.reasons"), tuple(claims))
        return (*check_reason_names(context), *violations), (*unchecked, missing)
    of_bounds, open_bounds = check_bounds(planned, recompute_bounds(planned, context.plan.certificate))
    reasons = check_left_over(planned)
    return (*reasons, *violations, *of_bounds), (*open_bounds, *unchecked)
