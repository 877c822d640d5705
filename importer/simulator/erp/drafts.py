"""A document as a caller sent it, before the ERP gives it a number and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from importer.simulator.erp.kinds import SPACE_WHEN_BLANK, Kind
from importer.simulator.master import Master


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Typed values under standard field names."""

    kind: Kind
    plant: str
    user: str
    header: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    doc_no: str = ""  # full number of the caller's own
    light_checks: bool = False  # only date, slip, lines and items (CreateStockInData, protocol §8)

    @property
    def doc_type_no(self) -> str:
        return str(self.header.get("doc_type_no") or "").strip()

    @property
    def day(self) -> date | None:
        """The document date; a generic document's is text in any of the usual forms."""
        value = self.header.get("doc_date")
        return value if isinstance(value, date) else day_of(str(value or ""))


def day_of(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def filled_header(draft: Draft, master: Master) -> dict[str, Any]:
    """Applicant and department default to the ERP user and its department (protocol §1.6)."""
    header = dict(draft.header)
    user = master.users.get(draft.user)
    if user is not None and header.get("employee_no") is None:
        header["employee_no"] = user.code
    if user is not None and header.get("department_no") is None:
        header["department_no"] = user.department
    return header


def filled_line(kind: Kind, line: Mapping[str, Any], position: int, master: Master) -> dict[str, Any]:
    """Blank places as one space, the item's stock unit where none is given, the position where the line has no number."""
    filled = {name: _spaced(name, value) for name, value in line.items()}
    for name in {spec.name for spec in kind.lines.values()} & SPACE_WHEN_BLANK:
        filled.setdefault(name, " ")
    item = master.items.get(str(line.get("item_no") or "").strip())
    unit_name = "out_unit_no" if kind.name == "transfer" else "unit_no"
    if item is not None and not filled.get(unit_name):
        filled[unit_name] = item.unit
    if filled.get("seq") is None:
        filled["seq"] = position
    return filled


def _spaced(name: str, value: Any) -> Any:
    if name in SPACE_WHEN_BLANK and (value is None or not str(value).strip()):
        return " "
    return value
