"""What one custom service reads and how it behaves, as data. A site's own services are more of these (protocol §1.3, §8)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomService:
    """A combined service: create, and with status='Y' confirm and post."""

    name: str
    kind: str  # document type; with `kind_by_ina00` that of ina00 = '1'
    master: str  # ina_file, imm_file, sfu_file
    detail: str
    number: str  # column of slip type and document number
    header: tuple[str, ...]  # columns that are read; all others are lost
    lines: tuple[str, ...]
    columns: tuple[tuple[str, str], ...] = ()  # (standard field, column) where this service uses another column
    kind_by_ina00: Literal["never", "crm", "always"] = "never"  # ina00 = '3' makes a receipt
    default_slip: str = ""  # for callers that send none
    date_format: str = ""  # "" = that of the server (DBDATE)
    date_becomes_today: bool = False  # sfu02 is checked, then overwritten
    missing_date: Literal["today", "refuse"] = "today"
    item_from_work_order: bool = False  # sfv04 is replaced
    default_applicant: bool = True
    light_checks: bool = False  # only date, slip, lines and items at creation
    posts_after_failed_create: bool = False  # the quirk of CreateTransferNote
    on_post_failure: Literal["keep", "deleted"] = "keep"
    skips_post_in_flow: bool = False
    results_element: bool = False  # adds <Results RecordSet Docno/> elements


BUILT_IN: Final = (
    CustomService(
        name="CreateMISCIssueData",
        kind="misc_issue",
        master="ina_file",
        detail="inb_file",
        number="ina01",
        header=("ina01", "ina03", "ina04", "ina11", "ina07"),
        lines=("inb04", "inb05", "inb06", "inb07", "inb09", "inb15"),
        kind_by_ina00="crm",
        missing_date="refuse",
    ),
    CustomService(
        name="CreateTransferNote",
        kind="transfer",
        master="imm_file",
        detail="imn_file",
        number="imm01",
        header=("imm01", "imm02", "imm14"),
        lines=(
            "imn03",
            "imn04",
            "imn05",
            "imn06",
            "imn09",
            "imn10",
            "imn15",
            "imn16",
            "imn17",
            "imn20",
            "imn21",
            "imn22",
        ),
        default_applicant=False,
        posts_after_failed_create=True,
    ),
    CustomService(
        name="CreateWOStockinData",
        kind="completion_receipt",
        master="sfu_file",
        detail="sfv_file",
        number="sfu01",
        header=("sfu01", "sfu02", "sfu07"),
        lines=("sfv04", "sfv05", "sfv06", "sfv07", "sfv09", "sfv11", "sfv17"),
        date_becomes_today=True,
        item_from_work_order=True,
    ),
    CustomService(
        name="CreateStockInData",
        kind="completion_receipt",
        master="sfu_file",
        detail="sfv_file",
        number="sfu01",
        header=("sfu01", "sfu02"),
        lines=("sfv04", "sfv05", "sfv06", "sfv07", "sfv09", "sfv11"),
        light_checks=True,
        on_post_failure="deleted",
        skips_post_in_flow=True,
    ),
)


def service_from_json(values: dict[str, Any]) -> CustomService:
    """Raise ValueError for a name that is none of the above."""
    if unknown := set(values) - {field.name for field in fields(CustomService)}:
        raise ValueError(f"not a setting of a custom service: {', '.join(sorted(unknown))}")
    lists: dict[str, Any] = {name: tuple(values[name]) for name in ("header", "lines") if name in values}
    columns = tuple((str(name), str(column)) for name, column in values.get("columns", ()))
    merged: dict[str, Any] = {**values, **lists, "columns": columns}
    return CustomService(**merged)
