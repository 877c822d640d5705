"""Drafts that the default master data accepts, one per document type, to be spoilt field by field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from importer.simulator.erp.documents import Document, Refused
from importer.simulator.erp.drafts import Draft
from importer.simulator.erp.erp import Erp, Outcome
from importer.simulator.erp.kinds import KINDS
from importer.simulator.master import default_master
from importer.simulator.settings import SimulatorSettings

SLIPS = {"misc_receipt": "R01", "misc_issue": "I01", "transfer": "T01", "completion_receipt": "F01"}
LINES: dict[str, dict[str, Any]] = {
    "misc_receipt": {"item_no": "ITEM-0001", "warehouse_no": "W1", "qty": Decimal(5), "reason_no": "101"},
    "misc_issue": {"item_no": "ITEM-0001", "warehouse_no": "W1", "qty": Decimal(5), "reason_no": "101"},
    "transfer": {
        "item_no": "ITEM-0001",
        "out_warehouse_no": "W1",
        "out_unit_no": "PCS",
        "out_qty": Decimal(5),
        "in_warehouse_no": "W2",
        "in_unit_no": "PCS",
        "conversion_rate": Decimal(1),
        "in_qty": Decimal(5),
    },
    "completion_receipt": {"wo_no": "W01-24010001", "item_no": "ITEM-0001", "warehouse_no": "W2", "qty": Decimal(5)},
}


def new_erp(**settings: Any) -> Erp:
    return Erp(SimulatorSettings(**settings), default_master())


def draft(kind: str, *lines: dict[str, Any], doc_no: str = "", **header: Any) -> Draft:
    """A good document with `header` laid over its header and each of `lines` over a good line."""
    return Draft(
        kind=KINDS[kind],
        plant="PLANT1",
        user="tiptop",
        header={"doc_type_no": SLIPS[kind], "doc_date": date(2024, 1, 31), **header},
        lines=tuple({**LINES[kind], **line} for line in lines or ({},)),
        doc_no=doc_no,
    )


def created(erp: Erp, wanted: Draft) -> Document:
    return document(erp.create(wanted))


def act(erp: Erp, operation: Any, done: Document) -> Outcome:
    return erp.act(operation, KINDS[done.kind], done.plant, done.doc_no, user="tiptop")


def document(outcome: Outcome) -> Document:
    assert isinstance(outcome, Document), codes(outcome)
    return outcome


def codes(outcome: Outcome) -> list[str]:
    """Why the ERP refused; [] when it did not."""
    return [reason.code for reason in outcome.reasons] if isinstance(outcome, Refused) else []
