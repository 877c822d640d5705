"""Connections: one that writes, many that read, and what the database's own errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from importer.errors import ConfigurationError, LedgerLost, LedgerUnavailable
from importer.ledger.address import redacted, sqlite_path
from importer.ledger.transitions import RuleBroken
from importer.messages import N_

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["is_passing", "reader_engine", "translated", "writer_engine"]

BUSY_TIMEOUT_S: Final = 30
CONNECT_TIMEOUT_S: Final = 10  # PostgreSQL: a server that does not answer is one that went away; the driver itself waits for minutes
CACHE_KIB: Final = 65_536  # of the one connection that writes: a large batch is one transaction
_LOST: Final = ("08", "57P")  # PostgreSQL: classes of connection failures and of a server that goes down or comes up
_PASSING: Final = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock; the transaction left no trace


def writer_engine(url: URL) -> Engine:
    """For the one connection that writes: every transaction of SQLite takes the write lock at its begin and is on disk at its end."""
    if sqlite_path(url) is None:
        return _server_engine(url, "-c synchronous_commit=on")
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False})
    event.listen(engine, "connect", _writing_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reader_engine(url: URL) -> Engine:
    """For connections that cannot write and never wait for the writer."""
    path = sqlite_path(url)
    if path is None:
        return _server_engine(url, "-c default_transaction_read_only=on").execution_options(isolation_level="AUTOCOMMIT")
    address = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(
        address,
        poolclass=QueuePool,
        max_overflow=-1,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )
    event.listen(engine, "connect", _reading_sqlite)
    return engine


def _server_engine(url: URL, options: str) -> Engine:
    timeout_s = url.query.get("connect_timeout", CONNECT_TIMEOUT_S)
    how = {"options": options, "application_name": "importer", "connect_timeout": timeout_s}
    try:
        return create_engine(url, max_overflow=-1, pool_pre_ping=True, connect_args=how)
    except ModuleNotFoundError:
        raise ConfigurationError(N_("A PostgreSQL ledger needs the extra `cluster`: pip install tiptop-importer[cluster].")) from None


def _writing_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own transactions would begin too late
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}")


def _reading_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    _pragmas(connection, "query_only=ON")


def _pragmas(connection: DBAPIConnection, *pragmas: str) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def is_passing(error: BaseException) -> bool:
    """Whether the same transaction may simply be tried again: another one was in its way."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """The database's errors in our words: a broken rule is a fault of code, everything else means that nothing can be recorded."""
    try:
        yield
    except SQLAlchemyError as error:
        if isinstance(error, IntegrityError | DataError) or not isinstance(error, DBAPIError):
            raise RuleBroken(str(getattr(error, "orig", error))) from error
        raise _unavailable(url, error) from error


def _unavailable(url: URL, error: DBAPIError) -> LedgerUnavailable:
    """What a person is told of a database error: which ledger, and the database's own words."""
    reason = str(error.orig).strip().partition("\n")[0]
    kind = LedgerLost if _is_lost(url, error) else LedgerUnavailable
    return kind(N_("The ledger {ledger} cannot be used: {reason}."), ledger=redacted(url), reason=reason.rstrip("."))


def _is_lost(url: URL, error: DBAPIError) -> bool:
    """Whether it is the connection that failed and not what was asked over it."""
    if sqlite_path(url) is not None:
        return False
    code = getattr(error.orig, "sqlstate", None)
    refused = "OperationalError" in {kind.__name__ for kind in type(error.orig).__mro__}
    return error.connection_invalidated or (code.startswith(_LOST) if code else refused)
