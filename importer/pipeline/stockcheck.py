"""Is there enough in stock? A running balance over everything handed in together, in the order in which it will be posted.

That is: the document types in the order of their mappings (receipts, transfers, issues), then the files, then the documents as they
stand. As in the ERP, what the lines of one document take is added up before anything that it gives arrives, and a document that takes too
much is refused as a whole and moves nothing. Documents that are posted already are left out: what they moved is in the stock by now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from importer.documents import in_new_codes
from importer.issue_catalogue import issue
from importer.mapping import Mapping as DocumentType
from importer.masterdata import MasterData, Stock
from importer.masterdata.stock import Place
from importer.models import Document, Issue, Line, Severity, Stage, Value
from importer.pipeline.checking import Checked

__all__ = ["with_stock"]

CHECK: Final = "stock_not_exceeded"
TEXTS: Final = ("item", "warehouse", "location", "lot", "unit")
Roles = Mapping[str, str]
"""item, warehouse, location, lot, unit, qty -> field."""


def with_stock(checked: Sequence[Checked], master: MasterData) -> list[Checked]:
    """The checked files with an issue on each row that takes more than there is; in the order given."""
    if master.stock is None:
        return list(checked)
    balance = _Balance(master.stock, master)
    result = list(checked)
    for position in sorted(range(len(result)), key=lambda at: _order(result[at])):
        result[position] = balance.checked(result[position])
    return result


def _order(checked: Checked) -> int:
    return checked.mapping.order if checked.mapping else 0


class _Balance:
    """What is left in stock as documents are posted one after the other."""

    def __init__(self, stock: Stock, master: MasterData) -> None:
        self._left = dict(stock.on_hand)
        self._units = stock.units
        self._severity = master.stock_severity
        self._negative = master.negative_stock

    def checked(self, checked: Checked) -> Checked:
        mapping, sheet = checked.mapping, checked.sheet
        arguments = next((fields for check in (mapping.checks if mapping else ()) for kind, fields in check.items() if kind == CHECK), None)
        if mapping is None or sheet is None or arguments is None:
            return checked
        found: list[Issue] = []
        self._told: set[tuple[str, str]] = set()
        self._wrong = {(item.row, item.field) for item in checked.issues if item.severity is Severity.ERROR}
        for document in sorted(checked.every_document, key=lambda one: one.lines[0].row):
            record = checked.known.get(document.token) if document.token else None
            if record is None or record.stage is not Stage.POSTED:
                found += self._posted(document, mapping, checked, arguments)
        return _with_issues(checked, found) if found else checked

    def _posted(self, document: Document, mapping: DocumentType, checked: Checked, arguments: Mapping[str, Roles]) -> list[Issue]:
        moved = in_new_codes(document, mapping)
        before: dict[Place, Decimal] = {}
        found: list[Issue] = []
        for side, sign in (("takes", -1), ("gives", 1)):
            for line in moved.lines if side in arguments else ():
                found += self._moved(line, moved, mapping, checked, arguments[side], sign, before)
        if any(item.code == "stock_short" for item in found):
            self._left.update(before)  # the ERP refuses it as a whole, and it moves nothing
        return found

    def _moved(
        self,
        line: Line,
        document: Document,
        mapping: DocumentType,
        checked: Checked,
        roles: Roles,
        sign: int,
        before: dict[Place, Decimal],
    ) -> Iterator[Issue]:
        item, warehouse, location, lot, unit = (
            str(_value(roles[role], line, document, mapping) or "") if role in roles else "" for role in TEXTS
        )
        qty = _value(roles["qty"], line, document, mapping)
        if not isinstance(qty, Decimal) or not item or not warehouse:
            return
        if self._wrong and any((line.row, name) in self._wrong for name in roles.values()):
            return  # a cell that is wrong has its own issue
        stock_unit = self._units.get(item)
        if unit and stock_unit and unit != stock_unit:
            if (item, unit) not in self._told:
                self._told.add((item, unit))
                yield self._issue("stock_unit_differs", line, checked, roles.get("unit"), item=item, unit=unit, stock_unit=stock_unit)
            return
        place = (item, warehouse, location, lot)
        left = self._left.get(place, Decimal(0))
        before.setdefault(place, left)
        self._left[place] = left + sign * qty
        if sign < 0 and self._left[place] < 0 and warehouse not in self._negative:
            where = " / ".join(filter(None, place[1:]))
            short = self._issue(
                "stock_short", line, checked, roles["qty"], item=item, place=where, needed=qty, available=max(left, Decimal(0))
            )
            yield replace(short, severity=self._severity)

    def _issue(self, code: str, line: Line, checked: Checked, field: str | None, **values: object) -> Issue:
        sheet = checked.sheet
        place = sheet.columns.get(field) if sheet and field else None
        column, header = (place.column, place.header) if place else (None, None)
        value = format(values["needed"], "f") if isinstance(values.get("needed"), Decimal) else ""
        return issue(
            code, sheet=sheet.sheet if sheet else None, row=line.row, column=column, header=header, field=field, value=value, **values
        )


def _value(name: str, line: Line, document: Document, mapping: DocumentType) -> Value | None:
    """A cell, or what its field is filled with where that is another field, as the in-quantity of a transfer."""
    found = line.fields.get(name)
    if found is not None:
        return found
    default = mapping.fields[name].default
    source = default.copy_of if default and default.copy_of else name
    return document.header.get(name) or line.fields.get(source) or document.header.get(source)


def _with_issues(checked: Checked, found: Sequence[Issue]) -> Checked:
    """Where a lack of stock is an error, the documents that lack it are not to be sent."""
    rows = {item.row for item in found if item.severity is Severity.ERROR}
    sound = [document for document in checked.documents if rows.isdisjoint(document.rows)]
    lacking = [document for document in checked.documents if not rows.isdisjoint(document.rows)]
    issues = sorted([*checked.issues, *found], key=lambda item: (item.row or 0, item.column or 0))
    return replace(checked, issues=issues, documents=sound, failed=[*checked.failed, *lacking])
