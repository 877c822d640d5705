"""Master data as tables that can be asked for: what query services and the custom Get services hand out (protocol §1.8).

Column names are the standard channel's; the custom channel has its own for each. Inactive rows are not handed out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from importer.simulator.master.lookup import Master

OnHand = Mapping[Any, Decimal]
"""Stock as it is now, by plant, item, warehouse, location and lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterTable:
    """One table: its query service, its Get service where the gateway has one, and its rows at one plant."""

    service: str  # of the standard channel
    get: str = ""  # of the custom channel
    file: str = ""  # name of its Master in the custom channel
    columns: Mapping[str, str]  # standard name -> ERP column
    rows: Callable[[Master, str, OnHand], Iterable[tuple[Any, ...]]]  # in the order of the columns


class BadCondition(ValueError):
    """A where clause that is not understood; the ERP answers its SQL error."""


def _warehouses(master: Master, plant: str, _: OnHand) -> Iterable[tuple[Any, ...]]:
    return ((row.code, row.name) for row in master.data.warehouses if row.active and row.plant == plant)


def _locations(master: Master, plant: str, on_hand: OnHand) -> Iterable[tuple[Any, ...]]:
    here = {code for code, _ in _warehouses(master, plant, on_hand)}
    return ((row.warehouse, row.code) for row in master.data.locations if row.warehouse in here)


def _stock(master: Master, plant: str, on_hand: OnHand) -> Iterable[tuple[Any, ...]]:
    for place, qty in on_hand.items():
        if place.plant == plant:
            unit = master.items[place.item].unit if place.item in master.items else ""
            yield place.item, place.warehouse, place.location or " ", place.lot or " ", unit, qty


def _units(master: Master, _: str, __: OnHand) -> Iterable[tuple[Any, ...]]:
    units = {item.unit for item in master.data.items} | {row.unit for row in master.data.conversions}
    return ((unit,) for unit in sorted(units))


def _work_orders(master: Master, _: str, __: OnHand) -> Iterable[tuple[Any, ...]]:
    return ((row.number, row.item) for row in master.data.work_orders if row.active and row.released and not row.closed)


TABLES: Final = (
    MasterTable(
        service="tt.oapi.item.list.data.query.get",
        columns={"item_no": "ima01", "item_name": "ima02", "unit_no": "ima25"},
        rows=lambda master, _, __: ((row.code, row.name, row.unit) for row in master.data.items if row.active),
    ),
    MasterTable(
        service="tt.oapi.warehouse.list.data.query.get",
        get="GetWarehouseData",
        file="imd_file",
        columns={"warehouse_no": "imd01", "warehouse_name": "imd02"},
        rows=_warehouses,
    ),
    MasterTable(
        service="tt.oapi.location.list.data.query.get",
        get="GetLocationData",
        file="ime_file",
        columns={"warehouse_no": "ime01", "location_no": "ime02"},
        rows=_locations,
    ),
    MasterTable(
        service="tt.oapi.department.list.data.query.get",
        columns={"department_no": "gem01", "department_name": "gem02"},
        rows=lambda master, plant, _: ((row.code, row.name) for row in master.data.departments if row.active and row.plant in ("", plant)),
    ),
    MasterTable(
        service="tt.oapi.employee.list.data.query.get",
        columns={"employee_no": "gen01", "employee_name": "gen02"},
        rows=lambda master, _, __: ((row.code, row.name) for row in master.data.employees if row.active),
    ),
    MasterTable(
        service="tt.oapi.reason.list.data.query.get",
        get="GetReasonCode",
        file="azf_file",
        columns={"reason_no": "azf01", "reason_name": "azf03", "category": "azf09"},
        rows=lambda master, _, __: ((row.code, row.name, row.category) for row in master.data.reasons if row.active),
    ),
    MasterTable(service="tt.oapi.unit.list.data.query.get", columns={"unit_no": "gfe01"}, rows=_units),
    MasterTable(service="tt.oapi.work.order.list.data.query.get", columns={"wo_no": "sfb01", "item_no": "sfb05"}, rows=_work_orders),
    MasterTable(
        service="tt.oapi.stock.list.data.query.get",
        get="GetItemStockList",
        file="img_file",
        columns={
            "item_no": "img01",
            "warehouse_no": "img02",
            "location_no": "img03",
            "lot_no": "img04",
            "unit_no": "img09",
            "qty": "img10",
        },
        rows=_stock,
    ),
)
BY_SERVICE: Final = {table.service: table for table in TABLES}
BY_GET: Final = {table.get: table for table in TABLES if table.get}

_TERM: Final = re.compile(r"\s*(?:(\d+)\s*=\s*(\d+)|(\w+)\s*(=|LIKE)\s*'([^']*)')\s*", re.IGNORECASE)


def standard_rows(table: MasterTable, master: Master, plant: str, on_hand: OnHand) -> list[dict[str, Any]]:
    """All rows under the standard channel's names."""
    return [dict(zip(table.columns, values, strict=True)) for values in table.rows(master, plant, on_hand)]


def custom_rows(table: MasterTable, master: Master, plant: str, on_hand: OnHand, condition: str) -> list[dict[str, str]]:
    """The rows that meet a where clause, under the ERP's columns. Comparisons joined by AND are understood, no more."""
    names = list(table.columns.values())
    rows = [{name: str(value) for name, value in zip(names, values, strict=True)} for values in table.rows(master, plant, on_hand)]
    for term in re.split(r"\sAND\s", condition.strip() or "1=1", flags=re.IGNORECASE):
        match = _TERM.fullmatch(term)
        if match is None or (match[3] and match[3].lower() not in names):
            raise BadCondition(term)
        rows = [row for row in rows if _meets(row, match)]
    return rows


def _meets(row: Mapping[str, str], match: re.Match[str]) -> bool:
    if match[1]:
        return match[1] == match[2]
    value = row[match[3].lower()]
    if match[4] == "=":
        return value == match[5]
    pattern = "".join(".*" if char == "%" else "." if char == "_" else re.escape(char) for char in match[5])
    return re.fullmatch(pattern, value, re.DOTALL) is not None
