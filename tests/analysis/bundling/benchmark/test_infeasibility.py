"""Where sums of weights prove nothing, listing every area of a small group does."""

from dataclasses import replace

import numpy as np

from analysis.bundling.benchmark.infeasibility import prove_infeasible
from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.benchmark.solve import solve_instance
from analysis.bundling.solver.base.stop import StopAfter

STAR = Instance(
    problem=2,
    xy=np.array([[0.0, 0], [100, 0], [0, 100], [-100, 0]]),
    weight=np.full(4, 10),
    edges=np.array([[0, 1], [0, 2], [0, 3]]),
    edge_m=np.full(3, 100),
    street=np.zeros(4, dtype=np.int64),
    leads=np.zeros(0, dtype=np.int64),
    capacity=np.zeros(0, dtype=np.int64),
    lower=20,
    upper=20,
)


def test_a_star_falls_into_no_pairs():
    """Sums allow two areas of two units; but every pair needs the middle."""
    (cause,) = prove_infeasible(STAR)
    assert (cause.kind, cause.units) == ("no_partition", ("0", "1", "2", "3"))
    assert "20" in cause.sentence.zh
    assert solve_instance(STAR, stop=StopAfter(rounds=2)).status == "infeasible"


def test_names_stand_for_positions_where_there_are_some():
    (cause,) = prove_infeasible(replace(STAR, names=np.array(["middle", "east", "north", "west"])))
    assert "middle" in cause.sentence.en


def test_what_can_be_is_not_refused():
    line = replace(STAR, edges=np.array([[0, 1], [1, 2], [2, 3]]))
    assert prove_infeasible(line) == ()
