"""The summary: a small sheet of its own, in front of the user's."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from importer.workbook.patch import columns
from importer.workbook.patch.package import WORKSHEET_TYPE
from importer.workbook.patch.text import cell_body, is_risky

if TYPE_CHECKING:
    from collections.abc import Sequence

    from importer.workbook.patch.archive import Archive
    from importer.workbook.patch.book import Book
    from importer.workbook.patch.styles import Styles
    from importer.workbook.patch.values import SummarySheet

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def add_summary(archive: Archive, book: Book, styles: Styles, summary: SummarySheet) -> str:
    """Write the sheet's part and put it first; returns the name it got."""
    part = archive.free_name("xl/worksheets/sheet{}.xml")
    archive.put(part, _sheet_xml(book, styles, summary).encode())
    book.types.declare(part, WORKSHEET_TYPE)
    return book.add_first(summary.title, part)


def _sheet_xml(book: Book, styles: Styles, summary: SummarySheet) -> str:
    views = "".join(f'<sheetView tabSelected="1" workbookViewId="{view}"/>' for view in range(book.views))
    runs = [columns.Run(i, i, (("width", f"{width:g}"), ("customWidth", "1"))) for i, width in enumerate(summary.widths, start=1)]
    rows = "".join(_row_xml(number, row, styles, summary) for number, row in enumerate(summary.rows, start=1))
    return (
        f'{_DECLARATION}<worksheet xmlns="{book.namespace}"><sheetViews>{views}</sheetViews>{columns.render_cols(runs, "")}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _row_xml(number: int, values: Sequence[str | int | Decimal | None], styles: Styles, summary: SummarySheet) -> str:
    cells = []
    bold = number - 1 in summary.bold_rows
    for column, value in enumerate(values, start=1):
        if value is not None:
            shade = summary.shades.get((number - 1, column - 1))
            style = styles.plain(bold=bold, quoted=isinstance(value, str) and is_risky(value), severity=shade)
            cells.append(f'<c r="{columns.letters(column)}{number}" s="{style}"{cell_body(value, "")}')
    return f'<row r="{number}">{"".join(cells)}</row>'
