"""Nothing is lost: a workbook with everything in it, compared part by part with its results and with its to-fix workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from ooxml import problems
from unit.workbook_patch.books import COLUMNS, parts, patch, strip
from unit.workbook_patch.office import convert
from unit.workbook_patch.rich import LABELS, ROWS, SHEET, rich_book, with_macros

from importer.workbook.patch import Mark, extract_rows
from importer.workbook.patch.extract import Repeat, Repeats

DATA = "xl/worksheets/sheet1.xml"
KEPT = (7, 8, 10)
REPEATS: Repeats = {8: {1: Repeat(7), 2: Repeat(7, if_empty=True)}, 10: {1: Repeat(9)}}
VALUES: dict[int, tuple[str | int | None, ...]] = {row: ("refused", f"message {row}", "ref") for row in ROWS}
MARKS = (
    Mark(row=8, column=2, severity="error", text="no such item"),
    Mark(row=9, column=3, severity="hint", text="a thread stays alone"),
    Mark(row=4, column=2, severity="warning", text="look here"),
)
FORMS: Mapping[str, Callable[[Path], Path]] = {"xlsx": lambda path: path, "xlsm": with_macros}


@pytest.fixture(scope="module", params=FORMS)
def users(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's workbook, plain and with macros."""
    return FORMS[request.param](rich_book(tmp_path_factory.mktemp("rich") / "rich.xlsx"))


@pytest.fixture(scope="module")
def results(users: Path) -> Path:
    """With results of every row."""
    return patch(users, users.with_stem("results"), columns=COLUMNS, values=VALUES, marks=MARKS, status_severity=dict.fromkeys(ROWS, "ok"))


@pytest.fixture(scope="module")
def tofix(users: Path) -> Path:
    """With only some rows, and no results."""
    target = users.with_stem("tofix")
    extract_rows(users, target, sheet=SHEET, label_row=2, rows=KEPT, repeats=REPEATS)
    return target


def changed(before: Path, after: Path) -> set[str]:
    """The parts that are not byte for byte the same, or not in both."""
    old, new = parts(before), parts(after)
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


Said = tuple[object, ...]


def said(element: Any) -> Said:
    """What an element says, whatever its prefixes and the order of its attributes."""
    return (element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip(), tuple(said(child) for child in element))


def frame(path: Path) -> dict[str, list[Said]]:
    """What stands around the rows, by name of the element."""
    found: dict[str, list[Said]] = {}
    for element in etree.fromstring(parts(path)[DATA]):
        name = etree.QName(element).localname
        if name not in ("sheetData", "dimension"):
            found.setdefault(name, []).append(said(element))
    return found


def own_cells(path: Path) -> dict[str, Said]:
    """Every cell in the user's columns."""
    cells = etree.fromstring(parts(path)[DATA]).iter("{*}c")
    return {str(cell.get("r")): said(cell) for cell in cells if str(cell.get("r"))[0] <= "F"}


def test_results_keep_every_part(users: Path, results: Path) -> None:
    """Only what results must be written into changes: the data sheet, its comments and drawing, styles, the lists of parts."""
    assert changed(users, results) == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        DATA,
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/worksheets/sheet3.xml",  # the summary
    }


def test_results_keep_what_stands_around_the_rows(users: Path, results: Path) -> None:
    """Validations, conditional formats, hyperlinks, breaks, print settings, tables, sparklines: all as they were."""
    before, after = frame(users), frame(results)
    assert {name for name in before if before[name] != after.get(name)} == {"sheetViews", "cols"}
    assert len(before) > 11


def test_results_keep_every_cell(users: Path, results: Path) -> None:
    """Every cell of the user keeps value, formula and look; only the marked ones have another colour."""
    before, after = own_cells(users), own_cells(results)
    assert {place for place in before if before[place] != after.get(place)} == {"B4", "B8", "C9"}
    assert "C8*2" in str(after["D8"])


def test_results_keep_comments(users: Path, results: Path) -> None:
    """The user's comments are all there, ours below; a thread is left alone."""
    before, after = (
        {c.coordinate: c.comment.text for r in openpyxl.load_workbook(p)[SHEET] for c in r if c.comment} for p in (users, results)
    )
    assert after == {**before, "B4": after["B4"], "B8": after["B8"]}
    assert after["B8"].startswith("look at eight")
    assert "no such item" in after["B8"]


def test_stripped_it_is_the_users_again(users: Path, results: Path) -> None:
    """Taking results out leaves the user's parts, byte for byte but for the order of a few declarations."""
    stripped = strip(results)
    assert frame(stripped) == frame(users)
    assert changed(users, stripped) <= {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        DATA,
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }


def test_both_open_without_repair(users: Path, results: Path, tofix: Path) -> None:
    """Nothing in them makes Excel offer a repair that the user's own workbook would not."""
    known = set(problems(users))
    assert [text for path in (results, tofix) for text in problems(path) if text not in known] == []


def test_libreoffice_shows_the_same_values(users: Path, results: Path, tofix: Path, tmp_path: Path) -> None:
    """LibreOffice opens all of them; results show what the user's workbook shows, the to-fix workbook the rows that it kept."""

    def shown(path: Path) -> list[list[object]]:
        book = openpyxl.load_workbook(convert(path, "xlsx:Calc MS Excel 2007 XML", tmp_path / path.stem), data_only=True)
        assert book["other"]["B1"].value == "ITEM-0003"
        return [[cell.value for cell in row[:6]] for row in book[SHEET].iter_rows()]

    before, after = shown(users), shown(tofix)
    assert len(before) == ROWS[-1]
    assert shown(results) == before
    assert [row[1:] for row in after[2:]] == [before[number - 1][1:] for number in KEPT]
    assert [row[0] for row in after[2:]] == ["K3", "K3", "K4"]


def test_the_to_fix_workbook_changes_only_what_points_at_rows(users: Path, tofix: Path) -> None:
    """Macros, media, charts, other sheets, custom XML, pivot cache, styles, texts and properties are byte for byte the same."""
    assert changed(users, tofix) == {
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        DATA,
        "xl/calcChain.xml",  # Excel makes it anew
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
        "xl/drawings/drawing1.xml",
        "xl/tables/table1.xml",
        "xl/threadedComments/threadedComment1.xml",
    }


def test_rows_move_with_all_that_belongs_to_them(tofix: Path) -> None:
    """Values, looks, heights, comments, links and rules stand with their rows, and rules still say the same of each of them."""
    page: Any = openpyxl.load_workbook(tofix)[SHEET]
    assert [cell.value for cell in page[2]][:5] == list(LABELS)
    assert [[cell.value for cell in row][:4] for row in page["A3:F5"]] == [
        ["K3", "ITEM-0007", 7.25, 14.5],
        ["K3", "ITEM-0008", 8.25, 16.5],
        ["K4", "ITEM-0010", 10.25, 20.5],
    ]
    assert page.max_row == 5
    assert (page.row_dimensions[3].height, page["E5"].number_format, page["A4"].font.bold) == (33, "yyyy-mm-dd", True)
    assert {cell.coordinate: cell.comment.text for row in page for cell in row if cell.comment} == {"B4": "look at eight"}
    assert [page[place].hyperlink.target for place in ("F3", "F4")] == ["https://example.com/seven", "https://example.com/eight"]
    assert {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation} == {"C3:C5": "0", "B3": "LEN(B3)<41"}
    formulas = [(str(rules.sqref), rule.formula) for rules in page.conditional_formatting for rule in rules.rules if rule.formula]
    assert formulas == [("C3:C5", ["$C3>8"]), ("C3:C5", ["$C3>$C$5"])]
    assert (page.tables["Lines"].ref, page.tables["Lines"].autoFilter.ref, page.print_area) == ("A2:E5", "A2:E5", "'資料'!$A$1:$E$5")
    assert (
        b"<xdr:row>4</xdr:row>" in parts(tofix)["xl/drawings/drawing1.xml"]
    )  # it stood at row 9, which is gone: where the next row is now
    assert b"<xm:f>\xe8\xb3\x87\xe6\x96\x99!C4:D4</xm:f><xm:sqref>G4</xm:sqref>" in parts(tofix)[DATA]


def test_results_of_a_to_fix_workbook(tofix: Path) -> None:
    """The to-fix workbook takes results like any other, and nothing in it needs repair."""
    target = patch(tofix, tofix.with_stem("again"), values={3: ("posted", None, None)}, marks=(), status_severity={3: "ok"})
    assert problems(target) == problems(tofix)
    assert openpyxl.load_workbook(target).sheetnames == ["結果 Summary", SHEET, "other"]


@pytest.mark.parametrize("rows", [(3,), (10,), tuple(ROWS), (4, 6)])
def test_any_choice_of_rows_can_be_opened(users: Path, rows: tuple[int, ...], tmp_path: Path) -> None:
    """Whichever rows are left, one or all, first or last: the file is sound and has just these."""
    target = tmp_path / users.name
    extract_rows(users, target, sheet=SHEET, label_row=2, rows=rows, repeats={})
    known = set(problems(users))
    assert [text for text in problems(target) if text not in known] == []
    page = openpyxl.load_workbook(target)[SHEET]
    assert [row[1].value for row in page.iter_rows(min_row=3)] == [f"ITEM-{row:04d}" for row in rows]
