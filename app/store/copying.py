"""A store in memory that holds what another holds, which is only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, NullPool, create_engine, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import open_engine, store_address, store_error
from app.store.places import set_plan_codes
from app.store.store import Store
from app.store.tables import metadata, plans


def open_copy(url: str) -> Store:
    """What a store holds now, in memory; what is done there goes with the process.

    Parameters
    ----------
    url
        As :func:`app.store.engine.open_engine`; a SQLite file that is not there gives an empty store.

    Raises
    ------
    StoreError
        If the address makes no sense or what is there cannot be read.
    """
    address, path, copy = store_address(url), store_file(url), open_engine("sqlite://")
    if address.get_backend_name() == "sqlite" and (path is None or not path.is_file()):
        return Store(copy)
    try:
        with _reading(address) as source, copy.begin() as target:
            target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # versions name their parents
            there = _columns_of(source)
            for table in metadata.sorted_tables:  # an older structure has fewer, and is not brought up to date
                columns = [one for one in table.c if one.name in there.get(table.name, ())]
                rows = source.execute(select(*columns)).mappings().all() if columns else ()
                if rows:
                    target.execute(insert(table), [dict(row) for row in rows])
            if "code" not in there.get(plans.name, ("code",)):
                set_plan_codes(target)
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        raise store_error("read", address.render_as_string(hide_password=True), error) from error
    return Store(copy)


def store_file(url: str) -> Path | None:
    """The file of a store; None where it is in memory or on a server."""
    address = store_address(url)
    is_file = address.get_backend_name() == "sqlite" and address.database
    return Path(str(address.database)) if is_file else None


def _columns_of(source: Connection) -> dict[str, set[str]]:
    """Names of the columns of each table that is there."""
    found = inspect(source)
    return {name: {str(one["name"]) for one in found.get_columns(name)} for name in found.get_table_names()}


@contextmanager
def _reading(address: URL) -> Iterator[Connection]:
    """A connection that cannot write, and sees one moment."""
    if address.get_backend_name() == "sqlite":
        engine = create_engine("sqlite://", creator=_opener(address), poolclass=NullPool)
    else:
        engine = create_engine(address, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect().execution_options(postgresql_readonly=True) as connection:
        if address.get_backend_name() == "sqlite":
            connection.exec_driver_sql("BEGIN")  # the driver would begin none for reading
        yield connection


def _opener(address: URL) -> Callable[[], sqlite3.Connection]:
    """Opens a SQLite file for reading; as it lies there where SQLite can put nothing next to it."""
    name = f"file:{quote(str(Path(str(address.database)).resolve()))}"

    def read_it(way: str) -> sqlite3.Connection:
        connection = sqlite3.connect(f"{name}?{way}", uri=True)
        connection.execute("SELECT count(*) FROM sqlite_master")
        return connection

    def opened() -> sqlite3.Connection:
        try:
            return read_it("mode=ro")
        except sqlite3.OperationalError:
            return read_it("immutable=1")

    return opened
