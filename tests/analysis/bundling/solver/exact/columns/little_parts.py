"""Little parts, all their areas and plans, and duals of any kind."""

from itertools import combinations, product

import networkx as nx
import numpy as np

from analysis.bundling.solver.base.subproblem import split_lead
from analysis.bundling.solver.exact.columns.pricing_problem import Duals
from analysis.bundling.solver.exact.columns.rank_one_cuts import MULTIPLIERS, RankOneCut

LEFT = 900


def little_parts(random_town, seed, n=10):
    town = random_town(seed, n=n, mode="lead", n_walls=1, anchor_share=0.3, lower=300, upper=900)
    return split_lead(town)


def all_areas(part, j):
    """Units of every area anchor j may lead, by trying all."""
    graph = nx.Graph()
    graph.add_nodes_from(range(part.n_units))
    row = np.repeat(np.arange(part.n_units), np.diff(part.indptr))
    graph.add_edges_from(zip(row.tolist(), part.indices.tolist(), strict=True))
    may = np.flatnonzero(part.cost[j] >= 0).tolist()
    for count in range(1, len(may) + 1):
        for units in combinations(may, count):
            if part.load[list(units)].sum() <= part.capacity[j] and nx.is_connected(
                graph.subgraph([int(part.anchors[j]), *units])
            ):
                yield units


def priced(market, rng, part):
    """Duals of either sign, and cuts over three to five units."""
    prices = rng.normal(100, 200, part.n_units) * part.households
    kinds = [((1, 1, 1), 2), *MULTIPLIERS]
    cuts = [
        RankOneCut(tuple(rng.choice(market.units, len(numerators), replace=False).tolist()), numerators, denominator)
        for numerators, denominator in (kinds[k] for k in rng.integers(len(kinds), size=6))
        if len(market.units) >= len(numerators)
    ]
    return cuts, Duals(prices, rng.uniform(0, 20_000, len(cuts)))


def counted(cut, units):
    """How often an area counts in a cut."""
    amounts = dict(zip(cut.units, cut.numerators, strict=True))
    return sum(amounts.get(unit, 0) for unit in set(units)) // cut.denominator


def worth_of(market, j, units, cuts, duals):
    prices = np.minimum(duals.prices, market.penalty)
    fines = [fine * counted(cut, units) for fine, cut in zip(duals.cut_duals, cuts, strict=True)]
    return prices[list(units)].sum() - market.area(j, np.array(units)).cost - sum(fines)


def areas_worth(market, j, cuts, duals):
    """Every area that anchor j may lead within the limits, with what it is worth."""
    part, limits = market.part, market.limits
    return {
        tuple(sorted(units)): worth_of(market, j, units, cuts, duals) + duals.of_area
        for units in all_areas(part, j)
        if part.load[list(units)].sum() >= limits.least
    }


def all_plans(part, market):
    """The areas of every plan of a part, by trying all."""
    choices = [[(), *all_areas(part, j)] for j in range(len(part.anchors))]
    for areas in product(*choices):
        if sum(map(len, areas)) == len(set().union(*areas)):
            chosen = [market.area(j, np.array(units)) for j, units in enumerate(areas) if units]
            yield areas, market.cost_of(chosen)
