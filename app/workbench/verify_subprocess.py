"""The independent check of a plan in a process of its own: it takes seconds for a city, and nobody waits for it."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.bundling.verify.base.verification import Verification, read_verification
from app.workbench.plans_on_disk import write_plan
from geo.sandbox.python_child import child_environment, give_way, module_command

logger = logging.getLogger(__name__)


def verify_in_subprocess(
    dataset: Path, plan: Mapping[str, Any], policy: Path | None = None, *, gives_way: bool = False
) -> Verification | None:
    """What the check of a plan found, made by `pianqu verify` in a child.

    Parameters
    ----------
    dataset
        Dataset folder.
    plan
        Plan document.
    policy
        A policy file named now; what the dataset is kept by when None.
    gives_way
        Whether others come first; else it is as urgent as all other work.

    Returns
    -------
    None where the check could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="pianqu-verify-") as folder:
        path = Path(folder) / "PLAN.json"
        write_plan(path, dict(plan))
        named = () if policy is None else ("--policy", str(policy.resolve()))
        command = ("verify", str(dataset.resolve()), str(path), "--json", *named)
        told, complaint = _run(command, gives_way=gives_way)
    try:
        return read_verification(json.loads(told))
    except (ValueError, KeyError, TypeError):
        logger.warning("the plan could not be verified: %s", complaint[-500:])
        return None


def _run(arguments: Sequence[str], *, gives_way: bool) -> tuple[str, str]:
    """What a command prints, and what it complains of."""
    with subprocess.Popen(
        module_command("app.cli", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        env=child_environment(),
    ) as process:
        if gives_way:
            give_way(process)
        return process.communicate()
