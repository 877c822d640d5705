"""雜發 and 雜收: all of the lines is checked at create, again at confirm, and stock once more at post (protocol §5.1, §5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from importer.simulator.erp.checks import common
from importer.simulator.erp.checks.facts import Facts, Line, text
from importer.simulator.erp.checks.shortage import shortage
from importer.simulator.erp.documents import Document, Refusal


def date(facts: Facts, document: Document) -> Iterator[Refusal]:
    return common.period(facts, document.doc_date)


def at_create(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    yield from common.has_lines(document)
    yield from _lines(facts, document)


def at_confirm(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from common.has_lines(document)
    yield from common.people(facts, document)
    yield from _lines(facts, document)


def at_post(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    for line in document.lines:
        if not text(line, "warehouse_no"):
            yield Refusal("aim1167", common.echo(line, "warehouse_no"))
        if not text(line, "unit_no"):
            yield Refusal("asf-031", common.echo(line, "unit_no"))
        yield from common.right(facts, document, line, "warehouse_no")
    if document.kind == "misc_issue":
        yield from shortage(facts, document, code="aim-406", missing="aim-406")


def _lines(facts: Facts, document: Document) -> Iterator[Refusal]:
    required = common.reason_required(facts, document)
    for line in document.lines:
        yield from _line(facts, document, line)
        yield from common.reason(facts, line, required=required)
        if document.kind == "misc_receipt" and facts.master.data.receipt_cost_required and not line.get("unit_price"):
            yield Refusal("aim-031", common.echo(line, "unit_price"))
    if document.kind == "misc_issue":
        yield from shortage(facts, document, code="mfg1303", missing="mfg6069")


def _line(facts: Facts, document: Document, line: Line) -> Iterator[Refusal]:
    yield from common.item(facts, line)
    yield from common.warehouse(facts, document, line, "warehouse_no")
    yield from common.location(facts, document, line)
    yield from common.lot(facts, document, line)
    yield from common.unit(facts, line)
    yield from common.quantity(line)
