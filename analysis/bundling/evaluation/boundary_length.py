"""Cut edges of a plan: pairs of neighbours it separates, and their facing length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class BoundaryLength:
    """What a plan cuts.

    Parameters
    ----------
    pairs
        Pairs of neighbours that are not in one area.
    facing_m
        Metres along which these face each other, whole; None where the length of one is missing.
    """

    pairs: int
    facing_m: int | None


def measure_boundary(edges: pd.DataFrame, area_of: Mapping[str, object], planned: Iterable[str]) -> BoundaryLength:
    """What a plan cuts of the neighbours it decides about.

    Parameters
    ----------
    edges
        The layer of this name.
    area_of
        The area of each unit that is in one.
    planned
        Ids of all units decided about, those in no area included.

    Examples
    --------
    >>> edges = pd.DataFrame({"unit_a": ["a", "b"], "unit_b": ["b", "c"], "allowed": [True, True],
    ...                       "facing_m": [40.0, 25.5]})
    >>> measure_boundary(edges, {"a": 1, "b": 1}, "abc")
    BoundaryLength(pairs=1, facing_m=26)
    """
    known = set(planned)
    pairs = edges[edges["allowed"].astype(bool)]
    pairs = pairs[pairs["unit_a"].isin(known) & pairs["unit_b"].isin(known)]
    one, other = (pairs[name].map(dict(area_of)) for name in ("unit_a", "unit_b"))
    cut = pairs[one.isna() | (one != other)]
    lengths = cut["facing_m"] if "facing_m" in cut else pd.Series(float("nan"), index=cut.index)
    metres = None if lengths.isna().any() else round(float(lengths.sum()))
    return BoundaryLength(len(cut), metres)
