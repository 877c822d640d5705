"""What posting a document does to stock, and whether it can be taken back (protocol §4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from importer.simulator.erp.checks.facts import Facts, in_stock_unit, stock_key, text
from importer.simulator.erp.documents import Document, Refusal, StockKey
from importer.simulator.erp.stock import ZERO, Stock, rounded


def effects(facts: Facts, document: Document) -> Iterator[tuple[int, StockKey, Decimal]]:
    """Line number, place and signed quantity in the stock unit, for every change that posting makes."""
    for line in document.lines:
        seq = int(line.get("seq") or 0)
        if document.kind == "transfer":
            out = in_stock_unit(facts.master, line, "out_unit_no", "out_qty") or ZERO
            into = in_stock_unit(facts.master, line, "in_unit_no", "in_qty") or ZERO
            yield seq, stock_key(document, line, "out_"), -rounded(out)
            yield seq, stock_key(document, line, "in_"), rounded(into)
        else:
            qty = rounded(in_stock_unit(facts.master, line) or ZERO)
            yield seq, stock_key(document, line), -qty if document.kind == "misc_issue" else qty


def move_stock(facts: Facts, document: Document, *, reversal: bool) -> None:
    for seq, key, qty in effects(facts, document):
        _move(facts.stock, document, seq, key, -qty if reversal else qty, reversal=reversal)


def _move(stock: Stock, document: Document, seq: int, key: StockKey, qty: Decimal, *, reversal: bool) -> None:
    stock.move(key, qty, kind=document.kind, doc_no=document.doc_no, seq=seq, reversal=reversal)


def irreversible(facts: Facts, document: Document) -> Iterator[Refusal]:
    """Undoing what came in needs it to be there still (aim-407), unless the warehouse may go negative."""
    change: defaultdict[StockKey, Decimal] = defaultdict(Decimal)
    for _, key, qty in effects(facts, document):
        change[key] -= qty
    for key, qty in change.items():
        warehouse = facts.master.warehouses.get(key.warehouse)
        negative = warehouse is not None and warehouse.negative
        if qty < 0 and not negative and (facts.stock.on_hand(key) or ZERO) + qty < 0:
            yield Refusal("aim-407", {"item_no": key.item, "warehouse_no": key.warehouse})


def completed(document: Document) -> Iterator[tuple[str, Decimal]]:
    """Work orders and the quantity that a completion receipt adds to what is done."""
    if document.kind == "completion_receipt":
        for line in document.lines:
            yield text(line, "wo_no"), line.get("qty") or ZERO
