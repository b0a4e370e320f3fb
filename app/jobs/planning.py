"""A planning run: started by the page, done by a process of its own, followed through its folder.

The folder holds `request.json`, `progress.json` (replaced as a whole) and, in the end,
`result.json`. The process writes the plan itself, so that it is there even when the server ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from analysis.policy import read_policy
from app.services.planning import PlanOptions, make_plan
from app.services.plans import read_plan, write_plan
from geo.errors import PlanningError

_TELL_S = 0.25
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class RunState:
    """How far a planning run is.

    Parameters
    ----------
    phase
        "running", "done" or "failed".
    share
        0 to 1.
    fault
        Why it failed, Chinese and English.
    """

    phase: Literal["running", "done", "failed"]
    share: float = 0.0
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class PlanningRun:
    """A run that was started: its folder and its process."""

    folder: Path
    process: subprocess.Popen[bytes]


def start_run(
    job: Path, dataset_folder: Path, plan_path: Path, *, seconds: float | None = None
) -> PlanningRun:
    """Start planning in a process of its own.

    Parameters
    ----------
    job
        A new folder for the run.
    dataset_folder
        What to plan.
    plan_path
        Where the plan goes; an older plan there is kept beside it under another name.
    seconds
        Search time; the policy's when None.
    """
    job.mkdir(parents=True)
    request = {"data": str(dataset_folder.resolve()), "plan": str(plan_path.resolve()),
               "seconds": seconds}  # fmt: skip
    _write(job / "request.json", request)
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}
    with (job / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.jobs.planning", str(job)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
        )  # fmt: skip
    return PlanningRun(job, process)


def state_of(run: PlanningRun) -> RunState:
    """How far a run is; one whose process ended without a result has failed."""
    has_ended = run.process.poll() is not None
    result = _read(run.folder / "result.json")
    if result is not None:
        if "zh" in result:
            return RunState("failed", 1.0, (result["zh"], result["en"]))
        return RunState("done", 1.0)
    if has_ended:
        return RunState("failed", 0.0, (
            f"规划进程意外结束, 原有方案没有改动; 详情见 {run.folder.name}/log.txt。",
            f"The planning process ended unexpectedly; the plan there is unchanged. See {run.folder.name}/log.txt.",
        ))  # fmt: skip
    progress = _read(run.folder / "progress.json")
    return RunState("running", float(progress["share"]) if progress else 0.0)


def keep_older(plan_path: Path) -> Path | None:
    """Give a plan that is already there a name of its own; the new name, None without one."""
    if not plan_path.is_file():
        return None
    try:
        made_for = str(read_plan(plan_path)["planning_sha256"])[:8]
    except PlanningError:
        made_for = "older"
    for number in range(1, 1000):
        kept = plan_path.with_name(f"{plan_path.stem}-{made_for}-{number}{plan_path.suffix}")
        if not kept.exists():
            os.replace(plan_path, kept)
            return kept
    return None


def main() -> None:
    """Do the run of the folder named on the command line."""
    job = Path(sys.argv[1])
    request = json.loads((job / "request.json").read_text(encoding="utf-8"))
    told = 0.0

    def tell(share: float, _: str) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_S:
            told = time.monotonic()
            _write(job / "progress.json", {"share": share})

    try:
        options = PlanOptions(seconds=request["seconds"])
        document = make_plan(Path(request["data"]), read_policy(), options, on_progress=tell)
        plan_path = Path(request["plan"])
        keep_older(plan_path)
        write_plan(plan_path, document)
        _write(job / "result.json", {"status": document["status"], "areas": len(document["areas"])})
    except PlanningError as error:
        _write(job / "result.json", {"zh": error.zh, "en": error.en})


def _write(path: Path, body: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, PermissionError):
        return None
    return body


if __name__ == "__main__":
    main()
