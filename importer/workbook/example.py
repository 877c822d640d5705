"""The sheet `範例` of a template: three small documents as people fill them in. It is never read as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from importer.fieldtypes import FIELD_TYPES
from importer.mapping import DOC_KEY
from importer.messages import N_
from importer.models import CodeList
from importer.workbook.datasheet import FIRST_ROW, write_heading
from importer.workbook.describe import Column, screen_width
from importer.workbook.meta import NOT_DATA
from importer.workbook.page import set_up_page

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["EXAMPLE_SHEETS", "example_rows", "write_example"]

EXAMPLE_SHEETS: Final = {"zh_TW": "範例", "zh_CN": "示例", "en": "Example"}

NOTES: Final = (  # one for each row: (document, whether key and document head are filled in, what the row shows)
    (1, True, N_("Document 1 begins: key and document head stand on its first row.")),
    (1, False, N_("Document 1, second line: key and document head may stay blank.")),
    (1, False, N_("Document 1, third line.")),
    (2, True, N_("Document 2 begins: another key.")),
    (2, True, N_("Document 2, second line: repeating key and document head is just as good.")),
    (3, True, N_("Document 3 has one line.")),
)
NOTE_WIDTH: Final = 62
FALLBACK: Final = {"code": "A001", "text": "-", "decimal": "1", "integer": "1", "date": "2026-01-31"}
"""By type: what a required field without an example shows."""
_SERIAL: Final = re.compile(r"\d{3,}$")


def write_example(sheet: Worksheet, columns: Sequence[Column], lists: Mapping[str, CodeList]) -> None:
    """Headings as in the data sheet, the rows of the example, and beside each row what it shows. Nothing in it can be changed."""
    from openpyxl.styles import Alignment, Font

    sheet.cell(1, 1, NOT_DATA)
    sheet.row_dimensions[1].hidden = True
    for position, column in enumerate(columns, 1):
        write_heading(sheet, position, column)
    notes = len(columns) + 1
    for row, (values, (_, _, note)) in enumerate(zip(example_rows(columns, lists), NOTES, strict=True), FIRST_ROW):
        for position, column in enumerate(columns, 1):
            cell = sheet.cell(row, position)
            cell.number_format = FIELD_TYPES[column.field.type].excel_format
            cell.value = values.get(column.name)  # type: ignore[assignment]  # text, number, date or None
        remark = sheet.cell(row, notes, columns[0].say(note))
        remark.font, remark.alignment = Font(italic=True, color="808080"), Alignment(vertical="center")
    _set_up(sheet, columns, notes)


def _set_up(sheet: Worksheet, columns: Sequence[Column], notes: int) -> None:
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(columns, 1):
        width = max(FIELD_TYPES[column.field.type].width, screen_width(column.heading) + 4)
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.column_dimensions[get_column_letter(notes)].width = NOTE_WIDTH
    sheet.freeze_panes = f"A{FIRST_ROW}"
    sheet.protection.sheet = True  # what somebody typed here would not be imported
    set_up_page(sheet, repeat="2:2")


def example_rows(columns: Sequence[Column], lists: Mapping[str, CodeList]) -> Iterator[dict[str, object]]:
    """Field -> value, row by row, out of the mapping's examples; codes out of the site's lists where the example is none of them."""
    for number, (document, with_head, _) in enumerate(NOTES):
        row: dict[str, object] = {}
        for column in columns:
            if column.name == DOC_KEY:
                row[column.name] = str(document) if with_head else None
            elif column.part == "line":
                row[column.name] = _value(column, number, row, lists)
            elif with_head:
                row[column.name] = _value(column, 0, row, lists)
        yield row


def _value(column: Column, number: int, row: Mapping[str, object], lists: Mapping[str, CodeList]) -> object:
    """The example of a field; of a line the serial numbers and quantities go up."""
    field = column.field
    text = (
        field.example or (next(iter(field.choices), None) if field.choices else None) or (FALLBACK[field.type] if field.required else None)
    )
    if text is None:
        return None
    if field.type == "date":
        return date.fromisoformat(text)
    if field.type in ("decimal", "integer"):
        value = Decimal(text) + (number if field.required and column.part == "line" else 0)
        return value if field.max_inclusive is None else min(value, field.max_inclusive)
    return _listed(_next(text, number), column, number, row, lists)


def _next(text: str, number: int) -> str:
    """`ITEM-0001` goes on with `ITEM-0002`; codes without a serial number stay."""
    return _SERIAL.sub(lambda found: f"{int(found[0]) + number:0{len(found[0])}d}", text)


def _listed(text: str, column: Column, number: int, row: Mapping[str, object], lists: Mapping[str, CodeList]) -> str:
    """The code itself, or one of the site's list: within the row's outer code, and no other place of the row."""
    found = lists.get(column.field.lookup or "")
    if found is None or text in found.labels or column.field.translate is not None:
        return text
    outer = row.get(column.field.within or "")
    codes = [code for code in sorted(found.labels) if outer is None or outer in found.within.get(code, [outer])]
    codes = [code for code in codes if code not in row.values()] or codes or [text]
    return codes[number % len(codes)]
