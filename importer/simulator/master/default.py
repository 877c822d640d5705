"""The default master data: enough that a generated workbook can be posted, and one of every kind of trouble.

The docstring of `importer.simulator` lists it for those who generate workbooks.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from importer.simulator.master.values import (
    Conversion,
    Department,
    Employee,
    Item,
    Location,
    Lot,
    MasterData,
    OpeningStock,
    Plant,
    Reason,
    Slip,
    User,
    Warehouse,
    WorkOrder,
)

_PLENTY = Decimal(1_000_000)
_STOCKED = ("W1", "W2", "W3")  # every item lies here
_LOT_ITEMS = range(191, 201)
_KG_ITEMS = range(181, 191)


def default_master() -> MasterData:
    return MasterData(
        plants=(Plant(code="PLANT1"), Plant(code="PLANT2"), Plant(code="PLANT9", multi_unit=True)),
        slips=_slips(),
        departments=_departments(),
        employees=(*(Employee(code=f"E{n:03}") for n in range(1, 11)), Employee(code="tiptop"), Employee(code="E099", active=False)),
        users=(User(code="tiptop", department="D10", password="tiptop"), User(code="keeper", department="D20", password="keeper")),  # noqa: S106  a toy ERP
        warehouses=_warehouses(),
        locations=tuple(Location(warehouse=w, code=f"L{n:02}") for w in _STOCKED for n in range(1, 6)),
        items=_items(),
        conversions=(
            Conversion(unit="BOX", base="PCS", factor=Decimal(12)),
            Conversion(unit="DOZ", base="PCS", factor=Decimal(12)),
            Conversion(unit="G", base="KG", factor=Decimal("0.001")),
            Conversion(unit="TON", base="KG", factor=Decimal(1000)),
        ),
        lots=_lots(),
        reasons=_reasons(),
        work_orders=_work_orders(),
        stock=_stock(),
    )


def _slips() -> tuple[Slip, ...]:
    kinds = {"I": ("aim", "1", "雜發"), "R": ("aim", "2", "雜收"), "T": ("aim", "4", "調撥"), "F": ("asf", "A", "完工入庫")}
    slips: list[Slip] = []
    for letter, (system, kind, name) in kinds.items():
        slips += [
            Slip(code=f"{letter}01", system=system, kind=kind, name=name),
            Slip(code=f"{letter}02", system=system, kind=kind, name=f"{name} 簽核", approval=True),
            Slip(code=f"{letter}03", system=system, kind=kind, name=f"{name} 手工編號", automatic=False),
            Slip(code=f"{letter}04", system=system, kind=kind, name=f"{name} 停用", active=False),
            Slip(code=f"{letter}05", system=system, kind=kind, name=f"{name} 理由必填", reason_required=True),
        ]
    return tuple(slips)


def _departments() -> tuple[Department, ...]:
    names = {"D10": "倉儲部", "D20": "生產部", "D30": "採購部", "D40": "品保部", "D50": "研發部"}
    usable = (Department(code=code, name=name) for code, name in names.items())
    return (*usable, Department(code="D90", name="停用部門", active=False), Department(code="D91", name="他廠部門", plant="PLANT2"))


def _warehouses() -> tuple[Warehouse, ...]:
    return (
        Warehouse(code="W1", name="原料倉"),
        Warehouse(code="W2", name="成品倉"),
        Warehouse(code="W3", name="備品倉"),
        Warehouse(code="W4", name="在製倉", kind="W"),
        Warehouse(code="W5", name="停用倉", active=False),
        Warehouse(code="W6", name="他廠倉", plant="PLANT2"),
        Warehouse(code="W7", name="可負庫存倉", negative=True),
        Warehouse(code="W8", name="管制倉", users=("keeper",)),
        Warehouse(code="W9", name="不良品倉", available=False),
    )


def _items() -> tuple[Item, ...]:
    def item(n: int) -> Item:
        unit = "KG" if n in _KG_ITEMS else "PCS"
        return Item(code=f"ITEM-{n:04}", name=f"料件 {n:04}", unit=unit, lot_required=n in _LOT_ITEMS)

    return (*(item(n) for n in range(1, 201)), Item(code="ITEM-9999", name="停用料件", active=False))


def _lots() -> tuple[Lot, ...]:
    good = (Lot(item=f"ITEM-{n:04}", code="LOT-A", expires=date(2099, 12, 31)) for n in _LOT_ITEMS)
    old = (Lot(item=f"ITEM-{n:04}", code="LOT-OLD", expires=date(2001, 1, 1)) for n in _LOT_ITEMS)
    return (*good, *old)


def _reasons() -> tuple[Reason, ...]:
    names = {"101": "部門領用", "102": "研發試作", "103": "盤點調整", "104": "樣品", "105": "報廢"}
    usable = (Reason(code=code, name=name) for code, name in names.items())
    return (*usable, Reason(code="190", name="停用理由", active=False), Reason(code="201", name="銷退理由", category="2"))


def _work_orders() -> tuple[WorkOrder, ...]:
    good = (WorkOrder(number=f"W01-2401{n:04}", item=f"ITEM-{n:04}", qty=_PLENTY) for n in range(1, 51))
    odd = Decimal(100)
    return (
        *good,
        WorkOrder(number="W01-24019001", item="ITEM-0001", qty=odd, closed=True),
        WorkOrder(number="W01-24019002", item="ITEM-0001", qty=odd, released=False),
        WorkOrder(number="W01-24019003", item="ITEM-0001", qty=odd, outsourced=True),
        WorkOrder(number="W01-24019004", item="ITEM-0001", qty=odd, issued=None),
        WorkOrder(number="W01-24019005", item="ITEM-0001", qty=odd, fqc_required=True),
        WorkOrder(number="W01-24019006", item="ITEM-0001", qty=Decimal(10)),
        WorkOrder(number="W01-24019007", item="ITEM-0001", qty=odd, active=False),
    )


def _stock() -> tuple[OpeningStock, ...]:
    rows: list[OpeningStock] = []
    for n in range(1, 201):
        item = f"ITEM-{n:04}"
        lots = ("LOT-A", "LOT-OLD") if n in _LOT_ITEMS else ("",)
        rows += [OpeningStock(item=item, warehouse=w, lot=lot, qty=_PLENTY) for w in _STOCKED for lot in lots]
        rows += [OpeningStock(item=item, warehouse="W1", location=f"L{k:02}", lot=lots[0], qty=_PLENTY) for k in (1, 2)]
    rows.append(OpeningStock(item="ITEM-0001", warehouse="W8", qty=_PLENTY))
    return tuple(rows)
