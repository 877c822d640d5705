"""What python-calamine keeps silent about in an .xls, as xlrd has it: errors, hidden rows and columns, merged ranges, number formats."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importer.workbook.numberformats import telling_styles
from importer.workbook.sheetscan import SheetScan

__all__ = ["scan_xls"]


def scan_xls(path: Path) -> dict[str, SheetScan] | None:
    """By sheet; None where xlrd cannot read the file, which says nothing about whether others can."""
    import xlrd

    try:
        with xlrd.open_workbook(str(path), formatting_info=True, logfile=io.StringIO(), ragged_rows=True, on_demand=True) as book:
            declared = {number: found.format_str or "" for number, found in book.format_map.items()}
            formats = telling_styles(declared, [found.format_key for found in book.xf_list])
            return {name: _sheet(book.sheet_by_name(name), formats) for name in book.sheet_names()}
    except Exception:  # noqa: BLE001 - xlrd raises whatever a damaged or odd file makes it stumble over
        return None


def _sheet(sheet: Any, formats: Mapping[int, str]) -> SheetScan:
    import xlrd

    found = SheetScan(last_row=sheet.nrows, last_column=sheet.ncols)
    found.hidden_rows = {row + 1 for row, about in sheet.rowinfo_map.items() if about.hidden}
    found.hidden_columns = [(column + 1, column + 1) for column, about in sheet.colinfo_map.items() if about.hidden]
    found.merged = [((top + 1, left + 1), (bottom, right)) for top, bottom, left, right in sheet.merged_cells]
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_ERROR:
                found.errors[row + 1, column + 1] = xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#")
            elif kind == xlrd.XL_CELL_NUMBER and formats and (style := sheet.cell_xf_index(row, column)) in formats:
                found.formats[row + 1, column + 1] = formats[style]
    return found
