"""What the workers do now and then, whichever of them: settle unknown documents past their grace, and tidy up.

Folders are not looked through here: whichever worker takes the job may not see the folder (see `importer.watcher.duty`).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from importer.errors import ErpUnavailable, ImporterError
from importer.models import Batch, Status
from importer.pipeline.settling import tend
from importer.worker.following import hand_out
from importer.worker.queue import Periodic, Queue

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.worker.working import Working

__all__ = ["own_work"]

RECONCILE = "* * * * *"  # every minute


def own_work(ledger: Ledger, working: Working, conninfo: str, *, prune_after_days: float) -> list[Periodic]:
    """Of every worker."""
    return [
        Periodic(name="reconcile", cron=RECONCILE, run=lambda: _reconcile(ledger, working, conninfo)),
        Periodic(name="tidy", cron="17 3 * * *", run=lambda: _tidy(ledger, prune_after_days)),
    ]


def _reconcile(ledger: Ledger, working: Working, conninfo: str) -> None:
    """Each batch that was handed to the workers: what is unknown is asked about, what waits and is in no queue is handed out."""
    if ledger.fleet is None:
        return
    with Queue(conninfo) as queue:
        for batch_id in ledger.fleet.handed_out():
            with suppress(ErpUnavailable):
                _tend(ledger, ledger.batch(batch_id), working, queue)


def _tend(ledger: Ledger, batch: Batch, working: Working, queue: Queue) -> None:
    fleet = ledger.fleet
    assert fleet is not None  # noqa: S101 - the caller has looked
    try:
        place = working.place(batch)
    except ImporterError:
        return  # another worker's configuration knows this profile
    site = place.site
    settled = tend(ledger, batch, profile=site.profile, mapping=site.mapping(batch.document_type), limits=place.limits)
    hand_out(queue, fleet, batch, site)
    unknown = ledger.counts(batch.id).entries.get(Status.UNKNOWN, 0)
    if not fleet.is_open(batch.id) and unknown <= settled.human:  # done, or left to a person
        fleet.take_back(batch.id)


def _tidy(ledger: Ledger, prune_after_days: float) -> None:
    if ledger.fleet is not None:
        ledger.fleet.sweep()
    if prune_after_days:
        ledger.prune(datetime.now(UTC) - timedelta(days=prune_after_days))
