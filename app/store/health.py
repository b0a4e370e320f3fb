"""Whether the database of a store is sound: what each kind can say of itself."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import text

from app.store.store import Store


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
    """

    kind: str
    size_bytes: int | None
    is_sound: bool | None


def examine_database(store: Store) -> DatabaseState:
    """Ask the database; SQLite reads itself through, PostgreSQL tells whether its checksums failed.

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
            is_sound = connection.execute(text("PRAGMA quick_check(1)")).scalar_one() == "ok"
            path = store.engine.url.database
            return DatabaseState(f"SQLite {version}", os.path.getsize(path) if path else None, is_sound)
        version = connection.execute(text("SHOW server_version")).scalar_one()
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        query = "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()"
        failures = connection.execute(text(query)).scalar()  # null where checksums are off
        return DatabaseState(f"PostgreSQL {version}", int(size), None if failures is None else failures == 0)
