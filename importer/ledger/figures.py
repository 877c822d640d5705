"""Figures for the dashboard, each by one aggregated query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from importer.ledger.people_schema import uploads
from importer.ledger.rows import OPEN_ENTRY
from importer.ledger.schema import batches, documents, entries, events
from importer.ledger.transitions import Cause
from importer.models import Operation, Stage, Status

__all__ = ["Duration", "Scope", "Standing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose batches count: all of some profiles, and what a person handed in on the page."""

    profiles: Collection[str]
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Documents of one batch that stand alike."""

    at: datetime  # when the batch was handed in
    stage: Stage
    status: Status | None  # of the open entry
    until: Stage
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long calls of one operation took."""

    operation: Operation
    calls: int
    average_ms: float
    longest_ms: int


def _counts(scope: Scope, since: datetime) -> ColumnElement[bool]:
    own = select(uploads.c.batch_id).where(uploads.c.uploader == scope.person, uploads.c.batch_id.is_not(None))
    return and_(batches.c.created_at >= since, or_(batches.c.profile.in_(list(scope.profiles)), batches.c.id.in_(own)))


def standings(connection: Connection, scope: Scope, since: datetime) -> list[Standing]:
    """Of the batches since a moment; a document counts with the batch that brought it."""
    columns = (batches.c.created_at, documents.c.stage, entries.c.status, batches.c.until)
    wanted = (
        select(*columns, func.count())
        .select_from(documents.join(batches, batches.c.id == documents.c.batch_id).outerjoin(entries, OPEN_ENTRY))
        .where(_counts(scope, since))
        .group_by(*columns)
        .order_by(batches.c.created_at)
    )
    return [
        Standing(at=at, stage=Stage(stage), status=Status(status) if status else None, until=Stage(until), documents=number)
        for at, stage, status, until, number in connection.execute(wanted)
    ]


def durations(connection: Connection, scope: Scope, since: datetime) -> list[Duration]:
    """Of the calls of the batches since a moment."""
    wanted = (
        select(events.c.operation, func.count(), func.avg(events.c.duration_ms), func.max(events.c.duration_ms))
        .select_from(batches.join(documents, documents.c.batch_id == batches.c.id).join(events, events.c.document_id == documents.c.id))
        .where(_counts(scope, since), events.c.kind == Cause.RECORD)
        .group_by(events.c.operation)
    )
    found = {operation: (calls, average, longest) for operation, calls, average, longest in connection.execute(wanted)}
    return [
        Duration(operation=operation, calls=calls, average_ms=float(average), longest_ms=longest)
        for operation in Operation
        if operation in found
        for calls, average, longest in (found[operation],)
    ]
