"""The database of a store: opened safely, its tables brought up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from app.i18n import say
from app.store.errors import StoreError
from app.store.tables import metadata
from geo.storage.disk_errors import disk_error

_MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_MS = 15_000
_LOCK = 7_409_226_001  # any number no other program of the database uses
_KEPT_OPEN = 12
"""Connections that stay open: for each thread that answers, and some beside; opening costs more than an answer."""
READS = "pianqu_reads"
"""Execution option of a connection that only reads: it never waits for a writer."""


def open_engine(url: str) -> Engine:
    """A database whose every commit is on disk when it returns, with today's tables.

    Parameters
    ----------
    url
        ``sqlite:///file``, ``sqlite://`` (memory, gone with the process) or ``postgresql://…``.

    Raises
    ------
    StoreError
        If the address makes no sense or the database cannot be opened.
    """
    address = store_address(url)
    try:
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _other(address)
        with engine.begin() as connection:
            migrate(connection)
    except CommandError as error:
        raise StoreError(*say("storing.newer_store")) from error
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        raise store_error("open", address.render_as_string(hide_password=True), error) from error
    return engine


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, within the transaction of a connection."""
    begin_exclusive(connection)
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    def steps(revision: Any, _: Any) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        environment.run_migrations()


def begin_exclusive(connection: Connection) -> None:
    """Hold off other writers that look first and write then, to the end of the transaction.

    SQLite has one writer anyhow.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def store_error(deed: Literal["open", "read", "write"], place: str, error: Exception) -> StoreError:
    """The sentence for a database that does not do what it should.

    Parameters
    ----------
    deed
        What cannot be done.
    place
        The store's address.
    error
        What the database said.
    """
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    reason = cause[0] if cause else type(error).__name__
    refused = None if place.startswith("postgresql") else disk_error(error, Path(place))
    if refused is not None:
        return StoreError(*say("storing.refused", deed=say(f"storing.{deed}"), place=place, refused=refused))
    return StoreError(*say("storing.failed", deed=say(f"storing.{deed}"), place=place, reason=reason))


def store_address(url: str) -> URL:
    """The address of a store, understood.

    Raises
    ------
    StoreError
        If it makes no sense, or is of a database no store works on.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError(*say("storing.address")) from error
    if address.drivername in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(*say("storing.not_supported", drivername=address.drivername))
    return address


def store_place(url: str) -> str:
    """The address of a store without its password."""
    return store_address(url).render_as_string(hide_password=True)


def _sqlite(address: URL) -> Engine:
    in_memory = not address.database
    engine = create_engine(
        address,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
        **({"poolclass": StaticPool} if in_memory else {"pool_size": _KEPT_OPEN}),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver starts no transaction of its own
        for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a writer takes its turn at the beginning: a deferred one would fail when it is overtaken
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _other(address: URL) -> Engine:
    return create_engine(address, pool_pre_ping=True, pool_size=_KEPT_OPEN)
