"""Two plans compared, for the console and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analysis.bundling.editing.compare import Comparison, compare_plans
from analysis.bundling.verify.verify import require_same_planning
from app.i18n import say
from geo.messages import Item, Line, Sentence
from geo.storage.dataset import Dataset

_FIGURES = (
    "areas",
    "area_units",
    "area_households",
    "left_over_units",
    "left_over_households",
    "household_metres",
    "cut_pairs",
    "cut_facing_m",
    "shared_posts",
    "mean_walk_m",
    "led_households",
)
"""In this order; their names are texts of "compared"."""
_LEADER_CHANGES = ("newly_led", "no_longer_led", "other_leader")
MAX_LINES = 40


def compare_documents(dataset: Dataset, a: Mapping[str, Any], b: Mapping[str, Any]) -> Comparison:
    """Compare two plans of a dataset.

    Parameters
    ----------
    dataset
        The dataset.
    a, b
        The plan before and the plan after.

    Raises
    ------
    StalePlanError
        If one was made for other planning data.
    """
    for document in (a, b):
        require_same_planning(dataset, document)
    edges = dataset.layer("edges") if dataset.has("edges") else None
    return compare_plans(dataset.layer("units"), dataset.layer("walks"), a, b, edges=edges)


def comparison_document(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON."""
    return {
        "sentence_zh": found.sentence.zh,
        "sentence_en": found.sentence.en,
        "figures": {name: {"a": a, "b": b} for name, (a, b) in found.figures.items()},
        "households": found.households,
        "units_moved": len(found.moved),
        "matches": [asdict(match) for match in found.matches],
        "changes": [asdict(change) for change in found.changes],
        **_leaders(found),
    }


def _leaders(found: Comparison) -> dict[str, Any]:
    """Units whose leader changes, where a plan has leaders inside its areas."""
    if "led_households" not in found.figures:
        return {}
    return {"leaders": [{**asdict(change), "kind": change.kind} for change in found.leaders]}


def comparison_lines(found: Comparison) -> list[Line]:
    """A comparison for a console: the sentence, the figures, the units that moved."""
    lines: list[Line] = [Sentence(*found.sentence), ""]
    for name in _FIGURES:
        if name not in found.figures:
            continue
        a, b = (_text(value) for value in found.figures[name])
        lines.append(say("cli.from_to", what=say(f"compared.{name}"), a=a, b=b))
    moved = found.moved
    lines += ["", *(_moved_line(change) for change in moved[:MAX_LINES])]
    if len(moved) > MAX_LINES:
        lines.append(Item("…", say("cli.more_moved", n=len(moved) - MAX_LINES)))
    return [*lines, *(["", *_leader_lines(found)] if found.leaders else [])]


def _leader_lines(found: Comparison) -> list[Line]:
    """How many units change their leader in which way, and which."""
    counts = Counter(str(change.kind) for change in found.leaders)
    names = {kind: say(f"planning.{kind}") for kind in _LEADER_CHANGES}
    lines: list[Line] = [
        say("cli.count_of", what=names[kind], n=counts[kind]) for kind in _LEADER_CHANGES if counts[kind]
    ]
    for one in found.leaders[:MAX_LINES]:
        of = {"name": one.name, "unit": one.unit_id, "a": one.leader_a or "–", "b": one.leader_b or "–"}
        lines.append(say("cli.leader_changes", **of, kind=names[str(one.kind)]))
    return lines


def _moved_line(change: Any) -> Sentence:
    walk = " → ".join("–" if w is None else f"{w} m" for w in (change.walk_a_m, change.walk_b_m))
    people = "?" if change.households is None else f"{change.households:,}"
    a, b = (area or say("cli.no_area") for area in (change.area_id_a, change.area_id_b))
    return say("cli.moved", name=change.name, unit=change.unit_id, people=people, a=a, b=b, walk=walk)


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:,.10g}"
