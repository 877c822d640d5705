"""Files that are no workbooks are refused by name of what is wrong; which sheet and document type is meant is never guessed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from importer.errors import UnreadableWorkbook
from importer.mapping import Mapping as DocumentType
from importer.workbook.filekind import OLE_MAGIC
from importer.workbook.meta import META_SHEET, Meta
from importer.workbook.reader import Sheet, read_workbook

from .conftest import LABELS, NAMES, ROW, codes, text_cells, write_package

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(LABELS)
    book.active.append(ROW)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _without(part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
    return out.getvalue()


def _zip(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _damaged() -> bytes:
    content = bytearray(_workbook())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    start = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    content[start : start + 8] = bytes(byte ^ 0xFF for byte in content[start : start + 8])
    return bytes(content)


ENCRYPTED = OLE_MAGIC + bytes(1020) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_not_workbook"),
        (b"item,quantity\nA,1\n", "file_not_workbook"),
        (b"<html>not logged in</html>", "file_not_workbook"),
        (_zip(readme="hello"), "file_not_workbook"),
        (_without("_rels/.rels"), "file_not_workbook"),
        (_workbook()[:-200], "file_broken"),
        (_workbook()[: len(_workbook()) // 2], "file_broken"),
        (_damaged(), "file_broken"),
        (_without("xl/worksheets/sheet1.xml"), "file_broken"),
        (ENCRYPTED, "file_encrypted"),
        (OLE_MAGIC + bytes(3000), "file_broken"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, mappings: Mapping[str, DocumentType], content: bytes, code: str) -> None:
    """A file that cannot be read is refused with the reason, and never with a traceback."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableWorkbook) as refused:
        read_workbook(path, mappings, document_type="misc_issue")
    assert refused.value.code == code


def test_missing_file(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> None:
    """A file that is not there is said to be not there."""
    with pytest.raises(UnreadableWorkbook) as refused:
        read_workbook(tmp_path / "none.xlsx", mappings)
    assert refused.value.code == "file_not_found"


@pytest.mark.parametrize("name", ["bomb.xlsx", "bomb.ods", "bomb.xlsb"])
def test_declared_bomb(tmp_path: Path, mappings: Mapping[str, DocumentType], name: str) -> None:
    """A small file that unpacks to a huge one is refused before anything is unpacked, whatever it is called."""
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/{number}.xml", bytes(40 << 20))
    with pytest.raises(UnreadableWorkbook) as refused:
        read_workbook(path, mappings, document_type="misc_issue")
    assert refused.value.code == "file_too_large"


def test_bomb_that_lies(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> None:
    """A part that is bigger than its package says is refused while it is being unpacked."""
    path = tmp_path / "bomb.xlsx"
    write_package(path, text_cells(1, LABELS) + " " * (8 << 20), namespace=SPREADSHEET, prefix="")
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    true_size, lie = struct.pack("<L", info.file_size), struct.pack("<L", 2000)
    assert content.count(true_size) == 2, "in the local header and in the directory"
    path.write_bytes(content.replace(true_size, lie))
    with pytest.raises(UnreadableWorkbook) as refused:
        read_workbook(path, mappings, document_type="misc_issue")
    assert refused.value.code == "file_broken"


def test_cell_far_away(read_xml: Callable[..., Sheet]) -> None:
    """A stray cell at the far end of the sheet, which would cost gigabytes, is refused with its place."""
    with pytest.raises(UnreadableWorkbook) as refused:
        read_xml(text_cells(1, LABELS) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert refused.value.code == "sheet_too_large"
    assert refused.value.values["last_column"] == "XFD"


def _meta(**about: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.active.title = "雜發單"
        sheet = book.create_sheet(META_SHEET)
        for row in Meta(**about).rows():
            sheet.append(row)
        sheet.sheet_state = "hidden"

    return change


def test_template_says_what_it_is(read: Callable[..., Sheet]) -> None:
    """A template needs no document type on the command line."""
    sheet = read([NAMES, LABELS, ROW], change=_meta(document_type="misc_issue", sheet="雜發單", language="zh_TW"), document_type=None)
    assert (sheet.document_type, sheet.language, sheet.sheet, codes(sheet)) == ("misc_issue", "zh_TW", "雜發單", [])


def test_type_disagrees(read: Callable[..., Sheet]) -> None:
    """A transfer that was asked for as a misc. issue is refused; quantities would go the wrong way."""
    sheet = read([NAMES, LABELS, ROW], change=_meta(document_type="misc_receipt", sheet="雜發單"), document_type="misc_issue")
    assert codes(sheet) == [("document_type_mismatch", None)]
    assert sheet.issues[0].values == {"found": "misc_receipt", "asked": "misc_issue"}


@pytest.mark.parametrize("change", [lambda _: None, _meta(document_type="sales_order")])
def test_type_unknown(read: Callable[..., Sheet], change: Callable[[openpyxl.Workbook], None]) -> None:
    """Without a word on the document type nothing is guessed from the columns."""
    sheet = read([NAMES, LABELS, ROW], change=change, document_type=None)
    assert codes(sheet) == [("document_type_unknown", None)]
    assert sheet.mapping is None
    assert not sheet.readable


def test_old_template(read: Callable[..., Sheet]) -> None:
    """A template of an earlier version is read, with a warning."""
    sheet = read([NAMES, LABELS, ROW], change=_meta(document_type="misc_issue", mapping_version="0", sheet="雜發單"))
    assert codes(sheet) == [("template_outdated", None)]
    assert sheet.readable


def test_data_sheet_is_found(read: Callable[..., Sheet]) -> None:
    """The sheet with all columns is taken, also when another one before it has some of them (a summary, a pivot)."""

    def change(book: openpyxl.Workbook) -> None:
        summary = book.create_sheet("結果 Summary", 0)
        summary.append(["料號", "倉庫", "數量"])
        summary.append(["ITEM-1", "W1", 5])

    sheet = read([LABELS, ROW], change=change)
    assert (sheet.sheet, sheet.rows.index.tolist()) == ("Sheet", [2])


def test_renamed_data_sheet(read: Callable[..., Sheet]) -> None:
    """Who renames the data sheet of a template can still hand it in."""
    sheet = read([NAMES, LABELS, ROW], change=_meta(document_type="misc_issue", sheet="another name"), document_type=None)
    assert (sheet.sheet, codes(sheet)) == ("雜發單", [])


def test_no_data_sheet(read: Callable[..., Sheet]) -> None:
    """A workbook without our columns says so."""
    assert codes(read([["a", "b"], [1, 2]])) == [("sheet_missing", None)]


def test_two_data_sheets(read: Callable[..., Sheet]) -> None:
    """Of several sheets with data only one is read, and the others are named; an empty one is not."""

    def more(book: openpyxl.Workbook) -> None:
        february = book.create_sheet("二月")
        for row in (LABELS, ROW):
            february.append(row)
        book.create_sheet("三月").append(LABELS)

    sheet = read([LABELS, ROW], change=more)
    assert codes(sheet) == [("sheets_left_out", None)]
    assert sheet.issues[0].values["names"] == ["二月"]
