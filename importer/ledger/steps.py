"""Which documents of a batch are due for which step: set by set, never one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Subquery, case, insert, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from importer.ledger.schema import batch_documents, documents, entries, events
from importer.ledger.transitions import Cause, check
from importer.models import Operation, Stage, Status, reached

__all__ = ["Due", "enqueue"]

OPEN: Final = text("entries.status <> 'succeeded'")  # to the letter as the index has it, or it is not used


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The steps that lead a batch's documents to `until`."""

    batch_id: str
    operations: Mapping[Stage, Operation]  # by the stage from which they lead on
    until: Stage
    retry_rejected: bool
    own_only: bool  # leave alone what another batch brought or had done
    actor: str
    now: datetime
    documents: Sequence[int] | None = None  # only these

    @property
    def stages(self) -> list[Stage]:
        """From which a step is still to be done."""
        return [stage for stage in self.operations if not _there(stage, self.until)]


def _there(stage: Stage, until: Stage) -> bool:
    return stage is until or (until not in (Stage.VOID, Stage.DELETED) and reached(stage, until))


def enqueue(connection: Connection, arguments: Sequence[Due]) -> Sequence[int]:
    """How many entries of each came to be pending for its batch."""
    return [_enqueue(connection, due) for due in arguments]


def _enqueue(connection: Connection, due: Due) -> int:
    if not due.stages:
        return 0
    steps = _steps(due)
    count = _retry(connection, due, steps) if due.retry_rejected else 0
    count += _move(connection, due, steps) + _insert(connection, due, steps)
    _write_events(connection, due)
    return count


def _steps(due: Due) -> Subquery:
    """Document, position and operation of each step that is due."""
    operation: ColumnElement[str] = case(dict(due.operations), value=documents.c.stage)
    wanted = (
        select(batch_documents.c.document_id, batch_documents.c.position, operation.label("operation"))
        .join(documents, documents.c.id == batch_documents.c.document_id)
        .where(batch_documents.c.batch_id == due.batch_id, documents.c.stage.in_(due.stages))
    )
    if due.documents is not None:
        wanted = wanted.where(batch_documents.c.document_id.in_(due.documents))
    if due.own_only:
        wanted = wanted.where(documents.c.batch_id == due.batch_id, ~batch_documents.c.already)
    return wanted.subquery("steps")


def _retry(connection: Connection, due: Due, steps: Subquery) -> int:
    """Rejected ones once more: only a new run of the same content asks for that (design §4.1, 6)."""
    before = check(Cause.RETRY, Status.PENDING)
    cleared = {"status": Status.PENDING, "since": due.now, "code": "", "message": "", "line": None, "field": ""}
    return connection.execute(
        update(entries)
        .where(entries.c.document_id == steps.c.document_id, entries.c.status == before, OPEN)
        .values(batch_id=due.batch_id, position=steps.c.position, operation=steps.c.operation, **cleared)
    ).rowcount


def _move(connection: Connection, due: Due, steps: Subquery) -> int:
    """What waits for another batch, or for a step of another route, now waits for this one."""
    return connection.execute(
        update(entries)
        .where(entries.c.document_id == steps.c.document_id, entries.c.status == Status.PENDING, OPEN)
        .where(or_(entries.c.batch_id != due.batch_id, entries.c.operation != steps.c.operation))
        .values(batch_id=due.batch_id, position=steps.c.position, operation=steps.c.operation)
    ).rowcount


_COLUMNS: Final = (
    "document_id",
    "batch_id",
    "position",
    "operation",
    "status",
    "attempt",
    "since",
    "code",
    "message",
    "field",
)


def _insert(connection: Connection, due: Due, steps: Subquery) -> int:
    check(Cause.ENQUEUE, Status.PENDING)
    taken = select(entries.c.id).where(entries.c.document_id == steps.c.document_id, OPEN)
    fixed = (literal(Status.PENDING.value), literal(0), literal(due.now, entries.c.since.type), literal(""), literal(""), literal(""))
    found = select(steps.c.document_id, literal(due.batch_id), steps.c.position, steps.c.operation, *fixed).where(~taken.exists())
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = make(entries).from_select(_COLUMNS, found, include_defaults=False)
    new = new.on_conflict_do_nothing(index_elements=["document_id"], index_where=text("status <> 'succeeded'"))
    return connection.execute(new, execution_options={"preserve_rowcount": True}).rowcount


def _write_events(connection: Connection, due: Due) -> None:
    """Of the entries that became pending just now."""
    kind = case((entries.c.attempt > 0, Cause.RETRY.value), else_=Cause.ENQUEUE.value)
    told = select(
        entries.c.document_id,
        entries.c.id,
        entries.c.batch_id,
        entries.c.since,
        literal(due.actor),
        kind,
        entries.c.operation,
        entries.c.status,
        *(literal("") for _ in range(5)),
        literal(0),
    ).where(entries.c.batch_id == due.batch_id, text("entries.status = 'pending'"), entries.c.since == due.now)
    if due.documents is not None:
        told = told.where(entries.c.document_id.in_(due.documents))
    names = [column.name for column in events.c if column.name != "id"]
    connection.execute(insert(events).from_select(names, told, include_defaults=False))
