"""Binary workbooks (.xlsb) record by record, as [MS-XLSB] has them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Final

from corpus.making.base import LABELS, TEXTS, Make, Rows
from corpus.making.raw import OFFICE, RELATIONS

TYPES: Final = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="bin" '
    'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/worksheets/sheet1.bin" '
    'ContentType="application/vnd.ms-excel.worksheet"/></Types>'
)


def record(number: int, content: bytes = b"") -> bytes:
    """Number and length of seven bits a byte, then the content."""
    head = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length, size = b"", len(content)
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + content


def text(value: str) -> bytes:
    """A counted text."""
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def row(number: int, *, hidden: bool = False) -> bytes:
    """The beginning of a row, 0-based."""
    return record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0))


def cell(column: int, value: object) -> bytes:
    """One cell: text, a number, or an error by its code."""
    place = struct.pack("<II", column, 0)
    if isinstance(value, str):
        return record(6, place + text(value))
    if isinstance(value, bytes):
        return record(3, place + value)
    return record(5, place + struct.pack("<d", value))


def sheet(cells: Rows, *, hidden: int | None = None, more: bytes = b"") -> bytes:
    """A sheet's part."""
    body = b"".join(
        row(number, hidden=number == hidden) + b"".join(cell(at, value) for at, value in enumerate(values) if value is not None)
        for number, values in enumerate(cells)
    )
    size = record(148, struct.pack("<4I", 0, len(cells) - 1, 0, 6))
    return record(129) + size + record(145) + body + more + record(146) + record(130)


def book(data: bytes, *, strings: bytes = b"") -> Make:
    """A whole package."""
    bundle = record(156, struct.pack("<II", 0, 1) + text("r1") + text("S"))
    workbook = record(131) + record(143) + bundle + record(144) + record(132)

    def relation(kind: str, target: str) -> str:
        return f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'

    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", TYPES)
            archive.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.bin"))
            archive.writestr("xl/workbook.bin", workbook)
            links = relation("worksheet", "worksheets/sheet1.bin")
            more = f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.bin"/></Relationships>'
            archive.writestr("xl/_rels/workbook.bin.rels", links.replace("</Relationships>", more) if strings else links)
            archive.writestr("xl/worksheets/sheet1.bin", data)
            if strings:
                archive.writestr("xl/sharedStrings.bin", strings)

    return make


HEADED: Final = [LABELS, *TEXTS]
FAR: Final = row(1_048_575) + cell(16_383, "x")
BOOKS: Final[dict[str, Make]] = {
    "binary.xlsb": book(sheet(HEADED)),
    "named_xlsx_but_xlsb.xlsx": book(sheet(HEADED)),
    "binary_error.xlsb": book(sheet([LABELS, TEXTS[0], [*TEXTS[1][:5], b"\x2a"], TEXTS[2]])),
    "binary_hidden_row.xlsb": book(sheet(HEADED, hidden=3)),
    "binary_far_corner.xlsb": book(sheet(HEADED, more=FAR)),
    "binary_cut.xlsb": book(sheet(HEADED)[:-40]),
    "binary_merged_quantity.xlsb": book(
        sheet(HEADED, more=b"") + record(177, struct.pack("<I", 1)) + record(176, struct.pack("<4I", 1, 2, 5, 5)) + record(178)
    ),
    "binary_shared_texts_wrong_count.xlsb": book(
        sheet(HEADED), strings=record(159, struct.pack("<II", 4_000_000_000, 4_000_000_000)) + record(160)
    ),
    "binary_noise.xlsb": book(bytes(range(256)) * 20),
}
