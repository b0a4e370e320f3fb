"""Two plans compared, for the console and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analysis.bundling.editing.compare import Comparison, compare_plans
from analysis.bundling.verify.verify import require_same_planning
from app.i18n import say
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


def comparison_lines(found: Comparison) -> list[str]:
    """A comparison for a console: the sentence, the figures, the units that moved."""
    lines = [*found.sentence, ""]
    for name in _FIGURES:
        if name not in found.figures:
            continue
        a, b = (_text(value) for value in found.figures[name])
        lines.append(f"{' '.join(say(f'compared.{name}'))}: {a} → {b}")
    moved = found.moved
    lines += ["", *(_moved_line(change) for change in moved[:MAX_LINES])]
    if len(moved) > MAX_LINES:
        lines.append(f"… 另有 {len(moved) - MAX_LINES} 个, 见 --json; {len(moved) - MAX_LINES} more")
    return [*lines, *(["", *_leader_lines(found)] if found.leaders else [])]


def _leader_lines(found: Comparison) -> list[str]:
    """How many units change their leader in which way, and which."""
    counts = Counter(str(change.kind) for change in found.leaders)
    names = {kind: " ".join(say(f"planning.{kind}")) for kind in _LEADER_CHANGES}
    lines = [f"{names[kind]}: {counts[kind]}" for kind in _LEADER_CHANGES if counts[kind]]
    return [
        *lines,
        *(
            f"{change.name} ({change.unit_id}): {change.leader_a or '–'} → {change.leader_b or '–'} "
            f"({names[change.kind]})"
            for change in found.leaders[:MAX_LINES]
        ),
    ]


def _moved_line(change: Any) -> str:
    walk = " → ".join("–" if w is None else f"{w} m" for w in (change.walk_a_m, change.walk_b_m))
    people = "?" if change.households is None else f"{change.households:,}"
    return (
        f"{change.name} ({change.unit_id}) {people} 户: "
        f"{change.area_id_a or '未划入'} → {change.area_id_b or '未划入'}, {walk}"
    )


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:,.10g}"
