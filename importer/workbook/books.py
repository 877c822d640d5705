"""The sheets of any file that people call a workbook, as rows of cells.

One class per way of reading: python-calamine for the formats of spreadsheet programs, `csvreading` for text files.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from xml.parsers.expat import ExpatError

from importer.errors import UnreadableWorkbook
from importer.mapping import Mapping as DocumentType
from importer.models import column_letters
from importer.workbook.binaryscan import scan_xlsb
from importer.workbook.csvreading import LIMIT_ROWS, Ragged, ragged, read_csv
from importer.workbook.filekind import Kind, kind_of
from importer.workbook.odsscan import scan_ods
from importer.workbook.package import open_package, prove_package
from importer.workbook.sheetscan import SheetScan, measure_exactly, scan
from importer.workbook.xlsscan import scan_xls

__all__ = ["Book", "foreign_errors", "open_book"]

LIMIT_CELLS: Final = 60_000_000  # rows times columns; calamine holds the whole rectangle in memory
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


class Book(Protocol):
    """A workbook that can be read."""

    kind: Kind
    names: Sequence[str]  # of all sheets
    shown: Sequence[str]  # of the visible worksheets, in the order of the tabs
    scanned: bool  # whether `scan` knows all that the cells do not tell

    def cells(self, name: str) -> list[list[Any]]:
        """All cells from A1 on: text, float, bool, date, datetime, time, timedelta; a blank is ''.

        Raises UnreadableWorkbook.
        """

    def scan(self, name: str) -> SheetScan:
        """What the cells do not tell."""

    def ragged(self, label_row: int) -> Ragged:
        """Rows of a text file that have more or fewer cells than its header."""

    def number_formats(self) -> bytes:
        """The styles part of an .xlsx; empty without one."""

    def stream(self, name: str) -> Iterator[bytes]:
        """A sheet's XML; nothing in other formats than .xlsx."""


def open_book(path: Path, mappings: Collection[DocumentType]) -> Book:
    """Open a file as what it is, after every check that keeps the machine whole. `mappings` are those whose columns a text file may have.

    Raises UnreadableWorkbook.
    """
    kind = kind_of(path)
    if kind == "text":
        return _TextBook(path, mappings)
    if kind == "ole":
        _refuse_encrypted(path)
    with foreign_errors(path):
        return _SpreadsheetBook(path, kind)


class _TextBook:
    """A text file is one sheet, which is called like the file, as Excel has it."""

    kind: Kind = "text"
    scanned = True

    def __init__(self, path: Path, mappings: Collection[DocumentType]) -> None:
        self._table = read_csv(path, mappings)
        name = re.sub(r"[\[\]:*?/\\]", "_", path.stem)[:31]
        self.names: Sequence[str] = [name]
        self.shown: Sequence[str] = self.names

    def cells(self, name: str) -> list[list[Any]]:
        del name
        return self._table.rectangle()

    def scan(self, name: str) -> SheetScan:
        del name
        return self._table.scan

    def ragged(self, label_row: int) -> Ragged:
        return ragged(self._table.rows, label_row)

    def number_formats(self) -> bytes:
        return b""

    def stream(self, name: str) -> Iterator[bytes]:
        del name
        return iter(())


class _SpreadsheetBook:
    """Read by python-calamine, with the scan of its kind."""

    def __init__(self, path: Path, kind: Kind) -> None:
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        self.kind = kind
        self._path = path
        self._package = open_package(path) if kind == "xlsx" else prove_package(path) if kind in ("xlsb", "ods") else None
        self._parts = self._package.sheet_parts() if self._package and kind == "xlsx" else {}
        scans = self._every_scan()
        self.scanned = scans is not None
        self._scans: dict[str, SheetScan] = scans or {}
        if path.suffix.lower() in _SUFFIXES[kind]:
            self._book = CalamineWorkbook.from_path(str(path))
        else:  # calamine goes by the name, which says something else
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
        self.names: Sequence[str] = self._book.sheet_names
        self.shown: Sequence[str] = [
            about.name
            for about in self._book.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible
        ]

    def _every_scan(self) -> dict[str, SheetScan] | None:
        """Of formats whose sheets are scanned all at once; None where that cannot be done."""
        if self._package is None:
            return scan_xls(self._path)
        if self.kind == "ods":
            return scan_ods(self._package, limit_cells=LIMIT_CELLS)
        return scan_xlsb(self._package) if self.kind == "xlsb" else {}

    def cells(self, name: str) -> list[list[Any]]:
        """The scan comes first: it proves the part's size, and calamine holds the whole rectangle of a sheet in memory."""
        found = self.scan(name)
        if self.kind == "xlsx" and found.last_row * found.last_column > LIMIT_CELLS // 10:
            measure_exactly(self.stream(name), found)
        if found.last_row * found.last_column > LIMIT_CELLS or found.last_row > LIMIT_ROWS:
            last_column = column_letters(found.last_column)
            raise UnreadableWorkbook("sheet_too_large", file=self._path.name, sheet=name, last_row=found.last_row, last_column=last_column)
        with foreign_errors(self._path):
            sheet = self._book.get_sheet_by_name(name)
            if not self.scanned:
                ranges = sheet.merged_cell_ranges or ()
                found.merged = [((top + 1, left + 1), (bottom + 1, right + 1)) for (top, left), (bottom, right) in ranges]
            cells: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        return cells

    def scan(self, name: str) -> SheetScan:
        if name not in self._scans:
            self._scans[name] = scan(self.stream(name)) if name in self._parts else SheetScan()
        return self._scans[name]

    def ragged(self, label_row: int) -> Ragged:
        del label_row
        return Ragged()

    def number_formats(self) -> bytes:
        return self._package.styles() if self._package and self.kind == "xlsx" else b""

    def stream(self, name: str) -> Iterator[bytes]:
        return self._package.stream(self._parts[name]) if self._package and name in self._parts else iter(())


_SUFFIXES: Final[dict[Kind, tuple[str, ...]]] = {"xlsx": (".xlsx", ".xlsm"), "xlsb": (".xlsb",), "ods": (".ods",), "ole": (".xls",)}


def _refuse_encrypted(path: Path) -> None:
    """An encrypted .xlsx is a binary container with a stream of this name in its directory."""
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            if ENCRYPTED in tail + chunk:
                raise UnreadableWorkbook("file_encrypted", file=path.name)
            tail = chunk[-len(ENCRYPTED) :]


@contextmanager
def foreign_errors(path: Path) -> Iterator[None]:
    """calamine's exceptions in our words; a panic of its Rust code is no Exception, but it is caught here by its name."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError:
        raise UnreadableWorkbook("file_encrypted", file=path.name) from None
    except (CalamineError, ExpatError, LookupError, OSError, ValueError) as error:
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error)) from None
