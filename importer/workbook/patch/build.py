"""A new workbook in the layout of a patched one, for sources that cannot be patched (.xls, .csv, damaged packages)."""

from __future__ import annotations

import datetime as dt
import secrets
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from importer.workbook.patch.columns import letters
from importer.workbook.patch.job import patch_workbook
from importer.workbook.patch.text import NUMBER_DIGITS, clean, is_risky

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from importer.workbook.patch.values import Mark, ResultColumn, SummarySheet

Value = str | int | float | Decimal | dt.date | dt.time | None

_DATE_FORMATS: tuple[tuple[type, str], ...] = ((dt.datetime, "yyyy-mm-dd hh:mm:ss"), (dt.date, "yyyy-mm-dd"), (dt.time, "hh:mm:ss"))
_WIDTH = 16  # characters


def build_workbook(
    target: Path,
    *,
    sheet: str,
    header_rows: Sequence[Sequence[str | None]],
    rows: Mapping[int, Sequence[Value]],
    columns: Sequence[ResultColumn],
    values: Mapping[int, Sequence[str | int | None]],
    marks: Sequence[Mark],
    summary: SummarySheet | None,
    status_severity: Mapping[int, str] | None = None,
    hidden: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> None:
    """Write a new .xlsx to `target`: header rows from row 1, `rows` (worksheet row -> cells from column A), and the results.

    `hidden` are the rows of hidden sheets by name. The last header row holds labels; one above it holds technical names and is
    hidden. The rest is as for `patch_workbook`, which can also take the file again.
    """
    plain = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write_plain(plain, sheet, header_rows, rows, hidden or {})
        patch_workbook(
            plain,
            target,
            sheet=sheet,
            name_row=len(header_rows) - 1 or None,
            label_row=len(header_rows),
            columns=columns,
            values=values,
            marks=marks,
            summary=summary,
            status_severity=status_severity,
        )
    finally:
        plain.unlink(missing_ok=True)


def _write_plain(
    path: Path,
    title: str,
    header_rows: Sequence[Sequence[str | None]],
    rows: Mapping[int, Sequence[Value]],
    hidden: Mapping[str, Sequence[Sequence[str]]],
) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page: Any = book.create_sheet(title)  # the stubs do not know what a write-only sheet has
    page.freeze_panes = f"A{len(header_rows) + 1}"
    for column in range(1, 1 + max((len(row) for row in header_rows), default=0)):
        page.column_dimensions[letters(column)].width = _WIDTH
    if len(header_rows) > 1:
        page.row_dimensions[len(header_rows) - 1].hidden = True
    for number in range(1, 1 + max([len(header_rows), *rows])):
        header = number <= len(header_rows)
        page.append([_cell(page, value, bold=header) for value in (header_rows[number - 1] if header else rows.get(number, ()))])
    for name, cells in hidden.items():
        if name != title:
            aside: Any = book.create_sheet(name)
            aside.sheet_state = "hidden"
            for row in cells:
                aside.append([_cell(aside, value, bold=False) for value in row])
    book.save(path)


def _cell(page: Any, value: Value, *, bold: bool) -> Any:  # see above
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if value is None:
        return None
    if isinstance(value, (int, float, Decimal)) and len(Decimal(str(value)).as_tuple().digits) > NUMBER_DIGITS:
        value = str(value)
    held: Any = clean(value) if isinstance(value, str) else value
    cell = WriteOnlyCell(page, held)
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
        cell.number_format = "@"
        cell.quotePrefix = is_risky(value)
    for type_, number_format in _DATE_FORMATS:
        if isinstance(value, type_):
            cell.number_format = number_format
            break
    if bold:
        cell.font = Font(bold=True)
    return cell
