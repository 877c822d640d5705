"""Marks: a fill and a comment on each offending cell, and nothing of the user's lost by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.comments import Comment
from unit.workbook_patch.books import SHEET, colour, minimal, parts, patch, rewrite, strip, users_book

from importer.workbook.patch import Mark

if TYPE_CHECKING:
    from pathlib import Path

OURS = "── importer ──\n"
THREAD_AUTHOR = b"tc={0B1F6E2A-0000-4C3D-9A5B-000000000001}"


def test_an_offending_cell_is_coloured_and_explained(tmp_path: Path) -> None:
    """The cell shows its worst severity and every message; a blank cell can be marked as well."""
    page = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx")))[SHEET]
    assert [colour(page[place]) for place in ("B4", "A5", "B12")] == ["FFFFB3B5", "FFFFD98D", "FFBDD7F6"]
    assert page["B4"].comment.text == OURS + "數量不對\nand more"
    assert page["B12"].comment.text == OURS + "blank"


def test_a_marked_cell_keeps_everything_but_its_fill(tmp_path: Path) -> None:
    """Number format, border, font and alignment of the cell stay."""
    source = users_book(tmp_path / "a.xlsx")
    before, after = (openpyxl.load_workbook(path)[SHEET]["B4"] for path in (source, patch(source)))
    assert (after.number_format, repr(after.border), repr(after.font)) == (before.number_format, repr(before.border), repr(before.font))
    assert after.value == before.value


def test_the_users_own_comment_stays_above_ours(tmp_path: Path) -> None:
    """Whoever wrote a comment still reads it, and gets it back unchanged."""
    source = users_book(tmp_path / "a.xlsx")
    target = patch(source)
    page = openpyxl.load_workbook(target)[SHEET]
    assert (page["A5"].comment.text, page["A5"].comment.author) == ("my own words\n" + OURS + "look", "Wang")
    assert page["C7"].comment.text == "another"
    assert (
        parts(strip(target))["xl/comments/comment1.xml"].partition(b"<authors>")[2]
        == (parts(source)["xl/comments/comment1.xml"].partition(b"<authors>")[2])
    )


def test_a_thread_is_left_alone(tmp_path: Path) -> None:
    """A cell under discussion gets its fill, and the discussion stays whole."""
    source = users_book(tmp_path / "a.xlsx")
    comments = parts(source)["xl/comments/comment1.xml"].replace(b"Wang", THREAD_AUTHOR)
    page = openpyxl.load_workbook(patch(rewrite(source, {"xl/comments/comment1.xml": comments})))[SHEET]
    assert page["A5"].comment.text == "my own words"
    assert colour(page["A5"]) == "FFFFD98D"


def test_every_comment_has_its_box(tmp_path: Path) -> None:
    """Excel drops comments that have no box; each of ours has one, as large as its text, with a number of its own."""
    target = patch(users_book(tmp_path / "a.xlsx"), marks=[Mark(row=3, column=1, severity="hint", text="line\n" * 9), *_marks(30)])
    drawing = next(data.decode() for name, data in parts(target).items() if name.endswith(".vml"))
    assert drawing.count('ObjectType="Note"') == 2 + 1 + 30
    numbers = [piece.partition('"')[0] for piece in drawing.split('id="_x0000_s')[1:]]
    assert len(set(numbers)) == len(numbers)
    assert "height:142.5pt" in drawing


def test_comments_on_a_sheet_that_had_none(tmp_path: Path) -> None:
    """Parts, relationships and types are added for the first comment and taken away with the last."""
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/><pageMargins left="1"/></worksheet>'
    source = minimal(tmp_path / "a.xlsx", sheet, styles=True)
    target = patch(source, summary=None)
    assert {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml", "xl/worksheets/_rels/sheet1.xml.rels"} <= set(parts(target))
    assert openpyxl.load_workbook(target)[SHEET]["B4"].comment
    stripped = parts(strip(target))
    assert set(stripped) == set(parts(source))
    assert stripped["xl/worksheets/sheet1.xml"] == parts(source)["xl/worksheets/sheet1.xml"].replace(
        b"<sheetData/>", b"<sheetData></sheetData>"
    )


def test_more_marks_than_boxes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more marks than Excel can draw boxes for, the first have comments and all have their fill."""
    monkeypatch.setattr("importer.workbook.patch.comments.COMMENT_LIMIT", 5)
    page = openpyxl.load_workbook(patch(users_book(tmp_path / "a.xlsx"), marks=_marks(9)))[SHEET]
    assert sum(page.cell(20 + n, 2).comment is not None for n in range(9)) == 5
    assert all(colour(page.cell(20 + n, 2)) == "FFFFB3B5" for n in range(9))


def test_an_unknown_severity_is_refused(tmp_path: Path) -> None:
    """A severity that has no colour is a mistake of the caller and is named."""
    with pytest.raises(ValueError, match="fatal"):
        patch(users_book(tmp_path / "a.xlsx"), marks=[Mark(row=3, column=1, severity="fatal", text="x"), *_marks(1)])


def test_a_colour_the_user_chose_since_stays(tmp_path: Path) -> None:
    """Who paints a corrected cell green finds it green after the next round."""
    target = patch(users_book(tmp_path / "a.xlsx"))
    book = openpyxl.load_workbook(target)
    book[SHEET]["B4"].fill = openpyxl.styles.PatternFill("solid", fgColor="FF00FF00")
    book[SHEET]["A4"].comment = Comment("done", "Wang")
    book.save(target)
    page = openpyxl.load_workbook(strip(target))[SHEET]
    assert colour(page["B4"]) == "FF00FF00"
    assert page["B4"].style == "Normal"
    assert page["A4"].comment.text == "done"


def _marks(count: int) -> list[Mark]:
    return [Mark(row=20 + number, column=2, severity="error", text="x") for number in range(count)]
