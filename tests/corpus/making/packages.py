"""Files that are cut off, wrapped oddly, encrypted, bombs, or no workbooks at all."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from corpus.making.base import Make, as_bytes, bytes_changed, openpyxl_book
from corpus.making.raw import PLAIN, package

PLAIN_BOOK: Final = openpyxl_book()
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def cut(share: float) -> Make:
    """Only the first part of the file arrived."""
    return bytes_changed(PLAIN_BOOK, lambda content: content[: int(len(content) * share)])


def damaged(part: str) -> Make:
    """Some bytes in the middle of a packed part are others."""

    def change(content: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            info = archive.getinfo(part)
        start = info.header_offset + 30 + len(part) + info.compress_size // 2
        return content[:start] + bytes(byte ^ 0xFF for byte in content[start : start + 8]) + content[start + 8 :]

    return bytes_changed(PLAIN_BOOK, change)


def marked(position: int, format_: str, value: int, *, directory: bool = True) -> Make:
    """A number in every header of the package is another: 8 bytes from a header's start for the method, 6 for the flags."""

    def change(content: bytes) -> bytes:
        changed = bytearray(content)
        for magic, more in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
            if more and not directory:
                continue
            at = changed.find(magic)
            while at >= 0:
                struct.pack_into(format_, changed, at + position + more, value)
                at = changed.find(magic, at + 4)
        return bytes(changed)

    return bytes_changed(PLAIN_BOOK, change)


def zipped(**parts: bytes) -> Make:
    """A package of something else."""

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name.replace("__", "/"), content)

    return make


def streamed(path: Path) -> None:
    """Written to a pipe: sizes stand behind the data, not in front."""

    class Pipe(io.RawIOBase):
        def __init__(self, file: io.BufferedWriter) -> None:
            self._file = file

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            return self._file.write(data)

    source = path.with_suffix(".source")
    PLAIN_BOOK(source)
    with zipfile.ZipFile(source) as old, path.open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as new:  # type: ignore[arg-type]
        for name in old.namelist():
            new.writestr(name, old.read(name))
    source.unlink()


def zip64(path: Path) -> None:
    """Written with sizes of 64 bits."""
    source = path.with_suffix(".source")
    PLAIN_BOOK(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
    source.unlink()


def entry_twice(path: Path) -> None:
    """The sheet stands twice in the package, the second time with another item; Excel would repair it."""
    package()(path)
    with zipfile.ZipFile(path, "a") as archive:
        text = archive.read("xl/worksheets/sheet1.xml").replace(b"ITEM-1", b"ITEM-9")
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            archive.writestr("xl/worksheets/sheet1.xml", text)


def bomb(size: int, *, lie: int | None = None) -> Make:
    """A sheet that unpacks to so many bytes; the headers may say less."""

    def make(path: Path) -> None:
        package(PLAIN + " " * size)(path)
        if lie is not None:
            content = path.read_bytes()
            with zipfile.ZipFile(path) as archive:
                true = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
            path.write_bytes(content.replace(true, struct.pack("<L", lie)))

    return make


def wrapped(change: Callable[[bytes], bytes]) -> Make:
    """Bytes around the package."""
    return bytes_changed(PLAIN_BOOK, change)


BOOKS: Final[dict[str, Make]] = {
    # -- whole, but unusual
    "zip_streamed.xlsx": streamed,
    "zip64.xlsx": zip64,
    "zip_stored.xlsx": package(compression=zipfile.ZIP_STORED),
    "zip_junk_behind.xlsx": wrapped(lambda content: content + b"\0" * 300),
    "zip_junk_before.xlsx": wrapped(lambda content: b"HTTP/1.1 200 OK\r\n\r\n" + content),
    "zip_comment.xlsx": wrapped(lambda content: content[:-2] + struct.pack("<H", 5) + b"hello"),
    "zip_entry_twice.xlsx": entry_twice,
    "zip_bzip2.xlsx": package(compression=zipfile.ZIP_BZIP2),
    "zip_lzma.xlsx": package(compression=zipfile.ZIP_LZMA),
    "zip_unknown_method.xlsx": marked(8, "<H", 99),
    "zip_encrypted_flag.xlsx": marked(6, "<H", 1),
    "zip_path_outside.xlsx": package(parts={"../../evil.xml": "<x/>", "/etc/evil": "x"}),
    # -- cut and damaged
    "cut_at_half.xlsx": cut(0.5),
    "cut_at_nine_tenths.xlsx": cut(0.9),
    "cut_last_byte.xlsx": wrapped(lambda content: content[:-1]),
    "cut_to_ten_bytes.xlsx": wrapped(lambda content: content[:10]),
    "damaged_sheet.xlsx": damaged("xl/worksheets/sheet1.xml"),
    "damaged_styles.xlsx": damaged("xl/styles.xml"),
    "damaged_header.xlsx": marked(0, "<L", 0, directory=False),
    # -- bombs
    "bomb_declared.xlsx": bomb(100 << 20),
    "bomb_that_lies.xlsx": bomb(20 << 20, lie=3000),
    "bomb_with_many_entries.xlsx": package(parts={f"x/{number}.xml": "" for number in range(20_000)}),
    # -- encrypted
    "encrypted_agile.xlsx": as_bytes(
        OLE + bytes(1016) + "EncryptionInfo".encode("utf-16-le") + bytes(100) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)
    ),
    # -- no workbooks
    "empty.xlsx": as_bytes(b""),
    "text.xlsx": as_bytes("單據鍵值,料號\n1,ITEM-1\n".encode()),
    "html.xls": as_bytes(b"<html><table><tr><td>ITEM-1</td></tr></table></html>"),
    "xml_spreadsheet_2003.xls": as_bytes(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'),
    "pdf.xlsx": as_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    "picture.xlsx": as_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "zeros.xlsx": as_bytes(bytes(5000)),
    "zip_of_files.xlsx": zipped(readme=b"hello"),
    "empty_zip.xlsx": as_bytes(b"PK\x05\x06" + bytes(18)),
    "word_document.xlsx": zipped(
        **{
            "[Content_Types].xml": b"<Types/>",
            "_rels__.rels": b'<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>',
            "word__document.xml": b"<document/>",
        }
    ),
    "ole_of_something.xls": as_bytes(OLE + bytes(3000)),
    "ole_cut.xls": as_bytes(OLE),
    "owner_file.xlsx": as_bytes(b"\x06User  " + bytes(158)),
}
