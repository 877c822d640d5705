"""What the page's server is asked to do with a batch that has ended; kept until it is done, so that a restart loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from importer.errors import ConfigurationError
from importer.ledger.people_schema import tasks, uploads
from importer.messages import N_

__all__ = ["Task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do; an upload has one at a time."""

    upload_id: str
    kind: str  # reconcile, undo or verify
    asked_by: str
    at: datetime | None = None


def add_task(connection: Connection, arguments: Sequence[tuple[Task, datetime]]) -> Sequence[Exception | None]:
    """Ask for each; ConfigurationError where the upload has one already."""
    return [_add(connection, task, now) for task, now in arguments]


def _add(connection: Connection, task: Task, now: datetime) -> Exception | None:
    if connection.scalar(select(tasks.c.kind).where(tasks.c.upload_id == task.upload_id)):
        return ConfigurationError(N_("Something is under way with this batch already; wait until it has ended."))
    connection.execute(insert(tasks).values(upload_id=task.upload_id, kind=task.kind, asked_by=task.asked_by, at=now))
    return None


def end_task(connection: Connection, arguments: Sequence[str]) -> Sequence[None]:
    """Done, by upload."""
    connection.execute(delete(tasks).where(tasks.c.upload_id.in_(list(arguments))))
    return [None] * len(arguments)


def found_tasks(connection: Connection, *, profiles: Iterable[str] | None, upload_id: str | None) -> list[Task]:
    """In the order in which they were asked for."""
    wanted = select(tasks).order_by(tasks.c.at, tasks.c.upload_id)
    if profiles is not None:
        wanted = wanted.join(uploads, uploads.c.id == tasks.c.upload_id).where(uploads.c.profile.in_(list(profiles)))
    if upload_id is not None:
        wanted = wanted.where(tasks.c.upload_id == upload_id)
    return [Task(**row._mapping) for row in connection.execute(wanted)]
