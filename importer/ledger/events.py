"""The event that every transition writes in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from importer.ledger.rows import Event, clean
from importer.ledger.schema import events
from importer.ledger.transitions import Cause
from importer.models import Operation, Outcome, Status

__all__ = ["event", "read_events", "write_events"]

_INSERT: Final = insert(events)


def event(
    kind: Cause,
    status: Status,
    *,
    document_id: int,
    entry_id: int,
    batch_id: str | None,
    operation: str,
    actor: str,
    at: datetime,
    message: str = "",
    outcome: Outcome | None = None,
) -> dict[str, object]:
    """The columns of one event; `outcome` tells what was sent and what came back."""
    return {
        "document_id": document_id,
        "entry_id": entry_id,
        "batch_id": batch_id,
        "at": at,
        "actor": actor,
        "kind": kind,
        "operation": operation,
        "status": status,
        "code": clean(outcome.code) if outcome else "",
        "message": message or (clean(outcome.message) if outcome else ""),
        "payload_digest": outcome.payload_digest if outcome else "",
        "payload": clean(outcome.payload) if outcome else "",
        "answer": clean(outcome.answer) if outcome else "",
        "duration_ms": outcome.duration_ms if outcome else 0,
    }


def write_events(connection: Connection, found: Sequence[dict[str, object]]) -> None:
    """All at once."""
    if found:
        connection.execute(_INSERT, found)


def read_events(connection: Connection, document_id: int) -> list[Event]:
    """Everything that happened to one document, in order."""
    rows = connection.execute(select(events).where(events.c.document_id == document_id).order_by(events.c.id))
    return [_event_of(dict(row._mapping)) for row in rows]


def _event_of(values: dict[str, object]) -> Event:
    return Event(**(values | {"operation": Operation(str(values["operation"])), "status": Status(str(values["status"]))}))  # type: ignore[arg-type]  # columns are fields
