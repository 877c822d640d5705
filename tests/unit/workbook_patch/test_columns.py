"""Result columns: where they go, what they hold, what stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
import python_calamine
import xlsxwriter
from unit.workbook_patch.books import COLUMNS, SHEET, VALUES, colour, minimal, parts, patch, strip, users_book

from importer.workbook.patch import ResultColumn, UnpatchableWorkbook

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
ROWS = (
    '<row r="1"><c r="A1" t="str"><v>item</v></c><c r="B1" t="str"><v>qty</v></c></row>'
    '<row r="2" spans="1:2"><c r="A2" t="str"><v>料</v></c></row>'
)


def one_column(path: Path, value: str | int | None, **changes: object) -> openpyxl.worksheet.worksheet.Worksheet:
    """The sheet after one value was put at the right of row 3."""
    column = (ResultColumn(name="_result.status", label="狀態"),)
    target = patch(users_book(path), columns=column, values={3: (value,)}, marks=(), summary=None, **changes)
    return openpyxl.load_workbook(target)[SHEET]


def test_results_stand_right_of_the_users_columns(tmp_path: Path) -> None:
    """Each row gets its results at the right, under a label, with technical names in the hidden first row."""
    page = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx")))[SHEET]
    assert [[cell.value for cell in row] for row in page["D1:F4"]] == [
        ["_result.status", "_result.message", "_ref"],
        ["狀態", "訊息", "ref"],
        ["posted", "IN-1", "t1"],
        ["refused", "=1+1", "t2"],
    ]
    assert page["D2"].font.bold
    assert page["E9"].value == 12
    assert page.row_dimensions[1].hidden
    assert page.column_dimensions["E"].width == 40
    assert page.column_dimensions["F"].hidden
    assert page.dimensions == "A1:F12"


def test_other_readers_see_the_same(tmp_path: Path) -> None:
    """A reader other than openpyxl finds every result as well."""
    book = python_calamine.CalamineWorkbook.from_path(str(patch(users_book(tmp_path / "a.xlsx"))))
    rows = book.get_sheet_by_name(SHEET).to_python()
    assert rows[2][3:] == ["posted", "IN-1", "t1"]
    assert rows[8][3:] == ["posted", 12, ""]


def test_the_status_shows_its_colour(tmp_path: Path) -> None:
    """Green is done, red is not: the status can be read across the room."""
    page = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx")))[SHEET]
    assert colour(page["D3"]) == "FFC8EFD1"
    assert colour(page["D4"]) == "FFFFB3B6"
    assert colour(page["E4"]) is None


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "-"])
def test_text_is_never_a_formula(tmp_path: Path, text: str) -> None:
    """What the ERP says is shown as text, even if a spreadsheet could run it."""
    cell = one_column(tmp_path / "a.xlsx", text)["D3"]
    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert cell.value == text.replace("\r", "\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b\x07", "a␀b␇"),
        ("\ud800x\uffff", "\ufffdx\ufffd"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("  blanks  ", "  blanks  "),
        ("<&>\"']]>", "<&>\"']]>"),
        ("😀" * 20_000, "😀" * 16_383 + "…"),
    ],
)
def test_any_text_can_be_shown(tmp_path: Path, text: str, shown: str) -> None:
    """No character and no length of a message makes a file that Excel wants to repair."""
    assert one_column(tmp_path / "a.xlsx", text)["D3"].value == shown


def test_text_like_an_escape_stays(tmp_path: Path) -> None:
    """Text such as _x000D_ is shown as it is and not as the line end that Excel would take it for."""
    target = patch(users_book(tmp_path / "a.xlsx"), values={3: ("_x000D_", None, None)})
    assert b"_x005F_x000D_" in parts(target)["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize(("value", "held"), [(12, 12), (-3, -3), (0, 0), (10**14, 10**14), (1234567890123456, "1234567890123456")])
def test_numbers_keep_every_digit(tmp_path: Path, value: int, held: object) -> None:
    """Numbers are numbers; one with more digits than Excel keeps is text."""
    assert one_column(tmp_path / "a.xlsx", value)["D3"].value == held


def test_rows_without_xml_are_made(tmp_path: Path) -> None:
    """A row that the file does not mention gets its result too, at its place."""
    source = minimal(
        tmp_path / "a.xlsx", f'{HEAD}<sheetData>{ROWS}<row r="3"/><row r="8"><c r="A8"><v>1</v></c></row></sheetData></worksheet>'
    )
    xml = parts(patch(source, marks=(), values={3: VALUES[3], 5: VALUES[3], 20: VALUES[3]}))["xl/worksheets/sheet1.xml"].decode()
    order = [xml.index(f'<row r="{number}"') for number in (1, 2, 3, 5, 8, 20)]
    assert order == sorted(order)
    assert "spans" not in xml


def test_an_empty_sheet_takes_results(tmp_path: Path) -> None:
    """Even a sheet without any row can carry them."""
    source = minimal(tmp_path / "a.xlsx", f"{HEAD}<sheetData/></worksheet>")
    page = openpyxl.load_workbook(patch(source))[SHEET]
    assert page["A2"].value == "狀態"


def test_nothing_is_written_over_widths_merges_or_far_cells(tmp_path: Path) -> None:
    """Columns with a width, a merged title or a far cell count as the user's."""
    tail = '<mergeCells count="1"><mergeCell ref="A1:E1"/></mergeCells>'
    cols = '<cols><col min="1" max="4" width="9"/></cols>'
    source = minimal(tmp_path / "a.xlsx", f"{HEAD}{cols}<sheetData>{ROWS}</sheetData>{tail}</worksheet>")
    assert openpyxl.load_workbook(patch(source))[SHEET]["F2"].value == "狀態"


def test_widths_for_the_rest_of_the_sheet_are_split_and_joined(tmp_path: Path) -> None:
    """A format for all columns to the end leaves room for results and is whole again afterwards."""
    cols = '<cols><col min="1" max="2" width="9"/><col min="3" max="16384" width="5" style="1" hidden="1"/></cols>'
    source = minimal(tmp_path / "a.xlsx", f"{HEAD}{cols}<sheetData>{ROWS}</sheetData></worksheet>", styles=True)
    target = patch(source, marks=())
    assert b'<col min="3" max="3" width="14" customWidth="1"/>' in parts(target)["xl/worksheets/sheet1.xml"]
    assert cols.encode() in parts(strip(target))["xl/worksheets/sheet1.xml"]


def test_no_room_is_said(tmp_path: Path) -> None:
    """A sheet used to its last column is refused, not damaged."""
    source = minimal(tmp_path / "a.xlsx", f'{HEAD}<sheetData><row r="2"><c r="XFD2"><v>1</v></c></row></sheetData></worksheet>')
    with pytest.raises(UnpatchableWorkbook, match="no room"):
        patch(source)


def test_values_must_fit_the_columns(tmp_path: Path) -> None:
    """A caller that hands in too few values is told, and the target stays as it was."""
    target = tmp_path / "target.xlsx"
    with pytest.raises(ValueError, match="zip"):
        patch(users_book(tmp_path / "a.xlsx"), target, values={3: ("posted",)})
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_sheets_of_xlsxwriter(tmp_path: Path) -> None:
    """Tables, drop-downs, pictures of rules: a sheet with shared strings and much behind its rows opens as before."""
    source = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(source)
    page = book.add_worksheet(SHEET)
    page.add_table("A2:B6", {"columns": [{"header": "料號"}, {"header": "數量"}]})
    page.data_validation("A3:A6", {"validate": "list", "source": ["a", "b"]})
    page.conditional_format("B3:B6", {"type": "data_bar", "data_bar_2010": True})
    page.write_url("A3", "https://example.org/")
    page.insert_textbox("H1", "hello")
    book.close()
    before, after = parts(source), parts(patch(source))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }
    tail = before["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")[2]
    new_tail = after["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")[2]
    assert new_tail.index(b"<drawing ") < new_tail.index(b"<legacyDrawing ") < new_tail.index(b"<tableParts ")
    assert new_tail.replace(new_tail[new_tail.index(b"<legacyDrawing") : new_tail.index(b"<tableParts")], b"") == tail
    assert len(openpyxl.load_workbook(tmp_path / "patched-a.xlsx")[SHEET].tables) == 1


def test_columns_without_technical_names(tmp_path: Path) -> None:
    """A sheet that has only labels gets labels only, and a second round still finds its columns."""
    source = users_book(tmp_path / "a.xlsx")
    once = patch(source, name_row=None)
    page = openpyxl.load_workbook(patch(once, name_row=None))[SHEET]
    assert [page["D2"].value, page["D1"].value, page["G2"].value] == [COLUMNS[0].label, None, None]
    assert openpyxl.load_workbook(strip(once, name_row=None))[SHEET].max_column == 3
