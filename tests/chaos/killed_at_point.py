"""The importer, dying by its own hand at a named point of the send loop: `killed_at_point.py POINT TIMES ARGUMENT ...`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from importer.channel.route import Route
from importer.cli import main
from importer.ledger.ledger import Ledger

POINT, TIMES = sys.argv[1], int(sys.argv[2])
_passed = 0
_lock = threading.Lock()


def reach(point: str) -> None:
    """Die when this is the point and it has been passed often enough."""
    global _passed
    if point != POINT:
        return
    with _lock:
        _passed += 1
        if _passed >= TIMES:
            os.kill(os.getpid(), signal.SIGKILL)


def around(function: Callable[..., Any], *, before: str = "", after: str = "") -> Callable[..., Any]:
    """The same function with a point before or after it."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        reach(before)
        result = function(*arguments, **named)
        reach(after)
        return result

    return wrapped


def recorded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`record`, with "after record" reached when the outcome is on disk."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        reach("before record")
        future = function(*arguments, **named)
        future.add_done_callback(lambda _: reach("after record"))
        return future

    return wrapped


def claimed_soon(function: Callable[..., Any]) -> Callable[..., Any]:
    """`claim_soon`, with "claimed" reached when the claims are on disk."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        future = function(*arguments, **named)
        future.add_done_callback(lambda _: reach("claimed"))
        return future

    return wrapped


Ledger.claim = around(Ledger.claim, after="claimed")  # type: ignore[method-assign]
Ledger.claim_soon = claimed_soon(Ledger.claim_soon)  # type: ignore[method-assign]
Ledger.record = recorded(Ledger.record)  # type: ignore[method-assign]
Route.write = around(Route.write, before="before call", after="after call")  # type: ignore[method-assign]

main(sys.argv[3:])
