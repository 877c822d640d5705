"""How a folder is: written by those who work, read by /health, /metrics and the watchdog."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from importer.api.values import Listener
from importer.models import Claim, Outcome

__all__ = ["Pulse", "PulseListener"]


class Pulse:
    """Numbers and moments of one folder since this watcher began."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ended: Counter[str] = Counter()  # files by outcome
        self.calls = 0
        self.rounds = 0
        self.inbox = 0  # files at the last look
        self.working = 0  # files in our hands that are not waiting for an hour
        self.messages = 0  # that have not left
        self.trouble = ""  # what is wrong with ledger or folder; empty: nothing
        self.problem = ""  # why the last file that was tried did not end; empty: it did
        self.stuck = False  # files wait and nothing moves
        self.busy = False  # in a round
        self.moved_at = self.came_at = self.looked_at = datetime.now(UTC)
        self._moved = self._came = self._looked = time.monotonic()
        self._lock = threading.Lock()

    def moved(self) -> None:
        """A file or a document made a step."""
        self._moved, self.moved_at = time.monotonic(), datetime.now(UTC)

    def came(self) -> None:
        """A file came in."""
        self._came, self.came_at = time.monotonic(), datetime.now(UTC)
        self.moved()

    def looked(self) -> None:
        """A round has ended."""
        self.rounds += 1
        self.busy = False
        self._looked, self.looked_at = time.monotonic(), datetime.now(UTC)

    def count(self, outcome: str) -> None:
        """A file ended."""
        with self._lock:
            self.ended[outcome] += 1
        self.moved()

    def called(self) -> None:
        """A call to the ERP ended."""
        with self._lock:
            self.calls += 1
        self.moved()

    @property
    def still_s(self) -> float:
        """For how long nothing has moved."""
        return time.monotonic() - self._moved

    @property
    def silent_s(self) -> float:
        """For how long no file has come."""
        return time.monotonic() - self._came

    @property
    def unseen_s(self) -> float:
        """For how long nobody has looked into the folder."""
        return time.monotonic() - max(self._looked, self._moved)


class PulseListener(Listener):
    """Calls count as movement; sentences go into the log."""

    def __init__(self, pulse: Pulse, log: object) -> None:
        self._pulse = pulse
        self._log = log

    def notice(self, text: str, /, **values: object) -> None:
        """Into the log."""
        self._log.info("notice", text=text.format(**values) if values else text)  # type: ignore[attr-defined]

    def progress(self, claim: Claim, outcome: Outcome) -> None:  # noqa: ARG002 - the listener's signature
        """One call has ended."""
        self._pulse.called()

    def standing(self, *, calls: int, done: int, refused: int, unknown: int) -> None:  # noqa: ARG002 - the listener's signature
        """Workers have made calls."""
        self._pulse.moved()
