"""The event that every transition writes in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select

from importer.ledger.prepared import Prepared
from importer.ledger.rows import Event, clean
from importer.ledger.schema import entries, events
from importer.ledger.transitions import Cause
from importer.models import Operation, Outcome, Status

__all__ = ["event", "read_events", "write_events"]

_NAMES: Final = (
    "document",
    "entry",
    "now",
    "who",
    "why",
    "step",
    "state",
    "erp_code",
    "words",
    "sent_digest",
    "sent",
    "came_back",
    "took_ms",
)
_INSERT: Final = Prepared(
    insert(events).values(
        document_id=bindparam("document"),
        entry_id=bindparam("entry"),
        batch_id=select(entries.c.batch_id).where(entries.c.id == bindparam("entry")).scalar_subquery(),
        at=bindparam("now"),
        actor=bindparam("who"),
        kind=bindparam("why"),
        operation=bindparam("step"),
        status=bindparam("state"),
        code=bindparam("erp_code"),
        message=bindparam("words"),
        payload_digest=bindparam("sent_digest"),
        payload=bindparam("sent"),
        answer=bindparam("came_back"),
        duration_ms=bindparam("took_ms"),
    ),
    *_NAMES,
)
_NOTHING: Final = Outcome(status=Status.PENDING)


def event(
    kind: Cause,
    status: Status,
    document_id: int,
    entry_id: int,
    operation: str,
    *,
    actor: str,
    at: datetime,
    message: str = "",
    outcome: Outcome = _NOTHING,
) -> dict[str, object]:
    """What write_events takes; `outcome` tells what was sent and what came back, `message` replaces its own."""
    return {
        "document": document_id,
        "entry": entry_id,
        "now": at,
        "who": actor,
        "why": kind,
        "step": operation,
        "state": status,
        "erp_code": clean(outcome.code),
        "words": message or clean(outcome.message),
        "sent_digest": outcome.payload_digest,
        "sent": clean(outcome.payload),
        "came_back": clean(outcome.answer),
        "took_ms": outcome.duration_ms,
    }


def write_events(connection: Connection, found: Sequence[dict[str, object]]) -> None:
    """All at once, under the batch that each entry belongs to."""
    _INSERT.run(connection, found)


def read_events(connection: Connection, document_id: int) -> list[Event]:
    """Everything that happened to one document, in order."""
    rows = connection.execute(select(events).where(events.c.document_id == document_id).order_by(events.c.id))
    return [_event_of(dict(row._mapping)) for row in rows]


def _event_of(values: dict[str, object]) -> Event:
    return Event(**(values | {"operation": Operation(str(values["operation"])), "status": Status(str(values["status"]))}))  # type: ignore[arg-type]  # columns are fields
