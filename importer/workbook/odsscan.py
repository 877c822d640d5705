"""What python-calamine keeps silent about in an .ods: error values, hidden rows and columns, merged ranges, numbers shown with zeros
that they do not have; and how far a sheet reaches, as a few bytes there can stand for billions of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from importer.errors import UnreadableWorkbook
from importer.models import column_letters
from importer.workbook.numberformats import as_shown
from importer.workbook.package import Package, forbid_entities
from importer.workbook.sheetscan import SheetScan

__all__ = ["scan_ods"]

CONTENT: Final = "content.xml"
MANIFEST: Final = "META-INF/manifest.xml"
_ZEROS: Final = re.compile(r"0\d+|[A-Za-z].*\d.*")  # what a number does not look like unless its format adds something
_HIDDEN: Final = ("collapse", "filter")


def scan_ods(package: Package, *, limit_cells: int) -> dict[str, SheetScan]:
    """By sheet. Raises UnreadableWorkbook: file_encrypted, file_broken, sheet_too_large."""
    if b"encryption-data" in package.read(MANIFEST):
        raise UnreadableWorkbook("file_encrypted", file=package.path.name)
    scanner = _Scanner(file=package.path.name, limit_cells=limit_cells)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    forbid_entities(parser)
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = scanner.start, scanner.end, scanner.text
    for chunk in package.stream(CONTENT):
        parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
    parser.Parse(b"", True)  # noqa: FBT003
    return scanner.sheets


@dataclass(slots=True, kw_only=True)
class _Scanner:
    """expat's handlers. Names are taken by their local part."""

    file: str
    limit_cells: int
    sheets: dict[str, SheetScan] = field(default_factory=dict)
    sheet: SheetScan = field(default_factory=SheetScan)
    name: str = ""
    tables: int = 0  # depth; a table within a cell is none of ours
    row: int = 0  # the last row that has been begun, the last of its repetitions
    column: int = 0
    widest: int = 0
    repeated_rows: int = 1
    hidden: bool = False
    filled: int = 0  # last column of the row that holds something
    cell: dict[str, str] | None = None
    shown: list[str] = field(default_factory=list)

    def start(self, full_name: str, attributes: dict[str, str]) -> None:
        name = full_name.rpartition(":")[2]
        about = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name == "table":
            self.tables += 1
            if self.tables == 1:
                self.name = about.get("name", "")
                self.sheet = self.sheets[self.name] = SheetScan(last_column=0)
                self.row = self.column = self.widest = 0
        elif self.tables != 1:
            return
        elif name == "table-column":
            count = _count(about, "number-columns-repeated")
            if about.get("visibility") in _HIDDEN:
                self.sheet.hidden_columns.append((self.column + 1, self.column + count))
            self.column += count
        elif name == "table-row":
            self.column = self.filled = 0
            self.repeated_rows = _count(about, "number-rows-repeated")
            self.hidden = about.get("visibility") in _HIDDEN
        elif name in ("table-cell", "covered-table-cell"):
            self.cell = attributes if not attributes else {key.rpartition(":")[2]: value for key, value in attributes.items()}
            if any(key.startswith("calcext:") and value == "error" for key, value in attributes.items()):
                self.cell["error"] = "yes"
            self.shown = []

    def text(self, text: str) -> None:
        if self.cell is not None and self.tables == 1:
            self.shown.append(text)

    def end(self, full_name: str) -> None:
        name = full_name.rpartition(":")[2]
        if name == "table":
            self.tables -= 1
        elif self.tables != 1:
            return
        elif name in ("table-cell", "covered-table-cell") and self.cell is not None:
            self._end_cell(self.cell, "".join(self.shown).strip())
            self.cell = None
        elif name == "table-row":
            self._end_row()

    def _end_cell(self, about: dict[str, str], shown: str) -> None:
        first, row = self.column + 1, self.row + 1
        self.column += _count(about, "number-columns-repeated")
        if shown or "value-type" in about or "formula" in about:
            self.filled = self.column
        if "error" in about or (shown.startswith(("#", "Err:")) and "formula" in about):
            self.sheet.errors[row, first] = shown
        elif "formula" in about and "value-type" not in about and not shown:
            self.sheet.uncalculated.add((row, first))
        elif about.get("value-type") == "percentage" or (about.get("value-type") == "float" and _ZEROS.fullmatch(shown)):
            self.sheet.formats[row, first] = as_shown(shown)
        down, right = _count(about, "number-rows-spanned"), _count(about, "number-columns-spanned")
        if down > 1 or right > 1:
            self.sheet.merged.append(((row, first), (row + down - 1, first + right - 1)))

    def _end_row(self) -> None:
        first = self.row + 1
        self.row += self.repeated_rows
        if not self.filled:
            return
        self.sheet.last_row = self.row
        self.sheet.last_column = max(self.sheet.last_column, self.filled)
        if self.sheet.last_row * self.sheet.last_column > self.limit_cells:
            last_column = column_letters(self.sheet.last_column)
            raise UnreadableWorkbook("sheet_too_large", file=self.file, sheet=self.name, last_row=self.row, last_column=last_column)
        if self.hidden:
            self.sheet.hidden_rows.update(range(first, self.row + 1))


def _count(about: dict[str, str], name: str) -> int:
    try:
        return max(int(about.get(name, "1")), 1)
    except ValueError:
        return 1
