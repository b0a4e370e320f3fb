"""How a step of a district was done: kept next to what it made, so that it is not done again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.region.use import Use
from geo.storage.atomic_files import atomic_write


@dataclass(frozen=True)
class StepRecord:
    """A step of a district that was done.

    Parameters
    ----------
    district, step
        Which one.
    inputs_sha256
        Of all that its result rests on.
    result_sha256
        Of what it made, times aside.
    facts
        What is told of it: counts by name.
    use
        What it took of its worker.
    run
        The run that it was a part of; "" where it was done by itself.
    """

    district: str
    step: str
    inputs_sha256: str
    result_sha256: str
    facts: Mapping[str, Any]
    use: Use
    run: str = ""


def write_record(path: Path, record: StepRecord) -> None:
    """Write a record, whole or not at all.

    Parameters
    ----------
    path
        Of the file.
    record
        What is written.
    """
    atomic_write(path, (json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n").encode())


def read_record(path: Path) -> StepRecord | None:
    """A record; None where there is none, or it is damaged: then the step is done again."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        return StepRecord(**{**body, "use": Use(**body["use"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None
