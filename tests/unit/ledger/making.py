"""Small documents, batches and outcomes for the ledger's tests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from importer.ledger import Ledger
from importer.models import Batch, Claim, Document, Line, Member, Operation, Outcome, Stage, Status

ERP = "test"
TYPE = "misc_issue"
STEPS = {
    Stage.NEW: (Operation.CREATE, Stage.CREATED),
    Stage.CREATED: (Operation.APPROVE, Stage.APPROVED),
    Stage.APPROVED: (Operation.POST, Stage.POSTED),
}
UNDO = {
    Stage.POSTED: (Operation.DISPOST, Stage.APPROVED),
    Stage.APPROVED: (Operation.DISAPPROVE, Stage.CREATED),
    Stage.CREATED: (Operation.DELETE, Stage.DELETED),
}


def token(name: object) -> str:
    return base64.b32encode(hashlib.sha256(str(name).encode()).digest())[:16].decode()


def document(name: object, *, first_row: int = 3, lines: int = 2) -> Document:
    return Document(
        document_type=TYPE,
        key=f"K{name}",
        header={"doc_date": date(2026, 1, 31), "remark": "發料"},
        lines=tuple(Line(row=first_row + at, fields={"item_no": f"I{at}", "qty": Decimal("1.50")}) for at in range(lines)),
        digest=f"digest of {name}",
        occurrence=1,
        token=token(name),
    )


def batch(id_: str, *, until: Stage = Stage.POSTED, content: bytes = b"workbook") -> Batch:
    return Batch(
        id=id_,
        erp_id=ERP,
        profile="test",
        document_type=TYPE,
        file="/in/雜發.xlsx",
        sha256=hashlib.sha256(content).hexdigest(),
        sheet="雜發單",
        rows=4,
        until=until,
        route="standard",
        policy="all",
        language="zh_TW",
    )


def confirm(ledger: Ledger) -> None:
    ledger.confirm_erp(ERP, standard_url="http://erp/s", custom_url="http://erp/c", plant="P1")


def hand_in(
    ledger: Ledger, id_: str, names: Iterable[object], *, until: Stage = Stage.POSTED, content: bytes = b"workbook"
) -> list[Member]:
    """A batch with one small document for each name."""
    documents = [document(name, first_row=3 + 2 * at) for at, name in enumerate(names)]
    members = [(one, "I01", "2026-01-31") for one in documents]
    return ledger.add_batch(batch(id_, until=until, content=content), content, members, issues=b"[]")


def enqueue(ledger: Ledger, id_: str, *, until: Stage = Stage.POSTED, retry_rejected: bool = False) -> int:
    return ledger.enqueue(id_, STEPS, until, retry_rejected=retry_rejected)


def created(doc_no: str) -> Outcome:
    return Outcome(status=Status.SUCCEEDED, stage=Stage.CREATED, doc_no=doc_no)


def succeeded(claim: Claim) -> Outcome:
    """As the ERP would answer the step of a claim."""
    stage = {
        Operation.CREATE: Stage.CREATED,
        Operation.APPROVE: Stage.APPROVED,
        Operation.POST: Stage.POSTED,
        Operation.DISPOST: Stage.APPROVED,
        Operation.DISAPPROVE: Stage.CREATED,
        Operation.DELETE: Stage.DELETED,
    }[claim.operation]
    return Outcome(status=Status.SUCCEEDED, stage=stage, doc_no=claim.doc_no or f"I01-{claim.document_id}")


def post_all(ledger: Ledger, id_: str) -> None:
    """Send everything that is pending, and each step after it."""
    while claims := ledger.claim(id_, 100):
        for claim in claims:
            at: Claim | None = claim
            while at:
                outcome = succeeded(at)
                at = ledger.record(at, outcome, then=STEPS.get(outcome.stage or Stage.NEW)).result()
