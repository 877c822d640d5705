"""Files of watched folders: who has which, how far it is, and where it ends. Every change names its owner, so that one who was
frozen and has lost a file changes nothing any more."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Insert, and_, case, delete, exists, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from importer.ledger.owners import Clock
from importer.ledger.rows import clean
from importer.ledger.schema import batches
from importer.ledger.watched_schema import watched_files
from importer.ledger.writer import Apply

__all__ = ["Sighting", "WatchedFile", "WatchedFiles", "file_of", "watched_columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A file as it lay in the inbox, complete."""

    name: str  # below the inbox, parts divided by /
    size: int  # bytes
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFile:
    """One file on its way."""

    id: str
    folder: str
    name: str
    size: int
    mtime_ns: int
    sha256: str
    state: str  # claimed (its name in the inbox is ours), working (it is in our hands), leaving (its end is decided), ended
    owner: str
    lease_until: datetime
    claimed_at: datetime
    changed_at: datetime
    due_at: datetime
    step: str  # import, or post: what was created waits for its hour
    attempts: int
    attempting: bool
    crashes: int
    trouble_since: datetime | None
    batch_id: str
    exit_code: int
    report: str
    outcome: str  # done, tofix, failed
    targets: str
    target: str
    told: bool


_NAMES: Final = tuple(field.name for field in fields(WatchedFile))
_COLUMNS: Final = tuple(watched_files.c[name] for name in _NAMES)
_OPEN: Final = watched_files.c.state != "ended"


def watched_columns() -> tuple[Any, ...]:
    """The columns of a file, in the order of its fields."""
    return _COLUMNS


def file_of(row: Any) -> WatchedFile:
    """Of a row of these columns."""
    return WatchedFile(**dict(zip(_NAMES, row, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    clock: Clock
    folder: str
    owner: str
    lease: timedelta
    sighting: Sighting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    clock: Clock
    id: str
    owner: str
    values: dict[str, object]


def _claim(connection: Connection, arguments: Sequence[_Wanted]) -> Sequence[WatchedFile | None]:
    return [_claim_one(connection, wanted) for wanted in arguments]


def _claim_one(connection: Connection, wanted: _Wanted) -> WatchedFile | None:
    now, seen = _now(connection, wanted.clock), wanted.sighting
    if seen is None:
        return None
    file = WatchedFile(
        id=uuid.uuid4().hex[:16],
        folder=wanted.folder,
        name=clean(seen.name),
        size=seen.size,
        mtime_ns=seen.mtime_ns,
        sha256="",
        state="claimed",
        owner=wanted.owner,
        lease_until=now + wanted.lease,
        claimed_at=now,
        changed_at=now,
        due_at=now,
        step="import",
        attempts=0,
        attempting=False,
        crashes=0,
        trouble_since=None,
        batch_id="",
        exit_code=0,
        report="{}",
        outcome="",
        targets="[]",
        target="",
        told=True,
    )
    new = _on_claimed(connection).values({name: getattr(file, name) for name in _NAMES})
    return file if connection.execute(new.returning(watched_files.c.id)).first() else None  # a row count is not told by every driver


def _on_claimed(connection: Connection) -> Insert:
    """An insert that does nothing where another watcher has its hand on that name."""
    where, elements = text("state = 'claimed'"), ["folder", "name"]
    if connection.dialect.name == "sqlite":
        return sqlite.insert(watched_files).on_conflict_do_nothing(index_elements=elements, index_where=where)
    return postgresql.insert(watched_files).on_conflict_do_nothing(index_elements=elements, index_where=where)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(watched_files.c.owner == "", watched_files.c.lease_until < now)


def _take_over(connection: Connection, arguments: Sequence[_Wanted]) -> Sequence[list[WatchedFile]]:
    taken = []
    for wanted in arguments:
        now = _now(connection, wanted.clock)
        mine = (
            update(watched_files)
            .where(watched_files.c.folder == wanted.folder, _OPEN, _free(now))
            .values(
                owner=wanted.owner,
                lease_until=now + wanted.lease,
                crashes=watched_files.c.crashes + case((watched_files.c.attempting, 1), else_=0),
            )
            .returning(*_COLUMNS)
        )
        taken.append([file_of(row) for row in connection.execute(mine)])
    return taken


def _beat(connection: Connection, arguments: Sequence[_Wanted]) -> Sequence[None]:
    for wanted in arguments:
        until = _now(connection, wanted.clock) + wanted.lease
        mine = and_(watched_files.c.owner == wanted.owner, _OPEN)
        connection.execute(update(watched_files).where(mine).values(lease_until=until))
    return [None] * len(arguments)


def _change(connection: Connection, arguments: Sequence[_Change]) -> Sequence[bool]:
    changed = []
    for change in arguments:
        values = {**change.values, "changed_at": _now(connection, change.clock)}
        held = (watched_files.c.id == change.id, watched_files.c.owner == change.owner, _OPEN)
        changed.append(bool(connection.execute(update(watched_files).where(*held).values(values)).rowcount))
    return changed


def _leave(connection: Connection, arguments: Sequence[_Change]) -> Sequence[bool]:
    """As `_change`, refused where the target is another file's already."""
    left = []
    for change in arguments:
        taken = select(watched_files.c.id).where(
            watched_files.c.target == change.values["target"],
            watched_files.c.id != change.id,
            watched_files.c.folder == select(watched_files.c.folder).where(watched_files.c.id == change.id).scalar_subquery(),
        )
        left.append(not connection.scalar(select(exists(taken))) and _change(connection, [change])[0])
    return left


def _drop(connection: Connection, arguments: Sequence[_Change]) -> Sequence[None]:
    for change in arguments:
        held = (watched_files.c.id == change.id, watched_files.c.owner == change.owner, watched_files.c.state == "claimed")
        connection.execute(delete(watched_files).where(*held))
    return [None] * len(arguments)


def _release(connection: Connection, arguments: Sequence[_Wanted]) -> Sequence[None]:
    for wanted in arguments:
        mine = and_(watched_files.c.owner == wanted.owner, _OPEN)
        connection.execute(update(watched_files).where(mine).values(owner=""))
    return [None] * len(arguments)


def _now(connection: Connection, clock: Clock) -> datetime:
    clock.follow(connection)
    return clock.now()


class WatchedFiles:
    """The files of watched folders in one ledger; made by `Ledger.watched`."""

    def __init__(self, read: Callable[[], AbstractContextManager[Connection]], write: Callable[[Apply, object], Any], clock: Clock) -> None:
        self._read = read
        self._write = write
        self._clock = clock

    def now(self) -> datetime:
        """The ledger's present time."""
        return self._clock.now()

    def claim(self, folder: str, sighting: Sighting, *, owner: str, lease: timedelta) -> WatchedFile | None:
        """Lay a hand on a name of the inbox; None when another watcher has."""
        wanted = _Wanted(clock=self._clock, folder=folder, owner=owner, lease=lease, sighting=sighting)
        found: WatchedFile | None = self._write(_claim, wanted)
        return found

    def take_over(self, folder: str, *, owner: str, lease: timedelta) -> list[WatchedFile]:
        """Files that nobody holds, or whose holder has been silent for its lease."""
        if not self._any(watched_files.c.folder == folder, _free(self._clock.now())):  # nothing is written for an idle folder
            return []
        found: list[WatchedFile] = self._write(_take_over, _Wanted(clock=self._clock, folder=folder, owner=owner, lease=lease))
        return found

    def beat(self, *, owner: str, lease: timedelta) -> None:
        """All files of this owner are good for another lease."""
        if not self._any(watched_files.c.owner == owner):
            return
        self._write(_beat, _Wanted(clock=self._clock, folder="", owner=owner, lease=lease))

    def release(self, *, owner: str) -> None:
        """This owner ends; anybody may take up its files at once."""
        self._write(_release, _Wanted(clock=self._clock, folder="", owner=owner, lease=timedelta()))

    def change(self, file: WatchedFile, **values: object) -> bool:
        """Note something of a file; False when it is no longer this owner's, and then nothing was changed."""
        return bool(self._write(_change, _Change(clock=self._clock, id=file.id, owner=file.owner, values=values)))

    def leave(self, file: WatchedFile, *, target: str, **values: object) -> bool:
        """Decide a file's end; False when it is no longer this owner's or `target` is another file's."""
        values = {"state": "leaving", "target": target, **values}
        return bool(self._write(_leave, _Change(clock=self._clock, id=file.id, owner=file.owner, values=values)))

    def drop(self, file: WatchedFile) -> None:
        """Take the hand off a name again: the file was not there any more."""
        self._write(_drop, _Change(clock=self._clock, id=file.id, owner=file.owner, values={}))

    def get(self, id_: str) -> WatchedFile | None:
        """One file as it is now."""
        with self._read() as connection:
            row = connection.execute(select(*_COLUMNS).where(watched_files.c.id == id_)).first()
        return file_of(row) if row else None

    def open_files(self, folder: str, *, owner: str | None = None) -> list[WatchedFile]:
        """Files that have not ended, of one owner or of all, the longest here first."""
        wanted = select(*_COLUMNS).where(watched_files.c.folder == folder, _OPEN).order_by(watched_files.c.claimed_at, watched_files.c.id)
        if owner is not None:
            wanted = wanted.where(watched_files.c.owner == owner)
        with self._read() as connection:
            return [file_of(row) for row in connection.execute(wanted)]

    def _any(self, *conditions: ColumnElement[bool]) -> bool:
        with self._read() as connection:
            return bool(connection.scalar(select(exists(select(watched_files.c.id).where(_OPEN, *conditions)))))

    def known(self, folder: str, ids: Sequence[str]) -> dict[str, str]:
        """The states of these files, by id."""
        wanted = select(watched_files.c.id, watched_files.c.state).where(watched_files.c.folder == folder, watched_files.c.id.in_(ids))
        with self._read() as connection:
            return {row.id: row.state for row in connection.execute(wanted)}

    def batch_of(self, path: str, since: datetime) -> str:
        """The newest batch that a file at this path became since then; empty when none."""
        wanted = select(batches.c.id).where(batches.c.file == clean(path), batches.c.created_at >= since - timedelta(minutes=5))
        with self._read() as connection:
            return connection.scalar(wanted.order_by(batches.c.created_at.desc(), batches.c.id.desc()).limit(1)) or ""
