"""One planning run: dataset and policy in, plan document out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from analysis.bundling.document.schema import plan_sha
from analysis.bundling.document.unmet_locks import add_unmet_locks
from analysis.bundling.document.write import COMMAND_LINE_AUTHOR, write_document
from analysis.bundling.evaluation.score import score
from analysis.bundling.explain.infeasibility import area_count_not_found, find_causes
from analysis.bundling.explain.relaxation_analysis import advice_document, analyse_relaxations
from analysis.bundling.explain.relaxations import find_relaxations
from analysis.bundling.led_areas.bounds import certify_led_areas, count_stuck_households
from analysis.bundling.led_areas.mend import repair_plan
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock, lock_documents
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem, build_problem
from analysis.bundling.model.score import Score
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.solve.baselines import Method, baseline_result, constrained_clustering, nearest_anchor
from analysis.bundling.solve.certify import certify_quickly
from analysis.bundling.solve.left_over_bounds import left_over_bound
from analysis.bundling.solve.result import Certificate, Result
from analysis.bundling.solve.with_locks import solve_with_locks
from analysis.bundling.solver.base.budget import Progress
from analysis.bundling.solver.base.compile_time import time_compiling
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.stop import Stop, StopAfter
from analysis.bundling.solver.base.work_log import ENDLESS, ClockRecord, TimeLimit, WorkLog
from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.verify import PlanChecker, verify_plan
from analysis.policy import Policy
from app.i18n import say
from app.jobs.cores import count_cores
from app.planning.options import PlanOptions
from app.planning.prepare import PreparedRun, prepare_run
from app.planning.rest import measure_rest
from app.planning.run_clock import RunClock
from app.workbench.policies import resolve_rules
from geo.adjacency.graph import AdjacencyGraph
from geo.admin.gazetteer import gazetteer_layers, street_names
from geo.errors import UsageError
from geo.storage.dataset import Dataset

AFTER_STOP_S = 2.0
"""Seconds that finding advice may still take once somebody wants the end."""


@dataclass(frozen=True)
class RunProgress:
    """What a running plan tells.

    Parameters
    ----------
    phase
        "preparing", "searching", or "explaining" once the plan is found.
    share
        Of the time or rounds, 0 to 1.
    seconds
        Since the search began.
    score
        The best so far; None before there is one.
    least_left_over
        Households that every plan leaves over; None before that is known.
    document
        Makes PLAN.json of the best so far; None before there is one.
    part
        Key of the proposal at work, where several are made; "" for one plan.
    """

    phase: Literal["preparing", "searching", "explaining"]
    share: float = 0.0
    seconds: float = 0.0
    score: Score | None = None
    least_left_over: int | None = None
    document: Callable[[], dict[str, Any]] | None = None
    part: str = ""

    def later(self, seconds: float) -> RunProgress:
        """The same so many seconds later."""
        if self.phase == "preparing":
            return self
        return replace(self, seconds=self.seconds + seconds)


@dataclass(frozen=True, eq=False)
class CheckedPlan:
    """A plan with what the independent check found.

    Parameters
    ----------
    document
        PLAN.json.
    found
        Of the check.
    """

    document: dict[str, Any]
    found: Verification


def make_plan(
    folder: Path,
    policy: Policy,
    options: PlanOptions,
    *,
    on_progress: Callable[[RunProgress], None] | None = None,
    when: Callable[[], bool] | None = None,
    clock: RunClock | None = None,
) -> dict[str, Any]:
    """Propose areas for a dataset; its graph is rebuilt first when missing or stale.

    Parameters
    ----------
    folder
        Dataset folder.
    options
        With `rounds`, no `seconds` and no `gap` the same bytes come out every time (times aside).
    on_progress
        Told how far it is, at least twice a second from beginning to end; from several threads, one
        at a time.
    when
        Asked again and again: whether to end now with the best so far. What a plan advises has
        `AFTER_STOP_S` seconds more.
    clock
        Running since the planner began to wait; None = since now. The seconds are all that is done, compiling
        aside: reading, the graph, the search with its bounds, the advice.

    Returns
    -------
    The plan document (docs/site/en/files.md).

    Raises
    ------
    PlanningError
        If the folder is no dataset or the options contradict each other.
    """
    clock = clock or RunClock()
    with _running(clock, on_progress) as tell:
        made = prepare_run(folder, policy, options, clock)
        return _make(made, policy, options, tell, when, clock, None)


def make_checked_plan(
    folder: Path,
    policy: Policy,
    options: PlanOptions,
    *,
    judge: Policy,
    on_progress: Callable[[RunProgress], None] | None = None,
    when: Callable[[], bool] | None = None,
    clock: RunClock | None = None,
) -> CheckedPlan:
    """As :func:`make_plan`, and the plan is checked within the same seconds.

    How long the check takes is measured before the search, on the first areas of a few parts.

    Parameters
    ----------
    folder, policy, options, on_progress, when, clock
        As there.
    judge
        The policy in force for the dataset, by which the plan is checked.

    Raises
    ------
    PlanningError
        As there.
    """
    clock = clock or RunClock()
    with _running(clock, on_progress) as tell:
        made = prepare_run(folder, policy, options, clock)
        checker = PlanChecker(made.dataset, judge)
        document = _make(made, policy, options, tell, when, clock, checker)
        with clock.count_phase("check"):
            found = checker.check(document)
        if clock.asked is not None:
            document["work"]["spent"] = clock.record
        return CheckedPlan(document, found)


@contextmanager
def _running(
    clock: RunClock, on_progress: Callable[[RunProgress], None] | None
) -> Iterator[Callable[[RunProgress], None]]:
    """Progress is told meanwhile, and what is compiled is left out of the clock."""
    with (
        heartbeat(on_progress, RunProgress("preparing")) as tell,
        time_compiling() as timer,
        clock.leave_out(lambda: timer.seconds),
    ):
        yield tell or (lambda _: None)


def _make(
    made: PreparedRun,
    policy: Policy,
    options: PlanOptions,
    tell: Callable[[RunProgress], None],
    when: Callable[[], bool] | None,
    clock: RunClock,
    checker: PlanChecker | None,
) -> dict[str, Any]:
    """The plan document; see `make_plan`. What follows the search is measured where somebody checks it."""
    dataset, problem, locks = made.dataset, made.problem, made.locks
    by = options.by.strip() or COMMAND_LINE_AUTHOR
    if options.method in ("nearest_anchor", "constrained_clustering"):
        return _baseline(dataset, problem, policy, options.method, by)
    seconds, document_s = options.seconds, 0.0
    if seconds is None and options.rounds is None:
        seconds = float(policy.value("search.seconds"))
    if options.clock is None and seconds is not None:
        clock.asked = seconds
        if checker is not None:
            with clock.count_phase("measuring"):
                rest = measure_rest(problem, dataset, policy, checker, by=by)
            document_s, clock.rest_s = rest.document_s, rest.check_s
        seconds = clock.allot_search(document_s)
    stop = StopAfter(seconds=seconds, rounds=options.rounds, when=when, gap=options.gap, clock=options.clock)
    log = WorkLog(options.clock, stop.is_asked)
    with clock.count_phase("search"):
        result = _search(made, policy, options, stop, log, tell, by)
    tell(RunProgress("explaining", 1.0, result.seconds, result.score, result.bound.left_over_households))
    with clock.count_phase("document"):
        placed = index_locks(problem, locks)
        document = write_document(problem, result, dataset, policy, placed, by=by)
    if options.method == "least_change":
        document["method"] = options.method
    with clock.count_phase("advice"):
        goes_on = _advice_limit(clock, stop, log)
        advice = _advice(dataset, made.graph, problem, result.plan, locks, goes_on)
    units = dataset.layer("units")
    names = dict(zip(units["unit_id"].astype(str), units["name"].fillna(""), strict=True))
    document = add_unmet_locks(document, locks, placed, names)
    document["notes"] += _other_policy(dataset, policy)
    empty = verify_plan(dataset, document, policy).no_area if not document["areas"] else None
    if empty is not None:
        document["notes"].append({"rule": "no_area", **say("planning.no_area", why=empty)._asdict()})
    work = describe_work(options, replace(result, clock=log.record), made.start)
    if clock.asked is not None:
        work["spent"] = clock.record
    return {**document, "locks": lock_documents(locks), "advice": advice, "work": work}


def _search(
    made: PreparedRun,
    policy: Policy,
    options: PlanOptions,
    stop: StopAfter,
    log: WorkLog,
    tell: Callable[[RunProgress], None],
    by: str,
) -> Result:
    """The best plan that the way of planning finds within its budget, and its bounds."""
    problem = made.problem
    if options.method == "least_change":
        return _least_change(problem, made.begun, made.locks, stop, log)
    least = count_stuck_households(problem) if problem.rules.mode == "area" else left_over_bound(problem)

    def told(progress: Progress) -> None:
        if not progress.part:
            return
        share = progress.seconds / stop.seconds if stop.seconds else progress.part / progress.n_parts
        plan_of = progress.plan
        tell(
            RunProgress(
                "searching",
                min(share, 1.0),
                progress.seconds,
                progress.score,
                least,
                None
                if plan_of is None
                else lambda: write_document(
                    problem, _so_far(problem, plan_of(), least, options.seed, progress), made.dataset, policy, by=by
                ),
            )
        )

    workers, seed, start = options.workers or count_cores(), options.seed, made.begun
    if problem.rules.mode == "area":
        placed = index_locks(problem, made.locks)
        return solve_led_areas(
            problem, placed, start=start, seed=seed, stop=stop, on_progress=told, workers=workers, log=log
        )
    return solve_with_locks(
        problem, made.locks, start=start, seed=seed, stop=stop, on_progress=told, workers=workers, log=log
    )


def describe_work(options: PlanOptions, result: Result, start: Mapping[str, Any] | None) -> dict[str, Any]:
    """How a plan was made, so that it can be made again: choices, budget, what it began with.

    Parameters
    ----------
    options
        As asked for.
    result
        With the rounds of all parts together, and why it ended.
    start
        The plan it began with; None = none.
    """
    return {
        "options": options.record,
        "rounds": options.rounds,
        "gap": options.gap,
        "rounds_done": int(result.rounds),
        "why_stopped": result.why_stopped,
        "start_sha256": None if start is None else plan_sha(start),
        **(_record_clock(result.clock) if result.clock or options.rounds is None else {}),
    }


def _record_clock(clock: ClockRecord) -> dict[str, Any]:
    return {"clock": [[[*steps] for steps in one] for one in clock.steps], "ended": [[*one] for one in clock.ended]}


def _other_policy(dataset: Dataset, policy: Policy) -> list[dict[str, Any]]:
    """A note where the plan is made under another policy than the dataset is kept by."""
    own = resolve_rules(dataset).policy
    if own.sha256 == policy.sha256:
        return []
    note = say("planning.other_policy", name=policy.name, sha=policy.sha256[:12], own=own.name, own_sha=own.sha256[:12])
    return [{"rule": "policy", **note._asdict()}]


def _advice_limit(clock: RunClock, stop: Stop, log: WorkLog) -> TimeLimit:
    """Until the seconds are over but for the check, or it is not long ago that somebody was found to want the end."""
    end, asked = clock.find_advice_end(), float("inf")

    def seconds_left() -> float:
        nonlocal asked
        now = clock.seconds
        if stop.is_asked():
            asked = min(asked, now + AFTER_STOP_S)
        return min(end, asked) - now

    return log.limit(0, seconds_left, ends_when_asked=False)


def _so_far(problem: Problem, plan: Plan, least: int, seed: int, progress: Progress) -> Result:
    """A plan of a running search as a result; its bound is that of the households left over alone."""
    return Result(
        plan=plan,
        score=score(problem, plan),
        bound=Certificate(least, None),
        status="feasible" if plan.n_areas else "infeasible",
        seed=seed,
        seconds=progress.seconds,
        rounds=progress.rounds,
        why_stopped="asked",
    )


def _least_change(problem: Problem, at_hand: Plan | None, locks: Sequence[Lock], stop: Stop, log: WorkLog) -> Result:
    """The plan at hand with the smallest change that keeps rules and locks."""
    if at_hand is None:
        raise UsageError(*say("planning.no_start"))
    seconds = math.inf if stop.seconds is None else stop.seconds
    limit = ENDLESS if stop.seconds is None else log.limit(0, lambda: seconds - log.seconds)
    found = repair_plan(problem, at_hand, index_locks(problem, locks), effort=SolveLimits(has_time=limit))
    quick = log.limit(0, lambda: (1 + POLICIES["plan"].quick_bounds) * seconds - log.seconds)
    plan = found.plan.without_empty_areas()
    return Result(
        plan=plan,
        score=score(problem, plan),
        bound=certify_led_areas(problem, plan)
        if problem.rules.mode == "area"
        else certify_quickly(problem, plan, has_time=quick),
        status="feasible" if plan.n_areas else "infeasible",
        seed=0,
        seconds=log.seconds,
        rounds=0,
        why_stopped="searched out",
        clock=log.record,
    )


def _advice(
    dataset: Dataset,
    graph: AdjacencyGraph,
    problem: Problem,
    plan: Plan,
    locks: Sequence[Lock],
    goes_on: Callable[[], bool],
) -> list[dict[str, Any]]:
    """Why units are left over, and what relaxing which rule would bring."""
    units = dataset.layer("units")
    known = units.dropna(subset=["street_code"])

    def rebuilt(**changes: Any) -> Problem:
        rules = replace(problem.rules, **changes)
        return exclude_locked_out(build_problem(dataset, graph, rules), locks)

    why = () if problem.rules.mode == "area" else find_causes(problem)
    relaxations = find_relaxations(
        problem,
        plan,
        graph.pairs,
        street_names(gazetteer_layers(dataset)),
        dict(zip(known["unit_id"].astype(str), known["street_code"].astype(str), strict=True)),
        rebuilt,
    )
    if problem.rules.areas not in (None, plan.n_areas):  # no plan: what else may be, none can tell
        relaxations = tuple(one for one in relaxations if one.what["kind"] == "areas")
        if not any(cause.kind == "areas" for cause in why):
            why = (area_count_not_found(problem), *why)
    found = analyse_relaxations(problem, plan, relaxations, locks, goes_on=goes_on)
    return advice_document(found, why)


def _baseline(dataset: Dataset, problem: Problem, policy: Policy, method: Method, by: str) -> dict[str, Any]:
    """What a usual tool would give, with the rules it breaks counted by `verify`."""
    if method == "nearest_anchor":
        plan = nearest_anchor(problem)
    else:
        units = dataset.layer("units").set_index("unit_id")
        chosen = units.geometry.reindex(problem.unit_ids).representative_point()
        plan = constrained_clustering(problem, np.column_stack([chosen.x, chosen.y]))
    document = write_document(problem, baseline_result(problem, plan), dataset, policy, by=by)
    document["method"] = method
    broken = Counter(one.rule for one in verify_plan(dataset, document, policy).violations)
    return {**document, "status": "infeasible" if broken else "feasible", "violations": dict(sorted(broken.items()))}
