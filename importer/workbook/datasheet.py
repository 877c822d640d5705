"""The sheet of a template that people fill in: headings, formats, drop-downs, protection, printing.

The two heading rows are protected, without a password. Everything else stays as free as Excel allows on a protected sheet: all
other cells are unlocked, in every column of the sheet, because Excel deletes and sorts only rows without a locked cell. What it
still refuses is to move the columns; who wants that takes the protection off (Review > Unprotect Sheet), and nothing depends on it:
the reader finds columns by their names, wherever they stand. Cells that are pasted with their formats out of another workbook
bring their lock along, so results come back without the protection, and what has to be corrected there can be corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from importer.fieldtypes import FIELD_TYPES
from importer.workbook.describe import Column, screen_width
from importer.workbook.extra import ExtraColumn
from importer.workbook.lists import Source
from importer.workbook.page import set_up_page
from importer.workbook.palette import FILLS, FONT
from importer.workbook.validations import validations

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["FIRST_ROW", "LAST_ROW", "write_data_sheet", "write_heading"]

FIRST_ROW: Final = 3  # of data; below the technical names and the labels
LAST_ROW: Final = 1_048_576  # the sheet's own end: drop-downs and filters reach as far as data can
LAST_COLUMN: Final = 16_384
HEADING_HEIGHT: Final = 24  # points
LEFT_FREE: Final = (
    "formatCells",
    "formatColumns",
    "formatRows",
    "insertColumns",
    "insertRows",
    "insertHyperlinks",
    "deleteColumns",
    "deleteRows",
    "sort",
    "autoFilter",
    "pivotTables",
)
"""What a user may still do on the protected sheet. (The attributes say what is locked, so they are set to no.)"""


def write_data_sheet(
    sheet: Worksheet, columns: Sequence[Column], sources: Mapping[str, Source], extra: Sequence[tuple[ExtraColumn, str]]
) -> None:
    """Headings of the columns and, at their right, of `extra` ones with their labels; blank below."""
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(columns, 1):
        sheet.cell(1, position, column.name)
        write_heading(sheet, position, column)
        _comment(sheet, position, column)
        _format(sheet, position, column.field.type, max(FIELD_TYPES[column.field.type].width, screen_width(column.heading) + 4))
    for position, (more, label) in enumerate(extra, len(columns) + 1):
        sheet.cell(1, position, more.name)
        _look(sheet, position, label, "key")
        _format(sheet, position, more.type, more.width)
    for validation in validations(columns, sources, first_row=FIRST_ROW, last_row=LAST_ROW):
        sheet.add_data_validation(validation)
    count = len(columns) + len(extra)
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[2].height = HEADING_HEIGHT
    sheet.freeze_panes = f"{'B' if columns[0].part == 'key' else 'A'}{FIRST_ROW}"
    sheet.auto_filter.ref = f"A2:{get_column_letter(count)}{LAST_ROW}"
    _protect_headings(sheet, count)
    set_up_page(sheet, repeat="2:2")


def write_heading(sheet: Worksheet, position: int, column: Column) -> None:
    """The label of a column in the colour of its part of the document."""
    _look(sheet, position, column.heading, column.part)


def _look(sheet: Worksheet, position: int, text: str, part: str) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = sheet.cell(2, position, text)
    cell.font = Font(name=FONT, bold=True)
    cell.fill = PatternFill("solid", fgColor=FILLS[part])
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _comment(sheet: Worksheet, position: int, column: Column) -> None:
    from openpyxl.comments import Comment

    lines = list(column.lines())
    height = 24 + 18 * sum(1 + screen_width(line) // 38 for line in lines)
    sheet.cell(2, position).comment = Comment("\n".join(lines), "TIPTOP importer", width=280, height=height)


def _format(sheet: Worksheet, position: int, field_type: str, width: float) -> None:
    """Width and format of a column, also of cells that are typed later."""
    from openpyxl.styles import Protection
    from openpyxl.utils import get_column_letter

    dimension = sheet.column_dimensions[get_column_letter(position)]
    dimension.width = width
    dimension.number_format = FIELD_TYPES[field_type].excel_format
    dimension.protection = Protection(locked=False)


def _protect_headings(sheet: Worksheet, count: int) -> None:
    from openpyxl.styles import Protection
    from openpyxl.utils import get_column_letter

    rest = sheet.column_dimensions[get_column_letter(count + 1)]  # of the sheet: rows with a locked cell can be neither deleted nor sorted
    rest.min, rest.max = count + 1, LAST_COLUMN
    rest.protection = Protection(locked=False)
    sheet.protection.sheet = True
    for name in LEFT_FREE:
        setattr(sheet.protection, name, False)
