"""A checked workbook becomes a batch of the ledger; from then on nothing of it is forgotten."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from importer.documents import origin_of
from importer.mapping import Mapping as DocumentType
from importer.messages import N_
from importer.models import Batch, Outcome, Record, Stage, Status
from importer.pipeline.checking import Checked, slip_and_date
from importer.pipeline.kept import Kept
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.ledger import Ledger

__all__ = ["REPLACED", "submit"]

REPLACED: Final = N_("Not sent: a corrected version of this document was handed in.")


def submit(
    checked: Checked, *, profile: Profile, ledger: Ledger, until: Stage, route: str, policy: str, again: str, now: datetime | None = None
) -> Batch | None:
    """Record a checked workbook as a batch; None when the policy lets nothing be sent.

    With `policy` all (the default of staff) nothing is recorded while there is an error; with good or stop the sound
    documents are.
    """
    sheet, mapping = checked.sheet, checked.mapping
    if sheet is None or mapping is None or not checked.documents or (checked.errors and policy == "all"):
        return None
    started = now or datetime.now(UTC)
    batch = Batch(
        id=f"{started.astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
        erp_id=profile.erp_id,
        profile=profile.name,
        document_type=mapping.document_type,
        file=str(checked.path.resolve()),
        sha256=hashlib.sha256(checked.content).hexdigest(),
        sheet=sheet.sheet,
        rows=checked.rows,
        until=mapping.scenario.last_before(until),
        route=route,
        policy=policy,
        language=checked.language,
        again=again,
        created_at=started,
    )
    _withdraw(checked.superseded, mapping=mapping, ledger=ledger)
    members = [(document, *slip_and_date(mapping, document)) for document in checked.documents]
    ledger.add_batch(batch, checked.content, members, issues=_dump(checked))
    return batch


def _withdraw(superseded: Sequence[Record], *, mapping: DocumentType, ledger: Ledger) -> None:
    """What a corrected document replaces must never be sent any more, by whichever batch it waits for (design §4.1 rule 5).

    It ends as rejected, with the reason: `resume` leaves that alone, and only a new run of the former content sends it.
    """
    waiting: dict[str, list[int]] = defaultdict(list)
    for record in superseded:
        if record.stage is Stage.NEW and (record.entry is None or record.entry.status is Status.PENDING):
            waiting[record.batch_id].append(record.id)
    for batch_id, ids in waiting.items():
        with _claimable(ledger, batch_id) as until:
            ledger.enqueue(batch_id, mapping.scenario.steps, until, retry_rejected=False)
            for claim in ledger.claim(batch_id, len(ids), documents=ids):
                ledger.record(claim, Outcome(status=Status.REJECTED, message=REPLACED)).result()


@contextmanager
def _claimable(ledger: Ledger, batch_id: str) -> Iterator[Stage]:
    """A paused batch is open for as long as this lasts, inside the sending lock: what was replaced in it must not be resumed later."""
    batch = ledger.batch(batch_id)
    if batch.state == "paused":
        ledger.set_state(batch_id, "open")
    try:
        yield batch.until
    finally:
        if batch.state == "paused":
            ledger.set_state(batch_id, "paused")


def _dump(checked: Checked) -> bytes:
    wrong_rows = checked.wrong_rows()
    held = [*checked.failed, *(document for document, _ in checked.changed)]
    return Kept(
        issues=checked.issues,
        wrong_rows=wrong_rows,
        refs={row: checked.refs[row] for row in wrong_rows if checked.refs.get(row)},
        keys={row: document.key for document in held for row in document.rows},
        origins=sorted({origin for ref in set(checked.refs.values()) if (origin := origin_of(ref))}),
    ).dump()
