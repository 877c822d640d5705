"""A person's own call on a document that the ledger knows (`importer call`): told, so that the ledger goes on knowing how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from importer.ledger.events import event, write_events
from importer.ledger.schema import documents, entries
from importer.ledger.transitions import Cause, check
from importer.models import Operation, Outcome, Stage, Status

__all__ = ["Observed", "observe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One operation that was carried out outside of any batch, and the stage at which the ERP reports the document since."""

    document_id: int
    operation: Operation
    stage: Stage
    outcome: Outcome
    actor: str
    now: datetime


def observe(connection: Connection, arguments: Sequence[Observed]) -> Sequence[None]:
    """Note each as an entry that has succeeded; what is pending for the document stays so."""
    for observed in arguments:
        _observe(connection, observed)
    return [None] * len(arguments)


def _observe(connection: Connection, observed: Observed) -> None:
    check(Cause.BY_HAND, Status.SUCCEEDED)
    batch_id = select(documents.c.batch_id).where(documents.c.id == observed.document_id).scalar_subquery()
    entry_id = connection.scalar(
        insert(entries)
        .returning(entries.c.id)
        .values(
            document_id=observed.document_id,
            batch_id=batch_id,
            position=0,
            operation=observed.operation,
            status=Status.SUCCEEDED,
            attempt=1,
            since=observed.now,
            code="",
            message="",
            field="",
        )
    )
    connection.execute(update(documents).where(documents.c.id == observed.document_id).values(stage=observed.stage))
    told = event(
        Cause.BY_HAND,
        Status.SUCCEEDED,
        observed.document_id,
        int(entry_id or 0),
        observed.operation,
        actor=observed.actor,
        at=observed.now,
        outcome=observed.outcome,
    )
    write_events(connection, [told])
