"""Pairs of units that a barrier keeps apart: those an advice of the plan is about, and one on the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from app.maps.layers import unit_bounds
from app.workbench.workbench import Workbench

MOST = 5
"""How many pairs are reported, the nearest first."""


def advised_barrier(row: Mapping[str, Any]) -> str | None:
    """The barrier that an advice would open, as in `blocked_by`; None where it opens none."""
    found = (one["barrier"] for one in row.get("what", ()) if one["kind"] == "crossing")
    return next(found, None)


def list_pairs_of_advice(bench: Workbench, number: int) -> list[str]:
    """The pairs "A|B" that an advice of the plan would make neighbours; A is left over.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    number
        Of the advice in the plan, from 0.

    Returns
    -------
    Empty where the plan has no such advice, or the data hold no such pair any more.
    """
    advice = bench.plan.get("advice", ()) if bench.plan else ()
    barrier = advised_barrier(advice[number]) if 0 <= number < len(advice) else None
    if barrier is None:
        return []
    left = bench.units["unit_id"].iloc[bench.left_over]
    return find_nearest_blocked_pairs(bench.dataset.layer("edges"), barrier, left)


def find_nearest_blocked_pairs(edges: pd.DataFrame, barrier: str, left_over: Iterable[str]) -> list[str]:
    """The nearest pairs that a barrier keeps apart and one of whose units is left over, that one first.

    Parameters
    ----------
    edges
        The layer of pairs.
    barrier
        Id of the barrier.
    left_over
        Ids of units.

    Examples
    --------
    >>> edges = pd.DataFrame({"unit_a": ["A", "B", "C"], "unit_b": ["B", "C", "D"],
    ...     "gap_m": [40.0, 20.0, 5.0], "blocked_by": ["railway:R1", "railway:R1", None]})
    >>> find_nearest_blocked_pairs(edges, "railway:R1", ["B"])
    ['B|C', 'B|A']
    """
    left = set(left_over)
    rows = edges[edges["blocked_by"].eq(barrier)].sort_values("gap_m", kind="stable")
    pairs = [
        (a, b) if a in left else (b, a)
        for a, b in zip(rows["unit_a"], rows["unit_b"], strict=True)
        if a in left or b in left
    ]
    return ["|".join(pair) for pair in pairs[:MOST]]


def find_barrier_between(bench: Workbench, pair: str) -> str | None:
    """The barrier that keeps a pair "A|B" apart; None where there is none.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    pair
        Ids of both units, "A|B".
    """
    edges = bench.dataset.layer("edges")
    a, b = sorted(pair.split("|"))
    row = edges[edges["unit_a"].eq(a) & edges["unit_b"].eq(b) & ~edges["allowed"].astype(bool)]
    label = row["blocked_by"].iloc[0] if len(row) else None
    is_barrier = isinstance(label, str) and ":" in label and not label.startswith("override:")
    return label if is_barrier else None


def find_pair_bounds(bench: Workbench, pair: str) -> dict[str, Any] | None:
    """Where the map flies for a pair, degrees; None where neither unit has a place.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    pair
        Ids of both units, "A|B".
    """
    bounds = unit_bounds(bench.context)
    at = [bench.position_of.get(unit) for unit in pair.split("|")]
    found = [bounds[k] for k in at if k is not None and k in bounds]
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return {"bounds": [min(west), min(south), max(east), max(north)]}


def format_pair(bench: Workbench, pair: str) -> str:
    """Names of both units, ids where they have none.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    pair
        Ids of both units, "A|B".
    """
    names = bench.units.set_index("unit_id")["name"].dropna()
    return " – ".join(str(names.get(unit, unit)) for unit in pair.split("|"))
