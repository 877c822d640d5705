"""The document types of the ERP: names on the wire, columns and field types (protocol §3 and §9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from importer.simulator.sitenames import SiteNames

Type = Literal["code", "text", "date", "decimal", "integer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its standard name, its column in the custom XML, its type and the column's length."""

    name: str
    column: str
    type: Type = "code"
    length: int = 255
    scale: int = 3  # of decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One document type. A type that the ERP learns from a request is `generic`: stored as it comes, without checks."""

    name: str
    prefix: str  # of the standard service names
    header_list: str
    line_list: str
    table: str = ""  # numbers are unique per table: ina, imm, sfu
    slip_system: str = ""
    slip_kind: str = ""
    header: Mapping[str, Field] = field(default_factory=dict)
    lines: Mapping[str, Field] = field(default_factory=dict)
    generic: bool = False
    header_names: Mapping[str, str] = field(default_factory=dict)  # standard name -> the site's, where they differ
    line_names: Mapping[str, str] = field(default_factory=dict)


def _fields(*rows: tuple[str, str, Type, int]) -> dict[str, Field]:
    return {name: Field(name=name, column=column, type=kind, length=length) for name, column, kind, length in rows}


_MISC_HEADER: Final = _fields(
    ("doc_type_no", "ina01", "code", 20),
    ("doc_date", "ina03", "date", 10),
    ("department_no", "ina04", "code", 10),
    ("employee_no", "ina11", "code", 10),
    ("project_no", "ina06", "code", 10),
    ("remark", "ina07", "text", 255),
)
_MISC_LINES: Final = _fields(
    ("seq", "inb03", "integer", 5),
    ("item_no", "inb04", "code", 40),
    ("warehouse_no", "inb05", "code", 10),
    ("location_no", "inb06", "code", 10),
    ("lot_no", "inb07", "code", 24),
    ("unit_no", "inb08", "code", 4),
    ("qty", "inb09", "decimal", 15),
    ("reason_no", "inb15", "code", 10),
)
_RECEIPT_LINES: Final = _MISC_LINES | {"unit_price": Field(name="unit_price", column="inb13", type="decimal", length=20, scale=6)}
_TRANSFER_HEADER: Final = _fields(
    ("doc_type_no", "imm01", "code", 20),
    ("doc_date", "imm02", "date", 10),
    ("department_no", "imm14", "code", 10),
    ("employee_no", "imm16", "code", 10),
    ("remark", "imm09", "text", 255),
)
_TRANSFER_LINES: Final = _fields(
    ("seq", "imn02", "integer", 5),
    ("item_no", "imn03", "code", 40),
    ("out_warehouse_no", "imn04", "code", 10),
    ("out_location_no", "imn05", "code", 10),
    ("out_lot_no", "imn06", "code", 24),
    ("out_unit_no", "imn09", "code", 4),
    ("out_qty", "imn10", "decimal", 15),
    ("in_warehouse_no", "imn15", "code", 10),
    ("in_location_no", "imn16", "code", 10),
    ("in_lot_no", "imn17", "code", 24),
    ("in_unit_no", "imn20", "code", 4),
    ("in_qty", "imn22", "decimal", 15),
    ("reason_no", "imn28", "code", 10),
) | {"conversion_rate": Field(name="conversion_rate", column="imn21", type="decimal", length=20, scale=8)}
_COMPLETION_HEADER: Final = _fields(
    ("doc_type_no", "sfu01", "code", 20),
    ("doc_date", "sfu02", "date", 10),
    ("department_no", "sfu04", "code", 10),
    ("employee_no", "sfu16", "code", 10),
    ("project_no", "sfu06", "code", 10),
    ("reason_no", "sfu05", "code", 10),
    ("remark", "sfu07", "text", 255),
)
_COMPLETION_LINES: Final = _fields(
    ("seq", "sfv03", "integer", 5),
    ("wo_no", "sfv11", "code", 40),
    ("item_no", "sfv04", "code", 40),
    ("warehouse_no", "sfv05", "code", 10),
    ("location_no", "sfv06", "code", 10),
    ("lot_no", "sfv07", "code", 24),
    ("unit_no", "sfv08", "code", 4),
    ("qty", "sfv09", "decimal", 15),
    ("fqc_no", "sfv17", "code", 20),
    ("remark", "sfv12", "text", 255),
)

MISC_RECEIPT: Final = Kind(
    name="misc_receipt",
    prefix="tt.oapi.other.in.inventory.",
    header_list="other_in_inventory_data",
    line_list="other_in_inventory_detail_data",
    table="ina",
    slip_system="aim",
    slip_kind="2",
    header=_MISC_HEADER,
    lines=_RECEIPT_LINES,
)
MISC_ISSUE: Final = Kind(
    name="misc_issue",
    prefix="tt.oapi.other.out.inventory.",
    header_list="other_out_inventory_data",
    line_list="other_out_inventory_detail_data",
    table="ina",
    slip_system="aim",
    slip_kind="1",
    header=_MISC_HEADER,
    lines=_MISC_LINES,
)
TRANSFER: Final = Kind(
    name="transfer",
    prefix="tt.oapi.transfer.",
    header_list="transfer_data",
    line_list="transfer_detail_data",
    table="imm",
    slip_system="aim",
    slip_kind="4",
    header=_TRANSFER_HEADER,
    lines=_TRANSFER_LINES,
)
COMPLETION_RECEIPT: Final = Kind(
    name="completion_receipt",
    prefix="tt.oapi.wo.stockin.",
    header_list="wo_stockin_data",
    line_list="wo_stockin_detail_data",
    table="sfu",
    slip_system="asf",
    slip_kind="A",
    header=_COMPLETION_HEADER,
    lines=_COMPLETION_LINES,
)

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in (MISC_RECEIPT, MISC_ISSUE, TRANSFER, COMPLETION_RECEIPT)}

# Blank warehouse, location and lot are stored as one space (protocol §1.6, §9.1 6).
SPACE_WHEN_BLANK: Final = frozenset(f"{side}{name}" for side in ("", "out_", "in_") for name in ("warehouse_no", "location_no", "lot_no"))


def renamed(kind: Kind, names: SiteNames) -> Kind:
    """The same document type under a site's names; fields are found by the site's name and keep their standard one inside."""
    header_names, line_names = dict(names.header), dict(names.lines)
    return replace(
        kind,
        prefix=names.prefix or kind.prefix,
        header_list=names.header_list or kind.header_list,
        line_list=names.line_list or kind.line_list,
        header={header_names.get(name, name): spec for name, spec in kind.header.items()},
        lines={line_names.get(name, name): spec for name, spec in kind.lines.items()},
        header_names=header_names,
        line_names=line_names,
    )


def generic_kind(prefix: str, header_list: str = "", line_list: str = "") -> Kind:
    """A document type that is known by its service prefix alone."""
    name = prefix.rstrip(".")
    return Kind(name=name, prefix=prefix, header_list=header_list, line_list=line_list, table=name, generic=True)
