"""Plans of a drawn street as documents."""

from analysis.bundling.document.write import write_document
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.policy import read_policy

POLICY = read_policy()


def planned(dataset, graph, **options):
    problem = build_problem(dataset, graph, rules_from_policy(POLICY, **{"mode": "mixed", **options}))
    result = solve(problem, stop=StopAfter(rounds=1))
    return write_document(problem, result, dataset, POLICY)
