"""Why a plan has no area: no unit at all, none with a place, none in scope, or nobody that fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from analysis.bundling.verify.base.context import CheckContext
from geo.messages import EMPTY, Sentence, load_catalogue

say = load_catalogue(__file__)

MOST_REASONS = 4
"""Reasons that the sentence counts; the rest is summed up."""


def explain_no_area(context: CheckContext) -> Sentence | None:
    """Why a plan has no area, in Chinese and English; None for a plan that has one.

    Units and their places are counted in the data; reasons are those the plan gives, checked elsewhere.
    """
    plan, n = context.plan, len(context.units)
    if plan.areas:
        return None
    if n == 0:
        return say("no_area.no_unit")
    if not context.placed.any():
        return say("no_area.no_place", n=n)
    idle = [row.reason for row in plan.out_of_scope]
    left = [row.reason for row in plan.left_over]
    if not left:
        return say("no_area.out_of_scope", n=n, reasons=_count_reasons(idle))
    asked = plan.rules.areas
    return say(
        "no_area.left_over",
        number=EMPTY if asked is None else say("no_area.number", n=asked),
        n=len(left),
        reasons=_count_reasons(left),
        more=say("no_area.more", n=len(idle), reasons=_count_reasons(idle)) if idle else EMPTY,
    )


def _count_reasons(reasons: Iterable[str]) -> Sentence:
    """Reasons with how many units have each, most first."""
    counts = sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0]))
    words = [say("no_area.count", reason=say.get(f"reason.{reason}", reason), n=n) for reason, n in counts]
    if rest := sum(n for _, n in counts[MOST_REASONS:]):
        words[MOST_REASONS:] = [say("no_area.count", reason=say("no_area.other"), n=rest)]
    return Sentence.join(words, ("、", ", ")) if words else say("no_area.none")
