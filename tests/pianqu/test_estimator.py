"""The clusterer keeps scikit-learn's contract and the sizes."""

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import make_blobs
from sklearn.neighbors import kneighbors_graph
from sklearn.utils.estimator_checks import parametrize_with_checks

from pianqu import AreaClusterer


@parametrize_with_checks([AreaClusterer(rounds=1)])
def test_it_is_an_estimator(estimator, check):
    check(estimator)


def test_sizes_are_kept_where_ward_keeps_none():
    points, _ = make_blobs([90, 20, 10], random_state=3)
    near = kneighbors_graph(points, 8)
    ours = AreaClusterer(lower=30, upper=45, connectivity=near, rounds=3).fit_predict(points)
    sizes = np.bincount(ours[ours >= 0])
    assert sizes.min() >= 30
    assert sizes.max() <= 45
    theirs = AgglomerativeClustering(3, connectivity=near + near.T).fit_predict(points)
    assert not 30 <= np.bincount(theirs).max() <= 45
