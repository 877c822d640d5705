"""一階段調撥: at create only that the items exist; warehouses, stock, reason and units when it is confirmed (protocol §1.7, §5.4)."""

from __future__ import annotations

from collections.abc import Iterator

from importer.simulator.erp.checks import common
from importer.simulator.erp.checks.facts import Facts, Line, text
from importer.simulator.erp.checks.shortage import shortage
from importer.simulator.erp.documents import Document, Refusal


def date(facts: Facts, document: Document) -> Iterator[Refusal]:
    return common.period(facts, document.doc_date, year_code="mfg6091")


def at_create(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    yield from common.has_lines(document)
    for line in document.lines:
        if text(line, "item_no") not in facts.master.items or not facts.master.items[text(line, "item_no")].active:
            yield Refusal("mfg1201", common.echo(line, "item_no"))


def at_confirm(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from common.has_lines(document)
    yield from common.people(facts, document)
    required = facts.master.data.transfer_reason_required or common.reason_required(facts, document)
    for line in document.lines:
        yield from common.item(facts, line)
        for side in ("out_", "in_"):
            yield from _side(facts, document, line, side)
        yield from _conversion(facts, line)
        yield from common.reason(facts, line, required=required, missing="aim-888")
    yield from shortage(facts, document, code="mfg3471", missing="mfg6101", side="out_", unit="out_unit_no", qty="out_qty")


def at_post(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    for line in document.lines:
        yield from common.right(facts, document, line, "out_warehouse_no")
        yield from common.right(facts, document, line, "in_warehouse_no")
    yield from shortage(facts, document, code="aim-406", missing="aim-406", side="out_", unit="out_unit_no", qty="out_qty")


def _side(facts: Facts, document: Document, line: Line, side: str) -> Iterator[Refusal]:
    yield from common.warehouse(facts, document, line, f"{side}warehouse_no", blank="aim-149")
    yield from common.location(facts, document, line, side)
    yield from common.lot(facts, document, line, side)
    yield from common.quantity(line, f"{side}qty")


def _conversion(facts: Facts, line: Line) -> Iterator[Refusal]:
    """Both units known, and the factor between them given: the ERP takes it as sent (protocol §1.7)."""
    yield from common.unit(facts, line, "out_unit_no")
    yield from common.unit(facts, line, "in_unit_no")
    if not line.get("conversion_rate") or not text(line, "in_unit_no"):
        yield Refusal("mfg3075", common.echo(line, "conversion_rate"))
