"""What stands in the cells comes out as it is, and what cannot be trusted is reported on its cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest

from importer.fieldtypes import UNREADABLE
from importer.models import Severity
from importer.workbook.reader import Sheet

from .conftest import LABELS, NAMES, ROW, codes, text_cells

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def test_nothing_is_inferred(read: Callable[..., Sheet]) -> None:
    """Text stays text: 00123 keeps its zeros, TRUE and NA are words, and a date is a date."""
    sheet = read([LABELS, ["1", "I01", date(2026, 1, 31), "00123", "NA", 5, "TRUE"]])
    assert sheet.rows.loc[2].tolist() == ["1", "I01", date(2026, 1, 31), "00123", "NA", 5.0, "TRUE"]
    assert {str(kind) for kind in sheet.rows.dtypes} == {"object"}


def test_blank_rows_are_no_data(read: Callable[..., Sheet]) -> None:
    """Blank rows, rows of spaces and rows that are only coloured are left out; the others keep their row numbers."""

    def colour(book: openpyxl.Workbook) -> None:
        for column in "ABCDEF":
            book.active[f"{column}9"].fill = openpyxl.styles.PatternFill("solid", "FFFF00")

    sheet = read([NAMES, LABELS, ROW, [None] * 7, ["  ", "\u3000", None], ROW, [*[None] * 7, "note in a column of my own"]], change=colour)
    assert sheet.rows.index.tolist() == [3, 6]


def test_hidden_rows_are_no_data_but_are_told(read: Callable[..., Sheet]) -> None:
    """Rows that a filter hides are not imported, and one warning says which."""

    def hide(book: openpyxl.Workbook) -> None:
        book.active.row_dimensions[1].hidden = True
        book.active.row_dimensions[4].hidden = True

    sheet = read([NAMES, LABELS, ROW, ROW, ROW], change=hide)
    assert sheet.rows.index.tolist() == [3, 5]
    (found,) = sheet.issues
    assert (found.code, found.severity, found.values) == ("rows_hidden", Severity.WARNING, {"count": 1, "rows": [4]})


def test_no_rows(read: Callable[..., Sheet]) -> None:
    """An empty template says that there is nothing to import."""
    sheet = read([NAMES, LABELS])
    assert codes(sheet) == [("no_rows", None)]
    assert not sheet.readable


def test_error_cells_and_formulas(read_xml: Callable[..., Sheet]) -> None:
    """#N/A and formulas without a result are errors of their cell, not blanks; a formula with a result is its result."""
    data = (
        '<row r="2"><c r="A2"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c><c r="E2"><f>X1</f></c><c r="F2"><f>2*3</f><v>6</v></c>'
        '<c r="G2" t="str"><f>""</f><v></v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v/></c><c r="F3" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    sheet = read_xml(text_cells(1, LABELS) + data)
    assert codes(sheet) == [("error_cell", "D2"), ("formula_without_value", "E2"), ("formula_without_value", "A3"), ("error_cell", "F3")]
    assert [found.value for found in sheet.issues] == ["#N/A", "", "", "#DIV/0!"]
    assert sheet.rows.loc[2, "qty"] == 6.0
    assert sheet.rows.loc[2, "item_no"] is UNREADABLE
    assert sheet.rows.loc[2, "lot_no"] is None
    assert sheet.rows.index.tolist() == [2, 3]


def test_errors_in_own_columns_do_not_matter(read_xml: Callable[..., Sheet]) -> None:
    """A look-up of the user's own that fails in a column of their own is none of our business."""
    data = text_cells(2, ["1", "I01", "2026-01-31", "X", "W1", "5"]).replace("</row>", '<c r="H2" t="e"><v>#N/A</v></c></row>')
    assert codes(read_xml(text_cells(1, LABELS) + data)) == []


@pytest.mark.parametrize(("namespace", "prefix"), [(SPREADSHEET, "x"), (STRICT, ""), (STRICT, "ss")])
def test_other_dialects_of_the_format(read_xml: Callable[..., Sheet], namespace: str, prefix: str) -> None:
    """Strict OOXML and prefixed namespaces are read and searched like what Excel usually writes."""
    data = '<row r="2" hidden="true"><c r="A2"><v>7</v></c></row><row r="3"><c r="A3"><v>1</v></c><c r="D3" t="e"><v>#REF!</v></c></row>'
    sheet = read_xml(text_cells(1, LABELS) + data, namespace=namespace, prefix=prefix)
    assert codes(sheet) == [("rows_hidden", None), ("error_cell", "D3")]
    assert sheet.rows.index.tolist() == [3]


def test_single_quotes_and_far_blocks(read_xml: Callable[..., Sheet]) -> None:
    """The search works on XML with single quotes and does not lose a cell between two blocks of a large sheet."""
    rows = "".join(text_cells(row, ["1", "I01", "x" * 400, "X" * 400, "W1", "5"]) for row in range(2, 3000))
    broken = {2, 1000, 1700, 2999}
    for row in broken:
        rows = rows.replace(f'<c r="D{row}" t="inlineStr"><is><t>{"X" * 400}</t></is></c>', f'<c r="D{row}" t="e"><v>#N/A</v></c>')
    for text in (rows, rows.replace('"', "'")):
        sheet = read_xml(text_cells(1, LABELS) + text)
        assert [found.row for found in sheet.issues if found.code == "error_cell"] == sorted(broken)


def test_cells_without_addresses(read_xml: Callable[..., Sheet]) -> None:
    """Where the XML does not say which cell holds the error, the sheet is refused instead of the error being taken for a blank."""
    header = "".join(f'<c t="inlineStr"><is><t>{label}</t></is></c>' for label in LABELS)
    sheet = read_xml(f'<row>{header}</row><row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>')
    assert ("cells_without_address", None) in codes(sheet)


@pytest.mark.parametrize(
    ("number_format", "number", "shown"),
    [("00000", 123, "00123"), ('"A"000', 7, "A007"), ("000-000", 1234, "001-234"), ("\\W0", 1, "W1"), ("00000;-00000", 5, "00005")],
)
def test_number_formats_that_hide(read: Callable[..., Sheet], number_format: str, number: int, shown: str) -> None:
    """A code that looks like 00123 but is the number 123 is refused, with the text to type."""

    def style(book: openpyxl.Workbook) -> None:
        book.active["D2"].number_format = number_format

    sheet = read([LABELS, [*ROW[:3], number, *ROW[4:]]], change=style)
    (found,) = sheet.issues
    assert (found.code, found.cell, found.value, found.values["shown"]) == ("number_format_hides", "D2", str(number), shown)
    assert sheet.rows.loc[2, "item_no"] is UNREADABLE


@pytest.mark.parametrize(("number_format", "number"), [("00000", 12345), ("General", 1), ("0", 7), ("@", 5), ("#,##0", 1234), ("0.00", 3)])
def test_number_formats_that_hide_nothing(read: Callable[..., Sheet], number_format: str, number: int) -> None:
    """A format that adds no zeros or letters to the stored number is no reason to complain."""

    def style(book: openpyxl.Workbook) -> None:
        book.active["D2"].number_format = number_format
        book.active["F2"].number_format = "00000"  # of a quantity, where zeros mean nothing

    assert codes(read([LABELS, [*ROW[:3], number, *ROW[4:]]], change=style)) == []


@pytest.mark.parametrize("number", [12345678901234567, 1e15, -2e20])
def test_numbers_beyond_excel(read: Callable[..., Sheet], number: Any) -> None:
    """A bar code typed as a number has lost its last digits; that is an error, not a guess."""
    sheet = read([LABELS, [*ROW[:3], number, *ROW[4:]]])
    assert codes(sheet) == [("number_too_long", "D2")]
    assert sheet.rows.loc[2, "item_no"] is UNREADABLE


def test_merged_header_cells(read: Callable[..., Sheet]) -> None:
    """A cell of the document's head that is merged over several rows has its value on all of them, also where a new document begins."""

    def merge(book: openpyxl.Workbook) -> None:
        book.active.merge_cells("A2:A3")
        book.active.merge_cells("B2:B9")

    sheet = read([LABELS, ROW, ROW, ["2", *ROW[1:]]], change=merge)
    assert codes(sheet) == []
    assert sheet.rows["doc_key"].tolist() == ["1", "1", "2"]
    assert sheet.rows["doc_type_no"].tolist() == ["I01"] * 3
    assert sheet.rows.index.tolist() == [2, 3, 4], "merged rows without anything of their own are no data"


@pytest.mark.parametrize(("merged", "cells"), [("F2:F3", ["F2"]), ("D2:D9", ["D2"]), ("D2:E2", ["D2", "E2"]), ("F3:G4", ["F3", "G3"])])
def test_merged_line_cells(read: Callable[..., Sheet], merged: str, cells: list[str]) -> None:
    """A quantity over two rows, or an item over two columns: nobody knows what is meant, so the range is named and nothing is guessed."""
    sheet = read([LABELS, ROW, ROW, ROW], change=lambda book: book.active.merge_cells(merged))
    assert [(found.code, found.cell, found.values["range"]) for found in sheet.issues] == [("cells_merged", cell, merged) for cell in cells]


def test_merged_cells_that_hold_nothing(read: Callable[..., Sheet]) -> None:
    """Blank cells that are merged, and rows merged below the data, are nobody's business."""

    def merge(book: openpyxl.Workbook) -> None:
        book.active.merge_cells("G2:G3")
        book.active.merge_cells("A5:G9")

    assert codes(read([LABELS, ROW, ROW], change=merge)) == []


@pytest.mark.parametrize(
    ("number_format", "number", "shown"),
    [("0%", 5, "500%"), ("0.00%", 0.125, "12.5%"), ("#,##0,", 5000, "5"), ("0.0,,", 2500000, "2.5")],
)
def test_numbers_shown_as_others(read: Callable[..., Sheet], number_format: str, number: float, shown: str) -> None:
    """A quantity that is shown as a percentage or in thousands is taken as it is stored, and both are said."""

    def style(book: openpyxl.Workbook) -> None:
        book.active["F2"].number_format = number_format

    sheet = read([LABELS, [*ROW[:5], number, None]], change=style)
    assert [(found.code, found.cell, found.values["shown"]) for found in sheet.issues] == [("number_shown_otherwise", "F2", shown)]
    assert sheet.rows.loc[2, "qty"] == number


def test_codes_turned_into_powers_of_ten(read: Callable[..., Sheet]) -> None:
    """1E10 typed into an unformatted cell becomes a number that Excel shows as 1.00E+10: the code is lost, and that is an error."""

    def style(book: openpyxl.Workbook) -> None:
        book.active["D2"].number_format = "0.00E+00"

    sheet = read([LABELS, [*ROW[:3], 1e10, *ROW[4:]]], change=style)
    assert [(found.code, found.cell, found.values["shown"]) for found in sheet.issues] == [("number_format_hides", "D2", "1.00E+10")]


def test_hidden_columns(read: Callable[..., Sheet]) -> None:
    """Hidden columns are imported, but not without a word; those that hold nothing, or only our reference, need none."""

    def hide(book: openpyxl.Workbook) -> None:
        for column in "EGH":
            book.active.column_dimensions[column].hidden = True

    sheet = read([[*LABELS, "_ref"], [*ROW, "X:1"]], change=hide)
    assert codes(sheet) == [("columns_hidden", None)]
    assert sheet.issues[0].values["names"] == ["倉庫*"]
