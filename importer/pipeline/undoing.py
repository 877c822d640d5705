"""Take back what a batch brought into the ERP: the mapping's reverse operations, newest document first."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.channel.route import GONE, Route
from importer.client import Client
from importer.errors import ErpUnavailable
from importer.mapping import Mapping as DocumentType
from importer.models import Batch, Operation, Record, Stage
from importer.pipeline.limits import limits_of
from importer.pipeline.sending import Sending, Sent
from importer.sender import Progress
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["Undoing", "plan", "undo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """One document and the operations that take it back."""

    record: Record
    operations: tuple[Operation, ...]


def plan(ledger: Ledger, batch: Batch, *, profile: Profile, mapping: DocumentType) -> list[Undoing]:
    """What `undo` would do, newest document first. Only documents that this batch created; those imported before are left alone."""
    client = Client(profile)
    try:
        route = Route(profile, mapping, client, name="undo")
    finally:
        client.close()
    found = [
        Undoing(record=member.record, operations=_operations(route, member.record.stage))
        for member in ledger.members(batch.id)
        if member.record.batch_id == batch.id and not member.already
    ]
    return [item for item in reversed(found) if item.operations]


def _operations(route: Route, stage: Stage) -> tuple[Operation, ...]:
    operations = []
    while stage not in GONE and stage in route.steps:
        operation, stage = route.steps[stage]
        operations.append(operation)
    return tuple(operations)


def undo(
    ledger: Ledger, batch: Batch, *, profile: Profile, mapping: DocumentType, stop: threading.Event, wait: bool, progress: Progress | None
) -> Sent:
    """Take a batch back. What the ERP refuses to reverse stays as it is and is reported as rejected; run it again to try again.

    Inside the ledger's sending lock. From now on the batch is not resumed.
    """
    client = Client(profile)
    try:
        ledger.set_state(batch.id, "undoing")
        with limits_of(ledger, profile) as limits:
            route = Route(profile, mapping, client, name="undo", turn=limits.call)
            sending = Sending(ledger, batch, route, stop, look_first=False, progress=progress)
            return sending.run(retry_rejected=True, wait=wait, on_wait=None)
    except ErpUnavailable as error:
        return Sent(unavailable=error)
    finally:
        client.close()
