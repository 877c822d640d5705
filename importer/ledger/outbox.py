"""What people are told: outcomes and notices until they are put into a message, and messages until they have left."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, not_, select, update

from importer.ledger.intake import insert_new
from importer.ledger.owners import Clock
from importer.ledger.watched import WatchedFile, file_of, watched_columns
from importer.ledger.watched_schema import messages_out, watch_notices, watched_files
from importer.ledger.writer import Apply

__all__ = ["Message", "NoticeRow", "Outbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """Something that is told once."""

    folder: str
    key: str
    at: datetime
    notice: str  # JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message on its way to one channel."""

    id: str
    folder: str
    channel: str
    body: str  # JSON
    made_at: datetime
    due_at: datetime
    tries: int
    error: str


_MESSAGE: Final = tuple(messages_out.c[name] for name in ("id", "folder", "channel", "body", "made_at", "due_at", "tries", "error"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digest:
    now: datetime
    folder: str
    files: Sequence[str]
    notices: Sequence[str]
    bodies: Mapping[str, str]  # channel -> JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    message: Message
    now: datetime
    due_at: datetime
    error: str = ""
    state: str = "waiting"


def _notice(connection: Connection, arguments: Sequence[NoticeRow]) -> Sequence[bool]:
    new = insert_new(connection, watch_notices, "folder", "key").returning(watch_notices.c.key)
    noted = []
    for row in arguments:
        values = {"folder": row.folder, "key": row.key, "at": row.at, "notice": row.notice, "told": False}
        noted.append(connection.execute(new.values(values)).first() is not None)
    return noted


def _post(connection: Connection, arguments: Sequence[_Digest]) -> Sequence[bool]:
    return [_post_one(connection, digest) for digest in arguments]


def _post_one(connection: Connection, digest: _Digest) -> bool:
    """All or nothing: another watcher may have put some of it into a message meanwhile."""
    files = select(watched_files.c.id).where(watched_files.c.id.in_(digest.files), not_(watched_files.c.told)).with_for_update()
    of_folder = watch_notices.c.folder == digest.folder
    notices = select(watch_notices.c.key).where(of_folder, watch_notices.c.key.in_(digest.notices), not_(watch_notices.c.told))
    found = len(connection.execute(files).all()) + len(connection.execute(notices.with_for_update()).all())
    if found != len(digest.files) + len(digest.notices):
        return False
    connection.execute(update(watched_files).where(watched_files.c.id.in_(digest.files)).values(told=True))
    connection.execute(update(watch_notices).where(of_folder, watch_notices.c.key.in_(digest.notices)).values(told=True))
    for channel, body in digest.bodies.items():
        message = {"id": uuid.uuid4().hex, "folder": digest.folder, "channel": channel, "body": body, "made_at": digest.now}
        connection.execute(insert(messages_out).values(**message, due_at=digest.now, tries=0, error="", state="waiting"))
    return True


def _take(connection: Connection, arguments: Sequence[_Delivery]) -> Sequence[bool]:
    taken = []
    for item in arguments:
        seen = (messages_out.c.id == item.message.id, messages_out.c.tries == item.message.tries, messages_out.c.state == "waiting")
        values = {"due_at": item.due_at, "tries": messages_out.c.tries + 1}
        taken.append(bool(connection.execute(update(messages_out).where(*seen).values(values)).rowcount))
    return taken


def _forget(connection: Connection, arguments: Sequence[datetime]) -> Sequence[None]:
    for before in arguments:
        connection.execute(delete(messages_out).where(messages_out.c.state != "waiting", messages_out.c.made_at < before))
        connection.execute(delete(watch_notices).where(watch_notices.c.told, watch_notices.c.at < before))
    return [None] * len(arguments)


def _record(connection: Connection, arguments: Sequence[_Delivery]) -> Sequence[None]:
    for item in arguments:
        values = {"due_at": item.due_at, "error": item.error, "state": item.state}
        connection.execute(update(messages_out).where(messages_out.c.id == item.message.id).values(values))
    return [None] * len(arguments)


class Outbox:
    """Notices and messages in one ledger; made by `Ledger.outbox`."""

    def __init__(self, read: Callable[[], AbstractContextManager[Connection]], write: Callable[[Apply, object], Any], clock: Clock) -> None:
        self._read = read
        self._write = write
        self._clock = clock

    def note(self, folder: str, key: str, notice: str) -> bool:
        """Something to be told; False when that key was noted before."""
        with self._read() as connection:
            if connection.execute(select(watch_notices.c.key).where(watch_notices.c.folder == folder, watch_notices.c.key == key)).first():
                return False
        return bool(self._write(_notice, NoticeRow(folder=folder, key=key, at=self._clock.now(), notice=notice)))

    def untold(self, folder: str) -> tuple[list[WatchedFile], list[NoticeRow]]:
        """What is in no message yet: files that have ended, and notices."""
        files = select(*watched_columns()).where(
            watched_files.c.folder == folder, not_(watched_files.c.told), watched_files.c.state == "ended"
        )
        notices = select(watch_notices.c.folder, watch_notices.c.key, watch_notices.c.at, watch_notices.c.notice).where(
            watch_notices.c.folder == folder, not_(watch_notices.c.told)
        )
        with self._read() as connection:
            ended = [file_of(row) for row in connection.execute(files.order_by(watched_files.c.changed_at, watched_files.c.id))]
            rows = connection.execute(notices.order_by(watch_notices.c.at, watch_notices.c.key))
            return ended, [NoticeRow(folder=row.folder, key=row.key, at=row.at, notice=row.notice) for row in rows]

    def post(self, folder: str, files: Sequence[str], notices: Sequence[str], bodies: Mapping[str, str]) -> bool:
        """Put these into one message per channel; False, and nothing was done, when some are in one already."""
        digest = _Digest(now=self._clock.now(), folder=folder, files=files, notices=notices, bodies=bodies)
        return bool(self._write(_post, digest))

    def forget(self, older_than: timedelta) -> None:
        """Messages that have left, and notices that were told, longer ago than this."""
        self._write(_forget, self._clock.now() - older_than)

    def due(self, folder: str) -> list[Message]:
        """Messages that should leave now."""
        wanted = select(*_MESSAGE).where(
            messages_out.c.folder == folder, messages_out.c.state == "waiting", messages_out.c.due_at <= self._clock.now()
        )
        with self._read() as connection:
            return [Message(**row._mapping) for row in connection.execute(wanted.order_by(messages_out.c.made_at, messages_out.c.id))]

    def waiting(self, folder: str) -> int:
        """How many messages have not left yet."""
        wanted = select(messages_out.c.id).where(messages_out.c.folder == folder, messages_out.c.state == "waiting")
        with self._read() as connection:
            return len(connection.execute(wanted).all())

    def take(self, message: Message, hold: timedelta) -> bool:
        """Deliver it now, nobody else does for so long; False when somebody does."""
        now = self._clock.now()
        return bool(self._write(_take, _Delivery(message=message, now=now, due_at=now + hold)))

    def sent(self, message: Message) -> None:
        """It has left."""
        now = self._clock.now()
        self._write(_record, _Delivery(message=message, now=now, due_at=now, state="sent"))

    def failed(self, message: Message, error: str, *, again_in: timedelta | None) -> None:
        """It has not; it is tried again, or given up."""
        now = self._clock.now()
        state = "given_up" if again_in is None else "waiting"
        self._write(_record, _Delivery(message=message, now=now, due_at=now + (again_in or timedelta()), error=error, state=state))
