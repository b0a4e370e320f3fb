"""Leaders inside given areas, against every way to lead."""

import numpy as np

from analysis.bundling.led_areas.leaders import assign_leaders, find_pairs
from analysis.bundling.locks.index import IndexedLocks
from tests.analysis.bundling.led_areas.towns import Oracle, area_town


def test_most_households_are_led_and_then_walks_are_shortest():
    for seed in range(12):
        problem = area_town(seed, n=8)
        area_of = problem.jurisdiction.copy()
        areas = [np.flatnonzero(area_of == k).tolist() for k in np.unique(area_of)]
        oracle = Oracle(problem)

        def key(leader, problem=problem, oracle=oracle):
            led = sum(problem.households[unit] for unit in leader)
            metres = sum(problem.households[u] * oracle.walk(a, u, 0) for u, a in leader.items())
            return -int(led), int(metres)

        leader_of = assign_leaders(problem, area_of)
        mine = {int(u): int(leader_of[u]) for u in np.flatnonzero(leader_of >= 0)}
        assert key(mine) == min(map(key, oracle.leadings(areas)))


def test_pairs_are_inside_a_group_and_allowed():
    problem = area_town(4, n=12)
    group = np.arange(12) % 2
    pairs, oracle = find_pairs(problem, group), Oracle(problem)
    found = set(zip(pairs.unit.tolist(), problem.anchors[pairs.anchor].tolist(), strict=True))
    assert found == {
        (u, int(a)) for u in range(12) for a in problem.anchors if group[u] == group[a] and oracle.may_lead(int(a), u)
    }


def test_who_leads_nobody_leads_nobody():
    problem = area_town(4, n=12)
    locks = IndexedLocks(leads_nobody=frozenset(problem.anchors.tolist()))
    assert not len(find_pairs(problem, np.zeros(12, dtype=np.int64), locks).unit)
