"""`run --workers`: a batch is cut into chunks, handed to the queue and followed until nothing of it is left to be sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from importer.api.opening import Site
from importer.api.values import Listener
from importer.errors import ConfigurationError, ErpUnavailable
from importer.ledger.address import libpq
from importer.messages import N_
from importer.models import Batch
from importer.pipeline.sending import CLAIMABLE, Carried
from importer.worker.chunks import Chunk, cut, priorities
from importer.worker.queue import Queue
from importer.worker.working import lock_of

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.ledger.fleet import Fleet

__all__ = ["carrier", "hand_out"]

LOOK_S: Final = 0.5  # between looks at how far the workers are
TAKE_OVER_S: Final = 5.0  # between looks for dead workers, and for chunks that got lost
STUCK_S: Final = 10.0  # without any progress before the ERP is asked for a sign of life
MANY: Final = 500  # documents, from which on the database's own counts must know of them
SILENT: Final = 3  # signs of life that it may fail to give


def hand_out(queue: Queue, fleet: Fleet, batch: Batch, site: Site) -> int:
    """Put everything of a batch that is to be sent into the queue, unless chunks of it are there; the number of documents."""
    documents = fleet.pending(batch.id)
    if not documents or queue.depth(batch.id):
        return 0
    if len(documents) >= MANY:
        fleet.count_anew()
    profile = site.profile
    per_call = 1 if batch.route == "combined" else profile.documents_per_call
    stop_at = fleet.rejected(batch.id) + 1 if batch.policy == "stop" else None
    chunks = [Chunk(batch=batch.id, documents=some, stop_at=stop_at) for some in cut(documents, profile.concurrency, per_call)]
    queue.put(chunks, priorities(len(documents), len(chunks), queue.front()), lock=lock_of(site))
    return len(documents)


def carrier(site: Site, listener: Listener, stop: threading.Event) -> Callable[[Ledger, Batch, Callable[[], object]], Carried]:
    """What `send` uses in place of lanes of its own."""
    conninfo = libpq(site.settings.ledger_url)
    if conninfo is None:
        raise ConfigurationError(N_("Workers need a PostgreSQL ledger; the ledger of this configuration is a SQLite file."))

    def carry(ledger: Ledger, batch: Batch, probe: Callable[[], object]) -> Carried:
        fleet = ledger.fleet
        assert fleet is not None  # noqa: S101 - as libpq said
        with Queue(conninfo) as queue:
            return _Following(site, ledger, fleet, queue, batch, listener, stop, probe).run()

    return carry


@dataclass(slots=True)
class _Following:
    site: Site
    ledger: Ledger
    fleet: Fleet
    queue: Queue
    batch: Batch
    listener: Listener
    stop: threading.Event
    probe: Callable[[], object]
    _alone: bool = False  # it was said that no worker is there
    _looked_at: float = 0.0
    _silent: int = 0  # signs of life that the ERP did not give, one after the other
    _moved_at: float = field(default_factory=time.monotonic)

    def run(self) -> Carried:
        """Raises ErpUnavailable where the ERP gives no sign of life to begin with; the workers go on when it does."""
        self.fleet.hand_out(self.batch.id)
        refused_before = self.fleet.rejected(self.batch.id)
        hand_out(self.queue, self.fleet, self.batch, self.site)
        self.probe()  # now that no worker has to wait for it
        before = now = self.fleet.pace(self.batch.id)
        while self.fleet.is_open(self.batch.id):
            if self.stop.wait(LOOK_S):
                self.listener.notice(N_("The workers carry on; `importer pause {batch}` stops them."), batch=self.batch.id)
                break
            if self.ledger.batch(self.batch.id).state not in CLAIMABLE:
                break
            if self.batch.policy == "stop" and self.fleet.rejected(self.batch.id) > refused_before and not self._sending():
                return Carried(refused=True)
            last, now = now, self.fleet.pace(self.batch.id)
            if now.calls != last.calls:
                self._moved_at = time.monotonic()
                self._silent = 0
                self.listener.standing(
                    calls=now.calls - before.calls,
                    done=now.done - before.done,
                    refused=now.rejected - before.rejected,
                    unknown=now.unknown - before.unknown,
                )
            if reason := self._stuck():
                return Carried(reason=reason)
        now = self.fleet.pace(self.batch.id)
        calls, failed = now.calls - before.calls, now.rejected - before.rejected + now.unknown - before.unknown
        return Carried(succeeded=max(0, calls - failed), untold=not calls)

    def _sending(self) -> bool:
        from importer.models import Status

        return bool(self.ledger.counts(self.batch.id).entries.get(Status.SENDING))

    def _stuck(self) -> ErpUnavailable | None:
        """Now and then: take over from dead workers, hand out what got lost; and ask the ERP when nothing moves."""
        if time.monotonic() - self._looked_at < TAKE_OVER_S:
            return None
        self._looked_at = time.monotonic()
        self.ledger.take_over(self.batch.id)
        hand_out(self.queue, self.fleet, self.batch, self.site)
        if not self.fleet.workers():
            if not self._alone:
                self.listener.notice(N_("No worker is running; start one with `importer worker`."))
            self._alone = True
        elif time.monotonic() - self._moved_at > STUCK_S:
            self._alone = False
            return self._asked()
        return None

    def _asked(self) -> ErpUnavailable | None:
        """Whether the ERP gives no sign of life, several times in a row."""
        try:
            self.probe()
        except ErpUnavailable as error:
            self._silent += 1
            return error if self._silent >= SILENT else None
        self._silent = 0
        return None
