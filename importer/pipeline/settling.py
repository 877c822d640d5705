"""What became of unknown documents: the ERP's word, or a person's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from importer.channel.route import Route
from importer.client import Client
from importer.errors import ConfigurationError
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Batch, Outcome, Record, Stage, Status
from importer.pipeline.limits import Limits, limits_of
from importer.reconciler import Reconciler, Settled
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["reconcile", "resolve", "tend"]


def reconcile(ledger: Ledger, batch: Batch, *, profile: Profile, mapping: DocumentType) -> Settled:
    """Ask the ERP once about every unknown document of a batch. Inside the ledger's sending lock."""
    with limits_of(ledger, profile) as limits:
        return _settle(ledger, batch, profile, mapping, limits)[0]


def tend(ledger: Ledger, batch: Batch, *, profile: Profile, mapping: DocumentType, limits: Limits) -> Settled:
    """The same, and what is proven absent or was left by a dead process is made pending again, as far as the batch asks."""
    settled, route = _settle(ledger, batch, profile, mapping, limits)
    ledger.enqueue(batch.id, route.steps, route.until, retry_rejected=False)
    return settled


def _settle(ledger: Ledger, batch: Batch, profile: Profile, mapping: DocumentType, limits: Limits) -> tuple[Settled, Route]:
    client = Client(profile)
    try:
        ledger.take_over(batch.id)
        route = Route(profile, mapping, client, name=batch.route, until=batch.until, turn=limits.call)
        return Reconciler(ledger, route).settle(batch.id, lanes=profile.concurrency), route
    finally:
        client.close()


def resolve(ledger: Ledger, record: Record, *, stage: Stage, doc_no: str, actor: str, reason: str, grace_s: float) -> None:
    """Record a person's word on an unknown document. `stage` NEW means: it is not in the ERP.

    Raises ConfigurationError when the document is not unknown, a number is missing, or "absent" comes before the grace is over.
    """
    entry = record.entry
    if entry is None or entry.status is not Status.UNKNOWN:
        raise ConfigurationError(N_("Document {token} is not unknown; there is nothing to resolve."), token=record.token)
    if stage is Stage.NEW:
        passed = (datetime.now(UTC) - entry.since).total_seconds() if entry.since else grace_s
        if passed < grace_s:
            raise ConfigurationError(
                N_("The call may still be at work in the ERP: resolve as absent only after another {seconds} s."),
                seconds=round(grace_s - passed) + 1,
            )
        ledger.settle(entry.id, Outcome(status=Status.PENDING), actor=actor, reason=reason)
        return
    number = doc_no or record.doc_no
    if not number:
        raise ConfigurationError(N_("Give the document's number with --doc-no."))
    outcome = Outcome(status=Status.SUCCEEDED, stage=stage, doc_no=number, doc_type_no=record.doc_type_no)
    ledger.settle(entry.id, outcome, actor=actor, reason=reason)
