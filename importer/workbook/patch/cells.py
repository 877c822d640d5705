"""The cells of one row's XML: find them, read their text, change their style."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from importer.workbook.patch import columns
from importer.workbook.patch.scan import TAG_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.workbook.patch.scan import Row

_NUMBER = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*(\d+)""")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']\s*\$?([A-Za-z]{1,3})""")
_STYLE = re.compile(rb"""(?:^|\s)s\s*=\s*["'](\d+)["']""")
_TYPE = re.compile(rb"""(?:^|\s)t\s*=\s*["'](\w+)["']""")
_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_CUSTOM = re.compile(rb"""(?:^|\s)customFormat\s*=\s*["'](?:1|true)["']""")


class Cell(NamedTuple):
    """One `<c>`: its column, its XML, and its attributes as XML."""

    column: int  # 1-based
    raw: bytes
    attributes: bytes  # without the slash of a cell that closes itself
    inner: bytes  # between the tags


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns for one namespace prefix (mostly none, sometimes `x:`)."""

    prefix: bytes
    opening: re.Pattern[bytes]
    last: re.Pattern[bytes]
    value: re.Pattern[bytes]
    text: re.Pattern[bytes]

    @classmethod
    def of(cls, prefix: bytes) -> Grammar:
        """The grammar for `prefix`, e.g. b"" or b"x:"."""
        p = re.escape(prefix)
        return cls(
            prefix=prefix,
            opening=re.compile(rb"<" + p + rb"c(?=[\s/>])" + TAG_BODY),
            last=re.compile(rb"<" + p + rb'c r="([A-Z]{1,3})\d+"'),
            value=re.compile(rb"<" + p + rb"v(?:\s[^>]*)?>([^<]*)<"),
            text=re.compile(rb"<" + p + rb"t(?:\s[^>]*)?>([^<]*)<"),
        )

    def cells(self, row: Row) -> tuple[list[Cell], bytes]:
        """All cells in order, and what follows them inside the row (an extLst, mostly nothing)."""
        found: list[Cell] = []
        column, position = 0, row.start
        closing = b"</" + self.prefix + b"c"
        while (tag := self.opening.search(row.raw, position, row.stop)) is not None:
            attributes, inner, position = tag[1], b"", tag.end()
            if attributes.endswith(b"/"):
                attributes = attributes[:-1]
            else:
                end = row.raw.find(closing, position)
                inner, position = row.raw[position:end], row.raw.find(b">", end) + 1
            reference = _REFERENCE.search(attributes)
            column = columns.number(reference[1].decode()) if reference else column + 1
            found.append(Cell(column, row.raw[tag.start() : position], attributes, inner))
        return found, row.raw[position : row.stop]

    def last_column(self, row: Row) -> int:
        """The column of the last cell, 0 without cells; quick where cells say where they are."""
        at = row.raw.rfind(b"<" + self.prefix + b"c ", row.start, row.stop)
        match = self.last.match(row.raw, at) if at >= 0 else None
        if match:
            return columns.number(match[1].decode())
        return max((cell.column for cell in self.cells(row)[0]), default=0) if row.stop else 0

    def cut_before(self, row: Row, column: int) -> int | None:
        """Where in `row.raw` the cell of `column` begins, if that can be told quickly."""
        reference = f' r="{columns.letters(column)}'.encode()
        at = row.raw.find(reference, row.start, row.stop)
        if at < 0 or not row.raw[at + len(reference) : at + len(reference) + 1].isdigit():
            return None
        begin = row.raw.rfind(b"<" + self.prefix + b"c", row.start, at)
        tag = self.opening.match(row.raw, begin) if begin >= 0 else None
        return begin if tag and tag.end() > at else None

    def read_text(self, cell: Cell, shared: Mapping[int, str]) -> str:
        """The text of a cell; "" if it has none or is a number."""
        kind = _TYPE.search(cell.attributes)
        if kind and kind[1] == b"s":
            index = self.shared_index(cell)
            return "" if index is None else shared.get(index, "")
        pattern = self.text if kind and kind[1] == b"inlineStr" else self.value
        return unescape(b"".join(pattern.findall(cell.inner)).decode("utf-8", "replace")) if kind else ""

    def shared_index(self, cell: Cell) -> int | None:
        """Which shared string the cell shows, if it shows one."""
        kind, value = _TYPE.search(cell.attributes), self.value.search(cell.inner)
        return int(value[1]) if kind and kind[1] == b"s" and value else None

    def is_blank(self, cell: Cell) -> bool:
        """True if the cell holds a style and nothing else."""
        return not cell.inner.strip()

    def restyled(self, cell: Cell, row_number: int, style: int) -> bytes:
        """The cell's XML with that style and its place written out; as it is if that is so."""
        attributes = cell.attributes
        if style == style_of(attributes) and _REFERENCE.search(attributes):
            return cell.raw
        if not _REFERENCE.search(attributes):
            attributes = b' r="%s%d"' % (columns.letters(cell.column).encode(), row_number) + attributes
        attributes = _STYLE.sub(b"", attributes) + b' s="%d"' % style
        name = self.prefix + b"c"
        return b"<" + name + attributes + (b">" + cell.inner + b"</" + name + b">" if cell.inner else b"/>")


def style_of(attributes: bytes) -> int:
    """The `s` attribute of a cell."""
    match = _STYLE.search(attributes)
    return int(match[1]) if match else 0


def said_number(attributes: bytes) -> int | None:
    """The number that a row says it has, if it says one."""
    match = _NUMBER.search(attributes)
    return int(match[1]) if match else None


def row_number(attributes: bytes, before: int) -> int:
    """The row's number; the one after `before` where it does not say."""
    match = _NUMBER.search(attributes)
    return int(match[1]) if match else before + 1


def row_style(attributes: bytes) -> int | None:
    """The format of a row's empty cells, if it has one of its own."""
    return style_of(attributes) if _CUSTOM.search(attributes) else None


def without_spans(opening: bytes) -> bytes:
    """A row's opening tag without the hint of which columns are used, which would no longer be true."""
    return _SPANS.sub(b"", opening) if b"spans" in opening else opening
