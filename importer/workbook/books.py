"""The sheets of any file that people call a workbook, as rows of cells.

One class per way of reading: python-calamine for the formats of spreadsheet programs, `textbook` for text files.

Unpacking a large sheet takes as long as loading all else that a check needs, and leaves Python free; so `open_early` begins with it
before that is loaded. Nothing may be imported here that takes long.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from xml.parsers.expat import ExpatError

from importer.errors import UnreadableWorkbook
from importer.models import column_letters
from importer.workbook.filekind import Kind, Version, kind_of, version_of
from importer.workbook.meta import META_SHEET, read_meta
from importer.workbook.package import open_package, prove_package
from importer.workbook.sheetscan import SheetScan, measure_exactly, scan

if TYPE_CHECKING:
    from importer.mapping import Mapping as DocumentType

__all__ = ["LIMIT_ROWS", "Book", "Cells", "Ragged", "foreign_errors", "open_book", "open_early"]

LIMIT_ROWS: Final = 1_048_576  # of a sheet, which the results are written to
LIMIT_CELLS: Final = 60_000_000  # rows times columns; calamine holds the whole rectangle in memory
LIMIT_EARLY: Final = 256 << 20  # bytes of XML; what a thread has used of memory is of no use to the others, and here little time is won
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


Cells = list[list[Any]]
"""Rows of a sheet from A1 on: text, float, bool, date, datetime, time, timedelta; a blank is ''."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """Rows of a text file whose number of cells is not the header's."""

    width: int = 0  # cells of the header
    longer: Mapping[int, int] = field(default_factory=dict)  # row -> its cells, with something in those too many
    shorter: Sequence[int] = ()


class Book(Protocol):
    """A workbook that can be read."""

    kind: Kind
    version: Version  # of the file that was opened
    names: Sequence[str]  # of all sheets
    shown: Sequence[str]  # of the visible worksheets, in the order of the tabs
    scanned: bool  # whether `scan` knows all that the cells do not tell

    def cells(self, name: str) -> Cells:
        """All cells of a sheet. Raises UnreadableWorkbook."""

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
        from importer.workbook.textbook import TextBook

        return TextBook(path, mappings)
    if kind == "ole":
        _refuse_encrypted(path)
    with foreign_errors(path):
        return _SpreadsheetBook(path, kind)


def open_early(path: Path) -> Book | None:
    """Open an .xlsx and begin to unpack the data sheet that its `_meta` names, in a thread; None where that is not to be had so easily.

    Nobody is told why: whoever opens the file once more finds it out.
    """
    try:
        if kind_of(path) != "xlsx":
            return None
        with foreign_errors(path):
            book = _SpreadsheetBook(path, "xlsx")
        return book if book.unpack_early() else None
    except (UnreadableWorkbook, OSError):
        return None


class _SpreadsheetBook:
    """Read by python-calamine, with the scan of its kind."""

    def __init__(self, path: Path, kind: Kind) -> None:
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        self.kind = kind
        self.version = version_of(path)
        self._path = path
        self._package = open_package(path) if kind == "xlsx" else prove_package(path) if kind in ("xlsb", "ods") else None
        self._parts = self._package.sheet_parts() if self._package and kind == "xlsx" else {}
        scans = self._every_scan()
        self.scanned = scans is not None
        self._scans: dict[str, SheetScan] = scans or {}
        self._early: dict[str, Callable[[], Cells]] = {}
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
            from importer.workbook.xlsscan import scan_xls

            return scan_xls(self._path)
        if self.kind == "ods":
            from importer.workbook.odsscan import scan_ods

            return scan_ods(self._package, limit_cells=LIMIT_CELLS)
        if self.kind == "xlsb":
            from importer.workbook.binaryscan import scan_xlsb

            return scan_xlsb(self._package)
        return {}

    def cells(self, name: str) -> Cells:
        if name in self._early:
            return self._early.pop(name)()
        self._prove(name)
        for ready in self._early.values():  # calamine does one thing at a time
            ready()
        return self._unpacked(name)

    def unpack_early(self) -> bool:
        """Begin to unpack the sheet that `_meta` names; whether there is one."""
        if META_SHEET not in self.names:
            return False
        meta = self.cells(META_SHEET)
        name = read_meta(meta).sheet
        if name == META_SHEET or self._package is None or name not in self._parts or self._package.size(self._parts[name]) > LIMIT_EARLY:
            return False
        self._prove(name)
        self._early[META_SHEET] = lambda: meta
        self._early[name] = _in_thread(partial(self._unpacked, name))
        return True

    def _prove(self, name: str) -> None:
        """The scan comes first: it proves the part's size, and calamine holds the whole rectangle of a sheet in memory."""
        found = self.scan(name)
        if found.guessed and found.last_row * found.last_column > LIMIT_CELLS // 10:
            measure_exactly(self.stream(name), found)
        if found.last_row * found.last_column > LIMIT_CELLS or found.last_row > LIMIT_ROWS:
            last_column = column_letters(found.last_column)
            raise UnreadableWorkbook("sheet_too_large", file=self._path.name, sheet=name, last_row=found.last_row, last_column=last_column)

    def _unpacked(self, name: str) -> Cells:
        with foreign_errors(self._path):
            sheet = self._book.get_sheet_by_name(name)
            if not self.scanned:
                ranges = sheet.merged_cell_ranges or ()
                merged = [((top + 1, left + 1), (bottom + 1, right + 1)) for (top, left), (bottom, right) in ranges]
                self.scan(name).merged = merged
            cells: Cells = sheet.to_python(skip_empty_area=False)
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


def _in_thread(work: Callable[[], Cells]) -> Callable[[], Cells]:
    """Begin with work that leaves Python free; what is returned waits for it, and gives or raises what came of it."""
    outcome: list[Cells | BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            outcome.append(error)

    def wait() -> Cells:
        thread.join()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    thread = threading.Thread(target=run, name="unpack")
    thread.start()
    return wait


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
