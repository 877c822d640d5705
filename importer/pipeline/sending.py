"""Carry a batch as far as it asks, settling what is unknown on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from importer.channel.route import Route
from importer.client import Client
from importer.errors import ErpUnavailable
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Batch, Status
from importer.pace import Pace
from importer.pipeline.limits import limits_of
from importer.reconciler import Reconciler, Settled
from importer.sender import TWICE, Progress, Sender
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["CLAIMABLE", "Carried", "Carry", "Sending", "Sent", "send"]


CLAIMABLE: Final = ("open", "undoing")  # states of a batch that may be sent from
OTHERS_S: Final = 0.5  # between looks at what another process is sending
BARREN_ROUNDS: Final = 3  # rounds of sending in which nothing succeeds, before the ERP counts as down


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How one round of sending ended."""

    reason: ErpUnavailable | None = None  # the ERP is down or refuses the login
    refused: bool = False  # stopped at a refusal
    succeeded: int = 0  # calls that led a document on
    untold: bool = False  # nobody told of any call, as when all workers died: that says nothing of the ERP


Carry = Callable[["Ledger", Batch, Callable[[], object]], Carried]
"""Sends what is pending of a batch, as this process's lanes do; the last argument asks the ERP for a sign of life."""
Waiting = Callable[[datetime], None]
"""Told when sending waits for the end of a grace period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How far sending a batch came."""

    interrupted: bool = False
    unavailable: ErpUnavailable | None = None  # the ERP is down or refuses the login
    human: int = 0  # unknown, and the ERP cannot settle it
    twice: int = 0  # documents that the ERP has under several numbers


def send(
    ledger: Ledger,
    batch: Batch,
    *,
    profile: Profile,
    mapping: DocumentType,
    stop: threading.Event,
    retry_rejected: bool,
    wait: bool = True,
    look_first: bool = False,
    progress: Progress | None = None,
    on_wait: Waiting | None = None,
    carry: Carry | None = None,
) -> Sent:
    """Carry the documents of a batch as far as it asks, then settle what is unknown, until nothing more can be done.

    Inside the ledger's sending lock. `stop` ends it cleanly at any moment, and so does another process that pauses or cancels
    the batch. With `wait` the grace period of unknown documents
    is waited out. `look_first` asks the ERP for every document before its create. `carry` sends in
    place of lanes of this process. Raises LedgerUnavailable when nothing can
    be recorded any more.
    """
    client = Client(profile)
    try:
        with limits_of(ledger, profile) as limits:
            route = Route(profile, mapping, client, name=batch.route, until=batch.until, turn=limits.call, custom_turn=limits.post)
            sending = Sending(ledger, batch, route, stop, look_first=look_first, progress=progress, carry=carry)
            return sending.run(retry_rejected=retry_rejected, on_wait=on_wait if wait else None, wait=wait)
    except ErpUnavailable as error:
        return Sent(unavailable=error)
    finally:
        client.close()


class Sending:
    """Rounds of settling and sending over one batch."""

    def __init__(
        self,
        ledger: Ledger,
        batch: Batch,
        route: Route,
        stop: threading.Event,
        *,
        look_first: bool,
        progress: Progress | None,
        carry: Carry | None = None,
    ) -> None:
        self._ledger = ledger
        self._batch = batch
        self._route = route
        self._stop = stop
        self._reconciler = Reconciler(ledger, route)
        self._look = self._reconciler if look_first else None
        self._progress = progress
        self._carry = carry
        self._pace = Pace(route.lanes) if route.profile.adaptive and route.lanes > 1 else None
        self._twice = 0

    def run(self, *, retry_rejected: bool, wait: bool, on_wait: Waiting | None) -> Sent:
        sent = self._rounds(retry_rejected=retry_rejected, wait=wait, on_wait=on_wait)
        return replace(sent, twice=self._twice)

    def _rounds(self, *, retry_rejected: bool, wait: bool, on_wait: Waiting | None) -> Sent:
        self._ledger.take_over(self._batch.id)
        self._enqueue(retry_rejected=retry_rejected)
        if not self._anything_to_do():
            return Sent()
        if self._carry is None:  # else whoever hands out asks, when the documents are in the queue already
            self._route.probe()
        self._settle()
        barren = 0
        while True:
            carried = self._send()
            if self._stop.is_set() or self._ledger.batch(self._batch.id).state not in CLAIMABLE:
                return Sent(interrupted=True)
            if carried.reason or carried.refused:
                return Sent(unavailable=carried.reason)
            settled = self._settle()
            if carried.succeeded:
                barren = 0
            elif not carried.untold:
                barren += 1
            if settled.unavailable or barren > BARREN_ROUNDS:
                return Sent(unavailable=settled.unavailable or ErpUnavailable(N_("The ERP keeps failing; nothing succeeds any more.")))
            if settled.settled:
                continue
            if wait and settled.due is None and self._others_at_work():
                barren = 0
                if self._stop.wait(OTHERS_S):
                    return Sent(interrupted=True)
                continue
            if settled.due is None or not wait:
                return Sent(human=settled.human)
            if on_wait is not None:
                on_wait(settled.due)
            if _wait_until(settled.due, self._stop):
                return Sent(interrupted=True)

    def _send(self) -> Carried:
        self._enqueue(retry_rejected=False)
        if self._carry is not None:
            carried = self._carry(self._ledger, self._batch, self._route.probe)
            self._twice = len(self._ledger.remarks(self._batch.id, TWICE))
            return carried
        sender = Sender(
            self._ledger,
            self._route,
            stop=self._stop,
            stop_on_refusal=self._batch.policy == "stop",
            language=self._batch.language,
            look=self._look,
            pace=self._pace,
            progress=self._progress,
        )
        sender.run(self._batch.id)
        self._twice += sender.twice
        return Carried(reason=sender.health.reason, refused=sender.refused, succeeded=sender.succeeded)

    def _settle(self) -> Settled:
        return self._reconciler.settle(self._batch.id, lanes=self._route.profile.concurrency, stopped=self._stop.is_set)

    def _enqueue(self, *, retry_rejected: bool) -> int:
        route = self._route
        return self._ledger.enqueue(self._batch.id, route.steps, route.until, retry_rejected=retry_rejected, own_only=route.undoing)

    def _anything_to_do(self) -> bool:
        entries = self._ledger.counts(self._batch.id).entries
        return any(entries.get(status) for status in (Status.PENDING, Status.SENDING, Status.UNKNOWN))

    def _others_at_work(self) -> bool:
        """Whether another process is sending documents of this batch, or has left some to us."""
        left = self._ledger.take_over(self._batch.id) + self._enqueue(retry_rejected=False)
        return bool(left or self._ledger.counts(self._batch.id).entries.get(Status.SENDING))


def _wait_until(due: datetime, stop: threading.Event) -> bool:
    """Wait for a moment, or until `stop` is set; whether it is."""
    while (left := (due - datetime.now(UTC)).total_seconds()) > 0:
        if stop.wait(min(left + 0.01, 0.5)):
            return True
    return stop.is_set()
