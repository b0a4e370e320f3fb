"""What a plan is to aim at, between the fields of the planning panel and the text of a plan's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.bundling.model.objectives import LEVEL_OF
from app.i18n import say
from geo.errors import UsageError

OBJECTIVE_KINDS = ("usual", "in_order", "weighted")
"""Nothing named; objectives in an order; objectives weighted."""


@dataclass(frozen=True)
class ObjectiveFields:
    """What the fields of the objectives begin with.

    Parameters
    ----------
    kind
        One of `OBJECTIVE_KINDS`.
    order
        Keys of `LEVEL_OF`, the first counts first.
    weights
        Weight of each objective named.
    """

    kind: str = "usual"
    order: tuple[str, ...] = ()
    weights: Mapping[str, float] | None = None


def objective_fields(objective: Sequence[str]) -> ObjectiveFields:
    """The fields as the objectives of a plan's rules fill them in.

    Examples
    --------
    >>> objective_fields(["walking", "compact"]).order
    ('walking', 'compact')
    >>> objective_fields(["walking=1", "closeness=200"]).weights
    {'walking': 1.0, 'closeness': 200.0}
    """
    if not objective:
        return ObjectiveFields()
    if not any("=" in part for part in objective):
        return ObjectiveFields("in_order", tuple(objective))
    pairs = [part.partition("=") for part in objective]
    return ObjectiveFields("weighted", weights={name: float(weight) for name, _, weight in pairs})


def objective_text(fields: Mapping[str, Any]) -> str | None:
    """The objectives that the fields name, as `aims.read_objective` reads them; None = the usual.

    Parameters
    ----------
    fields
        "aim", "aim_order" and "aim_weight_…" of the panel; others are passed over.

    Raises
    ------
    UsageError
        If a kind is chosen and nothing is named.

    Examples
    --------
    >>> objective_text({"aim": "in_order", "aim_order": ["compact", "walking"]})
    'compact,walking'
    >>> objective_text({"aim": "weighted", "aim_weight_walking": 1, "aim_weight_closeness": 200})
    'walking=1,closeness=200'
    """
    kind = fields.get("aim") or "usual"
    if kind == "usual":
        return None
    if kind == "in_order":
        parts = [str(name) for name in fields.get("aim_order") or ()]
    else:
        weights = {name: fields.get(f"aim_weight_{name}") for name in LEVEL_OF}
        parts = [f"{name}={weight}" for name, weight in weights.items() if weight not in (None, "")]
    if not parts:
        raise UsageError(*say("planning.no_objective"))
    return ",".join(parts)
