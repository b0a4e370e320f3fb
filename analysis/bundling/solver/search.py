"""The search of one subproblem: simulated annealing, then large neighbourhood search."""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
from numba.core import config
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

from analysis.bundling.model.score import PEOPLE_FIRST, Objective
from analysis.bundling.solver import kernels, neighbourhoods
from analysis.bundling.solver.annealing import anneal_whole
from analysis.bundling.solver.base.bound_limits import step_budget
from analysis.bundling.solver.base.budget import BudgetShare, MapFunction
from analysis.bundling.solver.base.subproblem import Measure, Stage, Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.columns import pricing_problem
from analysis.bundling.solver.exact.columns.rank_one_cuts import separate_rank_one
from analysis.bundling.solver.exact.diagram.cut_edges import prove_cut_edges
from analysis.bundling.solver.exact.listed_areas import MOST_SETS_UNTIMED, list_levels, solve_by_listing
from analysis.bundling.solver.exact.subproblem_bound import bound_subproblem
from analysis.bundling.solver.lns import large_neighbourhood_search
from analysis.bundling.solver.partition_search import search_partition
from analysis.bundling.solver.solution_pool import AnchorArea


def improve_subproblem(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    *,
    each: MapFunction = map,
    has_time: TimeLimit = ENDLESS,
    met: list[AnchorArea] | None = None,
) -> np.ndarray:
    """Better labels than those given, or the same.

    Annealing: in each cycle the temperature falls and the prices of what must not remain (weight
    outside the bounds, load above capacity) rise geometrically, so that a longer search is a
    calmer one (Kirkpatrick, Gelatt & Vecchi 1983); see `CoolingSchedule` for the number of cycles. Areas
    that still break a bound in the best labels are taken apart, never returned.

    Small led areas are annealed many times, briefly, and the best choice of all areas met is taken
    (`solution_pool.SolutionPool`). Led areas are then improved by large-neighbourhood search (Shaw 1998): a
    group of areas that lie together is solved exactly, over and over; when that brings nothing any
    more, annealing begins anew. Whole areas of a small part are listed, and the best choice of them is
    taken; those of larger ones are annealed, and the best choice of all areas met is taken (`partition_search`).

    Parameters
    ----------
    part
        What is given.
    labels
        (n,) int: a sound start, see `construct`.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        See `BudgetShare`.
    each
        `map`, or what does the same several at a time.
    has_time
        For the whole search; endless where no clock is read.
    met
        Small led areas that the search met are added to it; None = nobody asks.

    Returns
    -------
    (n,) int64 labels, −1 = left over.
    """
    if part.stage == "whole":
        best = _best_of_all(part, objective)
        if best is not None:
            spent(1, best)
            return best
        return search_partition(part, labels, objective, rng, spent, has_time, [] if met is None else met)
    return large_neighbourhood_search(part, labels, objective, rng, spent, each, has_time, [] if met is None else met)


def _best_of_all(part: Subproblem, objective: Objective) -> np.ndarray | None:
    """Labels that none are better than; None where the part has too many areas to list them."""
    area = float(objective.area_m)
    if objective.left_over_m is None:
        found = list_levels(part, area)
    else:
        price, most = float(objective.left_over_m), MOST_SETS_UNTIMED
        found = solve_by_listing(part, left_over=price, area=area, has_time=ENDLESS, most_sets=most)
    return found.labels if found is not None and found.is_proven else None


def compile_kernels(stages: tuple[Stage, ...], *, is_bounded: bool = False, measure: Measure = "walk") -> None:
    """Have the kernels of the stages ready, so that no search pays for compiling them.

    The first use on a machine takes some seconds, later ones read numba's cache. `is_bounded`:
    further weights of whole areas are bounded, which is other code (`kernels.extra_weights`).

    Parameters
    ----------
    stages
        "lead", "whole" or both.
    is_bounded
        Whether further weights of areas are bounded.
    measure
        Of whole areas: edges that are cut are bounded by further kernels.
    """
    for stage in stages:
        part, labels = _smallest(stage, is_bounded), np.zeros(2, dtype=np.int64)
        if stage == "lead":
            neighbourhoods.compile_kernels(part)
            pricing_problem.compile_kernels(part)
        search = anneal_whole if stage == "whole" else improve_subproblem
        search(part, labels, PEOPLE_FIRST, np.random.default_rng(0), lambda n, _: float(n))
        bound_subproblem(part, labels, left_over=1.0, area=0.0, aim=1.0, limits=step_budget(0)(1.0))
    if measure == "cut":
        apart = np.arange(2, dtype=np.int64)  # a worse plan than there is, so that the whole way is gone
        prove_cut_edges(replace(_smallest("whole", False), measure="cut"), apart, ENDLESS)
    separate_rank_one([np.zeros(1, dtype=np.int64)], np.ones(1), 2)


def count_compiled() -> tuple[int, int]:
    """How many functions of today's kernels are compiled and kept on this machine, and how many there are."""
    modules = [import_module(f"{kernels.__name__}.{one.name}") for one in pkgutil.iter_modules(kernels.__path__)]
    codes = {
        one.py_func.__code__
        for module in modules
        for one in vars(module).values()
        if isinstance(one, Dispatcher) and isinstance(getattr(one, "_cache", None), FunctionCache)
    }
    named = {f"{Path(code.co_filename).stem}.{code.co_qualname}-{code.co_firstlineno}" for code in codes}
    kept = {path.name.rsplit(".", 2)[0] for path in Path(str(vars(config)["CACHE_DIR"])).rglob("*.nbi")}
    return len(named & kept), len(named)


def _smallest(stage: Stage, is_bounded: bool) -> Subproblem:
    """Two neighbours, the first of them an anchor in stage "lead"."""
    ones = np.ones(2, dtype=np.int64)
    anchors = np.zeros(1 if stage == "lead" else 0, dtype=np.int64)
    part = Subproblem(
        stage=stage,
        units=np.arange(2),
        indptr=np.array([0, 1, 2], dtype=np.int64),
        indices=np.array([1, 0]),
        households=ones,
        weight=ones,
        load=ones,
        metres=np.array([[0, 1], [1, 0]], dtype=np.int32),
        cost=np.array([[-1, 1]], dtype=np.int64)[: len(anchors)],
        anchors=anchors,
        capacity=np.ones(len(anchors), dtype=np.int64),
        lower=1,
        upper=2,
        opening=np.zeros(len(anchors), dtype=np.int64),
        walkers=ones,
    )
    if not is_bounded or stage == "lead":
        return part
    return replace(part, more_weight=ones[None, :], more_lower=ones[:1], more_upper=2 * ones[:1])
