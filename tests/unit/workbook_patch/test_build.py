"""New workbooks for sources that cannot carry results."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
from unit.workbook_patch.books import COLUMNS, MARKS, SHEET, STATUS, SUMMARY, VALUES, colour, patch

from importer.workbook.patch import build_workbook

if TYPE_CHECKING:
    from pathlib import Path


def build(path: Path) -> Path:
    """A workbook of three data rows with a hole between them."""
    build_workbook(
        path,
        sheet=SHEET,
        header_rows=[["item_no", "qty", "day"], ["料號", "數量", "日期"]],
        rows={3: ["00123", Decimal("1.50"), dt.date(2024, 5, 6)], 4: ["=1+1", 12345678901234567, None], 7: ["#N/A", 2.5, "a\x07"]},
        columns=COLUMNS,
        values=VALUES,
        marks=MARKS,
        summary=SUMMARY,
        status_severity=STATUS,
    )
    return path


def test_a_new_workbook_has_the_same_layout(tmp_path: Path) -> None:
    """Who handed in a .csv gets the same results as who handed in an .xlsx: rows at their numbers, results at the right."""
    book = openpyxl.load_workbook(build(tmp_path / "a.xlsx"))
    page = book[SHEET]
    assert book.sheetnames == ["結果 Summary", SHEET]
    assert [cell.value for cell in page[3]] == ["00123", 1.5, dt.datetime(2024, 5, 6), "posted", "IN-1", "t1"]
    assert [cell.value for cell in page[4]] == ["=1+1", "12345678901234567", None, "refused", "=1+1", "t2"]
    assert [cell.value for cell in page[7]][:3] == ["#N/A", 2.5, "a␇"]
    assert [page["A4"].data_type, page["A7"].data_type, page["A3"].number_format] == ["s", "s", "@"]
    assert page.row_dimensions[1].hidden
    assert colour(page["B4"]) == "FFFFB3B5"
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_a_new_workbook_can_be_handed_in_again(tmp_path: Path) -> None:
    """It is corrected and uploaded like any other."""
    built = build(tmp_path / "a.xlsx")
    page = openpyxl.load_workbook(patch(built))[SHEET]
    assert [cell.value for cell in page[2]] == ["料號", "數量", "日期", "狀態", "訊息", "ref"]
