"""Two plans compared, for the console and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analysis.bundling.editing.compare import Comparison, compare_plans
from analysis.bundling.verify.verify import require_same_planning
from geo.storage.dataset import Dataset

_FIGURES = {
    "areas": ("片区", "areas"),
    "area_units": ("划入单元", "units in areas"),
    "area_households": ("覆盖户数", "households in areas"),
    "left_over_units": ("未划入单元", "units left over"),
    "left_over_households": ("未划入户数", "households left over"),
    "household_metres": ("步行总量 (户·米)", "household-metres"),
    "cut_pairs": ("未在同一片区的相邻对", "neighbours in different areas"),
    "cut_facing_m": ("其相对长度 (米)", "metres along which they face each other"),
    "shared_posts": ("保洁绿化维修用人", "posts of cleaning, greening and repair"),
    "mean_walk_m": ("户均步行 (米)", "mean walk of a household, m"),
    "led_households": ("有牵头小区的户数", "households that somebody leads"),
}
_LEADERS = {
    "newly_led": ("新有牵头", "newly led"),
    "no_longer_led": ("不再有牵头", "no longer led"),
    "other_leader": ("换了牵头", "led by another"),
}
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
    for name, (zh, en) in _FIGURES.items():
        if name not in found.figures:
            continue
        a, b = (_text(value) for value in found.figures[name])
        lines.append(f"{zh} {en}: {a} → {b}")
    moved = found.moved
    lines += ["", *(_moved_line(change) for change in moved[:MAX_LINES])]
    if len(moved) > MAX_LINES:
        lines.append(f"… 另有 {len(moved) - MAX_LINES} 个, 见 --json; {len(moved) - MAX_LINES} more")
    return [*lines, *(["", *_leader_lines(found)] if found.leaders else [])]


def _leader_lines(found: Comparison) -> list[str]:
    """How many units change their leader in which way, and which."""
    counts = Counter(str(change.kind) for change in found.leaders)
    lines = [f"{zh} {en}: {counts[kind]}" for kind, (zh, en) in _LEADERS.items() if counts[kind]]
    return [
        *lines,
        *(
            f"{change.name} ({change.unit_id}): {change.leader_a or '–'} → {change.leader_b or '–'} "
            f"({' '.join(_LEADERS[change.kind])})"
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
