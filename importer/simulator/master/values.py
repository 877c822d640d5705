"""Master data as values (Appendix A 8 of the protocol page): what the ERP's checks look things up in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """營運中心 (azp_file)."""

    code: str
    legal: str = "LEGAL1"
    multi_unit: bool = False  # sma115: the combined services refuse (asm-383)
    free_locations: bool = False  # sma39='Y': unknown locations are accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """單別 (smy_file), protocol §3.6."""

    code: str
    system: str  # aim, asf
    kind: str  # aim: 1 issue, 2 receipt, 4 transfer; asf: A completion receipt
    name: str = ""
    automatic: bool = True  # smyauno; else the caller passes the full number
    approval: bool = False  # smyapr: approval flow
    confirm_at_once: bool = False  # smydmy4
    reason_required: bool = False  # smy59
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    code: str
    name: str = ""
    plant: str = ""  # "" = all
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    code: str
    name: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """ERP user; also the default applicant, with its department (zx03)."""

    code: str
    department: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    code: str
    name: str = ""
    plant: str = "PLANT1"  # imd20
    kind: str = "S"  # imd10: S stock, W work in process
    available: bool = True  # imd11
    negative: bool = False  # imd23: negative stock allowed
    active: bool = True
    users: tuple[str, ...] = ()  # who may post here; () = everybody (asf-888)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    warehouse: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    code: str
    name: str = ""
    unit: str = "PCS"  # stock unit
    lot_required: bool = False  # ima159='1'
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """1 `unit` = `factor` of `base`, for one item or all ("")."""

    unit: str
    base: str
    factor: Decimal
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    item: str
    code: str
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    code: str
    name: str = ""
    category: str = "4"  # azf09
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    number: str
    item: str
    qty: Decimal
    done: Decimal = Decimal(0)
    tolerance: Decimal = Decimal(0)
    released: bool = True
    closed: bool = False
    outsourced: bool = False
    fqc_required: bool = False
    issued: date | None = date(2000, 1, 1)  # first material issue; None = none yet (asf-824)
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningStock:
    item: str
    warehouse: str
    qty: Decimal
    plant: str = "PLANT1"
    location: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """wss_file: what the gateway does to one column of one custom service (protocol §1.3)."""

    service: str
    table: str  # ina_file, inb_file, ...
    column: str
    application: str = "*"
    incoming: str = ""  # the caller's name of the column
    default: str = ""  # for a missing or empty value


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """One whole set; the JSON of `GET` and `POST /admin/master` has this shape."""

    plants: tuple[Plant, ...] = ()
    slips: tuple[Slip, ...] = ()
    departments: tuple[Department, ...] = ()
    employees: tuple[Employee, ...] = ()
    users: tuple[User, ...] = ()
    warehouses: tuple[Warehouse, ...] = ()
    locations: tuple[Location, ...] = ()
    items: tuple[Item, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    lots: tuple[Lot, ...] = ()
    reasons: tuple[Reason, ...] = ()
    work_orders: tuple[WorkOrder, ...] = ()
    stock: tuple[OpeningStock, ...] = ()
    column_mappings: tuple[ColumnMapping, ...] = ()
    close_date: date = date(2000, 1, 1)  # sma53: nothing on or before this day
    current_year: int = 2099  # sma51
    current_period: int = 12  # sma52
    calendar_years: tuple[int, int] = field(default=(1990, 2099))  # outside: sub-142
    transfer_reason_required: bool = False  # aza115
    receipt_cost_required: bool = False  # ccz28='6'
