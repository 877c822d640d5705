"""完工入庫: the work order decides what may come in (protocol §5.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from importer.simulator.erp.checks import common
from importer.simulator.erp.checks.facts import Facts, Line, stock_key, text
from importer.simulator.erp.documents import Document, Refusal
from importer.simulator.erp.stock import ZERO
from importer.simulator.master import WorkOrder


def date(facts: Facts, document: Document) -> Iterator[Refusal]:
    return common.period(facts, document.doc_date, year_code="mfg6091")


def at_create(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    yield from common.has_lines(document)
    yield from _lines(facts, document)


def light(_facts: Facts, document: Document) -> Iterator[Refusal]:
    """The MES service looks at little more than the header; what is wrong shows when it posts (protocol §8)."""
    return common.has_lines(document)


def at_confirm(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from common.has_lines(document)
    yield from common.people(facts, document)
    yield from _lines(facts, document)


def at_post(facts: Facts, document: Document) -> Iterator[Refusal]:
    yield from date(facts, document)
    for line in document.lines:
        yield from common.right(facts, document, line, "warehouse_no")
    yield from _work_order_quantities(facts, document)


def _lines(facts: Facts, document: Document) -> Iterator[Refusal]:
    for line in document.lines:
        order = facts.master.work_orders.get(text(line, "wo_no"))
        if order is None:
            yield Refusal("mfg9005", common.echo(line, "wo_no"))
        else:
            yield from _order(document, line, order)
        yield from _place(facts, document, line)
    yield from _work_order_quantities(facts, document)


def _order(document: Document, line: Line, order: WorkOrder) -> Iterator[Refusal]:
    shown = common.echo(line, "wo_no")
    if not order.active:
        yield Refusal("9028", shown)
    if not order.released:
        yield Refusal("mfg9006", shown)
    if order.closed:
        yield Refusal("mfg3430", shown)
    if order.outsourced:
        yield Refusal("mfg9185", shown)
    if order.item != text(line, "item_no"):
        yield Refusal("asf-677", common.echo(line, "item_no"))
    if order.fqc_required and not text(line, "fqc_no"):
        yield Refusal("asf-680", common.echo(line, "fqc_no"))
    if order.issued is None or (document.doc_date is not None and order.issued > document.doc_date):
        yield Refusal("asf-824", shown)


def _place(facts: Facts, document: Document, line: Line) -> Iterator[Refusal]:
    yield from common.item(facts, line)
    yield from common.warehouse(facts, document, line, "warehouse_no", blank="aqc-711")
    yield from common.location(facts, document, line)
    yield from common.lot(facts, document, line)
    yield from common.unit(facts, line, code="aim-997")
    yield from common.quantity(line)
    if facts.settings.completion_needs_stock_record and facts.stock.on_hand(stock_key(document, line)) is None:
        yield Refusal("asf-507", common.echo(line, "warehouse_no"))


def _work_order_quantities(facts: Facts, document: Document) -> Iterator[Refusal]:
    """Quantity > work order - done + tolerance; lines of one work order are added up."""
    wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        order = facts.master.work_orders.get(text(line, "wo_no"))
        qty = line.get("qty")
        if order is None or not isinstance(qty, Decimal):
            continue
        wanted[order.number] += qty
        done = order.done + facts.done.get(order.number, ZERO)
        if wanted[order.number] > order.qty - done + order.tolerance:
            yield Refusal("asf-714", common.echo(line, "qty"))
