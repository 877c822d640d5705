"""The cells below the header as a table of our fields, with every cell reported that cannot be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from importer.fieldtypes import UNREADABLE, shown, trimmed
from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY
from importer.mapping import Mapping as DocumentType
from importer.models import Issue, column_letters
from importer.workbook.header import Header
from importer.workbook.numberformats import shown_as, shown_number
from importer.workbook.sheetscan import Place, SheetScan

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Styles", "Table", "named"]

EXACT_NUMBER: Final = 10.0**15  # from here on a stored number has lost digits
SAMPLE: Final = 100  # cells that tell how full a column is
NAMED: Final = 20  # rows or names that a message spells out

Styles = Callable[[], Mapping[Place, str]]
"""Asked only when a code was typed as a number: cell -> number format that may show more than is stored."""


@dataclass(slots=True, kw_only=True)
class Table:
    """Our columns while they are being checked; the first cell of each is in the row below the labels."""

    sheet: str
    header: Header
    columns: Mapping[str, list[Any]]  # field -> its cells, None for blank; all of one length
    issues: list[Issue] = field(default_factory=list)

    @classmethod
    def of(cls, sheet: str, header: Header, rows: Sequence[Sequence[Any]], scan: SheetScan) -> Table:
        """From the sheet's cells as calamine has them, '' for blank; rows that only the scan knows are added."""
        data = rows[header.label_row :]
        places = [(name, place.column - 1) for name, place in header.columns.items()]
        columns = {name: _column(data, at) for name, at in places}
        last = max((row for row, _ in [*scan.errors, *scan.uncalculated]), default=0)
        missing = last - header.label_row - len(data)
        return cls(sheet=sheet, header=header, columns={name: column + [None] * missing for name, column in columns.items()})

    def mark_scanned(self, scan: SheetScan) -> None:
        """Cells that came out blank and are not: error values, formulas that nobody calculated."""
        for (row, column), text in scan.errors.items():
            self._mark_place(row, column, "error_cell", text, scan)
        for row, column in scan.uncalculated:
            self._mark_place(row, column, "formula_without_value", "", scan)
        rows = set(map(self._row, self._filled())) if scan.rows_twice else set()
        for row in sorted(rows.intersection(scan.rows_twice)):
            self.issues.append(issue("row_twice", sheet=self.sheet, row=row))
        if scan.unplaced:
            self.issues.append(issue("cells_without_address", sheet=self.sheet))

    def _mark_place(self, row: int, column: int, code: str, value: str, scan: SheetScan) -> None:
        names = [name for name in self.columns if self.header.columns[name].column == column]
        if names and row > self.header.label_row and row not in scan.hidden_rows:
            self._mark(names[0], row, code, value=value)

    def mark_numbers(self, mapping: DocumentType, styles: Styles) -> None:
        """Numbers whose digits are lost, and cells that show something else than is stored."""
        numbers = {name: found for name, column in self.columns.items() if (found := _numbers_in(column))}
        for name, found in numbers.items():
            if not -EXACT_NUMBER < min(found) <= max(found) < EXACT_NUMBER:
                for row, number in self._finite(name):
                    if abs(number) >= EXACT_NUMBER:
                        self._mark(name, row, "number_too_long", value=shown(number))
        judges = {"code": self._mark_hiding, "text": self._mark_hiding}
        judges |= {"decimal": self._warn_of_other_numbers, "integer": self._warn_of_other_numbers}
        judged = {name: judge for name in numbers if name in mapping.columns and (judge := judges.get(mapping.columns[name].type))}
        formats = styles() if judged else {}
        for name, judge in judged.items() if formats else ():
            judge(name, formats)

    def _finite(self, name: str) -> list[tuple[int, float]]:
        """Row and number of each cell of a column that holds one; a list, as cells may be marked meanwhile."""
        cells = enumerate(self.columns[name])
        return [(self._row(index), cell) for index, cell in cells if _is_number(cell) and math.isfinite(cell)]

    def _mark_hiding(self, name: str, styles: Mapping[Place, str]) -> None:
        for row, number in self._finite(name):
            code = styles.get((row, self.header.columns[name].column))
            value = shown(number)
            text = shown_as(code, value) if code is not None else None
            if text is not None and text != value:
                self._mark(name, row, "number_format_hides", value=value, shown=text)

    def _warn_of_other_numbers(self, name: str, styles: Mapping[Place, str]) -> None:
        for row, number in self._finite(name):
            code = styles.get((row, self.header.columns[name].column))
            text = shown_number(code, Decimal(shown(number))) if code is not None else None
            if text is not None and number != 0:
                self._report(name, row, "number_shown_otherwise", value=shown(number), shown=text)

    # -- merged cells ------------------------------------------------------------------------------------------------

    def mark_merged(self, mapping: DocumentType, cells: Sequence[Sequence[Any]], scan: SheetScan) -> None:
        """A merged range has its value in its first cell alone.

        Over the rows of a header field it means all of them; over lines, or over several columns, nobody knows what it means.
        `cells` are those of the whole sheet.
        """
        ranges = [found for found in dict.fromkeys(scan.merged) if found[1][0] > self.header.label_row]
        if not ranges:
            return
        filled = {row for row in map(self._row, self._filled()) if row not in scan.hidden_rows}
        columns = {place.column: name for name, place in self.header.columns.items()}
        of_documents = {DOC_KEY, *mapping.header}
        for first, last in ranges:
            row = first[0] - 1
            value = cells[row][first[1] - 1] if row < len(cells) and first[1] <= len(cells[row]) else ""
            names = [columns[column] for column in sorted(columns) if first[1] <= column <= last[1]]
            rows = sorted(filled.intersection(range(max(first[0], self.header.label_row + 1), min(last[0], len(cells)) + 1)))
            if not rows or not names or _is_blank(value) or (len(rows) == 1 and len(names) == 1 and columns.get(first[1]) == names[0]):
                continue
            if len(names) == 1 and columns.get(first[1]) == names[0] and names[0] in of_documents:
                for covered in rows:
                    self._set(names[0], covered, self._get(names[0], rows[0]) if rows[0] == first[0] else value)
                continue
            where = f"{column_letters(first[1])}{first[0]}:{column_letters(last[1])}{last[0]}"
            for name in names:
                if self._get(name, rows[0]) is not UNREADABLE:
                    self._mark(name, rows[0], "cells_merged", value=shown(value), range=where)
                for covered in rows:
                    self._set(name, covered, UNREADABLE)

    def _get(self, name: str, row: int) -> Any:
        return self.columns[name][row - self.header.label_row - 1]

    def _set(self, name: str, row: int, value: Any) -> None:
        self.columns[name][row - self.header.label_row - 1] = value

    # -- what all of them do -----------------------------------------------------------------------------------------

    def _mark(self, name: str, row: int, code: str, *, value: str, **values: Any) -> None:
        self._set(name, row, UNREADABLE)
        self._report(name, row, code, value=value, **values)

    def _report(self, name: str, row: int, code: str, *, value: str, **values: Any) -> None:
        place = self.header.columns[name]
        found = issue(code, sheet=self.sheet, row=row, column=place.column, header=place.header, field=name, value=value, **values)
        self.issues.append(found)

    def _row(self, index: int) -> int:
        """Worksheet row of a position in the columns."""
        return index + self.header.label_row + 1

    def frame(self, hidden_rows: set[int]) -> pd.DataFrame:
        """The rows that hold data: object columns by field, index = worksheet row. Blank and hidden rows are none."""
        import numpy as np
        import pandas as pd

        kept = self._without_hidden(self._filled(), hidden_rows)
        if not kept:
            self.issues.append(issue("no_rows", sheet=self.sheet))
        rows = pd.Index(np.fromiter(kept, "int64", len(kept)) + self._row(0), name="row")
        arrays = {}
        for name, column in self.columns.items():
            arrays[name] = np.empty(len(kept), object)
            arrays[name][:] = column if len(kept) == self._length else [column[index] for index in kept]
        return pd.DataFrame(arrays, index=rows, dtype=object, copy=False)

    @property
    def _length(self) -> int:
        return max(map(len, self.columns.values()), default=0)

    def _filled(self) -> Sequence[int]:
        """Which rows hold more than blanks that nobody sees."""
        open_rows: Sequence[int] = range(self._length)
        step = max(1, self._length // SAMPLE)
        for column in sorted(self.columns.values(), key=lambda cells: cells[::step].count(None)):  # the fullest first leaves the fewest
            blank = {cell for cell in set(column) if _is_blank(cell)}
            open_rows = [index for index in open_rows if column[index] in blank] if blank else ()
            if not open_rows:
                break
        nothing = set(open_rows)
        return [index for index in range(self._length) if index not in nothing] if nothing else range(self._length)

    def _without_hidden(self, indexes: Sequence[int], hidden_rows: set[int]) -> Sequence[int]:
        rows = [row for row in map(self._row, indexes) if row in hidden_rows] if hidden_rows else []
        if not rows:
            return indexes
        self.issues.append(issue("rows_hidden", sheet=self.sheet, row=rows[0], count=len(rows), rows=named(rows)))
        return [index for index in indexes if self._row(index) not in hidden_rows]


def _column(rows: Sequence[Sequence[Any]], at: int) -> list[Any]:
    """The cells of one column, None for blank."""
    column = list(map(itemgetter(at), rows))
    blank = column.count("")
    if blank == len(column):
        return [None] * blank
    return [None if cell == "" else cell for cell in column] if blank else column


def _is_number(cell: object) -> bool:
    return type(cell) in (float, int)  # of an .xls some numbers are int; a truth value is none


def _numbers_in(column: Sequence[Any]) -> list[float]:
    kinds = set(map(type, column))
    return [cell for cell in column if _is_number(cell)] if not kinds.isdisjoint((float, int)) else []


def named(things: Sequence[int] | Sequence[str]) -> list[int | str]:
    """Row numbers or names as a message spells them out: the first ones."""
    return [*things[:NAMED], *(["…"] if len(things) > NAMED else [])]


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not trimmed(cell))
