"""What usual tools would give: nearest anchor, and clustering held to neighbours; for comparison only."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from analysis.bundling.evaluation.score import score
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from analysis.bundling.solve.result import Certificate, Result
from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

Method = Literal["search", "nearest_anchor", "constrained_clustering"]


def nearest_anchor(problem: Problem) -> Plan:
    """Every target goes to the anchor it walks least to, whatever capacity, size or connection say.

    Targets that know no walk to an anchor are left over; of equally near anchors the first one.

    Raises
    ------
    UsageError
        If no unit may lead.
    """
    if not len(problem.anchors):
        raise UsageError(*say("nearest.no_anchor"))
    walk = problem.walks[problem.anchors].toarray().astype(float)
    walk[walk == 0] = np.inf
    nearest = walk.argmin(axis=0)
    reached = problem.is_target & np.isfinite(walk.min(axis=0))
    used = np.unique(nearest[reached])
    area_of = np.full(problem.n_units, LEFT_OVER)
    area_of[reached] = np.searchsorted(used, nearest[reached])
    area_of[problem.anchors[used]] = np.arange(len(used))
    return Plan(area_of, problem.anchors[used])


def constrained_clustering(problem: Problem, places: np.ndarray) -> Plan:
    """Ward clustering of scikit-learn, held to neighbours, street by street.

    Each street gets as many clusters as the weight that asks for most, each taken midway between
    its bounds, or at its least where no most is set. The method knows no bounds, and joins what is
    not connected by itself.

    Parameters
    ----------
    places
        (n, 2) metres: a point of each unit.
    """
    from sklearn.cluster import AgglomerativeClustering  # takes a second to import

    links = problem.adjacency.matrix
    area_of = np.full(problem.n_units, LEFT_OVER)
    n_areas = 0
    for wall in np.unique(problem.jurisdiction[problem.is_target]):
        units = np.flatnonzero(problem.is_target & (problem.jurisdiction == wall))
        asked = max(_usual_number(size, units) for size in problem.sizes)
        k = int(np.clip(asked, 1, len(units)))
        labels = np.zeros(len(units), dtype=np.int64)
        if k > 1:
            tool = AgglomerativeClustering(n_clusters=k, connectivity=links[units][:, units])
            with warnings.catch_warnings():  # it says that it joins what is not connected
                warnings.simplefilter("ignore", UserWarning)
                labels = tool.fit_predict(places[units])
        area_of[units] = n_areas + labels
        n_areas += k
    return Plan(area_of, np.full(n_areas, -1, dtype=np.int64))


def _usual_number(size: Size, units: np.ndarray) -> int:
    """Areas of some units, were each midway between the bounds of one weight; 0 without bounds."""
    usual = size.lower if size.upper is None else (size.lower + size.upper) / 2
    return round(size.weight[units].sum() / usual) if usual else 0


def baseline_result(problem: Problem, plan: Plan) -> Result:
    """A baseline's plan as a result: no bound, nothing searched, and not feasible until verified.

    Parameters
    ----------
    problem
        The problem.
    plan
        The baseline's plan.
    """
    return Result(
        plan=plan,
        score=score(problem, plan),
        bound=Certificate(None, None),
        status="infeasible",
        seed=0,
        seconds=0.0,
        rounds=0,
        why_stopped="nothing to search",
    )
