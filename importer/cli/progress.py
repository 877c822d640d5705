"""What a person sees while documents are sent: counts, documents per hour, time left. And Ctrl-C that ends cleanly."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any

from importer.api.values import Listener
from importer.cli.language import say
from importer.cli.output import warn
from importer.messages import N_
from importer.models import Batch, Claim, Outcome, Status, reached

__all__ = ["TerminalListener", "stop_on_signal"]

PLAIN_EVERY_S = 10.0  # between lines where standard error is no terminal


class TerminalListener(Listener):
    """Progress on standard error: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bar: Any = None
        self._task: Any = None
        self._reset(0, 0)

    def _reset(self, documents: int, steps: int) -> None:
        self._documents = documents
        self._steps = steps
        self._calls = 0
        self._done = 0
        self._refused = 0
        self._unknown = 0
        self._started = self._told = time.monotonic()
        self._until: Any = None

    def notice(self, text: str, /, **values: object) -> None:
        """A line of its own."""
        warn(text, **values)

    def started(self, batch: Batch, documents: int, steps: int) -> None:
        """Show the bar."""
        self._reset(documents, steps)
        self._until = batch.until
        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self._task = self._bar.add_task("", total=max(steps, 1))
        self._bar.start()

    def progress(self, claim: Claim, outcome: Outcome) -> None:  # noqa: ARG002 - the listener's signature
        """Count one call."""
        with self._lock:
            self._calls += 1
            self._refused += outcome.status is Status.REJECTED
            self._unknown += outcome.status is Status.UNKNOWN
            if outcome.status is Status.SUCCEEDED and outcome.stage is not None and reached(outcome.stage, self._until):
                self._done += 1
            if self._bar is not None:
                self._bar.update(self._task, advance=1, description=self._text())
            elif time.monotonic() - self._told > PLAIN_EVERY_S:
                self._told = time.monotonic()
                sys.stderr.write(self._text() + self._left() + "\n")

    def standing(self, *, calls: int, done: int, refused: int, unknown: int) -> None:
        """Take over what the workers have counted."""
        with self._lock:
            self._calls, self._done, self._refused, self._unknown = calls, done, refused, unknown
            if self._bar is not None:
                self._bar.update(self._task, completed=calls, description=self._text())
            elif time.monotonic() - self._told > PLAIN_EVERY_S:
                self._told = time.monotonic()
                sys.stderr.write(self._text() + self._left() + "\n")

    def _text(self) -> str:
        hours = (time.monotonic() - self._started) / 3600
        return say(
            N_("{done}/{documents} documents, {rate}/h, refused {refused}, unknown {unknown}"),
            done=self._done,
            documents=self._documents,
            rate=f"{self._done / hours:,.0f}" if hours else "-",
            refused=self._refused,
            unknown=self._unknown,
        )

    def _left(self) -> str:
        if not self._calls or self._calls >= self._steps:
            return ""
        seconds = (time.monotonic() - self._started) / self._calls * (self._steps - self._calls)
        return say(N_(", about {minutes} min left"), minutes=round(seconds / 60))

    def waiting(self, due: datetime) -> None:
        """Say until when."""
        warn(N_("Waiting until {time} before asking the ERP again about unknown documents."), time=f"{due.astimezone():%H:%M:%S}")

    def ended(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


@contextmanager
def stop_on_signal() -> Iterator[threading.Event]:
    """The first Ctrl-C (or SIGTERM) asks sending to end after the calls under way; the second ends the process at once.

    Ending at once loses nothing either: what was being sent is asked about by the next `resume`.
    """
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal module's signature
        if stop.is_set():
            os._exit(130)
        stop.set()
        warn(N_("Stopping after the calls under way; press Ctrl-C again to stop at once. Nothing is lost."))

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handle) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
