"""What the ledger may forget: the story and the workbooks of what has long ended, never that a document was imported.

Of a batch in which nothing is left to be done: the events (with payloads and answers) and the kept workbook. Documents, their
entries, numbers and stages stay for ever: they are what makes a second import impossible, and what `undo` works with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, exists, func, not_, or_, select, text, update

from importer.ledger.people_schema import uploads
from importer.ledger.reading import still_going
from importer.ledger.schema import batches, documents, entries, events, workbooks
from importer.ledger.watched_schema import watched_files

__all__ = ["Pruned", "Sizes", "prune", "shrink", "sizes"]

AT_ONCE: Final = 20_000  # events in one transaction, so that whoever sends at the same time does not wait for long
ENDED: Final = ("cancelled", "undoing")  # states of a batch that is not carried on; a paused one is, some day
FINISHED_UPLOADS: Final = ("ended", "returned", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much was forgotten, and whether there may be more."""

    events: int
    workbooks: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large the ledger is."""

    size: int  # bytes on disk
    documents: int
    events: int
    workbooks: int  # bytes of workbooks that are kept


def _finished(before: datetime) -> Select[tuple[str]]:
    """Batches handed in before, whose documents have all arrived or were refused, and that nothing has happened to since."""
    alive = exists().where(
        entries.c.batch_id == batches.c.id, or_(entries.c.since >= before, text("entries.status IN ('pending', 'sending', 'unknown')"))
    )
    ended = or_(batches.c.state.in_(ENDED), and_(batches.c.state == "open", not_(still_going())))
    return select(batches.c.id).where(batches.c.created_at < before, ended, not_(alive))


def prune(connection: Connection, arguments: Sequence[datetime]) -> Sequence[Pruned]:
    """Forget one portion of what ended before each moment."""
    return [_prune(connection, before) for before in arguments]


def _prune(connection: Connection, before: datetime) -> Pruned:
    old = select(events.c.id).where(events.c.batch_id.in_(_finished(before)), events.c.at < before).limit(AT_ONCE)
    told = connection.execute(delete(events).where(events.c.id.in_(old))).rowcount
    if told == AT_ONCE:
        return Pruned(events=told, workbooks=0, more=True)
    books = connection.execute(update(workbooks).where(func.length(workbooks.c.content) > 0, *_unused(before)).values(content=b""))
    return Pruned(events=told, workbooks=books.rowcount, more=False)


def _unused(before: datetime) -> list[ColumnElement[bool]]:
    """Workbooks that no batch, upload or watched file needs any more."""
    sha256 = workbooks.c.sha256
    batch = exists().where(batches.c.sha256 == sha256, batches.c.id.not_in(_finished(before)))
    upload = exists().where(uploads.c.sha256 == sha256, or_(uploads.c.at >= before, uploads.c.state.not_in(FINISHED_UPLOADS)))
    watched = exists().where(watched_files.c.sha256 == sha256, or_(watched_files.c.changed_at >= before, watched_files.c.state != "ended"))
    return [not_(batch), not_(upload), not_(watched)]


def shrink(engine: Engine) -> None:
    """Give the room back: of SQLite to the disk, of PostgreSQL to what is written next. While nobody else writes."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("VACUUM")  # outside of SQLAlchemy, which begins a transaction before everything
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
        return
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as outside:
        outside.exec_driver_sql("VACUUM (ANALYZE) events, workbooks")


def sizes(connection: Connection) -> Sizes:
    """How large the ledger is, and with what."""
    if connection.dialect.name == "sqlite":
        size = connection.scalar(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
    else:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    count = select(func.count()).select_from
    return Sizes(
        size=int(size or 0),
        documents=connection.scalar(count(documents)) or 0,
        events=connection.scalar(count(events)) or 0,
        workbooks=int(connection.scalar(select(func.sum(func.length(workbooks.c.content)))) or 0),
    )
