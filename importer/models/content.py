"""A document as the workbook has it: its header, its lines, and the form in which it is stored."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar, overload

__all__ = ["Document", "Line", "Lines", "SheetLines", "StoredLines", "Value", "column_of", "pack", "picked", "unpack"]

Value = str | Decimal | date
"""A typed cell value; a blank cell has none."""
_Stored = str | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a document and the worksheet row it came from."""

    row: int
    fields: Mapping[str, Value]


class Lines(Sequence[Line], ABC):
    """The lines of a document, each of which is made when it is asked for.

    Few are, and 100,000 of them take a quarter of a second and 40 MB.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def rows(self) -> Sequence[int]:
        """The worksheet row of each line."""

    @abstractmethod
    def column(self, name: str) -> Sequence[Value | None]:
        """The value of a field in each line, None where it is blank."""

    @abstractmethod
    def _line(self, at: int) -> Line: ...

    @abstractmethod
    def _cut(self, part: slice) -> Lines: ...

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Lines: ...
    def __getitem__(self, index: int | slice) -> Line | Lines:
        return self._cut(index) if isinstance(index, slice) else self._line(index)

    def __iter__(self) -> Iterator[Line]:
        return map(self._line, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of any sequence of mappings

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)!r})"


class SheetLines(Lines):
    """Out of a sheet whose columns are at hand."""

    __slots__ = ("_columns", "_positions", "_rows")

    def __init__(self, rows: Sequence[int], columns: Mapping[str, Sequence[Value | None]], positions: Sequence[int]) -> None:
        """`rows` are the worksheet rows and `columns` the values (None: blank) of the whole sheet, `positions` those of the lines."""
        self._rows = rows
        self._columns = columns
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    def _line(self, at: int) -> Line:
        position = self._positions[at]
        values = ((name, column[position]) for name, column in self._columns.items())
        return Line(row=self._rows[position], fields={name: value for name, value in values if value is not None})

    def _cut(self, part: slice) -> SheetLines:
        return SheetLines(self._rows, self._columns, self._positions[part])

    def __iter__(self) -> Iterator[Line]:
        names = tuple(self._columns)
        lines = zip(*(picked(column, self._positions) for column in self._columns.values()), strict=True) if names else [()] * len(self)
        for row, values in zip(self.rows, lines, strict=True):
            yield Line(row=row, fields={name: value for name, value in zip(names, values, strict=True) if value is not None})

    @property
    def rows(self) -> Sequence[int]:
        return picked(self._rows, self._positions)

    def column(self, name: str) -> Sequence[Value | None]:
        column = self._columns.get(name)
        return [None] * len(self) if column is None else picked(column, self._positions)


class StoredLines(Lines):
    """Out of what `pack` stored of them."""

    __slots__ = ("_stored",)

    def __init__(self, stored: Sequence[tuple[int, Mapping[str, _Stored]]]) -> None:
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored)

    def _line(self, at: int) -> Line:
        row, fields = self._stored[at]
        return Line(row=row, fields=_read_fields(fields))

    def _cut(self, part: slice) -> StoredLines:
        return StoredLines(self._stored[part])

    @property
    def rows(self) -> Sequence[int]:
        return [row for row, _ in self._stored]

    def column(self, name: str) -> Sequence[Value | None]:
        return [_read(fields[name]) if name in fields else None for _, fields in self._stored]


def column_of(lines: Sequence[Line], name: str) -> Sequence[Value | None]:
    """The value of a field in each line, None where it is blank."""
    return lines.column(name) if isinstance(lines, Lines) else [line.fields.get(name) for line in lines]


Item = TypeVar("Item")


def picked(column: Sequence[Item], positions: Sequence[int]) -> Sequence[Item]:
    """The items at these positions; at once where they are a range."""
    if isinstance(positions, range) and positions.step == 1:
        return column[positions.start : positions.stop]
    return [column[position] for position in positions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as the workbook has it: typed values as read, before defaults and translation."""

    document_type: str
    key: str  # the user's own grouping value, as shown to people
    header: Mapping[str, Value]
    lines: Sequence[Line]
    digest: str  # of the content, see documents.digest
    occurrence: int  # 1 for the first of several identical documents of the workbook
    token: str  # our reference in the ERP, 16 characters A-Z2-7
    repeat_mark: str = ""  # normalised reason of --again, and the numbers of undone predecessors
    part: int = 1  # number of this part when a long document was split
    parts: int = 1
    ref: str = ""  # the `_ref` cell that the rows carried, if any

    @property
    def rows(self) -> Iterator[int]:
        """The worksheet rows of the lines, in order."""
        return iter(self.lines.rows) if isinstance(self.lines, Lines) else (line.row for line in self.lines)

    def identified(self, occurrence: int, repeat_mark: str, token: str) -> Document:
        """The same document with its identity; `dataclasses.replace` takes three times as long, which 100,000 of them show."""
        return Document(
            document_type=self.document_type,
            key=self.key,
            header=self.header,
            lines=self.lines,
            digest=self.digest,
            occurrence=occurrence,
            token=token,
            repeat_mark=repeat_mark,
            part=self.part,
            parts=self.parts,
            ref=self.ref,
        )


# -- storage form of a document's content ----------------------------------------------------------------------------


def _read(stored: _Stored) -> Value:
    if isinstance(stored, str):
        return stored
    kind, text = stored
    return Decimal(text) if kind == "d" else date.fromisoformat(text)


def _read_fields(stored: Mapping[str, _Stored]) -> dict[str, Value]:
    return {name: item if type(item) is str else _read(item) for name, item in stored.items()}


def _packed(value: object) -> list[str]:
    if isinstance(value, Decimal):
        return ["d", str(value)]
    raise TypeError(f"no storage form for {type(value).__name__}")


def pack(document: Document) -> bytes:
    """Header and lines of a document as JSON: text as itself, Decimal as ["d", text], date as ["t", ISO text]."""
    import orjson

    def fields(values: Mapping[str, Value]) -> dict[str, object]:
        return {name: ["t", value.isoformat()] if isinstance(value, date) else value for name, value in values.items()}

    content = {
        "header": fields(document.header),
        "lines": [[line.row, fields(line.fields)] for line in document.lines],
        "part": document.part,
        "parts": document.parts,
        "ref": document.ref,
    }
    return orjson.dumps(content, default=_packed)


def unpack(content: bytes, *, document_type: str, key: str, digest: str, occurrence: int, token: str, repeat_mark: str) -> Document:
    """The document again, from `pack`'s JSON and the identity that is stored beside it."""
    import orjson

    found = orjson.loads(content)
    return Document(
        document_type=document_type,
        key=key,
        header=_read_fields(found["header"]),
        lines=StoredLines(found["lines"]),
        digest=digest,
        occurrence=occurrence,
        token=token,
        repeat_mark=repeat_mark,
        part=found["part"],
        parts=found["parts"],
        ref=found["ref"],
    )
