"""A site's own tables: codes, stock, translations. CSV or a workbook, every cell as text, rows with their numbers.

Data sheets are read by `reader`; these tables have few columns and no types, and what is wrong with one ends the command.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from importer.errors import ConfigurationError
from importer.fieldtypes import shown, trimmed
from importer.messages import N_
from importer.models import column_letters
from importer.workbook.filekind import ZIP_MAGIC
from importer.workbook.numberformats import shown_as, telling_formats
from importer.workbook.package import Package, open_package
from importer.workbook.sheetscan import scan, styled_cells
from importer.workbook.textfile import decoded

__all__ = ["TABLE_FORMATS", "PlainTable", "read_tables", "write_table"]

TABLE_FORMATS: Final = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
TEXT_FORMATS: Final = (".csv", ".txt", ".tsv")
SEPARATORS: Final = ",;\t|"
EXACT_NUMBER: Final = 10.0**15  # from here on a stored number has lost digits


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTable:
    """One sheet, or one CSV file."""

    path: Path
    sheet: str  # empty for CSV
    rows: Mapping[int, Sequence[str]]  # row number -> trimmed cells; rows that hold nothing are left out

    @property
    def place(self) -> str:
        """File and sheet, for messages."""
        return f"{self.path} [{self.sheet}]" if self.sheet else str(self.path)

    def heading(self) -> tuple[int, Sequence[str]]:
        """Row number and cells of the first row that holds something. Raises ConfigurationError where there is none."""
        for number, cells in self.rows.items():
            return number, cells
        raise ConfigurationError(N_("{file}: this table is empty; its first row names the columns."), file=self.place)


def read_tables(path: Path) -> list[PlainTable]:
    """The visible sheets of a workbook, or the one table of a CSV file. Raises ConfigurationError that names the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=error.strerror or str(error)) from None
    if path.suffix.lower() in TEXT_FORMATS:
        return [_csv_table(path, content)]
    try:
        return _sheets(path, open_package(path) if content.startswith(ZIP_MAGIC) and path.suffix.lower() in (".xlsx", ".xlsm") else None)
    except ConfigurationError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ConfigurationError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=str(error)) from None


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write a CSV file that Excel opens with its Chinese intact, in one step: nobody ever sees half of it.

    Raises ConfigurationError that names the file.
    """
    beside = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise ConfigurationError(N_("{file}: cannot be written: {reason}"), file=str(path), reason=reason) from None


# -- CSV -------------------------------------------------------------------------------------------------------------


def _csv_table(path: Path, content: bytes) -> PlainTable:
    try:
        text = decoded(content)
    except UnicodeDecodeError as error:
        raise ConfigurationError(N_("{file}: cannot be read: {reason}"), file=str(path), reason=error.reason) from None
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    rows: dict[int, list[str]] = {}
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):  # as Excel counts them
            texts = [_unquoted(trimmed(cell)) for cell in cells]
            if any(texts):
                rows[number] = texts
    except csv.Error as error:
        reason = str(error)
        raise ConfigurationError(N_("{file}: row {row} cannot be read: {reason}"), file=str(path), row=number + 1, reason=reason) from None
    return PlainTable(path=path, sheet="", rows=rows)


def _unquoted(cell: str) -> str:
    """`="00123"`, with which people keep Excel from eating zeros, is 00123."""
    return cell[2:-1] if len(cell) > 2 and cell.startswith('="') and cell.endswith('"') else cell


# -- workbooks -------------------------------------------------------------------------------------------------------


def _sheets(path: Path, package: Package | None) -> list[PlainTable]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(str(path))
    visible = [
        about.name for about in book.sheets_metadata if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    parts = package.sheet_parts() if package else {}
    tables = []
    for name in visible:
        values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        table = _Cells(path, name, values)
        if package and name in parts:
            table.refuse_hidden_troubles(package, parts[name])
        tables.append(PlainTable(path=path, sheet=name, rows=dict(table.rows())))
    return tables


class _Cells:
    """The cells of one sheet as calamine has them, and what it is silent about."""

    def __init__(self, path: Path, sheet: str, values: Sequence[Sequence[Any]]) -> None:
        self._place = f"{path} [{sheet}]"
        self._values = values

    def refuse_hidden_troubles(self, package: Package, part: str) -> None:
        """Error values and formulas without a result would come out blank, codes formatted as 00000 without their zeros."""
        found = scan(package.stream(part))
        for row, column in sorted([*found.errors, *found.uncalculated]):
            self._refuse(row, column, found.errors.get((row, column), "="))
        formats = telling_formats(package.styles())
        for (row, column), style in styled_cells(package.stream(part), formats).items() if formats else ():
            value = self._values[row - 1][column - 1] if row <= len(self._values) and column <= len(self._values[row - 1]) else ""
            if isinstance(value, float) and shown_as(formats[style], shown(value)) not in (None, shown(value)):
                self._refuse(row, column, shown(value))

    def _refuse(self, row: int, column: int, value: str) -> None:
        text = N_("{file}: cell {cell} cannot be trusted ({value}): type what it shows, formatted as text.")
        raise ConfigurationError(text, file=self._place, cell=f"{column_letters(column)}{row}", value=value)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Row number and texts of the rows that hold something."""
        for number, values in enumerate(self._values, start=1):
            cells = [trimmed(shown(value)) for value in values]
            if any(cells):
                for column, value in enumerate(values, start=1):
                    if isinstance(value, float) and abs(value) >= EXACT_NUMBER:
                        self._refuse(number, column, shown(value))
                yield number, cells
