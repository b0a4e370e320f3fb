"""Whether the database of a store is sound: what each kind can say of itself."""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text

from app.store.store import Store

EACH_S, MOST_S = 600.0, 86_400.0
"""A SQLite file that changes is read through at most so often; one that does not, at least so often: disks fail."""
_Files = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class DatabaseState:
    """A database as it says it is.

    Parameters
    ----------
    kind
        "SQLite" or "PostgreSQL", with its version.
    size_bytes
        That it takes; None in memory.
    is_sound
        Whether its own check found nothing; None where it makes none.
    checked
        When it read itself through; None where that is asked for each time.
    """

    kind: str
    size_bytes: int | None
    is_sound: bool | None
    checked: datetime.datetime | None = None


_found: WeakKeyDictionary[Engine, tuple[_Files, DatabaseState]] = WeakKeyDictionary()
"""What was found last of a database, and how its files were then."""


def examine_database(store: Store) -> DatabaseState:
    """Ask the database; SQLite reads itself through, PostgreSQL tells whether its checksums failed.

    SQLite is asked again when its files have changed, and not before `EACH_S` seconds have gone, or after `MOST_S`.

    Parameters
    ----------
    store
        The store.

    Raises
    ------
    StoreError
        If it does not answer.
    """
    with store.reading() as connection:
        if connection.dialect.name == "sqlite":
            version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
            path = store.engine.url.database
            files, known = _look_at(path), _found.get(store.engine)
            if known is not None and _holds(files, *known):
                return replace(known[1], size_bytes=os.path.getsize(path) if path else None)
            is_sound = connection.execute(text("PRAGMA quick_check(1)")).scalar_one() == "ok"
            size, at = os.path.getsize(path) if path else None, datetime.datetime.now().astimezone()
            state = DatabaseState(f"SQLite {version}", size, is_sound, at)
            _found[store.engine] = files, state
            return state
        version = connection.execute(text("SHOW server_version")).scalar_one()
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        query = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
        failures = connection.execute(text(query)).scalar()  # null where checksums are off
        return DatabaseState(f"PostgreSQL {version}", int(size), None if failures is None else failures == 0)


def _look_at(path: str | None) -> _Files:
    """Size and time of change of a database and of what was written to it last."""
    files = (Path(f"{path}{end}") for end in ("", "-wal")) if path else ()
    return tuple((stat.st_size, stat.st_mtime_ns) for stat in (file.stat() for file in files if file.exists()))


def _holds(now: _Files, then: _Files, state: DatabaseState) -> bool:
    """Whether what was found of files still counts; damage that was found is looked for again each time."""
    assert state.checked is not None  # it is SQLite
    age_s = (datetime.datetime.now().astimezone() - state.checked).total_seconds()
    return bool(state.is_sound) and 0 <= age_s < (MOST_S if now == then else EACH_S)
