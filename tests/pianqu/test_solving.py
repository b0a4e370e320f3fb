"""The trace of a search: costs fall, bounds rise, they never cross, and the end is what is handed back."""

import geopandas as gpd
import numpy as np
import pytest

import pianqu


@pytest.mark.parametrize(
    "asked",
    [
        {"lower": 900, "upper": 1500},
        {"areas": 8, "upper": 1500, "everyone": True},
        {"leads": list(range(0, 90, 9)), "capacity": 900},
        {"lower": 500, "upper": 1500, "objective": "cut_edges", "everyone": True},
    ],
    ids=["sizes", "number", "leads", "cut edges"],
)
def test_costs_fall_bounds_rise_and_the_end_is_what_is_handed_back(asked):
    rng = np.random.default_rng(3)
    places = np.column_stack([np.arange(90) % 10, np.arange(90) // 10]) * 200.0 + rng.uniform(0, 80, (90, 2))
    frame = gpd.GeoDataFrame(
        {"homes": rng.integers(20, 200, 90)}, geometry=gpd.points_from_xy(*places.T), crs="EPSG:4546"
    )
    pairs = [(k, k + step) for k in range(90) for step in (1, 10) if k + step < 90 and (step == 10 or k % 10 < 9)]
    found = pianqu.bundle(frame, pianqu.Graph.from_pairs(pairs, frame), weight="homes", seconds=0.8, **asked)
    trace = found.trace
    assert len(trace) > 1
    for column in ("seconds", "cpu_seconds", "bound"):
        assert trace[column].dropna().is_monotonic_increasing
    assert trace["objective"].dropna().is_monotonic_decreasing
    assert not (trace["bound"] > trace["objective"] + 1e-6).any()
    last = trace.iloc[-1]
    assert last[["objective", "bound"]].tolist() == pytest.approx([found.objective, found.bound])


def test_where_arithmetic_answers_nothing_is_traced():
    frame = gpd.GeoDataFrame({"homes": [3, 4]}, geometry=gpd.points_from_xy([0, 9], [0, 0]), crs="EPSG:4546")
    graph = pianqu.Graph.from_pairs([(0, 1)], frame)
    found = pianqu.bundle(frame, graph, weight="homes", lower=8, upper=9, everyone=True, rounds=1)
    assert (found.status, len(found.trace)) == ("infeasible", 0)
