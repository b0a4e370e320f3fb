"""Further bounds of an area's size, between the fields of the planning panel and a plan's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.bundling.model.sizes import MEASURES, SizeBound
from app.i18n import say
from geo.errors import UsageError
from geo.messages import Sentence

SIDES = ("lower", "upper")


def bound_values(bounds: Sequence[SizeBound]) -> dict[str, int | None]:
    """What the fields begin with: an empty one sets no bound.

    Examples
    --------
    >>> found = bound_values([SizeBound("members", 3, None)])
    >>> found["bound_members_lower"], found["bound_members_upper"], len(found)
    (3, None, 6)
    """
    of = {bound.weight: bound for bound in bounds}
    found: dict[str, int | None] = {}
    for name in MEASURES:
        bound = of.get(name)  # type: ignore[call-overload]
        found[f"bound_{name}_lower"] = None if bound is None else bound.lower or None
        found[f"bound_{name}_upper"] = None if bound is None else bound.upper
    return found


def bound_texts(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The bounds that the fields name, as `sizes.read_bounds` reads them.

    Parameters
    ----------
    fields
        "weight" and "bound_…" of the panel; others, and those of the first weight, are passed over.

    Raises
    ------
    UsageError
        If a least exceeds its most, or one is no whole number ≥ 0; all are reported together.

    Examples
    --------
    >>> bound_texts({"weight": "households", "bound_members_lower": 3, "bound_households_lower": 9})
    ('members=3:',)
    """
    texts, faults = [], []
    for name in MEASURES:
        lower, upper = (fields.get(f"bound_{name}_{side}") for side in SIDES)
        given = [side for side in (lower, upper) if side not in (None, "")]
        if name == (fields.get("weight") or "households") or not given:
            continue
        if not all(isinstance(side, int) and side >= 0 for side in given):
            faults.append(say("planning.no_whole_number", name=say(f"planning.bound_{name}")))
        elif len(given) == 2 and given[0] > given[1]:
            faults.append(say("planning.limits_crossed", name=say(f"planning.bound_{name}")))
        texts.append(f"{name}={'' if lower in (None, '') else lower}:{'' if upper in (None, '') else upper}")
    if faults:
        raise UsageError(*say("planning.further_limits", faults=Sentence.join(faults, ("; ", "; "))))
    return tuple(texts)
