"""The bundling as a scikit-learn clusterer, for those who compare."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.neighbors import kneighbors_graph
from sklearn.utils.validation import validate_data

from geo.errors import UsageError
from geo.messages import load_catalogue
from pianqu.areas import bundle
from pianqu.graph import Graph

say = load_catalogue(__file__)


class AreaClusterer(ClusterMixin, BaseEstimator):
    """Contiguous clusters of points whose weight keeps a minimum and a maximum.

    Parameters
    ----------
    lower, upper
        Least and most weight of a cluster; None = no most.
    n_clusters
        Number of clusters; None = as many as is best.
    connectivity
        (n, n) sparse matrix of neighbours; None = the `n_neighbors` nearest points.
    n_neighbors
        Neighbours of a point where there is no connectivity.
    rounds
        Work of the search: the same rounds and seed give the same clusters.
    random_state
        Seed of the random numbers.

    Attributes
    ----------
    labels_
        (n,) cluster of each point; −1 = in none.
    bound_, gap_
        What no clusters cost less than, and how near these are.

    Examples
    --------
    >>> points = np.array([[0.0, 0], [0, 1], [9, 0], [9, 1]])
    >>> AreaClusterer(lower=2, upper=2, n_neighbors=2, rounds=2).fit_predict(points)
    array([0, 0, 1, 1])
    """

    def __init__(
        self,
        lower: float = 1,
        upper: float | None = None,
        n_clusters: int | None = None,
        connectivity: Any = None,
        n_neighbors: int = 6,
        rounds: int = 8,
        random_state: int = 0,
    ) -> None:
        self.lower = lower
        self.upper = upper
        self.n_clusters = n_clusters
        self.connectivity = connectivity
        self.n_neighbors = n_neighbors
        self.rounds = rounds
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> AreaClusterer:  # noqa: N803
        """Cluster points.

        Parameters
        ----------
        X
            (n, d) coordinates; distances are those of the first two, of one column along a line.
        y
            Not used.
        sample_weight
            (n,) weights, rounded to whole numbers; None = 1 each.

        Raises
        ------
        UsageError
            If all weights are 0, or a limit contradicts another.
        """
        points = validate_data(self, X, dtype=float)
        plane = np.column_stack([points, np.zeros(len(points))])[:, :2]
        scale = 1e6 / max(float(np.ptp(plane, axis=0).max(initial=0.0)), 1e-300)
        xy = (plane - plane.min(axis=0)) * scale
        frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs="EPSG:4546")
        graph = Graph.from_pairs(self._pairs(points), frame)
        weight = np.ones(len(points)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        if not weight.any():
            raise UsageError(*say("weight.all_zero"))
        found = bundle(
            frame,
            graph,
            weight=weight,
            lower=self.lower,
            upper=self.upper,
            areas=self.n_clusters,
            rounds=self.rounds,
            seed=self.random_state,
        )
        self.labels_ = found.labels.to_numpy()
        self.bound_, self.gap_ = found.bound, found.gap
        return self

    def _pairs(self, points: np.ndarray) -> list[tuple[int, int]]:
        near = self.connectivity
        if near is None:
            k = min(self.n_neighbors, len(points) - 1)
            near = kneighbors_graph(points, k) if k > 0 else np.zeros((len(points),) * 2)
        i, j = near.nonzero() if hasattr(near, "nonzero") else np.nonzero(np.asarray(near))
        return [(a, b) for a, b in zip(i.tolist(), j.tolist(), strict=True) if a != b]
