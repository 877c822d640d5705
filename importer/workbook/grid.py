"""A workbook as it stands on the screen: the texts of its visible sheets with their merged ranges and indents, whatever they mean.

For documents that people wrote for people. Data sheets are read by `reader`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from importer.errors import UnreadableWorkbook
from importer.fieldtypes import shown
from importer.models import column_letters
from importer.workbook.filekind import kind_of
from importer.workbook.package import open_package

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet
    from python_calamine import CalamineSheet

__all__ = ["LIMIT_COLUMNS", "LIMIT_ROWS", "Cell", "Grid", "place", "read_grids"]

LIMIT_ROWS: Final = 5_000  # of a sheet; what people read has fewer
LIMIT_COLUMNS: Final = 100
OPENPYXL_FORMATS: Final = (".xlsx", ".xlsm", ".xltx", ".xltm")

Position = tuple[int, int]
"""Row and column, 1-based."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a cell."""

    text: str  # as written, blanks in front included
    indent: int = 0  # Excel's own
    struck: bool = False  # struck through, which people mean as deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet."""

    sheet: str
    cells: Mapping[Position, Cell]  # those that hold something
    origins: Mapping[Position, Position]  # cell within a merged range -> its first cell
    rows: int
    columns: int
    cut: bool = False  # whether the sheet goes on beyond the limits

    def text(self, row: int, column: int) -> str:
        """The text written in a cell itself, trimmed."""
        cell = self.cells.get((row, column))
        return cell.text.strip() if cell else ""

    def seen(self, row: int, column: int) -> str:
        """The text that a person sees at a cell: that of its merged range."""
        return self.text(*self.origins.get((row, column), (row, column)))

    def row(self, row: int) -> list[int]:
        """The columns of a row that hold something."""
        return [column for column in range(1, self.columns + 1) if self.text(row, column)]


def place(row: int, column: int) -> str:
    """A cell's name such as `C7`."""
    return f"{column_letters(column)}{row}"


def read_grids(path: Path) -> list[Grid]:
    """The visible sheets in the order of their tabs. Raises UnreadableWorkbook where the file cannot be read."""
    kind = kind_of(path)
    try:
        if kind == "xlsx" and path.suffix.lower() in OPENPYXL_FORMATS:
            open_package(path)
            return _with_openpyxl(path)
        return _with_calamine(path)
    except UnreadableWorkbook:
        raise
    except Exception as error:  # noqa: BLE001 - both libraries raise whatever a damaged file makes them stumble over
        raise UnreadableWorkbook("file_broken", file=path.name, reason=str(error) or type(error).__name__) from None


# -- .xlsx, with indents and fonts -----------------------------------------------------------------------------------


def _with_openpyxl(path: Path) -> list[Grid]:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that openpyxl leaves aside hold no text
        book = load_workbook(path, data_only=True)
    return [_openpyxl_grid(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _openpyxl_grid(sheet: Worksheet) -> Grid:
    rows, columns = min(sheet.max_row, LIMIT_ROWS), min(sheet.max_column, LIMIT_COLUMNS)
    cells = {}
    for number, row in enumerate(sheet.iter_rows(min_row=1, max_row=rows, min_col=1, max_col=columns), 1):
        for position, cell in enumerate(row, 1):
            if text := shown(cell.value):
                indent = int(cell.alignment.indent or 0) if cell.alignment else 0
                cells[number, position] = Cell(text=text, indent=indent, struck=bool(cell.font and cell.font.strike))
    ranges = [((merged.min_row, merged.min_col), (merged.max_row, merged.max_col)) for merged in sheet.merged_cells.ranges]
    cut = sheet.max_row > rows or sheet.max_column > columns
    return Grid(sheet=sheet.title, cells=cells, origins=_origins(ranges, rows, columns), rows=rows, columns=columns, cut=cut)


# -- the other formats -----------------------------------------------------------------------------------------------


def _with_calamine(path: Path) -> list[Grid]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(str(path))
    visible = [
        about.name for about in book.sheets_metadata if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    return [_calamine_grid(book.get_sheet_by_name(name)) for name in visible]


def _calamine_grid(sheet: CalamineSheet) -> Grid:
    table = sheet.to_python(skip_empty_area=False)[:LIMIT_ROWS]
    columns = min(max(map(len, table), default=0), LIMIT_COLUMNS)
    cells = {
        (row, column): Cell(text=text)
        for row, values in enumerate(table, 1)
        for column, value in enumerate(values[:columns], 1)
        if (text := shown(value))
    }
    ranges = [((top + 1, left + 1), (bottom + 1, right + 1)) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    cut = sheet.total_height > LIMIT_ROWS or sheet.total_width > LIMIT_COLUMNS
    return Grid(sheet=sheet.name, cells=cells, origins=_origins(ranges, len(table), columns), rows=len(table), columns=columns, cut=cut)


def _origins(ranges: Sequence[tuple[Position, Position]], rows: int, columns: int) -> dict[Position, Position]:
    return {cell: first for first, last in ranges for cell in _within(first, last, rows, columns)}


def _within(first: Position, last: Position, rows: int, columns: int) -> Iterator[Position]:
    for row in range(first[0], min(last[0], rows) + 1):
        for column in range(first[1], min(last[1], columns) + 1):
            yield row, column
