"""undo, pause, cancel, call."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.api.opening import Site, ledger_to_read, ledger_to_send, ledger_to_write, limits_for, make_folder, require_url, same_erp
from importer.api.values import Listener, UndoReport
from importer.channel.route import GONE
from importer.errors import ConfigurationError, ErpUnavailable
from importer.messages import N_
from importer.models import Batch, Document, Operation, Outcome, Stage, Status
from importer.pipeline.undoing import Undoing, plan
from importer.pipeline.undoing import undo as undo_batch

if TYPE_CHECKING:
    from importer.channel.standard import StandardChannel
    from importer.ledger import Ledger

__all__ = ["call", "set_state", "undo", "undo_plan"]


def undo_plan(batch: str, site: Site) -> UndoReport:
    """What `undo` would do with a batch; nothing is sent, nothing is recorded."""
    with ledger_to_read(site) as ledger:
        found = ledger.batch(batch)
        same_erp(found, site)
        planned = plan(ledger, found, profile=site.profile, mapping=site.mapping(found.document_type))
        return UndoReport(batch=found.id, plan=[_planned(item) for item in planned])


def _planned(item: Undoing) -> dict[str, object]:
    record = item.record
    return {
        "token": record.token,
        "key": record.key,
        "doc_no": record.doc_no,
        "stage": record.stage.value,
        "operations": [operation.value for operation in item.operations],
    }


def undo(
    batch: str,
    site: Site,
    *,
    wait: bool = True,
    out: Path | None = None,
    stop: threading.Event | None = None,
    listener: Listener | None = None,
) -> UndoReport:
    """Take back what a batch brought into the ERP, newest document first, and write its results workbook."""
    from importer.pipeline.reporting import report as write_report

    listener, stop = listener or Listener(), stop or threading.Event()
    make_folder(out)
    require_url(site.profile)
    with ledger_to_send(site, listener, wait=wait) as ledger:
        ledger.take_over(None)
        found = ledger.batch(batch)
        same_erp(found, site)
        mapping = site.mapping(found.document_type)
        planned = plan(ledger, found, profile=site.profile, mapping=mapping)
        listener.started(found, len(planned), sum(len(item.operations) for item in planned))
        try:
            sent = undo_batch(ledger, found, profile=site.profile, mapping=mapping, stop=stop, wait=wait, progress=listener.progress)
        finally:
            listener.ended()
        return UndoReport(
            batch=found.id,
            plan=[_planned(item) for item in planned],
            **_undone(ledger, found, {item.record.token for item in planned}),
            results=write_report(ledger, found, mapping=mapping, mappings=site.mappings, folder=out).results,
            interrupted=sent.interrupted,
            unavailable=sent.unavailable,
        )


def _undone(ledger: Ledger, batch: Batch, tokens: set[str]) -> dict[str, Any]:
    now = ledger.known(batch.erp_id, tokens).values()
    entries = [record.entry.status for record in now if record.entry]
    return {
        "undone": sum(record.stage in GONE for record in now),
        "rejected": entries.count(Status.REJECTED),
        "unknown": entries.count(Status.UNKNOWN) + entries.count(Status.SENDING),
        "stages": {stage.value: number for stage, number in ledger.counts(batch.id).stages.items()},
    }


def set_state(batch: str, site: Site, state: str) -> Batch:
    """Pause or cancel a batch, also while another process is sending it: documents under way are finished, no further one begins."""
    with ledger_to_write(site) as ledger:
        found = ledger.batch(batch)
        if found.state in ("cancelled", "undoing") and state != found.state:
            raise ConfigurationError(N_("Batch {batch} was cancelled or undone already."), batch=found.id)
        ledger.set_state(found.id, state)
        return ledger.batch(found.id)


# -- one operation on one document -----------------------------------------------------------------------------------


def call(
    document_type: str, operation: Operation, doc_no: str, site: Site, *, doc_type_no: str = "", listener: Listener | None = None
) -> dict[str, Any]:
    """Carry out one operation on one document that is in the ERP, once, and say how it stands afterwards.

    Raises ConfigurationError for operations that need a document's content, ErpUnavailable when the ERP cannot be reached.
    """
    from importer.channel.standard import StandardChannel
    from importer.client import Client

    if operation in (Operation.CREATE, Operation.UPDATE, Operation.QUERY, Operation.COMBINED):
        raise ConfigurationError(
            N_("`call` acts on one document of the ERP; for {operation} use run, update or query."), operation=operation.value
        )
    slip = doc_type_no or doc_no.rpartition("-")[0].split("-")[0]
    client = Client(site.profile)
    try:
        with limits_for(site) as limits:
            channel = StandardChannel(site.profile, site.mapping(document_type), client, turn=limits.call)
            if operation is Operation.READ:
                return {"accepted": True, **_standing(channel, slip, doc_no)}
            with ledger_to_send(site, listener or Listener(), wait=True) as ledger:
                return _write(channel, ledger, operation, slip, doc_no)
    finally:
        client.close()


def _write(channel: StandardChannel, ledger: Ledger, operation: Operation, slip: str, doc_no: str) -> dict[str, Any]:
    profile, mapping = channel.profile, channel.mapping
    known = ledger.same_number(profile.erp_id, mapping.document_type, doc_no)
    if known and known.entry and known.entry.status in (Status.SENDING, Status.UNKNOWN):
        raise ConfigurationError(N_("The outcome of the last call for {number} is unknown; run `importer reconcile` first."), number=doc_no)
    done = channel.write(operation, _only_key(mapping.document_type), doc_type_no=slip, doc_no=doc_no)
    try:
        standing = _standing(channel, slip, doc_no)
    except ErpUnavailable:
        standing = {"document_type": mapping.document_type, "doc_no": doc_no, "stage": None}
    reply = done.reply
    if known and standing["stage"] and standing["stage"] != known.stage.value:
        outcome = Outcome(status=Status.SUCCEEDED, payload_digest=done.payload.digest if done.payload else "", answer=done.answer)
        ledger.observe(known.id, operation, Stage(str(standing["stage"])), outcome)
    return {
        "operation": operation.value,
        "accepted": reply.accepted if reply else None,  # None: no trusted answer; `stage` tells how it stands
        "erp_code": reply.code if reply and not reply.accepted else "",
        "message": reply.message if reply else str(done.failure),
        **standing,
    }


def _standing(channel: StandardChannel, slip: str, doc_no: str) -> dict[str, Any]:
    """The document as the ERP has it."""
    from importer.errors import CallFailed

    document_type = channel.mapping.document_type
    try:
        found = channel.read(_only_key(document_type), doc_type_no=slip, doc_no=doc_no)
    except CallFailed as failure:
        raise ErpUnavailable(failure.text, **failure.values) from None
    stage = found.stage.value if found and found.stage else ("deleted" if found is None else None)
    return {"document_type": document_type, "doc_no": doc_no, "stage": stage, "document": found.header if found else None}


def _only_key(document_type: str) -> Document:
    return Document(document_type=document_type, key="", header={}, lines=(), digest="", occurrence=1, token="")
