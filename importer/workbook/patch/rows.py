"""One row of the data sheet: our cells of an earlier round out, the user's cells with or without a mark, our new cells in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from importer.workbook.patch import cells, columns
from importer.workbook.patch.text import cell_body, is_risky
from importer.workbook.patch.values import STATUS_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from importer.workbook.patch.scan import Row
    from importer.workbook.patch.styles import Styles
    from importer.workbook.patch.values import ResultColumn

_OUT_OF_SIGHT = re.compile(rb"""\s(?:r|spans)\s*=\s*(?:"[^"]*"|'[^']*')""")

Ours = list[tuple[int, str]]  # column, XML of the cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where things go on the sheet."""

    name_row: int | None
    label_row: int | None
    place: int  # first of our columns
    columns: Sequence[ResultColumn]
    old: frozenset[int]  # columns of an earlier round, to be taken away
    rightmost: bool  # no cell of the user stands right of `place`
    numbered: bool  # every row says its number, so that an empty one may go


class RowWriter:
    """Makes the new XML of rows. Styles are added to the style sheet as they are needed."""

    def __init__(
        self,
        *,
        prefix: bytes,
        layout: Layout,
        styles: Styles,
        runs: Sequence[columns.Run],
        values: Mapping[int, Sequence[str | int | None]],
        marks: Mapping[int, Mapping[int, str]],
        status_severity: Mapping[int, str],
    ) -> None:
        self._grammar = cells.Grammar.of(prefix)
        self._prefix = prefix.decode()
        self._close = f"</{self._prefix}row>".encode()
        self._layout = layout
        self._styles = styles
        self._runs = runs
        self._values = values
        self._marks = marks
        self._status_severity = status_severity
        self._places = range(layout.place, layout.place + len(layout.columns))
        self._openings = [f'<{self._prefix}c r="{columns.letters(column)}' for column in self._places]
        self._status = next((p for p, column in zip(self._places, layout.columns, strict=True) if column.name == STATUS_NAME), layout.place)
        self._tail = lru_cache(maxsize=16_384)(self._make_tail)
        self._first_old = min(layout.old, default=0)
        old_looks = b"|".join(b"%d" % index for index in styles.remembered)
        self._old_mark = re.compile(rb"""\ss\s*=\s*["'](?:%s)["']""" % old_looks) if old_looks else None

    def created(self, number: int) -> bytes:
        """A row that the source does not have; nothing if it would be empty."""
        filled = self._merged(self._marked_blanks(number, {}, None), self._ours(number))
        return f'<{self._prefix}row r="{number}">'.encode() + filled + self._close if filled else b""

    def rewritten(self, number: int, row: Row) -> bytes:
        """The row's new XML; the source's bytes if nothing is to change."""
        stop = self._quick_stop(number, row)
        if stop is None:
            return self._slow(number, row, self._ours(number))
        added = "".join([xml for _, xml in self._ours(number)])
        if stop == row.stop and not added:
            return row.raw
        return self._framed(row, row.raw[row.start : stop] + added.encode())

    def _quick_stop(self, number: int, row: Row) -> int | None:
        """Where the user's cells end, if none of them changes and ours just follow; None if that is not sure."""
        if number in self._marks or not self._layout.rightmost or b"extLst" in row.raw:
            return None
        if self._old_mark and self._old_mark.search(row.raw):
            return None
        if not self._first_old or self._grammar.last_column(row) < self._first_old:
            return row.stop
        stop = self._grammar.cut_before(row, self._first_old)
        return None if stop == row.start else stop  # a row left empty may have to go

    def _slow(self, number: int, row: Row, ours: Ours) -> bytes:
        found, rest = self._grammar.cells(row)
        kept = {}
        for cell in found:
            xml = None if cell.column in self._layout.old else self._kept(number, row, cell)
            if xml is not None:
                kept[cell.column] = xml
        kept.update(self._marked_blanks(number, kept, row))
        filled = self._merged(kept, ours) + rest.strip()
        if not filled and found and self._layout.numbered and not _OUT_OF_SIGHT.sub(b"", b" " + row.attributes).strip():
            return b""
        return self._framed(row, filled)

    def _kept(self, number: int, row: Row, cell: cells.Cell) -> bytes | None:
        """A cell of the user; None if it was made for a mark that is gone."""
        style = cells.style_of(cell.attributes)
        own = self._styles.remembered.get(style, style)
        severity = self._marks.get(number, {}).get(cell.column)
        if severity:
            own = self._styles.marked(own, severity)
        elif own != style and self._grammar.is_blank(cell) and own == self._inherited(row, cell.column):
            return None
        return self._grammar.restyled(cell, number, own)

    def _marked_blanks(self, number: int, kept: Mapping[int, bytes], row: Row | None) -> dict[int, bytes]:
        """Cells for marks where the sheet has none."""
        made = {}
        for column, severity in self._marks.get(number, {}).items():
            if column not in kept:
                style = self._styles.marked(self._inherited(row, column), severity)
                made[column] = f'<{self._prefix}c r="{columns.letters(column)}{number}" s="{style}"/>'.encode()
        return made

    def _merged(self, kept: Mapping[int, bytes], ours: Ours) -> bytes:
        together = {**kept, **{column: xml.encode() for column, xml in ours}}
        return b"".join(together[column] for column in sorted(together))

    def _inherited(self, row: Row | None, column: int) -> int:
        """The format of an empty cell: its row's, else its column's, else the default."""
        own = cells.row_style(row.attributes) if row else None
        if own is not None:
            return own
        return next((int(run.get("style") or 0) for run in self._runs if run.first <= column <= run.last), 0)

    def _framed(self, row: Row, filled: bytes) -> bytes:
        opening = row.raw[: row.start] if row.stop else row.raw[: row.raw.rindex(b"/")] + b">"
        return cells.without_spans(opening) + filled + self._close

    def _ours(self, number: int) -> Ours:
        if number == self._layout.label_row:
            return self._header(number, [column.label for column in self._layout.columns], label=True)
        if number == self._layout.name_row:
            return self._header(number, [column.name for column in self._layout.columns], label=False)
        values = self._values.get(number)
        return [] if values is None else self._result(number, values)

    def _header(self, number: int, texts: Sequence[str], *, label: bool) -> Ours:
        style = self._styles.plain(header=True) if label else self._styles.plain()
        tails = [f'" s="{style}"{cell_body(text, self._prefix)}' for text in texts]
        return [(p, f"{opening}{number}{tail}") for p, opening, tail in zip(self._places, self._openings, tails, strict=True)]

    def _result(self, number: int, values: Sequence[str | int | None]) -> Ours:
        severity = self._status_severity.get(number)
        tail, status = self._tail, self._status
        return [
            (column, f"{opening}{number}{tail(value, severity if column == status else None)}")
            for column, opening, value in zip(self._places, self._openings, values, strict=True)
            if value is not None or (severity and column == status)
        ]

    def _make_tail(self, value: str | int | None, severity: str | None) -> str:
        """A result cell's XML from the quote after its place on."""
        style = self._styles.plain(severity=severity, quoted=isinstance(value, str) and is_risky(value))
        look = f' s="{style}"' if style else ""
        return f'"{look}{"/>" if value is None else cell_body(value, self._prefix)}'
