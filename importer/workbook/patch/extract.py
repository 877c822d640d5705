"""A copy of a workbook with some of its data rows: all else stays, and what points at rows points at them where they are now.

Formulas of the sheet become the values they had, since many of them would refer to rows that are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from importer.workbook.patch import cells, columns, frame, shrink
from importer.workbook.patch.archive import Archive
from importer.workbook.patch.book import Book
from importer.workbook.patch.comments import Comments
from importer.workbook.patch.keep import Keep
from importer.workbook.patch.sheet import Sheet
from importer.workbook.patch.vml import Grid

if TYPE_CHECKING:
    from pathlib import Path

    from importer.workbook.patch.scan import Row, SheetScan

_ROW_PLACE = re.compile(rb"""\s(?:r|spans|collapsed)\s*=\s*(?:"[^"]*"|'[^']*')""")
_CELL_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*(?:"[^"]*"|'[^']*')""")
_ARRAY_MARK = re.compile(rb"""\scm\s*=\s*(?:"[^"]*"|'[^']*')""")  # of formulas that spill
_BATCH = 2_000  # rows joined before they are compressed


class Repeat(NamedTuple):
    """A cell that is filled with that of another row in its column."""

    source: int  # worksheet row
    if_empty: bool = False  # leave a cell alone that holds something


Repeats = Mapping[int, Mapping[int, Repeat]]
"""Worksheet row -> column -> what stands there."""


def extract_rows(source: Path, target: Path, *, sheet: str, label_row: int, rows: Sequence[int], repeats: Repeats) -> Keep:
    """Write `source` with only `rows` (ascending) below the header of `sheet` to `target`; says where each row has gone.

    Raises UnpatchableWorkbook if the file cannot be taken apart; then `target` is as it was.
    """
    with Archive(source) as archive:
        book = Book(archive)
        part = book.part_of(sheet)
        shrink.refuse_pivots(archive, part)
        page = Sheet(archive, part)
        found = page.scanned(lambda scan: _survey(scan, repeats))
        keep = Keep(top=label_row, rows=rows, last=max(found.last_row, label_row))
        comments = Comments(archive, book, part)
        comments.move(keep.row)
        head, tail = shrink.shrink_frame(archive, book, part, sheet, found.head + found.tail, keep)
        grid = Grid(frame.read_cols(head, found.prefix))
        link = frame.legacy_drawing(tail)
        if comments.save(grid, link) is None and link is not None:
            tail = frame.without_legacy_drawing(tail)
        shrink.shrink_neighbours(archive, book, part, sheet, keep)
        book.save()
        writer = _Writer(found, keep, repeats)
        archive.put(part, lambda: _rewritten(page.open(proven=True), writer, head, tail))
        archive.save(target)
    return keep


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the first pass over the sheet found."""

    head: bytes
    tail: bytes
    prefix: bytes
    last_row: int
    repeated: Mapping[tuple[int, int], cells.Cell]  # row, column -> cell to be repeated


def _survey(scan: SheetScan, repeats: Repeats) -> _Found:
    grammar = cells.Grammar.of(scan.prefix)
    wanted = {repeat.source for sources in repeats.values() for repeat in sources.values()}
    repeated: dict[tuple[int, int], cells.Cell] = {}
    number = 0
    for row in scan.rows():
        number = cells.row_number(row.attributes, number)
        if number in wanted:
            repeated |= {(number, cell.column): cell for cell in grammar.cells(row)[0]}
    return _Found(head=scan.head, tail=scan.tail, prefix=scan.prefix, last_row=number, repeated=repeated)


class _Writer:
    """Makes the XML of the rows that stay."""

    def __init__(self, found: _Found, keep: Keep, repeats: Repeats) -> None:
        prefix = re.escape(found.prefix)
        self._grammar = cells.Grammar.of(found.prefix)
        self._name = found.prefix + b"c"
        self._close = b"</" + found.prefix + b"row>"
        self._opening = b"<" + found.prefix + b"row"
        self._formula = re.compile(rb"<%sf(?=[\s/>])(?:[^>]*/>|.*?</%sf\s*>)" % (prefix, prefix), re.DOTALL)
        self._formula_begins = b"<" + found.prefix + b"f"
        self._placed = re.compile(rb'(<%sc r="[A-Z]{1,3})\d+(?=")' % prefix)
        self._any_cell = re.compile(rb"<%sc[\s/>]" % prefix)
        self._repeated = found.repeated
        self._keep = keep
        self._repeats = repeats

    def row(self, number: int, row: Row) -> bytes:
        """The row in its new place; nothing if it is gone."""
        new = self._keep.row(number)
        if new is None or number > self._keep.last:
            return b""
        attributes = _ROW_PLACE.sub(b"", row.attributes)
        inner = self._quickly(number, new, row)
        if inner is None:
            inner = self._slowly(number, new, row)
        return b'%s r="%d"%s>%s%s' % (self._opening, new, attributes, inner, self._close)

    def _quickly(self, number: int, new: int, row: Row) -> bytes | None:
        """The cells of a row without formulas and repeated cells, renumbered in one go; None if that is not sure."""
        inner = row.raw[row.start : row.stop]
        if self._repeats.get(number) or self._formula_begins in inner:
            return None
        renumbered, count = self._placed.subn(rb"\g<1>%d" % new, inner)
        return renumbered if count == len(self._any_cell.findall(inner)) else None

    def _slowly(self, number: int, new: int, row: Row) -> bytes:
        found, rest = self._grammar.cells(row) if row.stop else ([], b"")
        filled = {cell.column: self._cell(cell, new) for cell in found}
        held = {cell.column for cell in found if not self._grammar.is_blank(cell)}
        for column, repeat in self._repeats.get(number, {}).items():
            cell = self._repeated.get((repeat.source, column))
            if cell is not None and not (repeat.if_empty and column in held):
                filled[column] = self._cell(cell, new)
        return b"".join(filled[column] for column in sorted(filled)) + rest

    def _cell(self, cell: cells.Cell, row: int) -> bytes:
        attributes, inner = _CELL_PLACE.sub(b"", cell.attributes), cell.inner
        if self._formula.search(inner):
            attributes, inner = _ARRAY_MARK.sub(b"", attributes), self._formula.sub(b"", inner)
        opening = b'<%s r="%s%d"' % (self._name, columns.letters(cell.column).encode(), row)
        attributes = attributes if not attributes or attributes[:1].isspace() else b" " + attributes
        return opening + attributes + (b">" + inner + b"</" + self._name + b">" if inner.strip() else b"/>")


def _rewritten(scan: SheetScan, writer: _Writer, head: bytes, tail: bytes) -> Iterator[bytes]:
    batch = [head]
    number = 0
    for row in scan.rows():
        number = cells.row_number(row.attributes, number)
        batch.append(writer.row(number, row))
        if len(batch) > _BATCH:
            yield b"".join(batch)
            batch.clear()
    yield b"".join([*batch, tail])
