"""What python-calamine keeps silent about in an .xlsb: error values, hidden rows and columns, number formats, how far a sheet reaches.

The records are those of [MS-XLSB]: a number and a length of one to four bytes each, then the content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from importer.errors import UnreadableWorkbook
from importer.workbook.numberformats import telling_styles
from importer.workbook.package import Package
from importer.workbook.sheetscan import SheetScan

__all__ = ["scan_xlsb"]

ROW, BLANK, FORMAT, STYLE, COLUMNS, BUNDLE_SHEET, STYLES, END_OF_STYLES = 0, 1, 44, 47, 60, 156, 617, 618
CELLS: Final = range(1, 12)  # blank, number, error, logical value, number, text, shared text, and formulas of four kinds
ERROR_CELLS: Final = (3, 11)
NUMBER_CELLS: Final = (2, 5, 9)
MERGED: Final = 176
ERRORS: Final = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
HIDDEN_ROW: Final = 0x10  # bit of the row record's byte 11
HIDDEN_COLUMNS: Final = 0x01  # bit of the column record's byte 16
_U16: Final = struct.Struct("<H")
_U32: Final = struct.Struct("<I")
_FOUR: Final = struct.Struct("<4I")


def scan_xlsb(package: Package) -> dict[str, SheetScan]:
    """By sheet. Raises UnreadableWorkbook: file_broken."""
    workbook = package.part_of("workbook.bin")
    found = {}
    try:
        targets = package.targets(workbook)
        formats = _formats(package.read(package.part_of("styles.bin")))
        for number, content in _records(package.read(workbook)):
            if number == BUNDLE_SHEET:
                relation, rest = _text(content, 8)
                name, _ = _text(content, rest)
                if (part := targets.get(relation, "")) in package:
                    found[name] = _sheet(package.read(part), formats)
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise UnreadableWorkbook("file_broken", file=package.path.name, reason=str(error)) from None
    return found


def _formats(content: bytes) -> dict[int, str]:
    """The styles that may show a number as another, with their format."""
    declared: dict[int, str] = {}
    used: list[int] = []
    of_cells = False
    for number, record in _records(content):
        if number == FORMAT:
            declared[_U16.unpack_from(record)[0]] = _text(record, 2)[0]
        elif number in (STYLES, END_OF_STYLES):
            of_cells = number == STYLES
        elif number == STYLE and of_cells:
            used.append(_U16.unpack_from(record, 2)[0])
    return telling_styles(declared, used)


def _sheet(content: bytes, formats: Mapping[int, str]) -> SheetScan:
    found = SheetScan(last_column=0)
    row = 0
    for number, record in _records(content):
        if number == ROW:
            row = _U32.unpack_from(record)[0] + 1
            if record[11] & HIDDEN_ROW:
                found.hidden_rows.add(row)
        elif number in CELLS and number != BLANK:
            column = _U32.unpack_from(record)[0] + 1
            found.last_row = max(found.last_row, row)
            found.last_column = max(found.last_column, column)
            if number in ERROR_CELLS:
                found.errors[row, column] = ERRORS.get(record[8], "#")
            elif formats and number in NUMBER_CELLS and (style := _U32.unpack_from(record, 4)[0] & 0xFFFFFF) in formats:
                found.formats[row, column] = formats[style]
        elif number == COLUMNS:
            first, last = _U32.unpack_from(record)[0], _U32.unpack_from(record, 4)[0]
            if record[16] & HIDDEN_COLUMNS:
                found.hidden_columns.append((first + 1, last + 1))
        elif number == MERGED:
            top, bottom, left, right = _FOUR.unpack_from(record)
            found.merged.append(((top + 1, left + 1), (bottom + 1, right + 1)))
    return found


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    position, end = 0, len(content)
    while position < end:
        number = content[position]
        position += 1
        if number & 0x80:
            number = (number & 0x7F) | (content[position] & 0x7F) << 7
            position += 1
        length = shift = 0
        while True:
            byte = content[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        yield number, content[position : position + length]
        position += length


def _text(content: bytes, position: int) -> tuple[str, int]:
    """A counted text in UTF-16, and where it ends. A count of all ones is a text that is not there."""
    (length,) = _U32.unpack_from(content, position)
    start = position + _U32.size
    if length == 0xFFFFFFFF:
        return "", start
    return content[start : start + 2 * length].decode("utf-16-le"), start + 2 * length
