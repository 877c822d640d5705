"""What the reader python-calamine keeps silent about, found by searching a sheet's XML as bytes.

Error cells and formulas without a result come out of calamine as blanks, hidden rows as any others, merged ranges and number formats
not at all; and for a single cell at the far end of a sheet it takes gigabytes.
Searching for a few byte patterns in the stream costs a fifth of a second for 100,000 rows of 20 columns,
parsing the XML ten times that.
"""

from __future__ import annotations

import codecs
import itertools
import operator
import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from importer.workbook.plainrows import odd_spelling, plain_rows

__all__ = ["Place", "SheetScan", "column_number", "measure_exactly", "scan", "styled_cells"]

Place = tuple[int, int]
"""Worksheet row and column, both 1-based."""

LETTERS, DIGITS = 8, 10  # of a cell's name; more would only be a longer way to say too far
_UTF16: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
LONG_ROW: Final = 16 << 20
EXACTLY: Final = 4  # blocks that are measured exactly; most sheets are plain but for their first and last one
HEAD: Final = 4096  # of a sheet's XML; the root element and with it the namespace prefix are in there
_PREFIX: Final = re.compile(rb"<([A-Za-z_][\w.-]*:)?worksheet\b")
_REFERENCE: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_RANGE: Final = re.compile(rb"""\sref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']""")
_BOUNDS: Final = re.compile(rb"""\s(min|max)=["'](\d{1,5})["']""")
_ODD_SPELLING: Final = re.compile(rb"""(?<=[\s"'])(r|t|s|ref|hidden)\s*=\s*(["'])""")  # XML allows blanks around the equals sign
_ROW_NUMBER: Final = re.compile(rb"""\sr=["'](\d{1,7})["']""")
_NUMBERED: Final = rb"""row\s(?:[^>]*?\s)?r=["'](\d{1,9})["']"""
_VALUE: Final = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>([^<]*)<")
_HIDDEN: Final = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_CELLS: Final = re.compile(rb""" r=["']([A-Za-z]*)(\d+)["'][^>]*(?<!/)>""")
_STRING: Final = re.compile(rb"""\st=["']str["']""")


@dataclass(slots=True, kw_only=True)
class SheetScan:
    """What was found in one sheet."""

    errors: dict[Place, str] = field(default_factory=dict)  # error cell -> its text such as #N/A
    uncalculated: set[Place] = field(default_factory=set)  # cells with a formula and no result
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last of each range
    merged: list[tuple[Place, Place]] = field(default_factory=list)  # first and last cell of each range
    formats: dict[Place, str] = field(default_factory=dict)  # of numbers that may be shown as others; not of an .xlsx
    unplaced: int = 0  # cells and rows of these kinds whose XML does not say where they are
    last_row: int = 0  # that holds more than styles
    guessed: bool = False  # whether `last_row` may be another one with as many digits, where cells do not stand in their rows
    last_column: int = 26  # the same; 26 when the sheet ends anywhere before column AA
    rows_twice: set[int] = field(default_factory=set)  # numbers that several rows have
    rows: int = 0  # row elements so far


def column_number(letters: str) -> int:
    """1 for `A`, 27 for `AA`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def scan(chunks: Iterable[bytes]) -> SheetScan:
    """Search a sheet's XML."""
    found = SheetScan()
    numbers = array("Q")
    searched = 0
    for prefix, block in _blocks(chunks):
        _find_errors(block, prefix, found)
        _find_hidden_rows(block, prefix, found)
        last = _last_filled(block, prefix, found)
        plain = None if prefix else plain_rows(block)
        if plain is not None:
            numbers.extend(plain.tolist())
            found.rows += len(plain)
            continue
        _find_uncalculated(block, prefix, found)
        _find_hidden_columns(block, prefix, found)
        _find_merged(block, prefix, found)
        searched += 1
        _measure(block, prefix, last, found, exactly=searched <= EXACTLY)
        numbers.extend(int(number) for number in re.findall(rb"<" + prefix + _NUMBERED, block))
    if any(map(operator.ge, numbers, numbers[1:])):
        found.rows_twice = {number for number, count in Counter(numbers).items() if count > 1}
    return found


def styled_cells(chunks: Iterable[bytes], styles: Collection[int]) -> dict[Place, int]:
    """The cells that carry one of these styles (index of cellXfs), with it."""
    pattern: re.Pattern[bytes] | None = None
    found: dict[Place, int] = {}
    alternatives = "|".join(str(style) for style in sorted(styles)).encode()
    for prefix, block in _blocks(chunks):
        if pattern is None:
            pattern = re.compile(rb"<" + re.escape(prefix) + rb"""c\s[^>]*?\bs=["'](""" + alternatives + rb""")["'][^>]*>""")
        for match in pattern.finditer(block):
            if place := _place(match[0]):
                found[place] = int(match[1])
    return found


def _blocks(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The namespace prefix (`x:` or nothing), and the XML in blocks that end before a row begins."""
    stream = map(_plain, _in_utf8(chunks))
    buffer = b""
    for chunk in stream:
        buffer += chunk
        if len(buffer) >= HEAD:
            break
    match = _PREFIX.search(buffer)
    prefix = (match[1] or b"") if match else b""
    row = b"<" + prefix + b"row"
    for chunk in stream:
        cut = buffer.rfind(row)
        if cut > 0:
            yield prefix, buffer[:cut]
            buffer = buffer[cut:] + chunk
        elif len(buffer) > LONG_ROW:  # no row that anybody wrote is as long
            yield prefix, buffer
            buffer = chunk
        else:
            buffer += chunk
    yield prefix, buffer


def _in_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """XML in UTF-16 made UTF-8; its declaration is of no interest here."""
    stream = iter(chunks)
    first = next(stream, b"")
    encoding = next((name for start, name in _UTF16.items() if first.startswith(start)), None)
    if encoding is None:
        yield first
        yield from stream
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in itertools.chain([first], stream):
        yield decoder.decode(chunk).encode("utf-8", "replace")


def _plain(chunk: bytes) -> bytes:
    """Attributes in the usual spelling ` r="A1"`, so that the patterns here need to know no other; one cut by a chunk's end is missed."""
    wrapped = (b"\t" in chunk or b"\n" in chunk) and (b"\tr=" in chunk or b"\nr=" in chunk)
    if not wrapped and not odd_spelling(chunk):
        return chunk
    return re.sub(rb"[\t\r\n]+(r|t|s|ref|hidden)=", rb" \1=", _ODD_SPELLING.sub(rb"\1=\2", chunk))


def _place(tag: bytes) -> Place | None:
    match = _REFERENCE.search(tag)
    return (int(match[2]), column_number(match[1].decode())) if match else None


def _tag_around(block: bytes, position: int, name: bytes) -> bytes | None:
    """The start tag `<name ...>` that the position lies in; None when it lies in another one or in text."""
    start = block.rfind(b"<", 0, position)
    end = block.find(b">", position)
    tag = block[start : end + 1]
    return tag if start >= 0 and tag.startswith(name) and tag[len(name) : len(name) + 1].isspace() else None


def _positions(block: bytes, needle: bytes) -> Iterator[int]:
    position = block.find(needle)
    while position >= 0:
        yield position
        position = block.find(needle, position + len(needle))


def _find_errors(block: bytes, prefix: bytes, found: SheetScan) -> None:
    for position in [*_positions(block, b't="e"'), *(_positions(block, b"t='e'") if b"'" in block else ())]:
        tag = _tag_around(block, position, b"<" + prefix + b"c")
        if tag is None:
            continue
        if place := _place(tag):
            end = block.find(b"</" + prefix + b"c>", position)
            value = _VALUE.search(block, position, end if end >= 0 else len(block))
            found.errors[place] = value[1].decode("utf-8", "replace") if value else "#"
        else:
            found.unplaced += 1


def _find_uncalculated(block: bytes, prefix: bytes, found: SheetScan) -> None:
    cell, closing = b"<" + prefix + b"c", b"</" + prefix + b"f>"
    for position in _positions(block, b"<" + prefix + b"f"):
        if block[position + len(prefix) + 2 : position + len(prefix) + 3] not in (b">", b" ", b"/", b"\n"):
            continue
        start = block.rfind(cell, 0, position)
        tag = block[start : block.find(b">", start) + 1]
        end = block.find(b">", position)
        after = end + 1 if block[end - 1 : end] == b"/" else block.find(closing, position) + len(closing)
        if _has_result(block[after : after + 64].lstrip(), prefix, tag):
            continue
        if place := _place(tag):
            found.uncalculated.add(place)
        else:
            found.unplaced += 1


def _has_result(rest: bytes, prefix: bytes, tag: bytes) -> bool:
    """Whether a result follows the formula. An empty one is a result only of a formula that gives text."""
    name = b"<" + prefix + b"v"
    if not rest.startswith(name):
        return False
    inside = rest[len(name) :]
    empty = inside.lstrip().startswith(b"/") or inside.startswith(b"></")
    return not empty or bool(_STRING.search(tag))


def _find_hidden_rows(block: bytes, prefix: bytes, found: SheetScan) -> None:
    for position in _positions(block, b" hidden="):
        tag = _tag_around(block, position, b"<" + prefix + b"row")
        if tag and _HIDDEN.search(tag):
            if match := _ROW_NUMBER.search(tag):
                found.hidden_rows.add(int(match[1]))
            else:
                found.unplaced += 1


def _find_hidden_columns(block: bytes, prefix: bytes, found: SheetScan) -> None:
    if found.rows:
        return
    end = block.find(b"<" + prefix + b"sheetData")
    for position in _positions(block[:end], b"<" + prefix + b"col "):
        tag = block[position : block.find(b">", position) + 1]
        bounds = {name: int(number) for name, number in _BOUNDS.findall(tag)}
        if _HIDDEN.search(tag) and len(bounds) == 2:
            found.hidden_columns.append((bounds[b"min"], bounds[b"max"]))


def _find_merged(block: bytes, prefix: bytes, found: SheetScan) -> None:
    after_cells = block[max(0, block.rfind(b"<" + prefix + b"c ")) :]
    for position in _positions(after_cells, b"mergeCell "):
        if match := _RANGE.match(after_cells, after_cells.find(b" ref=", position)):
            left, top, right, bottom = match.groups()
            found.merged.append(((int(top), column_number(left.decode())), (int(bottom), column_number(right.decode()))))


def _last_filled(block: bytes, prefix: bytes, found: SheetScan) -> int | None:
    """The number of the last row of the block that has content, taken in; None when none has. It is what the row says, be it 0."""
    row = b"<" + prefix + b"row"
    content = block.rfind(b"<" + prefix + b"v")
    content = max(content, block.rfind(b"<" + prefix + b"is", max(content, 0)))
    if content < 0:
        return None
    start = block.rfind(row, 0, content)
    match = _ROW_NUMBER.search(block, start, block.find(b">", start)) if start >= 0 else None
    last = int(match[1]) if match else max(found.rows + block.count(row), found.last_row)
    found.last_row = max(found.last_row, last)
    return last


def _measure(block: bytes, prefix: bytes, last: int | None, found: SheetScan, *, exactly: bool) -> None:
    """How far the cells reach that hold something. calamine goes by what each cell says, whatever row it stands in."""
    row, opening = b"<" + prefix + b"row", b"<" + prefix + b"c"
    rows = block.count(row)
    if last is not None:
        _reach((_CELLS if exactly else _far(len(str(last)))).findall(block), found)
        found.guessed |= not exactly
        named = block.count(b' r="') + (block.count(b" r='") if b"'" in block else 0)
        if named < rows + block.count(opening):  # cells that do not say where they are stand in a row, one by one
            widths = (part.count(opening + b" ") + part.count(opening + b">") for part in block.split(row))
            found.last_column = max(found.last_column, *widths)
    found.rows += rows


def _reach(cells: Iterable[tuple[bytes, bytes]], found: SheetScan) -> None:
    """Take in the letters and numbers of cells."""
    columns, rows = (set(names) for names in zip(*cells, strict=True)) if cells else (set(), set())
    found.last_column = max([found.last_column, *(column_number(name[:LETTERS].decode().upper()) for name in columns)])
    found.last_row = max([found.last_row, *(int(number[:DIGITS]) for number in rows)])


@cache
def _far(digits: int) -> re.Pattern[bytes]:
    """Cells that hold something beyond column Z, or in a row whose number has more digits than that; few sheets have any."""
    return re.compile(rb""" r=["'](?:([A-Za-z]{2,})|[A-Za-z]?(?=\d{""" + str(digits + 1).encode() + rb"""}))(\d+)["'][^>]*(?<!/)>""")


def measure_exactly(chunks: Iterable[bytes], found: SheetScan) -> None:
    """`last_row` as it is, where `scan` has `guessed`."""
    for _, block in _blocks(chunks):
        _reach(_CELLS.findall(block), found)
