"""Little towns of mode "area", and an exhaustive search that shares no code with the solver."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import networkx as nx
import numpy as np

from tests.analysis.bundling.conftest import bounded, make_problem, with_companies


def mixed_town(seed):
    """A town of 5 to 9 units with whatever changes what an area may be: scope, one unit above the most, floor area."""
    n = (9, 6, 8, 5, 7, 6, 8, 5, 7, 6)[seed % 10]
    scope = "all" if seed % 4 == 3 else "targets"
    upper = 350 if seed % 7 == 2 else 900
    problem = area_town(seed, n=n, lower=150 if seed % 3 else 300, upper=upper, scope=scope)
    return bounded(problem, "floor_area=:50000") if seed % 5 == 1 else problem


def area_town(seed, *, n=7, lower=300, upper=900, reach_m=400.0, companies=True, scope="targets"):
    """A random town of targets, anchors and managed members, some walls, walks of straight lines."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 500, (n, 2))
    pairs = [(i, j) for i in range(n) for j in range(i) if np.hypot(*(xy[i] - xy[j])) < 280]
    kind = rng.choice(["target", "anchor", "member"], n, p=[0.5, 0.3, 0.2])
    anchors = np.flatnonzero(kind == "anchor")
    households = rng.integers(40, 400, n)
    problem = make_problem(
        [pair for pair in pairs if rng.random() < 0.9],
        households,
        xy=xy,
        wall=rng.integers(0, 2, n) if rng.random() < 0.3 else None,
        anchors=anchors,
        capacity=households[anchors] * 80 * 2 // 3,
        mode="area",
        scope=scope,
        capacity_ratio=2 / 3,
        lower=lower,
        upper=upper,
        reach_m=reach_m,
        radius_m=350.0,
        preferred_members=(2, 4),
        preferred_floor_area_m2=(20_000, 60_000),
    )
    if companies and len(anchors) > 1 and rng.random() < 0.5:
        problem = with_companies(problem, rng.integers(-1, 2, len(anchors)), rng.integers(0, 40_000, 2))
    asks = kind == "target"
    is_target = asks | (scope == "all")
    return replace(problem, is_target=is_target, asks_leader=asks, is_old=rng.random(n) < 0.3)


@dataclass(frozen=True)
class Oracle:
    """A town as plain Python sees it."""

    problem: object

    @cached_property
    def graph(self):
        """Neighbours."""
        graph = nx.Graph()
        graph.add_nodes_from(range(self.problem.n_units))
        for i in range(self.problem.n_units):
            graph.add_edges_from((i, int(j)) for j in self.problem.indices[slice(*self.problem.indptr[i : i + 2])])
        return graph

    @cached_property
    def areas(self):
        """Medoid of every set of units that may be an area, leaders apart."""
        n = self.problem.n_units
        sets = (tuple(i for i in range(n) if mask >> i & 1) for mask in range(1, 2**n))
        return {members: self.medoid(members) for members in sets if self.may_be_area(members)}

    def may_be_area(self, members):
        """Whether some units may be an area, leaders apart."""
        problem, members = self.problem, list(members)
        floor = [bound for bound in problem.rules.bounds if bound.weight == "floor_area"]
        sizes = [(problem.weight, problem.rules.lower, problem.rules.upper)]
        sizes += [(problem.load, bound.lower, bound.upper) for bound in floor]
        for weight, least, most in sizes:
            total, largest = sum(weight[members]), max(weight[members])
            if total < least or total - (largest if largest > most else 0) > most:
                return False
        return any(problem.is_target[members]) and nx.is_connected(self.graph.subgraph(members))

    def medoid(self, members):
        """The member with the least household-metres from all, the first of equals."""
        people, cap = self.problem.households, self.problem.walk_cap
        cost = {i: sum(people[j] * self.walk(i, j, cap) for j in members) for i in members}
        return min(members, key=lambda i: (cost[i], i))

    def walk(self, i, j, missing):
        found = int(self.problem.walks[i, j])
        return 0 if i == j else found or missing

    def may_lead(self, anchor, unit):
        problem, k = self.problem, list(self.problem.anchors).index(anchor)
        near = self.walk(anchor, unit, 10**9) <= problem.rules.radius_m
        return bool(
            near and problem.asks_leader[unit] and problem.load[unit] <= min(problem.largest[k], problem.capacity[k])
        )

    def leadings(self, areas):
        """Every way to lead inside areas within R13 and R15, as leader by unit."""
        problem, anchors = self.problem, list(self.problem.anchors)
        choices = []
        for members in areas:
            for unit in members:
                if problem.asks_leader[unit]:
                    leads = [a for a in members if a in anchors and self.may_lead(a, unit)]
                    choices.append([(unit, a) for a in leads] + [(unit, None)])
        for chosen in product(*choices):
            leader = {unit: anchor for unit, anchor in chosen if anchor is not None}
            loads = {a: sum(problem.load[u] for u, b in leader.items() if a == b) for a in anchors}
            if any(loads[a] > problem.capacity[k] for k, a in enumerate(anchors)):
                continue
            if problem.companies is not None:
                of = problem.companies.of_anchor
                used = [sum(loads[a] for k, a in enumerate(anchors) if of[k] == c) for c in range(2)]
                if any(u > most for u, most in zip(used, problem.companies.allowance, strict=True)):
                    continue
            yield leader

    def plans(self):
        """Every plan: areas as lists of units, with a leader by unit."""
        for areas in self._partitions(tuple(range(self.problem.n_units))):
            medoids = [self.areas[tuple(members)] for members in areas]
            for leader in self.leadings(areas):
                if all(
                    unit in leader or self.walk(medoid, unit, 10**9) <= self.problem.rules.reach_m
                    for members, medoid in zip(areas, medoids, strict=True)
                    for unit in members
                ):
                    yield areas, medoids, leader

    def _partitions(self, units):
        """Every choice of disjoint sets that may be areas among some units, ascending."""
        if not units:
            yield []
            return
        first, rest = units[0], set(units[1:])
        yield from self._partitions(units[1:])
        for members in self.areas:
            if members[0] == first and rest.issuperset(members[1:]):
                for others in self._partitions(tuple(sorted(rest.difference(members)))):
                    yield [list(members), *others]

    def values(self, areas, medoids, leader):
        """Left over, unled, outside the preferred window, areas, household-metres."""
        problem, rules = self.problem, self.problem.rules
        inside = {unit: medoid for members, medoid in zip(areas, medoids, strict=True) for unit in members}
        left = sum(problem.households[i] for i in range(problem.n_units) if problem.is_target[i] and i not in inside)
        unled = sum(problem.households[i] for i in inside if problem.asks_leader[i] and i not in leader)
        windows = (rules.preferred_members, rules.preferred_floor_area_m2)
        sizes = [(len(members), sum(problem.load[members])) for members in areas]
        outside = sum(
            not all(least <= value <= most for (least, most), value in zip(windows, size, strict=True))
            for size in sizes
        )
        metres = sum(
            problem.households[i] * self.walk(leader.get(i, medoid), i, problem.walk_cap)
            for i, medoid in inside.items()
        )
        return tuple(int(value) for value in (left, unled, outside, len(areas), metres))
