"""When a dataset was last backed up: noted beside it by whoever does, for whoever runs the server."""

from __future__ import annotations

import datetime
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.maps.buildings import cache_folder
from geo.storage.atomic_files import atomic_write

_FILE = "last-backup.json"


@dataclass(frozen=True)
class LastBackup:
    """A backup that was made.

    Parameters
    ----------
    made
        When, with zone.
    size_bytes
        Of the archive.
    with_plans
        Whether the store of plans is in it.
    """

    made: datetime.datetime
    size_bytes: int
    with_plans: bool


def note_backup(folder: Path, made: str, size_bytes: int, *, with_plans: bool) -> None:
    """Note a backup next to the dataset; where that cannot be written the backup is good all the same.

    Parameters
    ----------
    folder
        The dataset.
    made
        ISO 8601 with zone.
    size_bytes
        Of the archive.
    with_plans
        Whether the store of plans is in it.
    """
    told = {"made": made, "size_bytes": size_bytes, "with_plans": with_plans}
    with suppress(OSError):
        atomic_write(cache_folder(folder) / _FILE, json.dumps(told).encode())


def read_last_backup(folder: Path) -> LastBackup | None:
    """The last backup that was noted; None where none is known.

    Parameters
    ----------
    folder
        The dataset.
    """
    try:
        told = json.loads((cache_folder(folder) / _FILE).read_text(encoding="utf-8"))
        made = datetime.datetime.fromisoformat(told["made"])
        return LastBackup(made.astimezone(), int(told["size_bytes"]), bool(told["with_plans"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
