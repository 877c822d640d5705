"""A ledger moves from one database to another, such as from SQLite to PostgreSQL when a second machine joins, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Integer, LargeBinary, Table, func, insert, select, text

from importer.errors import ConfigurationError, LedgerUnavailable
from importer.ledger import owners as owning
from importer.ledger.engines import translated, writer_engine
from importer.ledger.fleet_schema import PASSING
from importer.ledger.ledger import Ledger
from importer.ledger.schema import batches, documents, entries, metadata, owners
from importer.messages import N_

__all__ = ["copy"]

ROWS: Final = 1_000  # written at once
LARGE_ROWS: Final = 10  # the same of a table whose rows are files
NOT_COPIED: Final = frozenset({owners.name, *(table.name for table in PASSING)})
GROUPS: Final = ((documents, documents.c.stage), (entries, entries.c.status), (batches, batches.c.state))


def copy(source: Ledger, target: Ledger) -> Mapping[str, int]:
    """Everything of one ledger into another one that is empty, in one transaction; rows by table, counted in both.

    Raises LedgerUnavailable while somebody sends from either, ConfigurationError when the target is not empty.
    """
    with source.sending_lock(wait=False), target.sending_lock(wait=False):
        for ledger in (source, target):
            _nobody_else(ledger)
        source.take_over(None)  # what died while it was sending is unknown from now on, there as here
        with _reading(source) as old, _writing(target) as new:
            _refuse_full(target, new)
            tables = [table for table in metadata.sorted_tables if table.name not in NOT_COPIED]
            for table in tables:
                _copy(table, old, new)
            counts = {table.name: _verified(table, old, new) for table in tables}
            for table, column in GROUPS:
                _same(_grouped(table, column, old), _grouped(table, column, new), table)
            if new.dialect.name == "postgresql":
                for table in tables:
                    _go_on_numbering(table, new)
    return counts


def _nobody_else(ledger: Ledger) -> None:
    """On a server any number of processes may be inside the sending lock."""
    if ledger.fleet is None:
        return
    with ledger._read() as connection:
        now = connection.scalars(select(func.clock_timestamp())).one()
        alive = select(owners.c.host, owners.c.pid).where(
            owners.c.id != ledger.owner, ~owners.c.ended, owners.c.heartbeat_at >= now - timedelta(seconds=owning.LEASE.total_seconds())
        )
        found = connection.execute(alive).first()
    if found is not None:
        raise LedgerUnavailable(
            N_("The ledger {ledger} is in use by process {pid} on {host}; end it and its workers before the ledger is copied."),
            ledger=ledger.url,
            pid=found.pid,
            host=found.host,
        )


@contextmanager
def _reading(ledger: Ledger) -> Iterator[Connection]:
    """One state of the source, whatever is noted in it meanwhile."""
    with _own_engine(ledger) as engine, translated(engine.url), engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def _writing(ledger: Ledger) -> Iterator[Connection]:
    with _own_engine(ledger) as engine, translated(engine.url), ledger._locks.writing(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _own_engine(ledger: Ledger) -> Iterator[Engine]:
    engine = writer_engine(ledger._address)
    try:
        yield engine
    finally:
        engine.dispose()


def _refuse_full(target: Ledger, connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if table.name not in NOT_COPIED and connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
            raise ConfigurationError(
                N_("The ledger {ledger} is not empty ({table}); a ledger is copied into a new one only."),
                ledger=target.url,
                table=table.name,
            )


def _copy(table: Table, old: Connection, new: Connection) -> None:
    size = LARGE_ROWS if table.name == "workbooks" else ROWS
    ordered = select(table).order_by(*table.primary_key.columns)
    found = old.execution_options(stream_results=True, max_row_buffer=size).execute(ordered)
    for some in found.mappings().partitions(size):
        new.execute(insert(table), [_values(table, row) for row in some])


def _values(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    large = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    return {name: bytes(value) if name in large and value is not None else value for name, value in row.items()}


def _verified(table: Table, old: Connection, new: Connection) -> int:
    counted = [int(connection.scalar(select(func.count()).select_from(table)) or 0) for connection in (old, new)]
    _same(counted[:1], counted[1:], table)
    return counted[0]


def _grouped(table: Table, column: Any, connection: Connection) -> Sequence[Any]:
    return [tuple(row) for row in connection.execute(select(column, func.count()).select_from(table).group_by(column).order_by(column))]


def _same(old: Sequence[Any], new: Sequence[Any], table: Table) -> None:
    if old != new:
        raise LedgerUnavailable(
            N_("The copy of table {table} differs: {found} in place of {expected}. Nothing was copied."),
            table=table.name,
            found=new,
            expected=old,
        )


def _go_on_numbering(table: Table, connection: Connection) -> None:
    """Rows were written with their numbers: the next one is made behind the last."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer) or column.foreign_keys or len(table.primary_key.columns) > 1:
            continue
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        last = connection.scalar(select(func.max(column)))
        if sequence and last:
            connection.execute(select(func.setval(sequence, last)))
