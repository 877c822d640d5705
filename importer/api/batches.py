"""status, stories, results, reconcile, resolve."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.api.opening import Site, ledger_to_read, ledger_to_send, limits_for, make_folder, require_url, same_erp
from importer.api.values import BatchStatus, Listener, Reconciled
from importer.errors import ConfigurationError
from importer.messages import N_
from importer.models import Batch, Stage, Status

if TYPE_CHECKING:
    from importer.ledger import Counts, Ledger
    from importer.ledger.fleet import WorkerState
    from importer.pipeline.reporting import Reported
    from importer.pipeline.verifying import Verified

__all__ = ["person", "reconcile", "resolve", "results", "status", "stories", "verify", "workers"]


def results(batch: str, site: Site, *, out: Path | None = None) -> tuple[Batch, Reported]:
    """Write the results workbook of a batch from what the ledger knows now, and that with the rows to fix where there are any."""
    from importer.pipeline.reporting import report as write_report

    make_folder(out)
    with ledger_to_read(site) as ledger:
        found = ledger.batch(batch)
        written = write_report(ledger, found, mapping=site.mapping(found.document_type), mappings=site.mappings, folder=out)
    return found, written


def verify(batch: str, site: Site) -> Verified:
    """Read every document of a batch back from the ERP and compare stage and quantities with the workbook."""
    from importer.pipeline.verifying import verify as compare

    require_url(site.profile)
    with ledger_to_read(site) as ledger:
        found = ledger.batch(batch)
        same_erp(found, site)
        with limits_for(site) as limits:
            return compare(ledger, found, profile=site.profile, mapping=site.mapping(found.document_type), limits=limits)


def status(site: Site, batch: str | None = None, *, limit: int = 50) -> list[BatchStatus]:
    """The newest batches, or one."""
    with ledger_to_read(site) as ledger:
        batches = [ledger.batch(batch)] if batch else ledger.batches(limit)
        return [_status_of(ledger, found) for found in batches]


def _status_of(ledger: Ledger, batch: Batch) -> BatchStatus:
    counts = ledger.counts(batch.id)
    return BatchStatus(
        batch=batch,
        documents=counts.documents,
        stages={stage.value: number for stage, number in counts.stages.items()},
        entries={entry.value: number for entry, number in counts.entries.items()},
        already_imported=counts.already,
        per_second=ledger.fleet.pace(batch.id).per_second if ledger.fleet and _is_going(counts) else 0.0,
    )


def _is_going(counts: Counts) -> bool:
    return any(counts.entries.get(status) for status in (Status.PENDING, Status.SENDING))


def workers(site: Site) -> list[WorkerState]:
    """Those that are alive; none on SQLite."""
    with ledger_to_read(site) as ledger:
        return ledger.fleet.workers() if ledger.fleet and not ledger.is_new else []


def stories(site: Site, batch: str) -> Iterator[dict[str, Any]]:
    """Every document of a batch with all that happened to it."""
    with ledger_to_read(site) as ledger:
        for member, document in ledger.documents(ledger.batch(batch).id):
            record = member.record
            yield {
                "token": record.token,
                "key": record.key,
                "rows": list(member.rows),
                "lines": len(document.lines),
                "stage": record.stage.value,
                "doc_no": record.doc_no,
                "already_imported": member.already,
                "operation": record.entry.operation.value if record.entry else None,
                "status": record.entry.status.value if record.entry else None,
                "erp_code": record.entry.code if record.entry else "",
                "message": record.entry.message if record.entry else "",
                "events": [_event(event) for event in ledger.events(record.id)],
            }


def _event(event: Any) -> dict[str, Any]:
    names = ("at", "actor", "kind", "operation", "status", "code", "message", "payload_digest", "answer", "duration_ms")
    return {name: getattr(event, name) for name in names}


def reconcile(batch: str | None, site: Site, *, wait: bool = True, listener: Listener | None = None) -> list[Reconciled]:
    """Ask the ERP about unknown documents, of one batch or of all unfinished ones. Sends nothing."""
    from importer.pipeline.settling import reconcile as ask

    done = []
    require_url(site.profile)
    with ledger_to_send(site, listener or Listener(), wait=wait) as ledger:
        batches = [ledger.batch(batch)] if batch else ledger.unfinished(site.profile.erp_id)
        for found in batches:
            same_erp(found, site)
            settled = ask(ledger, found, profile=site.profile, mapping=site.mapping(found.document_type))
            left = ledger.counts(found.id).entries.get(Status.UNKNOWN, 0)
            done.append(Reconciled(batch=found.id, settled=settled.settled, unknown=left, due=settled.due, unavailable=settled.unavailable))
    return done


def resolve(token: str, site: Site, *, stage: Stage, doc_no: str, reason: str, wait: bool = True, listener: Listener | None = None) -> str:
    """Record a person's word on an unknown document; its token. `stage` NEW means absent."""
    from importer.pipeline.settling import resolve as settle

    if not reason.strip():
        raise ConfigurationError(N_("Give the reason with --reason; it is recorded."))
    with ledger_to_send(site, listener or Listener(), wait=wait) as ledger:
        ledger.take_over(None)
        record = ledger.find_document(token)
        settle(ledger, record, stage=stage, doc_no=doc_no, actor=person(), reason=reason, grace_s=site.profile.grace_s)
        return record.token


def person() -> str:
    """Who is at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return os.environ.get("USERNAME", "?")
