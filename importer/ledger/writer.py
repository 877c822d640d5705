"""The one thread that writes: it takes whatever is waiting, commits it at once, and tells everybody (design §4.2, 5)."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from importer.errors import LedgerUnavailable
from importer.ledger.engines import is_passing, translated
from importer.messages import N_

__all__ = ["Apply", "Writer"]

GROUP: Final = 500  # changes in one commit at most
TRIES: Final = 5  # of one transaction that others keep disturbing

Apply = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does a list of changes of one kind inside the open transaction and gives the result of each; a result that is an exception
becomes the error of that change alone. It may be called again after a rollback, so it must not keep anything."""


@dataclass(frozen=True, slots=True)
class _Change:
    apply: Apply
    argument: object
    future: Future[Any]
    careful: Apply | None  # instead of `apply`, alone, after it failed

    def alone(self) -> _Change | None:
        """How to try it once more; None when that is no use."""
        return dataclasses.replace(self, apply=self.careful, careful=None) if self.careful else None


class Writer:
    """Owns the writing connection. `exclusive()` is held for the length of each transaction."""

    def __init__(self, engine: Engine, exclusive: Callable[[], AbstractContextManager[object]]) -> None:
        self._engine = engine
        self._exclusive = exclusive
        self._queue: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # between submit and close: nothing is queued behind the end
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._broken: LedgerUnavailable | None = None
        self._closed = False

    def submit(self, apply: Apply, argument: object, careful: Apply | None = None) -> Future[Any]:
        """Queue one change. Its future is done once it is on disk. `careful` does the same where `apply` raised."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # a change that is queued can no longer be called back
        with self._lock:
            if self._closed:
                raise LedgerUnavailable(N_("The ledger was closed."))
            if self._broken:
                raise _again(self._broken)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)
                self._thread.start()
            self._queue.put(_Change(apply, argument, future, careful))
        return future

    def do(self, apply: Apply, argument: object) -> Any:
        """Submit, wait, and give the result."""
        return self.submit(apply, argument).result()

    def close(self) -> None:
        """Write what is queued, then end the thread and the connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread:
            self._thread.join()
        self._engine.dispose()

    def _work(self) -> None:
        going = True
        while going:
            group, going = self._waiting()
            if group:
                self._write(group)
        if self._connection:
            with self._exclusive():  # the last connection's end moves the log into the database
                self._connection.close()

    def _waiting(self) -> tuple[list[_Change], bool]:
        found: list[_Change] = []
        while len(found) < GROUP:
            try:
                change = self._queue.get(block=not found)
            except queue.Empty:
                break
            if change is None:
                return found, False
            found.append(change)
        return found, True

    def _write(self, group: list[_Change]) -> None:
        """All in one transaction; where a change is at fault, each in its own, so that it fails alone."""
        try:
            if self._broken:
                raise _again(self._broken)
            with translated(self._engine.url):
                results: Sequence[Any] = self._transaction(group)
        except LedgerUnavailable as error:
            # Perhaps the commit went through and only its answer was lost: nothing may be applied a second time.
            self._broken = self._broken or error
            results = [_again(error) for _ in group]
        except Exception as error:  # noqa: BLE001 - handed to the callers through their futures
            if len(group) > 1:
                for change in group:
                    self._write([change])
                return
            if careful := group[0].alone():
                self._write([careful])
                return
            results = [error]
        for change, result in zip(group, results, strict=True):
            _finish(change.future, result)

    def _transaction(self, group: list[_Change]) -> list[Any]:
        """Tried again while another process's transaction, now ended, was in the way."""
        for left in reversed(range(TRIES)):
            try:
                return self._attempt(group)
            except IntegrityError:
                if len(group) > 1 or left < TRIES - 1:  # once more for one that looked first, and was overtaken since
                    raise
            except DBAPIError as error:
                if not left or not is_passing(error):
                    raise
        raise AssertionError  # pragma: no cover - the last try returns or raises

    def _attempt(self, group: list[_Change]) -> list[Any]:
        results: list[Any] = []
        with self._exclusive():
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                for apply, changes in groupby(group, key=lambda change: change.apply):
                    results += apply(self._connection, [change.argument for change in changes])
        return results


def _again(error: LedgerUnavailable) -> LedgerUnavailable:
    """The same error as an object of its own: one that is raised in many threads would collect all their tracebacks."""
    return type(error)(error.text, **error.values)


def _finish(future: Future[Any], result: object) -> None:
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
