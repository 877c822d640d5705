"""Text files of cells: .csv as Excel, LibreOffice and other systems write it, and text parted by tabs.

Which encoding and separator a file has is decided by what makes its column names known ones. Rows are counted as a
spreadsheet program shows them: a line break within quotation marks begins no new row, a blank line is a blank row.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from importer.errors import UnreadableWorkbook
from importer.fieldtypes import trimmed
from importer.mapping import Mapping as DocumentType
from importer.workbook.books import LIMIT_ROWS, Ragged
from importer.workbook.header import find_header
from importer.workbook.sheetscan import SheetScan
from importer.workbook.textfile import likeness

__all__ = ["TextTable", "ragged", "read_csv"]

SAMPLE: Final = 1 << 16  # bytes by which an encoding is judged
CHUNK: Final = 1 << 20
SEPARATORS: Final = ",;\t|"
MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CLEARER: Final = 0.2  # by how much more of the text must be everyday characters in one encoding than in the other
LIKELY: Final = 0.5  # share of everyday characters from which a text is taken for Chinese
EXCEL_ERRORS: Final = frozenset(["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"])
END_OF_TEXT: Final = "\x1a"  # with which programs of old close a file
_AS_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)  # how people keep Excel from eating zeros: ="00123"
_SEPARATOR_LINE: Final = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)  # Excel's own first line, which it does not show


@dataclass(slots=True, kw_only=True)
class TextTable:
    """The cells of a text file; error values and formulas are blank in `rows` and named in `scan`."""

    rows: list[list[str]] = field(default_factory=list)  # of different lengths
    scan: SheetScan = field(default_factory=SheetScan)

    def rectangle(self) -> list[list[str]]:
        """The rows made equally long with blanks."""
        width = max(map(len, self.rows), default=0)
        return [row if len(row) == width else row + [""] * (width - len(row)) for row in self.rows]


def read_csv(path: Path, mappings: Collection[DocumentType]) -> TextTable:
    """Raises UnreadableWorkbook: csv_encoding_unknown, csv_broken, sheet_too_large."""
    encoding = _encoding(path, mappings)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(SAMPLE)
        file.seek(0)
        lines = _Lines(file)
        if match := _SEPARATOR_LINE.fullmatch(start.splitlines()[0] if start else ""):
            next(lines)
        separator = match[1] if match else _separator(start, mappings)
        return _parsed(path, lines, separator)


class _Lines(Iterator[str]):
    """The lines of a file; `first` is the one that the present record began with."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self.first: str | None = None

    def __next__(self) -> str:
        line = next(self._file)
        if self.first is None:
            self.first = line
        return line


def _parsed(path: Path, lines: _Lines, separator: str) -> TextTable:
    table = TextTable()
    seen: dict[str, str] = {}  # equal cells are kept once
    try:
        for record in csv.reader(lines, delimiter=separator, strict=True):
            if len(table.rows) >= LIMIT_ROWS:
                raise UnreadableWorkbook("sheet_too_large", file=path.name, sheet=path.stem, last_row=LIMIT_ROWS + 1, last_column="A")
            cells = [seen.setdefault(cell, cell) for cell in record]
            if any(cell[:1] in ("=", "#") for cell in cells):
                _mark(cells, len(table.rows) + 1, table.scan)
            table.rows.append(cells)
            lines.first = None
    except csv.Error:
        found = (lines.first or "").strip()
        raise UnreadableWorkbook("csv_broken", file=path.name, at=len(table.rows) + 1, found=found) from None
    if table.rows and table.rows[-1] == [END_OF_TEXT]:
        table.rows.pop()
    while table.rows and not any(map(trimmed, table.rows[-1])):
        table.rows.pop()
    return table


def _mark(cells: list[str], row: int, scan: SheetScan) -> None:
    """Cells that are more than they look: text written as a formula, error values, formulas."""
    for position, cell in enumerate(cells):
        text = trimmed(cell)
        if match := _AS_TEXT.fullmatch(text):
            cells[position] = match[1].replace('""', '"')
        elif text in EXCEL_ERRORS:
            cells[position], scan.errors[row, position + 1] = "", text
        elif text.startswith("=") and len(text) > 1:
            cells[position] = ""
            scan.uncalculated.add((row, position + 1))


# -- separator -------------------------------------------------------------------------------------------------------


def _separator(start: str, mappings: Collection[DocumentType]) -> str:
    """The one that makes the most columns known; without any, the one that the first line has most of."""
    first = start.splitlines()[0] if start else ""
    return max(SEPARATORS, key=lambda separator: (_known_columns(start, separator, mappings), first.count(separator)))


def _known_columns(start: str, separator: str, mappings: Collection[DocumentType]) -> int:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(start, newline=""), delimiter=separator):
            records.append(record)
            if len(records) == 2:
                break
    except csv.Error:
        return 0
    headers = (find_header(records, mapping) for mapping in mappings)
    return max((len(header.columns) for header in headers if header), default=0)


# -- encoding --------------------------------------------------------------------------------------------------------


def _encoding(path: Path, mappings: Collection[DocumentType]) -> str:
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    for mark, encoding in MARKS.items():
        if start.startswith(mark):
            _prove(path, encoding)
            return encoding
    _refuse_nul(path)
    problem = _problem(path, "utf-8")
    if problem is None:
        return "utf-8"
    possible = [encoding for encoding in ("cp950", "gb18030") if _problem(path, encoding) is None]
    if not possible:
        raise UnreadableWorkbook("csv_encoding_unknown", file=path.name, found=problem)
    known = {encoding: _known_in(start, encoding, mappings) for encoding in possible}
    likely = {encoding: likeness(start, encoding) for encoding in possible}
    best, *others = sorted(possible, key=lambda encoding: (known[encoding], likely[encoding]), reverse=True)
    doubtful = known[best] == 0 and likely[best] < LIKELY
    if doubtful or any(known[best] == known[other] and likely[best] < likely[other] + CLEARER for other in others):
        raise UnreadableWorkbook("csv_encoding_unknown", file=path.name, found=problem if doubtful else "Big5 / GB 18030")
    return best


def _known_in(start: bytes, encoding: str, mappings: Collection[DocumentType]) -> int:
    text = start.decode(encoding, "replace")
    return max(_known_columns(text, separator, mappings) for separator in SEPARATORS)


def _prove(path: Path, encoding: str) -> None:
    if (problem := _problem(path, encoding)) is not None:
        raise UnreadableWorkbook("csv_encoding_unknown", file=path.name, found=problem)


def _problem(path: Path, encoding: str) -> str | None:
    """Where a file is not in an encoding: the first bytes that are not."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return " ".join(f"0x{byte:02X}" for byte in error.object[error.start : error.start + 2])
    return None


def _refuse_nul(path: Path) -> None:
    rows = 1
    for chunk in _chunks(path):
        if (position := chunk.find(b"\0")) >= 0:
            raise UnreadableWorkbook("csv_broken", file=path.name, at=rows + chunk.count(b"\n", 0, position), found="NUL")
        rows += chunk.count(b"\n")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


# -- rows of other lengths -------------------------------------------------------------------------------------------


def ragged(rows: Sequence[Sequence[str]], label_row: int) -> Ragged:
    """Compare the rows below the labels with the header. Cells too many count even if the last ones are blank: a value was cut in two."""
    filled, full = (max(map(measure, rows[:label_row]), default=0) for measure in (_filled, len))
    longer, shorter = {}, []
    for number, row in enumerate(rows[label_row:], start=label_row + 1):
        if len(row) > full and any(map(trimmed, row)):
            longer[number] = len(row)
        elif len(row) < filled and any(map(trimmed, row)):
            shorter.append(number)
    return Ragged(width=full, longer=longer, shorter=shorter)


def _filled(row: Sequence[str]) -> int:
    return next((length for length in range(len(row), 0, -1) if trimmed(row[length - 1])), 0)
