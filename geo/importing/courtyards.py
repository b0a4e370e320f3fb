"""Residential buildings in no community that share one yard."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from geo.network.barriers import Barriers, make_lines
from geo.rules import UnitRules


def cluster_courtyards(shapes: np.ndarray, streets: np.ndarray, barriers: Barriers, rules: UnitRules) -> np.ndarray:
    """Which buildings stand round one yard (DBSCAN on the gaps between them).

    Two buildings count as near when the gap between them is at most `yard_gap_m`, they are not
    known to be in different streets, and the shortest line between them meets no hard barrier. Around
    a building with at least `yard_min_buildings` near ones, itself counted, they are one yard
    (Ester et al. 1996).

    Parameters
    ----------
    shapes
        (k,) polygons or points, metric CRS; None without a place.
    streets
        (k,) street codes, missing where unknown.
    barriers
        The hard barriers.
    rules
        `yard_gap_m` (0 = every building stands alone) and `yard_min_buildings` are used.

    Returns
    -------
    (k,) number of the yard, in the order of the first building of each; −1 for a building that
    stands alone.

    Examples
    --------
    >>> blocks = shapely.box([0, 60, 500], 0, [40, 100, 540], 12)
    >>> nothing = Barriers(*(np.empty(0, dtype=object),) * 3)
    >>> yards_of(blocks, np.array(["s"] * 3), nothing, UnitRules(yard_gap_m=25)).tolist()
    [0, 0, -1]
    """
    alone = np.full(len(shapes), -1)
    if rules.yard_gap_m <= 0 or not len(shapes):
        return alone
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=rules.yard_gap_m)
    a, b = a[a < b], b[a < b]
    known = pd.notna(streets)
    apart = known[a] & known[b] & (streets[a] != streets[b])
    a, b = a[~apart], b[~apart]
    ends = shapely.get_coordinates(shapely.shortest_line(shapes[a], shapes[b])).reshape(-1, 2, 2)
    free = ~barriers.intersects(make_lines(ends[:, 0], ends[:, 1]))
    a, b = a[free], b[free]
    if not len(a):
        return alone
    from sklearn.cluster import DBSCAN  # takes a second to import

    near_m = np.maximum(shapely.distance(shapes[a], shapes[b]), 1e-3)  # 0 would read as no entry
    both = (np.concatenate([a, b]), np.concatenate([b, a]))
    gaps = csr_array((np.tile(near_m, 2), both), shape=(len(shapes), len(shapes)))
    found = DBSCAN(eps=rules.yard_gap_m, min_samples=rules.yard_min_buildings, metric="precomputed").fit(gaps)
    return np.asarray(found.labels_)
