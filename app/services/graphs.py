"""The graph of neighbours in words and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.graph import Graph, PairExplanation, components


def graph_summary(graph: Graph) -> dict[str, int]:
    """Counts of a graph: units, edges, refused pairs, components, isolated units."""
    labels = components(graph)
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, dtype=int)
    return {
        "units": graph.n_units,
        "edges": graph.n_edges,
        "refused_pairs": int((~graph.pairs["allowed"].astype(bool)).sum()),
        "components": len(sizes),
        "isolated": int((sizes == 1).sum()),
    }


def pair_sentence(found: PairExplanation) -> str:
    """Why two units are neighbours or not, in Chinese and English."""
    facts: dict[str, Any] = vars(found)
    verdict = "相邻 neighbours" if found.allowed else "不相邻 not neighbours"
    details = "  ".join(f"{key}={value}" for key, value in facts.items() if value is not None)
    return f"{verdict}: {details}"
