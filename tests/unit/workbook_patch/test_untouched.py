"""What must not change: every other part of the file, and the file itself when something goes wrong."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from unit.workbook_patch.books import minimal, parts, patch, rewrite, users_book

from importer.workbook.patch import UnpatchableWorkbook

if TYPE_CHECKING:
    from pathlib import Path

EXTRA = {
    "xl/vbaProject.bin": bytes(range(256)) * 9,
    "xl/calcChain.xml": b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>',
    "xl/media/image1.png": b"\x89PNG\r\n",
    "customXml/item1.xml": b"<a> </a>\r\n",
    "docProps/\xe5\x8d\xb0.bin": b"printer",
}
SHEET_XML = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'


def test_other_parts_keep_every_byte(tmp_path: Path) -> None:
    """Macros, pictures, calculation order and whatever else is in the file stay as they are, compressed bytes included."""
    source = rewrite(users_book(tmp_path / "a.xlsm"), EXTRA)
    target = patch(source)
    before, after = parts(source), parts(target)
    assert {name for name in before if before[name] != after[name]} == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
    }
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
        for name in EXTRA:
            assert (old.getinfo(name).compress_size, old.getinfo(name).date_time, old.getinfo(name).CRC) == (
                new.getinfo(name).compress_size,
                new.getinfo(name).date_time,
                new.getinfo(name).CRC,
            )


class _Pipe(io.BytesIO):
    """A stream that cannot go back, as a web server writes to."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError

    def tell(self) -> int:
        raise OSError


def test_files_written_as_a_stream(tmp_path: Path) -> None:
    """Downloads, whose zip headers have no sizes, keep their parts as well."""
    source = users_book(tmp_path / "a.xlsx")
    content = parts(source)
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    elsewhere = parts(patch(source))
    source.write_bytes(pipe.getvalue())
    assert parts(patch(source)) == elsewhere


def test_a_workbook_can_be_its_own_target(tmp_path: Path) -> None:
    """Results may replace the file they belong to."""
    source = users_book(tmp_path / "a.xlsx")
    elsewhere = parts(patch(source))
    assert parts(patch(source, source)) == elsewhere
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "patched-a.xlsx"}


def broken(path: Path, **changes: bytes | None) -> Path:
    """A workbook with parts replaced or missing."""
    return rewrite(minimal(path, SHEET_XML, styles=True), {f"xl/{name.replace('__', '/')}.xml": data for name, data in changes.items()})


UNFIT = {
    "text": lambda path: path.write_bytes(b"a,b\n1,2\n"),
    "encrypted": lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "empty": lambda path: path.write_bytes(b""),
    "no workbook": lambda path: rewrite(minimal(path, SHEET_XML), {"xl/workbook.xml": None}),
    "no content types": lambda path: rewrite(minimal(path, SHEET_XML), {"[Content_Types].xml": None}),
    "no sheet part": lambda path: broken(path, worksheets__sheet1=None),
    "other root": lambda path: broken(path, worksheets__sheet1=b"<chartsheet/>"),
    "torn sheet": lambda path: broken(path, worksheets__sheet1=SHEET_XML.encode()[:-20].replace(b"/>", b"><row>")),
    "torn styles": lambda path: broken(path, styles=b"<styleSheet"),
    "entities": lambda path: broken(path, styles=b'<!DOCTYPE a [<!ENTITY b "c">]><styleSheet xmlns="x">&b;</styleSheet>'),
    "entities in the sheet": lambda path: broken(
        path,
        worksheets__sheet1=b'<!DOCTYPE a [<!ENTITY b "c">]>' + SHEET_XML.encode().replace(b"<sheetData/>", b"<sheetData>&b;</sheetData>"),
    ),
    "truncated": lambda path: path.write_bytes(users_book(path).read_bytes()[:-100]),
    "damaged inside": lambda path: path.write_bytes(_scrambled(users_book(path))),
}


def _scrambled(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    data = bytearray(path.read_bytes())
    data[start + 80 : start + 120] = bytes(40)
    return bytes(data)


@pytest.mark.parametrize("case", UNFIT)
def test_what_cannot_be_patched_is_said(tmp_path: Path, case: str) -> None:
    """A file that cannot take results is refused with a reason; nothing half-written is left, and the target is as it was."""
    UNFIT[case](tmp_path / "a.xlsx")
    target = tmp_path / "target.xlsx"
    target.write_text("before")
    with pytest.raises(UnpatchableWorkbook):
        patch(tmp_path / "a.xlsx", target)
    assert target.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "target.xlsx"}


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message says which sheet was looked for."""
    with pytest.raises(UnpatchableWorkbook, match="other sheet"):
        patch(users_book(tmp_path / "a.xlsx"), sheet="other sheet")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that would fill the memory are refused."""
    monkeypatch.setattr("importer.workbook.patch.archive.PART_LIMIT", 100)
    with pytest.raises(UnpatchableWorkbook, match="too large"):
        patch(users_book(tmp_path / "a.xlsx"))
