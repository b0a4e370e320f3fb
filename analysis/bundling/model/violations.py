"""A broken rule, with the units, the measured value and the limit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One rule that a plan does not meet.

    Parameters
    ----------
    rule
        Rule id (docs/site/en/policy.md) ("R20", "R22", …), or "schema", "partition", "sums", "levels", "areas",
        "mode".
    units
        Ids of the units concerned.
    area_id
        The area concerned, None for the whole plan.
    value, limit
        Measured value and the limit it breaks, in the unit of measure the sentence names.
    sentence_zh, sentence_en
        What is wrong, with names and numbers.
    """

    rule: str
    units: tuple[str, ...]
    area_id: str | None
    value: float | None
    limit: float | None
    sentence_zh: str
    sentence_en: str
