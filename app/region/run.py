"""The steps of all districts, here or on a cluster: what is done is kept, what fails is named, the rest ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.region.definition import District, Region
from app.region.records import StepRecord, read_record
from app.region.steps import Choices, Step, StepTask, hash_inputs, hash_result, run_step
from geo.errors import PlanningError
from geo.tasks import run_each


@dataclass(frozen=True)
class StepNews:
    """What came of a step of a district.

    Parameters
    ----------
    district, step
        Which one.
    state
        "done" now, "kept" from an earlier run, or "failed".
    record
        Of the step; None where it failed.
    fault
        Why it failed; None otherwise.
    """

    district: str
    step: Step
    state: Literal["done", "kept", "failed"]
    record: StepRecord | None = None
    fault: PlanningError | None = None


def run_region(
    region: Region,
    steps: Sequence[Step],
    choices: Choices,
    *,
    districts: Sequence[District],
    scheduler: str | None = None,
    workers: int = 1,
    is_forced: bool = False,
    when: Callable[[], bool] = lambda: False,
) -> Iterator[StepNews]:
    """Do some steps of some districts, one step after the other; a district that failed has no later step.

    Parameters
    ----------
    region
        Its folder is seen by all workers.
    steps
        In order.
    choices
        How they are done.
    districts
        Of the region.
    scheduler, workers, when
        As of `geo.tasks.run_each`.
    is_forced
        Whether what was done already is done again.

    Raises
    ------
    UsageError
        If no scheduler answers at the address, or it has no worker.
    """
    going, token = list(districts), secrets.token_hex(8)
    for step in steps:
        kept = [] if is_forced else [_find_kept(region, one, step, choices) for one in going]
        found = {one.district: one for one in kept if one is not None}
        yield from (StepNews(key, step, "kept", record) for key, record in found.items())
        to_do = [one for one in going if one.key not in found]
        tasks = [StepTask(region.folder, region.sha256, one.key, step, token) for one in to_do]
        ended = set(found)
        for outcome in run_each(run_step, tasks, choices, scheduler=scheduler, workers=workers, when=when):
            key = to_do[outcome.place].key
            yield StepNews(key, step, "failed" if outcome.fault else "done", outcome.value, outcome.fault)
            if outcome.fault is None:
                ended.add(key)
        going = [one for one in going if one.key in ended]


def _find_kept(region: Region, district: District, step: Step, choices: Choices) -> StepRecord | None:
    """The record of a step whose inputs are those of today and whose result is there as it was made."""
    record = read_record(region.record(district.key, step))
    try:
        if record is None or record.inputs_sha256 != hash_inputs(region, district, step, choices):
            return None
    except PlanningError:  # a source that is gone: told when the step is done
        return None
    now = hash_result(region, district.key, step)
    is_same = now is not None if step == "prepare" else now == record.result_sha256  # data are corrected after import
    return record if is_same else None
