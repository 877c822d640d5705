"""A workbook that is opened before the rest of the program is there says the same; and what was saved meanwhile is read once more."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from importer.mapping import Mapping as DocumentType
from importer.pipeline.checking import examine
from importer.settings import Profile
from importer.workbook import books
from importer.workbook.books import open_early
from importer.workbook.meta import META_SHEET, Meta
from importer.workbook.reader import read_workbook

from .conftest import LABELS, NAMES, ROW

META = Meta(document_type="misc_issue", mapping_version="1", language="zh_TW", sheet="雜發")


def _template(path: Path, *, meta: Meta = META, item: str = "ITEM-1", far: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "雜發"
    for row in (NAMES, LABELS, [*ROW[:3], item, *ROW[4:]]):
        book.active.append(row)
    if far:
        book.active["XFD1048576"] = 1
    sheet = book.create_sheet(META_SHEET)
    for row in meta.rows():
        sheet.append(row)
    book.save(path)
    return path


def test_an_early_book_says_what_any_other_says(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> None:
    """The data sheet and `_meta` are handed out as they were unpacked, and once more on request."""
    path = _template(tmp_path / "book.xlsx")
    early = open_early(path)
    assert early is not None
    sheet = read_workbook(path, mappings, book=early)
    usual = read_workbook(path, mappings)
    assert sheet.rows.equals(usual.rows)
    assert len(sheet.rows) == 1
    assert (sheet.columns, sheet.issues, sheet.language) == (usual.columns, usual.issues, "zh_TW")
    assert early.cells("雜發") == books.open_book(path, ()).cells("雜發")


def test_other_sheets_wait_until_the_data_sheet_is_unpacked(tmp_path: Path) -> None:
    """calamine does one thing at a time; what was asked for first is there nevertheless."""
    path = _template(tmp_path / "book.xlsx", meta=Meta(document_type="misc_issue", sheet="雜發"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("其他").append(["x"])
    book.save(path)
    early = open_early(path)
    assert early is not None
    assert early.cells("其他") == [["x"]]
    assert early.cells("雜發")[0][:3] == NAMES[:3]


@pytest.mark.parametrize("sheet", ["", "不存在", META_SHEET])
def test_only_a_sheet_that_meta_names_is_unpacked_early(tmp_path: Path, sheet: str) -> None:
    """Which sheet holds data is otherwise found out by reading them."""
    assert open_early(_template(tmp_path / "book.xlsx", meta=Meta(document_type="misc_issue", sheet=sheet))) is None


def test_a_huge_sheet_is_unpacked_where_its_memory_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million lines have to do with 2 GB; half a second of their time is nothing."""
    monkeypatch.setattr(books, "LIMIT_EARLY", 100)
    assert open_early(_template(tmp_path / "book.xlsx")) is None


def test_what_cannot_be_opened_is_left_to_whoever_says_why(tmp_path: Path) -> None:
    """No file, no workbook, a text file, a broken package, a cell at the far end of the sheet: None, and nothing unpacked."""
    (tmp_path / "broken.xlsx").write_bytes(_template(tmp_path / "book.xlsx").read_bytes()[:-200])
    (tmp_path / "text.csv").write_text("料號,數量\n", encoding="utf-8")
    (tmp_path / "picture.xlsx").write_bytes(b"\x89PNG")
    _template(tmp_path / "far.xlsx", far=True)
    for name in ("none.xlsx", "broken.xlsx", "text.csv", "picture.xlsx", "far.xlsx", "."):
        assert open_early(tmp_path / name) is None


def test_a_file_saved_after_it_was_opened_is_read_as_it_is_now(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> None:
    """What is recorded of a file and what is read of it are the same version."""
    path = _template(tmp_path / "book.xlsx", item="OLD")
    early = open_early(path)
    _template(path, item="NEW-ITEM")
    checked = examine(path, mappings=mappings, profile=Profile(name="p"), book=early)
    assert checked.sheet is not None
    assert checked.sheet.rows["item_no"].tolist() == ["NEW-ITEM"]
    assert checked.content == path.read_bytes()


def test_a_file_that_is_saved_all_the_time_is_refused(
    tmp_path: Path, mappings: Mapping[str, DocumentType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries the person is asked to wait, instead of getting results for rows of another version."""
    path = _template(tmp_path / "book.xlsx")
    saved = iter(range(1, 100))
    opened = books._SpreadsheetBook._unpacked

    def unpacked(book: books._SpreadsheetBook, name: str) -> books.Cells:
        os.utime(path, ns=(0, next(saved) * 10**9))
        return opened(book, name)

    monkeypatch.setattr(books._SpreadsheetBook, "_unpacked", unpacked)
    checked = examine(path, mappings=mappings, profile=Profile(name="p"))
    assert [found.code for found in checked.issues] == ["file_changing"]
    assert checked.sheet is None
