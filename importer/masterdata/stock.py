"""The stock list: how much lies where, as the ERP or a count says.

`stock.csv`: item, warehouse, location, lot, quantity and, if known, unit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from importer.errors import ConfigurationError
from importer.masterdata.lists import ListFile
from importer.masterdata.words import plain_name, stands_for
from importer.messages import N_
from importer.workbook.tables import PlainTable

__all__ = ["STOCK_COLUMNS", "Place", "Stock", "read_stock"]

Place = tuple[str, str, str, str]
"""Item, warehouse, location, lot; blank where the ERP has none."""

STOCK_COLUMNS: Final = ("item_no", "warehouse_no", "location_no", "lot_no", "qty", "unit_no")
LISTS: Final = ("items", "warehouses", "locations", "lots")
QUANTITIES: Final = frozenset(["qty", "quantity", "onhand", "stock", "數量", "数量", "庫存", "库存", "庫存量", "库存量", "現有量", "img10"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Quantities by place, in the stock unit of the item."""

    on_hand: Mapping[Place, Decimal]
    units: Mapping[str, str]  # item -> stock unit, as far as the list tells


def read_stock(file: ListFile) -> Stock:
    """Rows of one place are added up. Raises ConfigurationError that names file and row."""
    table = file.table()
    heading_row, heading = table.heading()
    columns = _columns(table, heading)
    on_hand: dict[Place, Decimal] = {}
    units: dict[str, str] = {}
    for number, cells in table.rows.items():
        if number == heading_row:
            continue
        values = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        if not values["items"] or not values["warehouses"]:
            raise ConfigurationError(N_("{file}: row {row} needs an item and a warehouse."), file=table.place, row=number)
        place = (values["items"], values["warehouses"], values.get("locations", ""), values.get("lots", ""))
        on_hand[place] = on_hand.get(place, Decimal(0)) + _quantity(table, number, values["qty"])
        _note_unit(table, number, units, values["items"], values.get("units", ""))
    return Stock(on_hand=on_hand, units=units)


def _note_unit(table: PlainTable, row: int, units: dict[str, str], item: str, unit: str) -> None:
    if unit and units.setdefault(item, unit) != unit:
        text = N_("{file}: row {row} has {item} in {unit}, an earlier one in {other}; a stock list has one unit per item.")
        raise ConfigurationError(text, file=table.place, row=row, item=item, unit=unit, other=units[item])


def _quantity(table: PlainTable, row: int, text: str) -> Decimal:
    try:
        number = Decimal(unicodedata.normalize("NFKC", text).replace(",", ""))
        if number.is_finite():
            return number
    except InvalidOperation:
        pass
    raise ConfigurationError(N_("{file}: row {row}: {value} is no quantity."), file=table.place, row=row, value=text or "-")


def _columns(table: PlainTable, heading: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, text in enumerate(heading):
        name = plain_name(text)
        role = "qty" if name in QUANTITIES else next((role for role in (*LISTS, "units") if stands_for(name, role)), None)
        if role is not None:
            found.setdefault(role, position)
    missing = [name for role, name in (("items", "item_no"), ("warehouses", "warehouse_no"), ("qty", "qty")) if role not in found]
    if missing:
        told = ", ".join(text for text in heading if text)
        text = N_("{file}: the first row must name the columns; {missing} is missing. Found: {found}")
        raise ConfigurationError(text, file=table.place, missing=", ".join(missing), found=told)
    return found
