"""Households that every plan leaves over because of what companies may take on (R15)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from analysis.bundling.model.problem import Problem
from analysis.bundling.solve.certificate import Multipliers
from analysis.bundling.solver.subproblem import reachable_units, split_lead, split_whole


def company_bound(problem: Problem, on_multipliers: Callable[[Multipliers], None] = lambda _: None) -> int:
    """Households every plan leaves over because of R13 and R15; 0 in mode "whole".

    A linear programme over the city: parts of units go to anchors that reach them, so that most
    households are covered. In mode "mixed" only units that no area without an anchor can take are
    asked about. Streets that codes do not settle are not counted.
    """
    companies = problem.companies
    if companies is None or problem.rules.mode == "whole":
        return 0
    needs_anchor = problem.is_target.copy()
    if problem.rules.mode == "mixed":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            needs_anchor[part.units] = False
    alone = needs_anchor & problem.is_settled
    households, load, unit, anchor, places = [], [], [], [], []
    n_units = 0
    for part in split_lead(problem):
        inside = np.flatnonzero(reachable_units(part) & needs_anchor[part.units])
        alone[part.units[inside]] = False
        if not problem.is_settled[part.units].all():
            continue
        numbers = np.searchsorted(problem.anchors, part.units[part.anchors])
        k, i = np.nonzero(part.cost[:, inside] >= 0)
        unit.append(n_units + i)
        anchor.append(numbers[k])
        households.append(part.households[inside])
        load.append(part.load[inside])
        places.append(part.units[inside])
        n_units += len(inside)
    n_alone = int(problem.households[alone].sum())
    if not n_units:
        return n_alone
    row, column = np.concatenate(unit), np.concatenate(anchor)
    people, loads = np.concatenate(households), np.concatenate(load)
    held = np.flatnonzero(companies.of_anchor[column] >= 0)
    pairs = np.arange(len(row))
    rows = [
        coo_array((np.ones(len(row)), (row, pairs)), shape=(n_units, len(row))),
        coo_array((loads[row], (column, pairs)), shape=(len(problem.anchors), len(row))),
        coo_array((loads[row[held]], (companies.of_anchor[column[held]], held)), shape=(len(companies.ids), len(row))),
    ]
    limits = [np.ones(n_units), problem.capacity, companies.allowance + 1]
    found = linprog(  # type: ignore[call-overload]
        -people[row], A_ub=vstack(rows), b_ub=np.concatenate(limits), method="highs"
    )
    if not found.success:
        return n_alone
    covered = -float(found.fun)
    duals = -np.asarray(found.ineqlin.marginals)
    prices = np.where(alone, problem.households, 0).astype(float)
    prices[np.concatenate(places)] = people - duals[:n_units]
    rooms = duals[n_units + len(problem.anchors) :].tolist()
    on_multipliers(Multipliers(1.0, 0.0, prices, dict(zip(companies.ids.astype(str), rooms, strict=True))))
    return n_alone + max(0, int(np.ceil(people.sum() - covered * (1 + 1e-9) - 1e-6)))
