"""What a plan says of itself besides its areas: its status, the permits it rests on, its areas' streets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

UNVERIFIABLE: Mapping[str, Sentence] = {
    name: say(f"unverifiable.{name}")
    for name in ("seed", "seconds", "work", "read_back", "locks", "notes", "advice", "names")
}
"""What nothing but the plan itself can tell: named next to every verdict, and part of none."""


def find_unverifiable(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What of `UNVERIFIABLE` a plan says anything of.

    Examples
    --------
    >>> find_unverifiable({"seed": 0, "locks": [], "areas": [{}]})
    ('seed', 'names')
    """
    stated = {**document, "names": document.get("areas")}
    return tuple(name for name in UNVERIFIABLE if stated.get(name) not in (None, [], {}))


def check_status(context: CheckContext, *, breaks_rules: bool) -> Iterator[Violation]:
    """A plan with areas that keeps every rule is not infeasible, and one without areas nothing else.

    Parameters
    ----------
    context
        The plan and its tables.
    breaks_rules
        Whether any violation was found.
    """
    plan = context.plan
    is_infeasible = plan.status == "infeasible"
    if is_infeasible == (not plan.areas) or (is_infeasible and breaks_rules):
        return
    yield make_violation(
        "status", say("status.infeasible_with_areas", n=len(plan.areas), status=plan.status), value=len(plan.areas)
    )


def check_permits(context: CheckContext) -> Iterator[Violation]:
    """Every permit the plan rests on is one of the data, word for word."""
    rows = context.dataset.layer("permits").astype(object)
    known = {str(row["permit_id"]): row for row in rows.where(rows.notna(), None).to_dict("records")}
    for number, stated in enumerate(context.plan.permits):
        record = stated if isinstance(stated, Mapping) else {}
        own = known.get(str(record.get("permit_id")))
        wrong = [key for key, value in record.items() if own is None or own.get(key) != value]
        if own is None or wrong:
            shown = record.get("permit_id", number + 1)
            yield make_violation(
                "permits",
                say("permits.unknown", permit=shown)
                if own is None
                else say("permits.differs", permit=shown, columns=", ".join(wrong)),
                units=[str(record[key]) for key in ("unit_a", "unit_b") if record.get(key)],
            )


def check_area_streets(context: CheckContext) -> Iterator[Violation]:
    """The street an area is stated to be of is its units', whatever the wall between areas."""
    if context.plan.rules.within != "none":
        return  # reported with the wall
    codes = context.units["street_code"].to_dict()
    for area in context.plan.areas:
        found = {codes[unit] for unit in context.members(area) if pd.notna(codes[unit])}
        if area.street_code is not None and area.street_code not in found:
            yield make_violation(
                "R20",
                say(
                    "R20.stated_street",
                    street_code=area.street_code,
                    streets=", ".join(sorted(found)) or say("street.none"),
                ),
                units=context.members(area),
                area=area,
            )
