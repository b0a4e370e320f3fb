"""Stores that hold what another holds: in memory, in a backup, on another database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Column, Connection, NullPool, Table, create_engine, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine import open_engine, store_address, store_error
from app.store.places import set_plan_codes
from app.store.store import Store
from app.store.tables import metadata, plans

_ROWS_AT_ONCE = 50
"""Rows in memory at the same time; a version of a city is a megabyte."""


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
    path, copy = store_file(url), open_engine("sqlite://")
    if store_address(url).get_backend_name() == "sqlite" and (path is None or not path.is_file()):
        return Store(copy)
    with copy.begin() as target:
        copy_rows(url, target)
    return Store(copy)


def copy_rows(url: str, target: Connection) -> None:
    """Put what a store holds at one moment into another one, which holds nothing yet.

    Parameters
    ----------
    url
        Of the store that is read; nothing of it changes.
    target
        Inside a transaction of the other, of either kind; its tables are today's.

    Raises
    ------
    StoreError
        If one cannot be read or the other not written.
    """
    address = store_address(url)
    try:
        if target.dialect.name == "sqlite":
            target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # versions name their parents
        with _reading(address) as source:
            there = _columns_of(source)
            for table in metadata.sorted_tables:  # an older structure has fewer, and is not brought up to date
                columns = [one for one in table.c if one.name in there.get(table.name, ())]
                rows = source.execute(select(*columns).order_by(*_order(table))).mappings() if columns else ()
                for some in split_rows(rows, _ROWS_AT_ONCE):
                    target.execute(insert(table), [dict(row) for row in some])
            if "code" not in there.get(plans.name, ("code",)):
                set_plan_codes(target)
        if target.dialect.name == "postgresql":  # the next number follows those that were copied
            newest = "SELECT setval(pg_get_serial_sequence('audit', 'number'), max(number)) FROM audit"
            target.exec_driver_sql(f"{newest} HAVING count(*) > 0")
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        raise store_error("read", address.render_as_string(hide_password=True), error) from error


def _order(table: Table) -> list[Column[Any]]:
    """Parents before what was made of them."""
    return [table.c.created_at] if "created_at" in table.c else []


def store_file(url: str) -> Path | None:
    """The file of a store; None where it is in memory or on a server."""
    address = store_address(url)
    is_file = address.get_backend_name() == "sqlite" and address.database
    return Path(str(address.database)) if is_file else None


def split_rows(rows: Iterable[Any], n: int) -> Iterator[list[Any]]:
    """Rows, some at a time: a store may hold more than memory does.

    Parameters
    ----------
    rows
        All.
    n
        At most so many at a time.

    Examples
    --------
    >>> list(split_rows("abc", 2))
    [['a', 'b'], ['c']]
    """
    left = iter(rows)
    while some := list(islice(left, n)):
        yield some


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
