"""Checks that several document types share (protocol §5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from importer.simulator.erp.checks.facts import Facts, Line, text
from importer.simulator.erp.documents import Document, Refusal
from importer.simulator.master import Warehouse


def echo(line: Line, name: str) -> dict[str, object]:
    """The faulty field with its value, and the line it stands in."""
    value = line.get(name)
    return {name: value if value is not None else "", "seq": line.get("seq")}


def period(facts: Facts, day: date | None, *, year_code: str = "mfg6090") -> Iterator[Refusal]:
    """Close date, current period and calendar (§5.2)."""
    data = facts.master.data
    if day is None:
        return
    shown = {"doc_date": day}
    if day <= data.close_date:
        yield Refusal("mfg9999", shown)
    elif day.year > data.current_year:
        yield Refusal(year_code, shown)
    elif (day.year, day.month) > (data.current_year, data.current_period):
        yield Refusal("mfg6091", shown)
    elif not data.calendar_years[0] <= day.year <= data.calendar_years[1]:
        yield Refusal("sub-142", shown)


def has_lines(document: Document) -> Iterator[Refusal]:
    if not document.lines:
        yield Refusal("mfg-009", {"doc_type_no": document.slip})


def people(facts: Facts, document: Document) -> Iterator[Refusal]:
    """Applicant and department, as far as they are filled."""
    applicant = text(document.header, "employee_no")
    if applicant and (applicant not in facts.master.employees or not facts.master.employees[applicant].active):
        yield Refusal("mfg1312", {"employee_no": applicant})
    department = text(document.header, "department_no")
    if department:
        yield from _department(facts, document, department)


def _department(facts: Facts, document: Document, code: str) -> Iterator[Refusal]:
    department = facts.master.departments.get(code)
    shown = {"department_no": code}
    if department is None:
        yield Refusal("100", shown, "部門不存在")
    elif not department.active:
        yield Refusal("mfg0301", shown)
    elif department.plant not in ("", document.plant):
        yield Refusal("mfg3097", shown)


def item(facts: Facts, line: Line) -> Iterator[Refusal]:
    code = text(line, "item_no")
    if not code:
        yield Refusal("aap-099", echo(line, "item_no"))
    elif code not in facts.master.items or not facts.master.items[code].active:
        yield Refusal("mfg1201", echo(line, "item_no"))


def usable(found: Warehouse) -> bool:
    return found.kind == "S" and found.active


def warehouse(facts: Facts, document: Document, line: Line, name: str, *, blank: str = "mfg1100") -> Iterator[Refusal]:
    """Exists, of type S, active, of this plant."""
    code = text(line, name)
    found = facts.master.warehouses.get(code)
    if not code:
        yield Refusal(blank, echo(line, name))
    elif found is None or not usable(found):
        yield Refusal("mfg1100", echo(line, name))
    elif found.plant != document.plant:
        yield Refusal("art-426", echo(line, name))


def location(facts: Facts, document: Document, line: Line, side: str = "") -> Iterator[Refusal]:
    """A location must be known unless the plant lets anything in (sma39)."""
    name = f"{side}location_no"
    code = text(line, name)
    known = not code or (text(line, f"{side}warehouse_no"), code) in facts.master.locations
    if not known and not facts.master.plants[document.plant].free_locations:
        yield Refusal("mfg1020", echo(line, name))


def lot(facts: Facts, document: Document, line: Line, side: str = "") -> Iterator[Refusal]:
    """Lot given where the item wants one, and not expired."""
    name = f"{side}lot_no"
    code = text(line, name)
    found = facts.master.items.get(text(line, "item_no"))
    if found is not None and found.lot_required and not code:
        yield Refusal("aim-034", echo(line, name))
    known = facts.master.lot(text(line, "item_no"), code) if code else None
    if known is not None and known.expires is not None and document.doc_date is not None and known.expires < document.doc_date:
        yield Refusal("aim-400", echo(line, name))


def quantity(line: Line, name: str = "qty") -> Iterator[Refusal]:
    qty = line.get(name)
    if qty is None or qty == 0:
        yield Refusal("aim-120", echo(line, name))
    elif qty < 0:
        yield Refusal("aim-989", echo(line, name))


def unit(facts: Facts, line: Line, name: str = "unit_no", code: str = "mfg3075") -> Iterator[Refusal]:
    found = facts.master.items.get(text(line, "item_no"))
    given = text(line, name)
    if found is not None and given and facts.master.factor(found.code, given, found.unit) is None:
        yield Refusal(code, echo(line, name))


def reason(facts: Facts, line: Line, *, required: bool, missing: str = "apj-201") -> Iterator[Refusal]:
    """Category 4 and active (§5.3)."""
    code = text(line, "reason_no")
    found = facts.master.reasons.get(code)
    if not code:
        if required:
            yield Refusal(missing, echo(line, "reason_no"))
    elif found is None or found.category != "4":
        yield Refusal("aoo-403", echo(line, "reason_no"))
    elif not found.active:
        yield Refusal("aim-163", echo(line, "reason_no"))


def right(facts: Facts, document: Document, line: Line, name: str) -> Iterator[Refusal]:
    """May this ERP user post in this warehouse?"""
    found = facts.master.warehouses.get(text(line, name))
    if found is not None and found.users and (document.acted_by or document.user) not in found.users:
        yield Refusal("asf-888", echo(line, name))


def reason_required(facts: Facts, document: Document) -> bool:
    slip = facts.master.slips.get(document.slip)
    return slip is not None and slip.reason_required
