"""The watcher, dying by its own hand at a named point of a file's way: `killed_watcher.py POINT ARGUMENT ...`.

With KILLER_SIGNAL=SIGSTOP in its environment it stands still there instead, once, and not while its heartbeat is being written:
on SQLite everybody waits for a transaction that stands still, until its process goes on or dies.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from importer.cli import main
from importer.ledger.ledger import Ledger
from importer.ledger.outbox import Outbox
from importer.ledger.watched import WatchedFiles
from importer.watcher import importing, leaving, taking

POINT = sys.argv[1]
SIGNAL = signal.Signals[os.environ.get("KILLER_SIGNAL", "SIGKILL")]
_reached = False
_beating = threading.Lock()


def reach(point: str) -> None:
    """Die when this is the point."""
    global _reached
    if point == POINT and not _reached:
        _reached = True
        with _beating if SIGNAL is signal.SIGSTOP else nullcontext():
            os.kill(os.getpid(), SIGNAL)


def around(function: Callable[..., Any], *, before: str = "", after: str = "") -> Callable[..., Any]:
    """The same function with a point before or after it."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        reach(before)
        result = function(*arguments, **named)
        reach(after)
        return result

    return wrapped


def beating(function: Callable[..., Any]) -> Callable[..., Any]:
    """The heartbeat, from its begin to its commit."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        with _beating:
            return function(*arguments, **named)

    return wrapped


def ending(function: Callable[..., Any]) -> Callable[..., Any]:
    """`change`, with points around the end of a file."""

    def wrapped(self: WatchedFiles, file: Any, **values: Any) -> Any:
        last = values.get("state") == "ended"
        reach("all moved" if last else "")
        result = function(self, file, **values)
        reach("ended" if last else "")
        return result

    return wrapped


def moving(function: Callable[..., Any]) -> Callable[..., Any]:
    """The moves, with a point after the first of them."""
    from pathlib import Path

    rename, moved = Path.rename, []

    def first(self: Path, target: Any) -> Path:
        found = rename(self, target)
        moved.append(found)
        reach("one moved")
        return found

    def wrapped(*arguments: Any) -> Any:
        Path.rename = first  # type: ignore[method-assign]
        try:
            return function(*arguments)
        finally:
            Path.rename = rename  # type: ignore[method-assign]

    return wrapped


WatchedFiles.beat = beating(WatchedFiles.beat)  # type: ignore[method-assign]
WatchedFiles.claim = around(WatchedFiles.claim, after="claimed")  # type: ignore[method-assign]
taking._taken = around(taking._taken, before="in working", after="noted")
Ledger.add_batch = around(Ledger.add_batch, after="recorded")  # type: ignore[method-assign]
Ledger.record = around(Ledger.record, before="sent")  # type: ignore[method-assign]
importing._run = around(importing._run, after="imported")
leaving._write_message = around(leaving._write_message, after="told beside")
WatchedFiles.leave = around(WatchedFiles.leave, after="decided")  # type: ignore[method-assign]
leaving._moved = moving(leaving._moved)
WatchedFiles.change = ending(WatchedFiles.change)  # type: ignore[method-assign]
Outbox.post = around(Outbox.post, before="gathered", after="posted")  # type: ignore[method-assign]
Outbox.take = around(Outbox.take, after="delivering")  # type: ignore[method-assign]

main(sys.argv[2:])
