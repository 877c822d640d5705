"""A workbook to read: sheets of headings, tables and texts, with links between them. It knows nothing of what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["Heading", "Link", "Panel", "Sheet", "Table", "write_book"]

CELL_LIMIT: Final = 32_767  # characters that Excel holds in one cell
LINE_HEIGHT: Final = 11.5  # points of a line of the monospaced font below
HEIGHT_LIMIT: Final = 409  # points, Excel's highest row
AS_TEXT: Final = 255  # characters; older Excels show ### for longer texts in cells that are formatted as text
MONOSPACED: Final = "Consolas"
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A cell that leads to a heading."""

    text: str
    target: str  # text of the heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A line of its own; links find it by its text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows below headings."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str | Link]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Texts side by side as they are, monospaced: each a title and what it says."""

    texts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet from top to bottom."""

    title: str
    widths: Sequence[int]  # of its columns, in characters
    blocks: Sequence[Heading | Table | Panel] = field(default_factory=tuple)


def write_book(path: Path, title: str, sheets: Sequence[Sheet]) -> None:
    """Write the workbook; a file of that name is replaced."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "TIPTOP importer"
    book.properties.title = title
    book.remove(book.worksheets[0])
    writing = _Writing(book)
    for sheet in sheets:
        writing.write(sheet)
    writing.link()
    book.save(path)


class _Writing:
    """Sheets under way: where headings stand, and which cells want to lead to them."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._places: dict[str, str] = {}
        self._links: list[tuple[Cell, str]] = []

    def write(self, sheet: Sheet) -> None:
        from openpyxl.utils import get_column_letter

        page = self._book.create_sheet(_free_title(sheet.title, self._book.sheetnames))
        for position, width in enumerate(sheet.widths, 1):
            page.column_dimensions[get_column_letter(position)].width = width
        page.sheet_view.showGridLines = False
        page.page_setup.orientation = "landscape"
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        row = 1
        for block in sheet.blocks:
            row = self._block(page, block, row, len(sheet.widths))

    def _block(self, page: Worksheet, block: Heading | Table | Panel, row: int, columns: int) -> int:
        """Write a block at a row; returns the row below it."""
        if isinstance(block, Heading):
            return self._heading(page, block, row)
        if isinstance(block, Table):
            return self._table(page, block, row)
        return self._panel(page, block, row, columns)

    def _heading(self, page: Worksheet, block: Heading, row: int) -> int:
        from openpyxl.styles import Font

        _put(page, row, 1, block.text).font = Font(bold=True, size=13)
        self._places.setdefault(block.text, f"#'{page.title}'!A{row}")
        return row + 1

    def _table(self, page: Worksheet, block: Table, row: int) -> int:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        thin = Side(style="thin", color="BFBFBF")
        border = Border(left=thin, right=thin, top=thin, bottom=thin)
        for position, text in enumerate(block.headings, 1):
            cell = _put(page, row, position, text)
            cell.font, cell.border, cell.fill = Font(bold=True), border, PatternFill("solid", fgColor="D9D9D9")
        for number, values in enumerate(block.rows, row + 1):
            for position, value in enumerate(values, 1):
                cell = _put(page, number, position, value.text if isinstance(value, Link) else value)
                cell.border, cell.alignment = border, Alignment(vertical="top", wrap_text=True)
                if isinstance(value, Link):
                    self._links.append((cell, value.target))
        return row + len(block.rows) + 2

    def _panel(self, page: Worksheet, block: Panel, row: int, columns: int) -> int:
        from openpyxl.styles import Alignment, Font

        pieces = [list(_pieces(text)) for _, text in block.texts]
        for (first, last), (title, _), parts in zip(_halves(columns, len(block.texts)), block.texts, pieces, strict=True):
            _put(page, row, first, title).font = Font(bold=True)
            for number, part in enumerate(parts, row + 1):
                cell = _put(page, number, first, part)
                cell.font, cell.alignment = Font(name=MONOSPACED, size=9), Alignment(vertical="top", wrap_text=True)
                page.merge_cells(start_row=number, end_row=number, start_column=first, end_column=last)
                height = min(HEIGHT_LIMIT, LINE_HEIGHT * (2 + part.count("\n")))
                page.row_dimensions[number].height = max(height, page.row_dimensions[number].height or 0)
        return row + max(map(len, pieces)) + 2

    def link(self) -> None:
        """Let the links lead to their headings, now that all are written."""
        from openpyxl.styles import Font
        from openpyxl.worksheet.hyperlink import Hyperlink

        for cell, target in self._links:
            if place := self._places.get(target):
                cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place.lstrip("#"))
                cell.font = Font(color="0563C1", underline="single")


def _put(page: Worksheet, row: int, column: int, text: str) -> Cell:
    """Text as text, also where it begins with `=`."""
    cell = page.cell(row, column)
    cell.value = _UNWRITABLE.sub("\ufffd", text)
    if cell.data_type == "f":
        cell.data_type = "s"
    if len(text) <= AS_TEXT:
        cell.number_format = "@"
    return cell  # type: ignore[return-value]  # no cell here is part of a merged range yet


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that fit into cells; nearly always one."""
    piece: list[str] = []
    size = 0
    for line in text.split("\n"):
        if piece and size + len(line) + 1 > CELL_LIMIT:
            yield "\n".join(piece)
            piece, size = [], 0
        piece.append(line[:CELL_LIMIT])
        size += len(line) + 1
    yield "\n".join(piece)


def _halves(columns: int, parts: int) -> Iterator[tuple[int, int]]:
    """First and last column of each of several texts side by side."""
    for number in range(parts):
        yield number * columns // parts + 1, (number + 1) * columns // parts


def _free_title(title: str, taken: Sequence[str]) -> str:
    """A title that Excel accepts and no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "-"
    used: Mapping[str, None] = dict.fromkeys(name.lower() for name in taken)
    number, free = 1, plain
    while free.lower() in used:
        number += 1
        free = f"{plain[:27]} {number}"
    return free
