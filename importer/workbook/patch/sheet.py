"""The data sheet: surveyed in one pass, rewritten in a second, row by row; never in memory as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from lxml import etree

from importer.workbook.patch import cells, columns, frame
from importer.workbook.patch.scan import NotPlain, SheetScan, plain_xml
from importer.workbook.patch.values import REFERENCE_NAME, RESULT_PREFIX, UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from importer.workbook.patch.archive import Archive
    from importer.workbook.patch.rows import RowWriter

T = TypeVar("T")
_BATCH = 2_000  # rows joined before they are compressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a pass over the sheet found; the columns of an earlier round do not count as used."""

    head: bytes  # XML up to the rows
    tail: bytes  # XML after them
    prefix: bytes  # namespace prefix with colon, mostly b""
    last_column: int  # last column with a cell, a width or a merge
    last_cell: int  # last column with a cell
    last_row: int  # last row with a cell
    missing: tuple[int, ...]  # needed rows that have no XML, ascending
    numbered: bool  # every row says its number


class Sheet:
    """A worksheet part of the source."""

    prefix: bytes  # namespace prefix with colon, mostly b""

    def __init__(self, archive: Archive, part: str) -> None:
        self._archive = archive
        self._part = part
        self._plain = True
        self.prefix = self.scanned(lambda scan: scan.prefix)

    def header(self, numbers: Collection[int]) -> dict[int, list[cells.Cell]]:
        """The cells of the rows with those numbers; reads no further than the last of them."""
        return self.scanned(lambda scan: _header(scan, numbers))

    def survey(self, needed: Collection[int], old: Collection[int]) -> Survey:
        """One pass: `needed` are the rows that will get cells, `old` the columns of an earlier round."""
        return self.scanned(lambda scan: _survey(scan, set(needed), frozenset(old)))

    def rewritten(self, survey: Survey, writer: RowWriter, head: bytes, tail: bytes) -> Iterator[bytes]:
        """The new part in pieces, after `survey`."""
        batch = [head]
        missing = list(reversed(survey.missing))
        number = 0
        for row in self.open(proven=True).rows():
            number = cells.row_number(row.attributes, number)
            while missing and missing[-1] < number:
                batch.append(writer.created(missing.pop()))
            batch.append(writer.rewritten(number, row))
            if len(batch) > _BATCH:
                yield b"".join(batch)
                batch.clear()
        batch += [writer.created(number) for number in reversed(missing)]
        yield b"".join([*batch, tail])

    def scanned(self, use: Callable[[SheetScan], T]) -> T:
        """What `use` makes of a pass over the part."""
        try:
            return use(self.open())
        except NotPlain:
            self._plain = False
            return use(self.open())

    def open(self, *, proven: bool = False) -> SheetScan:
        """A new pass over the part; `proven` after one that went to its end."""
        chunks = self._archive.chunks(self._part)
        return SheetScan(chunks if self._plain else plain_xml(chunks), proven=proven)


def earlier_columns(archive: Archive, strings_part: str | None, names: list[cells.Cell], prefix: bytes) -> frozenset[int]:
    """The columns of an earlier round, by the technical names in a row of cells."""
    grammar = cells.Grammar.of(prefix)
    wanted = {index for cell in names if (index := grammar.shared_index(cell)) is not None}
    shared = _shared_strings(archive, strings_part, wanted) if strings_part and wanted else {}
    texts = {cell.column: grammar.read_text(cell, shared).strip() for cell in names}
    return frozenset(column for column, text in texts.items() if text == REFERENCE_NAME or text.startswith(RESULT_PREFIX))


def _header(scan: SheetScan, numbers: Collection[int]) -> dict[int, list[cells.Cell]]:
    grammar = cells.Grammar.of(scan.prefix)
    found: dict[int, list[cells.Cell]] = {}
    number = 0
    for row in scan.rows():
        number = cells.row_number(row.attributes, number)
        if number in numbers:
            found[number] = grammar.cells(row)[0]
        if number >= max(numbers):
            break
    return found


def _survey(scan: SheetScan, needed: set[int], old: frozenset[int]) -> Survey:
    grammar = cells.Grammar.of(scan.prefix)
    number = last_row = last_column = 0
    numbered = True
    for row in scan.rows():
        said = cells.said_number(row.attributes)
        numbered = numbered and said is not None
        number = number + 1 if said is None else said
        needed.discard(number)
        column = grammar.last_column(row)
        if column and (column not in old or grammar.cut_before(row, min(old)) != row.start):
            last_row = max(last_row, number)
        if column > last_column and column not in old:
            last_column = column
    runs = frame.read_cols(scan.head, scan.prefix)
    used = max(last_column, columns.last_used(runs, old), frame.last_merged_column(scan.tail))
    if old and used < max(old):
        used, last_column = max(used, min(old) - 1), max(last_column, min(old) - 1)
    return Survey(
        head=scan.head,
        tail=scan.tail,
        prefix=scan.prefix,
        last_column=used,
        last_cell=last_column,
        last_row=last_row,
        missing=tuple(sorted(needed)),
        numbered=numbered,
    )


def _shared_strings(archive: Archive, part: str, wanted: Collection[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    with archive.open(part) as stream:
        events = etree.iterparse(stream, events=("end",), tag="{*}si", resolve_entities=False, no_network=True, load_dtd=False)
        try:
            for index, (_, item) in enumerate(events):
                if index in wanted:
                    found[index] = "".join(t.text or "" for t in item.iter("{*}t"))
                item.clear()
                if index >= max(wanted):
                    break
        except etree.XMLSyntaxError as error:
            raise UnpatchableWorkbook("part {part} is damaged", part=part) from error
    return found
