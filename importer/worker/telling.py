"""What a worker tells while it works: to the database for `status` and whoever follows, and to the metrics."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from importer.errors import LedgerUnavailable
from importer.models import Batch, Claim, Operation, Outcome, Status, reached
from importer.sender import Progress

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.metrics import Metrics

__all__ = ["Telling"]

TELL_S: Final = 1.0


class Telling:
    """Counts from all lanes; a thread of its own writes them down."""

    def __init__(self, ledger: Ledger, *, lanes: int, metrics: Metrics | None) -> None:
        self._ledger = ledger
        self._lanes = lanes
        self._metrics = metrics
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Operation, Status], list[int]] = defaultdict(lambda: [0, 0, 0])
        self._changed: set[tuple[str, Operation, Status]] = set()
        self._busy = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell_until_over, name="telling", daemon=True)

    @property
    def calls(self) -> int:
        """Of this session."""
        with self._lock:
            return sum(calls for calls, _, _ in self._counts.values())

    @property
    def arrived(self) -> int:
        """Documents that came as far as their batch asks."""
        with self._lock:
            return sum(arrived for _, arrived, _ in self._counts.values())

    @contextmanager
    def running(self) -> Iterator[None]:
        """While the session lasts."""
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While a lane carries a chunk."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    def progress(self, batch: Batch) -> Progress:
        """Told of every outcome of a batch."""

        def told(claim: Claim, outcome: Outcome) -> None:
            arrived = outcome.status is Status.SUCCEEDED and outcome.stage is not None and reached(outcome.stage, batch.until)
            key = (batch.id, claim.operation, outcome.status)
            with self._lock:
                self._changed.add(key)
                count = self._counts[key]
                count[0] += 1
                count[1] += arrived
                count[2] += outcome.duration_ms
            if self._metrics is not None:
                self._metrics.called(claim, outcome)

        return told

    def _tell_until_over(self) -> None:
        while not self._over.wait(TELL_S):
            with suppress(LedgerUnavailable):
                self._tell()
        with suppress(LedgerUnavailable):
            self._tell()

    def _tell(self) -> None:
        from importer.ledger.fleet import Tally

        with self._lock:
            changed, self._changed = self._changed, set()
            told = [
                Tally(batch_id=batch_id, operation=operation, status=status, calls=calls, arrived=arrived, milliseconds=spent)
                for batch_id, operation, status in changed
                for calls, arrived, spent in [self._counts[batch_id, operation, status]]
            ]
            busy = self._busy
        if self._ledger.fleet is not None:
            self._ledger.fleet.tell(self._ledger.owner, lanes=self._lanes, busy=busy, told=told)
