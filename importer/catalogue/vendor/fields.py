"""The rows of a table as fields: each with its name, what the cells say of it, and whether it belongs to header or line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from importer.catalogue.vendor.cells import is_container
from importer.catalogue.vendor.tables import Context, Table, context_after, is_field_row
from importer.catalogue.vendor.words import depth_of, part_in, steps
from importer.messages import N_
from importer.models import Operation
from importer.workbook.grid import Grid, place

__all__ = ["Finding", "Place", "RawField", "Rows", "rows_of"]

ENVELOPE: Final = {
    *(
        "std_data",
        "parameter",
        "parameters",
        "payload",
        "param",
        "data_request",
        "datainfo",
        "request",
        "response",
        "body",
        "root",
        "execution",
        "result",
    ),
    *("requestcontent", "responsecontent", "document", "recordset", "record", "records", "access", "envelope"),
}
"""Names of what every message has around its document (protocol §1.3, §2)."""
HEADER_MARKS: Final = {"h", "m", "master", "header", "head", "main"}
LINE_MARKS: Final = {"d", "l", "b", "detail", "details", "line", "lines", "body"}
TITLE_CELLS: Final = 2  # a row between fields that has more of them is no title
LEVELS: Final = {"1": "header", "2": "line"}
LIST_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cell of the specification and what stands there."""

    sheet: str
    cell: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was not understood: where, and why (a text of the message catalogue)."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawField:
    """One row of a table."""

    name: str  # on the wire, or a TIPTOP column where the table has nothing else
    part: str | None  # header or line, as far as marks and nesting tell
    context: Context
    texts: Mapping[str, str]  # role -> cell text
    places: Mapping[str, Place]  # role -> where that stands; `field` always
    parents: Sequence[str] = ()  # lists around it, outermost first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a table holds."""

    fields: Sequence[RawField] = ()
    containers: Sequence[tuple[str, str | None]] = ()  # list name, and header or line where that is told
    findings: Sequence[Finding] = ()


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Goes down the rows of one table."""

    table: Table
    services: Mapping[str, Operation]
    context: Context
    open: list[tuple[int, str, str | None]] = field(default_factory=list)  # depth, name, part of the lists that are open
    containers: list[tuple[str, str | None]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bare: bool = False  # there were fields that stand in no list
    flat: bool = False  # no name is set in, so a list holds everything below it

    def read(self) -> Iterator[RawField]:
        grid = self.table.grid
        touching = True  # no blank row since the headings
        for row in range(self.table.first, self.table.last + 1):
            filled = grid.row(row)
            if not filled:
                touching = False
            elif not is_field_row(grid, row, self.table.names):
                before = self.context
                if not touching or len(filled) <= TITLE_CELLS:
                    self.context = context_after(self.context, [grid.text(row, column) for column in filled], self.services)
                if self.context == before and touching:
                    self.find(row, filled[0], N_("no field: the row has no technical name"))
            elif (found := self._field(row)) is not None:
                yield found

    def find(self, row: int, column: int, reason: str) -> None:
        """Note what was not understood."""
        self.findings.append(Finding(place=self._place(row, column), reason=reason))

    def _place(self, row: int, column: int) -> Place:
        grid = self.table.grid
        row, column = grid.origins.get((row, column), (row, column))
        return Place(sheet=grid.sheet, cell=place(row, column), value=grid.text(row, column))

    # -- one row ---------------------------------------------------------------------------------------------------

    def _field(self, row: int) -> RawField | None:
        """The field of a row; None where it names a list, whose members follow."""
        grid = self.table.grid
        column = next(column for column in self.table.names if list(steps(grid.text(row, column))))
        if grid.cells[row, column].struck:
            self.find(row, column, N_("struck through, so it was left out"))
            return None
        texts = {role: grid.seen(row, at) for role, at in self.table.columns.items() if role != "field"}
        path = list(steps(texts.get("path") or grid.text(row, column)))
        *parents, name = [*path[:-1], list(steps(grid.text(row, column)))[-1]]
        depth = self._depth(row, column, texts)
        if not self.flat:
            self._close(depth)
        if is_container(texts.get("type", "")) or self._has_deeper_row_below(row, depth, texts):
            self._open(depth, [*parents, name], " ".join([name, texts.get("label", ""), texts.get("description", "")]))
            return None
        return self._found(row, column, name, [step for step in parents if step.lower() not in ENVELOPE], texts)

    def _found(self, row: int, column: int, name: str, parents: list[str], texts: dict[str, str]) -> RawField:
        named = next((texts[role] for role in ("parent", "part") if LIST_NAME.fullmatch(texts.get(role, ""))), None)
        around = parents or ([named] if named else [found for _, found, _ in self.open])
        self.bare = self.bare or not around
        places = {role: self._place(row, at) for role, at in self.table.columns.items()}
        return RawField(
            name=name,
            part=self._part(texts, around),
            context=self.context,
            texts={**texts, "field": self.table.grid.text(row, column)},
            places={**places, "field": self._place(row, column)},
            parents=around,
        )

    def _depth(self, row: int, column: int, texts: Mapping[str, str]) -> int:
        """How far a name is set in, by column, by Excel's indent, by blanks and markers, or by a numbered level."""
        cell = self.table.grid.cells[row, column]
        level = int(texts["part"]) if texts.get("part", "").isdigit() else 0
        return level * 10_000 + self.table.names.index(column) * 1_000 + cell.indent * 50 + depth_of(cell.text)

    def _close(self, depth: int) -> None:
        while self.open and self.open[-1][0] >= depth:
            self.open.pop()

    def _has_deeper_row_below(self, row: int, depth: int, texts: Mapping[str, str]) -> bool:
        """A name without type and length whose next row is set in further is a list, whatever its type says."""
        if texts.get("type") or texts.get("length"):
            return False
        grid = self.table.grid
        for below in range(row + 1, self.table.last + 1):
            if is_field_row(grid, below, self.table.names):
                column = next(column for column in self.table.names if list(steps(grid.text(below, column))))
                texts_below = {role: grid.seen(below, at) for role, at in self.table.columns.items()}
                return self._depth(below, column, texts_below) > depth
        return False

    def _open(self, depth: int, path: list[str], about: str) -> None:
        name = path[-1]
        if name.lower() in ENVELOPE or self.context.direction == "answer":
            return
        outer = [step for step in path[:-1] if step.lower() not in ENVELOPE]
        part = part_in(about.replace("_", " ")) or ("line" if outer or self.open or self.bare else None)
        self.open.append((depth, name, part))
        self.containers.append((name, part))

    def _part(self, texts: Mapping[str, str], around: Sequence[str]) -> str | None:
        """header or line: a mark on the row, else the lists around it, else the title above."""
        if marked := _marked(texts.get("part", "")):
            return marked
        around = [name for name in around if name.lower() not in ENVELOPE]
        if around:
            told = next((part for _, name, part in reversed(self.open) if name == around[-1] and part), None)
            return told or part_in(around[-1].replace("_", " ")) or ("line" if len(around) > 1 else self.context.part or "header")
        return self.context.part or LEVELS.get(texts.get("part", ""))


def _marked(text: str) -> str | None:
    word = text.strip().lower()
    if word in HEADER_MARKS:
        return "header"
    if word in LINE_MARKS:
        return "line"
    return part_in(text.replace("_", " ")) if text else None


def rows_of(table: Table, services: Mapping[str, Operation]) -> Rows:
    """The fields of a table in their order, the lists around them, and what was not understood."""
    reader = _Reader(table=table, services=services, context=table.context, flat=_is_flat(table))
    fields = [_directed(found) for found in reader.read()]
    if table.beside is not None:
        reader.find(table.heading, table.beside, N_("a second table stands beside the first; put it below and read again"))
    named = [(found.context.container, found.context.part) for found in fields if found.context.container]
    pathed = [
        (name, found.part if last == depth else "header")
        for found in fields
        if found.context.direction != "answer"
        for last in [len(_lists(found)) - 1]
        for depth, name in enumerate(_lists(found))
    ]
    containers = list(dict.fromkeys([*reader.containers, *named, *pathed]))
    return Rows(fields=fields, containers=[(name, part) for name, part in containers if name], findings=reader.findings)


def _lists(found: RawField) -> Sequence[str]:
    return [name for name in found.parents if name.lower() not in ENVELOPE]


def _directed(found: RawField) -> RawField:
    """The row's own word on request or answer counts more than the title."""
    word = found.texts.get("direction", "")
    mark = re.fullmatch(r"(in|i|輸入|输入|request|請求)|(out|o|輸出|输出|response|回應|回傳)", word.strip().lower())
    if not mark:
        return found
    return replace(found, context=replace(found.context, direction="request" if mark.group(1) else "answer"))


def _is_flat(table: Table) -> bool:
    """Whether nothing in the table is set in: neither by column nor by indent, blanks or markers, nor by levels."""
    grid: Grid = table.grid
    depths = set()
    for row in range(table.first, table.last + 1):
        if is_field_row(grid, row, table.names):
            column = next(column for column in table.names if list(steps(grid.text(row, column))))
            level = grid.seen(row, table.columns["part"]) if "part" in table.columns else ""
            depths.add((column, grid.cells[row, column].indent, depth_of(grid.cells[row, column].text), level if level.isdigit() else ""))
    return len(depths) <= 1
