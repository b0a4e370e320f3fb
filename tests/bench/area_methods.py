"""Ways to plan areas beside each other: `python -m tests.bench.area_methods DATASET [--rounds N]` prints a table.

Mode `area`, mode `mixed`, the two baselines of the command line and, where it can be imported, spopt's max-p (Duque,
Anselin & Rey 2012), all measured by the same functions and judged by the independent check. Ways that know no leaders
(mode `whole`, clustering, max-p) are given the best leaders inside their areas, and judged as plans of mode `area`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from analysis.bundling.document.write import write_document
from analysis.bundling.led_areas.leaders import assign_leaders
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem, build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.baselines import baseline_result
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import Policy
from analysis.studies.proposal_figures import measure_proposal
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from app.workbench.policies import resolve_folder_rules
from geo.adjacency.graph import refresh_graph
from geo.storage.dataset import open_dataset

COLUMNS = (
    ("areas", "areas"),
    ("areas_inside_window", "inside 1,000–4,000 and 3–12"),
    ("areas_of_two_or_fewer", "of two or fewer"),
    ("households_led", "led"),
    ("households_unled", "in an area, no leader"),
    ("households_left_over", "in no area"),
    ("walk_mean_m", "walk, mean m"),
    ("walk_p90_m", "walk, 90 % m"),
    ("posts_saved", "posts saved"),
)


def plans(folder: Path, policy: Policy, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and document of each way to plan."""
    whole = {"mode": "whole", "scope": "all"}
    ways: dict[str, dict[str, Any]] = {
        "mode `area`": {"mode": "area"},
        "mode `mixed`": {"mode": "mixed"},
        "nearest anchor": {"mode": "lead", "method": "nearest_anchor"},
        "mode `whole`, all units, then leaders": whole,
        "connectivity-constrained clustering (scikit-learn), then leaders": {
            **whole,
            "method": "constrained_clustering",
        },
    }
    for name, options in ways.items():
        made = make_plan(folder, policy, PlanOptions(rounds=rounds, **options))
        yield name, lead_inside(folder, policy, made) if options["mode"] == "whole" else made
    regions = find_max_p()
    if regions is not None:
        yield "max-p (spopt), then leaders", lead_inside(folder, policy, max_p_document(folder, policy, regions))


def lead_inside(folder: Path, policy: Policy, made: dict[str, Any]) -> dict[str, Any]:
    """The areas of a document in which somebody asks for one, with the best leaders inside: a plan of mode `area`."""
    dataset = open_dataset(folder)
    rules = rules_from_policy(policy, mode="area")
    dataset, graph = refresh_graph(dataset, policy.neighbour_rules(within=rules.within))
    problem = build_problem(dataset, graph, rules)
    place = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    area_of, n_areas = np.full(problem.n_units, -1), 0
    for area in made["areas"]:
        units = np.array([place[unit] for unit in area["unit_ids"] if unit in place], dtype=np.int64)
        if problem.is_target[units].any():
            area_of[units] = n_areas
            n_areas += 1
    plan = Plan(area_of, np.full(n_areas, -1)).assign_leaders(assign_leaders(problem, area_of))
    return write_document(problem, baseline_result(problem, plan), dataset, policy)


def find_max_p() -> Callable[..., Any] | None:
    """spopt's max-p heuristic; None where it is not installed."""
    try:
        from spopt.region import MaxPHeuristic  # type: ignore[import-not-found]
    except ImportError:
        return None
    return MaxPHeuristic  # type: ignore[no-any-return]


def max_p_document(folder: Path, policy: Policy, regions: Callable[..., Any]) -> dict[str, Any]:
    """All units in regions of at least the least households; it knows no most, and takes no seed."""
    dataset = open_dataset(folder)
    rules = rules_from_policy(policy, mode="whole", scope="all")
    dataset, graph = refresh_graph(dataset, policy.neighbour_rules(within=rules.within))
    problem = build_problem(dataset, graph, rules)
    plan = max_p_plan(problem, dataset.layer("units"), regions)
    return write_document(problem, baseline_result(problem, plan), dataset, policy)


def max_p_plan(problem: Problem, units: Any, regions: Callable[..., Any]) -> Plan:
    """Regions of each component of neighbours."""
    from libpysal.weights import W  # type: ignore[import-not-found]

    area_of, n_areas = np.full(problem.n_units, -1), 0
    places = units.set_index("unit_id").loc[problem.unit_ids.astype(str)]
    for members in problem.adjacency.pieces(range(problem.n_units)):
        if problem.households[members].sum() < problem.rules.lower or len(members) < 2:
            continue
        at = {unit: k for k, unit in enumerate(members)}
        frame = places.iloc[members].reset_index(drop=True)
        centre = frame.geometry.centroid
        frame = frame.assign(x=centre.x, y=centre.y, people=problem.households[members])
        near = W(
            {k: [at[j] for j in problem.adjacency.row(unit).tolist()] for unit, k in at.items()}, silence_warnings=True
        )
        model = regions(frame, near, ["x", "y"], "people", int(problem.rules.lower), top_n=2)
        model.solve()
        labels = np.asarray(model.labels_) - min(model.labels_)
        area_of[members] = n_areas + labels
        n_areas += int(labels.max()) + 1
    return Plan(area_of, np.full(n_areas, -1)).without_empty_areas()


def main() -> None:
    """Print the table; what is broken is counted once an area and rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    policy = resolve_folder_rules(asked.folder, None).policy
    _tell("| way | rules broken | " + " | ".join(title for _, title in COLUMNS) + " | coverage after |")
    _tell("|---" * (len(COLUMNS) + 3) + "|")
    for name, document in plans(asked.folder, policy, asked.rounds):
        dataset = open_dataset(asked.folder)
        found = verify_plan(dataset, document, policy)
        figures = measure_proposal(dataset, document, policy)
        after = next(
            row["value"]
            for row in figures["coverage"]
            if (row["moment"], row["basis"], row["roster"]) == ("after", "count", "current")
        )
        values = [figures[key] for key, _ in COLUMNS]
        shown = ["–" if value is None else f"{value:,}" for value in values]
        broken = len({(one.rule, one.area_id) for one in found.violations})
        _tell(f"| {name} | {broken} | " + " | ".join(shown) + f" | {after:.2%} |")


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
