"""What a check may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from importer.simulator.erp.documents import Document, StockKey
from importer.simulator.erp.stock import Stock
from importer.simulator.master import Master
from importer.simulator.settings import SimulatorSettings

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The ERP as a check sees it."""

    master: Master
    stock: Stock
    settings: SimulatorSettings
    done: Mapping[str, Decimal]  # work order -> quantity posted by the simulator's documents


def text(line: Line, name: str) -> str:
    """A field as text without the blanks that stand for "nothing"."""
    value = line.get(name)
    return "" if value is None else str(value).strip()


def stock_key(document: Document, line: Line, side: str = "") -> StockKey:
    """Where a line's stock lies; `side` is "", "out_" or "in_"."""
    return StockKey(
        document.plant,
        text(line, "item_no"),
        text(line, f"{side}warehouse_no") or " ",
        text(line, f"{side}location_no") or " ",
        text(line, f"{side}lot_no") or " ",
    )


def in_stock_unit(master: Master, line: Line, unit_name: str = "unit_no", qty_name: str = "qty") -> Decimal | None:
    """A line's quantity in the item's stock unit, unrounded; None when there is no quantity or no conversion."""
    item = master.items.get(text(line, "item_no"))
    qty = line.get(qty_name)
    if item is None or not isinstance(qty, Decimal):
        return None
    factor = master.factor(item.code, text(line, unit_name) or item.unit, item.unit)
    return None if factor is None else qty * factor
