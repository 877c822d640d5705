"""Who may claim: a process inside its sending lock, known to others by a heartbeat."""

from __future__ import annotations

import getpass
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from importer.errors import LedgerUnavailable
from importer.ledger.locking import FileLocks, NoLocks
from importer.ledger.schema import owners
from importer.ledger.transitions import NotSending
from importer.ledger.writer import Writer
from importer.messages import N_

__all__ = ["BEAT", "LEASE", "SESSION", "Clock", "Sessions", "actor"]

LEASE: Final = timedelta(seconds=30)
"""An owner that was silent for so long is dead, where no file lock tells it (PostgreSQL)."""
HEARTBEAT_S: Final = 5.0
SESSION: Final = "importer "  # and the owner's id: how its connection is known to the database server
MUTEX_S: Final = 2.0  # longer than any thread needs to come in or go out


def actor() -> str:
    """Who the events of this process name: user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "?"
    return f"{user}@{socket.gethostname()}"


class Clock:
    """One time for all processes of a ledger: the database server's where there is one, else this machine's."""

    def __init__(self) -> None:
        self._server: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The present time, UTC."""
        if self._server is None:
            return datetime.now(UTC)
        then, monotonic = self._server
        return then + timedelta(seconds=time.monotonic() - monotonic)

    def follow(self, connection: Connection) -> None:
        """Take the server's time."""
        if connection.dialect.name != "sqlite":
            found: datetime = connection.scalars(select(func.clock_timestamp())).one()
            self._server = (found.astimezone(UTC), time.monotonic())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owner:
    id: str
    clock: Clock
    before: Sequence[str] = ()  # earlier owners of this process that could not say that they ended


BEAT: Final = update(owners).where(owners.c.id == bindparam("me")).values(heartbeat_at=bindparam("now"))
_END: Final = update(owners).where(owners.c.id == bindparam("me")).values(ended=True)


def _register(connection: Connection, arguments: Sequence[_Owner]) -> Sequence[None]:
    for owner in arguments:
        owner.clock.follow(connection)
        now = owner.clock.now()
        _end_all(connection, owner.before)
        values = {"id": owner.id, "host": socket.gethostname(), "pid": os.getpid(), "started_at": now, "heartbeat_at": now}
        connection.execute(insert(owners), values | {"ended": False})
        if connection.dialect.name != "sqlite":
            connection.execute(select(func.set_config("application_name", f"{SESSION}{owner.id}", False)))  # noqa: FBT003 - SQL's own
    return [None] * len(arguments)


def _beat(connection: Connection, arguments: Sequence[_Owner]) -> Sequence[None]:
    for owner in arguments:
        owner.clock.follow(connection)
        connection.execute(BEAT, {"me": owner.id, "now": owner.clock.now()})
    return [None] * len(arguments)


def _end(connection: Connection, arguments: Sequence[_Owner]) -> Sequence[None]:
    _end_all(connection, [owner.id for owner in arguments])
    return [None] * len(arguments)


def _end_all(connection: Connection, ids: Sequence[str]) -> None:
    if ids:
        connection.execute(_END, [{"me": owner} for owner in ids])


class Sessions:
    """The sending lock of this process: threads share it, and one owner stands for all of them while any is inside."""

    def __init__(self, writer: Writer, locks: FileLocks | NoLocks, clock: Clock) -> None:
        self._writer = writer
        self._locks = locks
        self._clock = clock
        self._mutex = threading.Lock()
        self._inside = 0
        self._held = ExitStack()
        self._owner: _Owner | None = None
        self._lost: list[str] = []  # owners whose connection was lost

    @property
    def owner(self) -> str:
        """The id that claims of this moment carry; NotSending outside the lock."""
        owner = self._owner
        if owner is None:
            raise NotSending("claims are taken only inside `with ledger.sending_lock():`")
        return owner.id

    @contextmanager
    def sending(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> Iterator[None]:
        """See Ledger.sending_lock."""
        self._enter(wait=wait, on_wait=on_wait)
        try:
            yield
        finally:
            with self._mutex:
                self._inside -= 1
                if not self._inside:
                    self._owner = None
                    self._held.close()

    def renew(self, writer: Writer) -> None:
        """After a lost connection, when nothing of the former owner is under way any more: another owner stands for the threads
        that are inside, and what the former one was sending may be taken over at once."""
        with self._mutex:
            if not self._inside:
                self._writer = writer
                return
            if self._owner is not None:
                self._lost.append(self._owner.id)
                self._owner = None
                self._held.close()
            self._writer = writer
            self._begin(wait=True, on_wait=None)

    def _enter(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> None:
        # Another thread of this process may hold the mutex for as long as it waits for another process.
        if not self._mutex.acquire(timeout=-1 if wait else MUTEX_S):
            raise LedgerUnavailable(N_("The ledger is in use by another process, and this one waits for it already."))
        try:
            if not self._inside:
                self._begin(wait=wait, on_wait=on_wait)
            self._inside += 1
        finally:
            self._mutex.release()

    def _begin(self, *, wait: bool, on_wait: Callable[[str], None] | None) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._locks.sending(wait=wait, on_wait=on_wait))
            owner = _Owner(id=uuid.uuid4().hex, clock=self._clock, before=tuple(self._lost))
            self._writer.do(_register, owner)
            self._lost.clear()
            stack.callback(self._finish, owner)
            stack.enter_context(self._beating(owner))
            self._held = stack.pop_all()
        self._owner = owner

    def _finish(self, owner: _Owner) -> None:
        """Queued behind every outcome of the session; what is still being sent then may be taken over at once."""
        with suppress(LedgerUnavailable):  # then the lease tells it
            self._writer.do(_end, owner)

    @contextmanager
    def _beating(self, owner: _Owner) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._beat_until, args=(over, owner), name="ledger-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat_until(self, over: threading.Event, owner: _Owner) -> None:
        with suppress(LedgerUnavailable):  # everybody else has been told, too
            while not over.wait(HEARTBEAT_S):
                self._writer.do(_beat, owner)
