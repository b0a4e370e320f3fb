"""The bare solver on a benchmark file: read the instance, solve it, write the assignment."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from analysis.bundling.benchmark.instance import Instance, parse_instance
from analysis.bundling.benchmark.levels import StreetBound
from analysis.bundling.benchmark.solve import Assignment
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.solver.base.budget import Progress
from analysis.bundling.solver.base.stop import StopAfter
from app.i18n import say
from geo.errors import PlanningError
from geo.messages import Line, Sentence
from geo.storage.atomic_files import atomic_write
from pianqu.solving import solve, tabulate_trace

MOST_CAUSES = 8
"""Causes that are stated; the file has all."""


class UnreadableInstanceError(PlanningError, OSError):
    """A file is no readable .npz."""


def read_instance(path: Path) -> Instance:
    """The instance in a .npz file.

    Raises
    ------
    UnreadableInstanceError
        If the file is absent or no .npz of plain arrays.
    analysis.bundling.benchmark.instance.MalformedInstanceError
        If its arrays are no instance.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return parse_instance(dict(arrays))
    except (OSError, EOFError, BadZipFile, ValueError, AttributeError, TypeError) as error:
        if isinstance(error, PlanningError):
            raise
        raise UnreadableInstanceError(*say("planning.instance_unreadable", name=path.name, error=error)) from error


def solve_file(
    path: Path,
    *,
    seconds: float | None,
    rounds: int | None,
    seed: int,
    workers: int,
    gap: float | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    when: Callable[[], bool] | None = None,
    trace: Path | None = None,
) -> dict[str, Any]:
    """The assignment of an instance as a document (shared benchmark format), ready for JSON.

    Where arithmetic proves that no assignment keeps every rule, nothing is searched.

    Parameters
    ----------
    path
        The .npz file.
    seconds, rounds, gap, when
        Budget; at least one of the first two. See `StopAfter`.
    seed, workers
        See `pianqu.solving.solve`.
    on_progress
        Called with the share done and a short text.
    trace
        CSV file for the best objective and bound over the search; None = none is written.
    """
    instance = read_instance(path)

    def tell(progress: Progress) -> None:
        if on_progress is not None:
            by_parts = progress.part / max(1, progress.n_parts)
            share = progress.seconds / seconds if seconds else by_parts
            on_progress(min(share, 1.0), f"{progress.part}/{progress.n_parts}")

    stop = StopAfter(seconds=seconds, rounds=rounds, when=when, gap=gap)
    found, causes = solve(instance, stop=stop, seed=seed, workers=workers, on_progress=tell)
    if trace is not None:
        atomic_write(trace, tabulate_trace(found).round(3).to_csv(index=False).encode())
    return _document(found, instance, seed, causes)


def write_assignment(path: Path, document: dict[str, Any]) -> None:
    """Write the document, whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    document
        The assignment and its figures.
    """
    atomic_write(path, json.dumps(document).encode())


def _document(found: Assignment, instance: Instance, seed: int, causes: Sequence[Cause] = ()) -> dict[str, Any]:
    return {
        "problem": int(instance.problem),
        "assignment": found.assignment.tolist(),
        "objective": found.objective,
        "seconds": round(found.seconds, 2),
        "seed": seed,
        "status": found.status,
        "method": found.method,
        "unassigned": found.n_left,
        "bound": found.bound,
        "levels": [
            {
                "name": level.name,
                "value": level.value,
                "bound": level.bound,
                "gap": (level.value - level.bound) / level.value if level.value else 0.0,
            }
            for level in found.levels
        ],
        "streets": [_street(street) for street in found.streets],
        "causes": [
            {
                "cause": cause.kind,
                "field": cause.rule,
                "units": [int(unit) for unit in cause.units],
                "weight": cause.households,
                "value": cause.value,
                "limit": cause.limit,
                "sentence_zh": cause.sentence.zh,
                "sentence_en": cause.sentence.en,
            }
            for cause in causes
        ],
    }


def infeasible_lines(document: dict[str, Any]) -> list[Line]:
    """What is stated of an instance without a complete assignment: the proof, or that there is none."""
    causes = document["causes"]
    if not causes:
        return [say("cli.none_found")]
    lines: list[Line] = [say("cli.proven_infeasible", n=len(causes))]
    lines += [Sentence(cause["sentence_zh"], cause["sentence_en"]) for cause in causes[:MOST_CAUSES]]
    return [*lines, *([say("cli.more_causes")] if len(causes) > MOST_CAUSES else [])]


def _street(street: StreetBound) -> dict[str, Any]:
    """A street's bounds, by the names that a plan of a dataset has for them."""
    levels = {level.name: level for level in street.levels}
    row = {"street_codes": [street.code], "objective": street.objective, "bound": street.bound}
    for name, bound in (("left_over_households", "left_over_bound"), ("household_metres", "metres_bound")):
        if name in levels:
            row |= {name: levels[name].value, bound: levels[name].bound}
    return row
