"""Is there enough stock? Lines of one document that draw on the same place are added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from importer.simulator.erp.checks.common import echo, usable
from importer.simulator.erp.checks.facts import Facts, Line, in_stock_unit, stock_key
from importer.simulator.erp.documents import Document, Refusal, StockKey


def shortage(
    facts: Facts, document: Document, *, code: str, missing: str, side: str = "", unit: str = "unit_no", qty: str = "qty"
) -> Iterator[Refusal]:
    """`missing` where there is no stock record at all, `code` where there is less than the lines want."""
    wanted: defaultdict[StockKey, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        needed = in_stock_unit(facts.master, line, unit, qty)
        if needed is None:
            continue
        key = stock_key(document, line, side)
        wanted[key] += needed
        yield from _one(facts, line, key, wanted[key], code=code, missing=missing, qty=qty)


def _one(facts: Facts, line: Line, key: StockKey, wanted: Decimal, *, code: str, missing: str, qty: str) -> Iterator[Refusal]:
    on_hand = facts.stock.on_hand(key)
    warehouse = facts.master.warehouses.get(key.warehouse)
    if warehouse is None or warehouse.negative or not usable(warehouse):
        return  # what is wrong with the warehouse itself is another reason
    if on_hand is None:
        yield Refusal(missing, echo(line, "item_no"))
    elif wanted > on_hand:
        yield Refusal(code, echo(line, qty))
