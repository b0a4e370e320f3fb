"""A plan made again from what it says of its own making, and compared."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, NonNegativeInt, TypeAdapter, ValidationError

from analysis.bundling.document.schema import plan_sha
from analysis.bundling.solver.base.work_log import ClockRecord
from app.exports.proof.manifest import PLAN_NAME, read_manifest
from app.i18n import say
from app.planning.options import read_options
from app.planning.run import RunProgress, make_plan
from app.workbench.plans_on_disk import read_plan
from app.workbench.policies import resolve_folder_rules
from geo.errors import UsageError
from geo.messages import Sentence

_Limit = Annotated[list[NonNegativeInt], Field(min_length=3, max_length=3)]


@dataclass(frozen=True, eq=False)
class Replay:
    """A plan made again.

    Parameters
    ----------
    document
        As it came out now.
    differences
        From the plan of the manifest; none where it is the same.
    is_by_time
        Whether the search went by seconds and recorded no work, so that the machine has a say.
    """

    document: dict[str, Any]
    differences: tuple[Sentence, ...]
    is_by_time: bool


def replay_plan(
    manifest: Path,
    data: Path,
    *,
    start: Path | None = None,
    policy: Path | None = None,
    on_progress: Callable[[RunProgress], None] | None = None,
    when: Callable[[], bool] | None = None,
) -> Replay:
    """Make the plan of an export again: same data, policy, choices, locks, seed and budget.

    Parameters
    ----------
    manifest
        `export.json`, or its folder.
    data
        The dataset.
    start
        The plan it was made from, where there was one.
    policy
        A policy file named now; what the dataset is kept by when None.
    on_progress, when
        As in `app.planning.run.make_plan`.

    Raises
    ------
    UsageError
        If the plan does not say how it was made, or was made from another one that is not named.
    PlanningError
        As `make_plan`.
    """
    read_manifest(manifest)
    before = read_plan((manifest if manifest.is_dir() else manifest.parent) / PLAN_NAME)
    work = before.get("work")
    if "read_back" in before:
        raise UsageError(*say("proof.by_hand"))
    if not isinstance(work, Mapping):
        raise UsageError(*say("proof.no_work"))
    if work["start_sha256"] is not None and (start is None or plan_sha(read_plan(start)) != work["start_sha256"]):
        raise UsageError(*say("proof.needs_start"))
    by = next((str(one["by"]) for one in before.get("chosen", ())), "")
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        locks = Path(folder) / "locks.json"
        locks.write_text(json.dumps({"locks": before["locks"]}, ensure_ascii=False), encoding="utf-8")
        clock = _read_clock(work)
        more = {"rounds": work["rounds"], "gap": work["gap"], "clock": clock}
        options = read_options(work["options"], start=start, lock_file=locks, by=by, **more)
        rules = resolve_folder_rules(data, policy).policy
        document = make_plan(data, rules, options, on_progress=on_progress, when=when)
    by_time = clock is None and (work["rounds"] is None or work["gap"] is not None)
    return Replay(document, list_differences(before, document), is_by_time=by_time)


def _read_clock(work: Mapping[str, Any]) -> ClockRecord | None:
    """What the clock decided in a run, checked; None where none is recorded.

    Raises
    ------
    UsageError
        If it is damaged.
    """
    if "ended" not in work:
        return None
    try:
        steps = TypeAdapter(list[list[list[NonNegativeInt]]]).validate_python(work.get("clock"), strict=True)
        return ClockRecord(steps, TypeAdapter(list[_Limit]).validate_python(work["ended"], strict=True))
    except ValidationError as error:
        raise UsageError(*say("proof.no_work")) from error


def list_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """What of two plans differs: areas, leaders, levels, else any other part by its name; none where nothing does.

    Parameters
    ----------
    before, after
        PLAN.json.
    """
    if plan_sha(before) == plan_sha(after):
        return ()
    found = []
    if _areas(before) != _areas(after):
        found.append(say("proof.areas"))
    if [area.get("led") for area in before["areas"]] != [area.get("led") for area in after["areas"]]:
        found.append(say("proof.leaders"))
    values = {one["name"]: one["value"] for one in after["levels"]}
    for one in before["levels"]:
        if values.get(one["name"]) != one["value"]:
            named = {"name": one["name"], "before": one["value"], "after": values.get(one["name"])}
            found.append(say("proof.levels", **named))
    rest = [key for key in sorted({*before, *after} - {"seconds", "work"}) if before.get(key) != after.get(key)]
    return tuple(found) or (Sentence(", ".join(rest), ", ".join(rest)),)


def _areas(document: Mapping[str, Any]) -> set[tuple[str, ...]]:
    return {tuple(sorted(area["unit_ids"])) for area in document["areas"]}
