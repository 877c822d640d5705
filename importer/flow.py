"""Which claimed step a lane takes next, so that no lane waits for a disk.

A document's next step becomes ready when the commit that holds its intent is done. Meanwhile the lane carries another document;
the writer finds many outcomes waiting and puts them into one commit (design §4.2, 5).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from importer.models import Claim, Outcome

__all__ = ["CLAIMS_PER_LANE", "UNDER_WAY_PER_LANE", "Flow", "FlowLedger", "Ready", "Recorded"]

CLAIMS_PER_LANE: Final = 2  # taken ahead in one commit; what a crash leaves claimed has to be asked about
UNDER_WAY_PER_LANE: Final = 8  # documents begun and not ended; more than one only where the disk is slower than the ERP


class FlowLedger(Protocol):
    """What it needs of the ledger."""

    def claim_soon(self, batch_id: str, limit: int, *, newest_first: bool = False) -> Future[Sequence[Any]]:
        """Pending documents, claimed durably for this process; see `opened`."""

    def opened(self, row: Any) -> Claim:
        """What `claim_soon` claimed."""

    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back that were never sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A claim that is on disk."""

    claim: Claim
    claimed_at: float  # time.monotonic of before its commit
    refused: Outcome | None = None  # there is no channel for it: record this instead of a call


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An outcome on its way to the disk, with the intent of the next step."""

    future: Future[Claim | None]
    at: float  # time.monotonic of before its commit
    last: bool  # no next step is claimed with it
    refused: Outcome | None = None  # of the next step, see Ready


class Flow:
    """The documents of one batch between their claim and their end. Safe to use from many lanes and the ledger's writer."""

    def __init__(
        self,
        ledger: FlowLedger,
        batch_id: str,
        lanes: int,
        stopping: Callable[[], bool],
        *,
        newest_first: bool,
        halt: Callable[[], None],
        per_call: int = 1,
    ) -> None:
        """`per_call` documents go in one call at most. `halt` makes `stopping` true; it is called when the ledger fails."""
        self._ledger = ledger
        self._batch_id = batch_id
        self._ahead = lanes * CLAIMS_PER_LANE * per_call
        self._most = lanes * max(UNDER_WAY_PER_LANE, 2 * per_call)
        self._stopping = stopping
        self._halt = halt
        self._newest_first = newest_first
        self._changed = threading.Condition()
        self._ready: deque[Ready] = deque()  # next steps
        self._fresh: deque[tuple[Any, float]] = deque()  # documents claimed ahead, and when
        self._under_way = 0  # documents taken by a lane and not ended
        self._writing = 0  # of these, how many wait for the commit of an outcome
        self._claiming = False
        self._exhausted = False  # nothing is pending any more
        self.error: BaseException | None = None  # the ledger's

    def take(self) -> Ready | None:
        """The next step to send, waiting for one; None when there is none left or sending stops."""
        with self._changed:
            while not self._stopping() and self.error is None:
                if self._ready:
                    return self._ready.popleft()
                self._claim_ahead()
                if self._fresh and self._under_way < self._most:
                    row, claimed_at = self._fresh.popleft()
                    self._under_way += 1
                    break
                if self._exhausted and not self._fresh and not self._under_way:
                    return None
                self._changed.wait(0.2)  # `stopping` has no bell of its own
            else:
                return None
        return Ready(claim=self._ledger.opened(row), claimed_at=claimed_at)

    def more(self, first: Ready, most: int) -> list[Ready]:
        """Up to so many further steps that may go in one call with `first`, as far as they are ready now.

        The same operation, tried for the first time: what an answer to several left in doubt is sent alone the next time.
        """
        if most < 1 or not _in_company(first, first):
            return []
        with self._changed:
            found = [ready for ready in self._ready if _in_company(ready, first)][:most]
            for ready in found:
                self._ready.remove(ready)
            while len(found) < most and self._fresh:
                row, claimed_at = self._fresh.popleft()
                ready = Ready(claim=self._ledger.opened(row), claimed_at=claimed_at)
                self._under_way += 1
                if not _in_company(ready, first):
                    self._ready.append(ready)
                    break
                found.append(ready)
            self._claim_ahead()
        return found

    def follow(self, recorded: Recorded) -> None:
        """The step was sent and its outcome is being written: what follows is ready when that is done."""
        with self._changed:
            self._writing += 1
        at, refused = recorded.at, recorded.refused  # `recorded` itself holds the future, which would hold it
        recorded.future.add_done_callback(lambda future: self._written(future, at, refused))

    def finish(self) -> None:
        """Wait for what is being written, and release what was claimed and not sent. Raises what the ledger raised."""
        with self._changed:
            self._changed.wait_for(lambda: not self._writing and not self._claiming)
            left = [self._ledger.opened(row) for row, _ in self._fresh] + [ready.claim for ready in self._ready]
            self._fresh.clear()
            self._ready.clear()
        if self.error is not None:
            raise self.error
        if left:
            self._ledger.release(left)

    def _claim_ahead(self) -> None:
        """Ask for more while there is still something to do."""
        if self._claiming or self._exhausted or len(self._fresh) > self._ahead // 2:
            return
        self._claiming = True
        asked_at = time.monotonic()  # before the commit: this process may be frozen right after it
        future = self._ledger.claim_soon(self._batch_id, self._ahead, newest_first=self._newest_first)
        future.add_done_callback(lambda done: self._claimed(done, asked_at))

    # -- told by the ledger's writer -----------------------------------------------------------------------------------

    def _claimed(self, future: Future[Sequence[Any]], asked_at: float) -> None:
        with self._changed:
            self._claiming = False
            if (error := future.exception()) is not None:
                self._fail(error)
            else:
                rows = future.result()
                self._exhausted = not rows
                self._fresh.extend((row, asked_at) for row in rows)
            self._changed.notify_all()

    def _written(self, future: Future[Claim | None], at: float, refused: Outcome | None) -> None:
        with self._changed:
            self._writing -= 1
            if (error := future.exception()) is not None:
                self._under_way -= 1
                self._fail(error)
            elif (following := future.result()) is not None:
                self._ready.append(Ready(claim=following, claimed_at=at, refused=refused))
            else:
                self._under_way -= 1
            self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        self.error = self.error or error
        self._halt()


def _in_company(ready: Ready, first: Ready) -> bool:
    return ready.refused is None and ready.claim.attempt == 1 and ready.claim.operation is first.claim.operation
