"""Open a ledger: make it, lead it to the present version, or leave it as it is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, create_engine, select, table, text
from sqlalchemy import column as sql_column
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from importer.errors import ConfigurationError, LedgerUnavailable
from importer.ledger.address import parse, redacted, sqlite_path
from importer.ledger.engines import reader_engine, translated, writer_engine
from importer.ledger.ledger import Ledger
from importer.ledger.locking import FileLocks, NoLocks
from importer.ledger.schema import VERSION, metadata
from importer.messages import N_

__all__ = ["open_ledger", "present_version"]

ONE_AT_A_TIME: Final = 0x1ED6E9  # PostgreSQL's advisory lock of an upgrade


def open_ledger(url: str, *, read_only: bool = False) -> Ledger:
    """The ledger at a database URL (sqlite:///path or postgresql://...).

    Makes or upgrades it, unless `read_only`: then one that is not there yet is empty, and is not made. ConfigurationError for
    a URL that is none and for a ledger of a newer version, LedgerUnavailable where the database cannot be used.
    """
    address = parse(url)
    return _open_to_read(address) if read_only else _open_to_write(address)


def _open_to_write(url: URL) -> Ledger:
    path = sqlite_path(url)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerUnavailable(
                N_("The ledger {ledger} cannot be used: {reason}."), ledger=redacted(url), reason=error.strerror or str(error)
            ) from error
    locks = FileLocks(path) if path is not None else NoLocks()
    writer = writer_engine(url)
    if _is_up_to_date(url):
        return Ledger(url, writer=writer, reader=reader_engine(url), locks=locks, is_new=False)
    try:
        with locks.writing(), translated(url), writer.connect() as connection, connection.begin():
            is_new = _lead_to_present(connection)
    except BaseException:
        locks.close()
        raise
    return Ledger(url, writer=writer, reader=reader_engine(url), locks=locks, is_new=is_new)


def _is_up_to_date(url: URL) -> bool:
    """Looked at without a lock: a process that was frozen in the middle of a commit must not keep others from being told about it."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return False
    reader = reader_engine(url)
    try:
        with reader.connect() as connection:
            return present_version(connection) == VERSION
    except DBAPIError:
        return False  # opening it to write tells why
    finally:
        reader.dispose()


def _lead_to_present(connection: Connection) -> bool:
    """Inside the open transaction, while no other process can do the same. Whether there was no ledger before."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ONE_AT_A_TIME})
    version = present_version(connection)
    if version != VERSION:
        _refuse_newer(connection.engine.url, version)
        from importer.ledger.migrations import upgrade  # alembic takes a while to load

        upgrade(connection)
    return version is None


def present_version(connection: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.scalar(select(sql_column("version_num")).select_from(table("alembic_version")))


def _refuse_newer(url: URL, version: str | None) -> None:
    if version is not None and version > VERSION:
        raise ConfigurationError(
            N_("The ledger {ledger} was made by a newer importer (version {found}, this one knows {known}); install that one."),
            ledger=redacted(url),
            found=version,
            known=VERSION,
        )


def _open_to_read(url: URL) -> Ledger:
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return _empty(url)
    reader = reader_engine(url)
    with translated(url), reader.connect() as connection:
        version = present_version(connection)
    if version is None:
        reader.dispose()
        return _empty(url)
    _refuse_newer(url, version)
    if version != VERSION:
        raise LedgerUnavailable(
            N_("The ledger {ledger} is of an earlier version; the next command that sends, such as `importer resume`, upgrades it."),
            ledger=redacted(url),
        )
    return Ledger(url, writer=None, reader=reader, locks=NoLocks(), is_new=False)


def _empty(url: URL) -> Ledger:
    """A ledger without anything in it, in memory."""
    engine: Engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    return Ledger(url, writer=None, reader=engine, locks=NoLocks(), is_new=True)
