"""The summary sheet, and what a new first sheet must not disturb."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest
from unit.workbook_patch.books import SHEET, parts, patch, rewrite, strip, users_book

from importer.workbook.patch import SummarySheet

if TYPE_CHECKING:
    from pathlib import Path


def test_the_summary_is_first_and_open(tmp_path: Path) -> None:
    """Who opens the file sees the totals; only that tab is selected, so that nobody types into two sheets at once."""
    book = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx")))
    assert book.sheetnames == ["結果 Summary", SHEET, "other"]
    assert book.active.title == "結果 Summary"
    assert [page.sheet_view.tabSelected for page in book] == [True, None, None] or [bool(page.sheet_view.tabSelected) for page in book] == [
        True,
        False,
        False,
    ]
    page = book["結果 Summary"]
    assert [[cell.value for cell in row] for row in page] == [["rows", 3], ["@total", None]]
    assert (page["A1"].font.bold, page["A2"].font.bold, page["A2"].quotePrefix) == (True, False, True)
    assert page.column_dimensions["A"].width == 20


def test_totals_keep_their_last_decimal(tmp_path: Path) -> None:
    """Totals are numbers as long as a number can hold them, and whole text beyond."""
    rows = [[Decimal("10.50"), Decimal("12345678901234.567"), Decimal("1E+3"), Decimal("NaN"), Decimal("0.000000001")]]
    page = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx"), summary=SummarySheet(title="S", rows=rows)))["S"]
    assert [cell.value for cell in page[1]] == [10.5, "12345678901234.567", 1000, "NaN", 1e-9]


def test_names_of_sheets_follow_their_sheets(tmp_path: Path) -> None:
    """Printing areas and filters still belong to the sheets they were made for, after the summary came and after it went."""
    source = users_book(tmp_path / "a.xlsx")
    target = patch(source)
    for path in (source, target, strip(target)):
        book = openpyxl.load_workbook(path)
        assert book[SHEET].print_area == "'資料'!$A$1:$C$7"
        assert book["other"].print_area == "'other'!$A$1:$B$2"
        assert book[SHEET].auto_filter.ref == "A2:C7"


def test_selected_tabs_elsewhere_are_released(tmp_path: Path) -> None:
    """A second sheet that was left selected is selected no more; nothing else in it changes."""
    source = users_book(tmp_path / "a.xlsx")
    name = "xl/worksheets/sheet2.xml"
    plain = parts(source)[name]
    rewrite(source, {name: plain.replace(b"<sheetView ", b'<sheetView tabSelected="1" ')})
    assert parts(patch(source))[name] == plain


def test_without_a_summary_the_open_sheet_stays(tmp_path: Path) -> None:
    """Results without a summary leave the order and choice of sheets alone; a strip opens the data again."""
    source = users_book(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(source)
    book.active = 1
    book.save(source)
    assert openpyxl.load_workbook(patch(source, summary=None)).active.title == "other"
    assert openpyxl.load_workbook(strip(patch(source))).active.title == SHEET


@pytest.mark.parametrize(("title", "name"), [("資料", "資料 (2)"), ("a/b:c", "a_b_c"), ("x" * 40, "x" * 31), ("O'Neil", "O'Neil")])
def test_any_title_becomes_a_legal_name(tmp_path: Path, title: str, name: str) -> None:
    """A title that Excel would refuse, or that is taken, is made acceptable, and is found again in the next round."""
    summary = SummarySheet(title=title, rows=[["a"]])
    once = patch(users_book(tmp_path / "a.xlsx"), summary=summary)
    twice = patch(once, tmp_path / "twice.xlsx", summary=summary)
    assert openpyxl.load_workbook(twice).sheetnames == [name, SHEET, "other"]


def test_a_sheet_of_the_same_name_that_is_not_ours_stays(tmp_path: Path) -> None:
    """A user's own sheet is never taken for a summary because of its name."""
    source = users_book(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(source)
    book.create_sheet("結果 Summary")["A1"] = "mine"
    book.save(source)
    stripped = openpyxl.load_workbook(strip(patch(source)))
    assert stripped["結果 Summary"]["A1"].value == "mine"
