"""What a person changed of a document, held against the document as the ERP has it now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from importer.mapping import Field
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Line, Value
from importer.pipeline.erpvalues import Reported, same

__all__ = ["Changes", "Comparison", "arrived"]

Values = Mapping[str, Value | None]
Completed = Callable[[Document, Line], Mapping[str, Value]]
"""A new line with the mapping's defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changed header fields and lines under technical names, None for what becomes blank; lines with their line number."""

    header: Values
    lines: Sequence[Values]
    rows: Mapping[int, Collection[str]] = field(default_factory=dict)  # worksheet row of a changed line -> its changed fields
    numbers: Mapping[int, Decimal] = field(default_factory=dict)  # worksheet row -> line number in the ERP
    added: frozenset[int] = frozenset()  # worksheet rows that become new lines

    def __bool__(self) -> bool:
        return bool(self.header or self.lines)


class Comparison:
    """Compares documents of one workbook; fields without a column in it are left alone."""

    def __init__(self, mapping: DocumentType, *, seq: str, columns: Collection[str], fixed: Collection[str], completed: Completed) -> None:
        self._seq = seq
        self._header = _compared(mapping.header, columns, fixed)
        self._lines = _compared(mapping.lines, columns, ())
        self._completed = completed

    def changes(self, document: Document, found: Reported) -> Changes:
        """What an update has to change. Rows that the workbook does not have are lines left alone."""
        header = _different(self._header, document.header, found.header) if document.header else {}
        standing = {seq: line for line in found.lines if isinstance(seq := line.get(self._seq), Decimal)}
        numbers = dict(self._numbers(document, standing))
        lines: list[Values] = []
        rows: dict[int, Collection[str]] = {}
        added = set()
        for line in document.lines:
            seq = numbers[line.row]
            old = standing.get(seq)
            if old is None:
                added.add(line.row)
                new: Values = self._completed(document, line)
            elif line.fields.get(self._seq) is None:
                new = {}  # it was added before and stands there
            else:
                new = _different(self._lines, line.fields, old)
            if new:
                lines.append({self._seq: seq, **{name: value for name, value in new.items() if name != self._seq}})
                rows[line.row] = list(new)
        return Changes(header=header, lines=lines, rows=rows, numbers=numbers, added=frozenset(added))

    def _numbers(self, document: Document, standing: Mapping[Decimal, Values]) -> Iterator[tuple[int, Decimal]]:
        """The line number of every row. A row without one is a line that was added before, if one stands there that is just like it
        and that no other row is about; else a new line behind all others."""
        named = {seq for line in document.lines if isinstance(seq := line.fields.get(self._seq), Decimal)}
        free = {seq: line for seq, line in standing.items() if seq not in named}
        last = max([*named, *standing, Decimal(0)])
        for line in document.lines:
            seq = line.fields.get(self._seq)
            if not isinstance(seq, Decimal):
                alike = next((number for number, old in free.items() if self._alike(line, old)), None)
                if alike is None:
                    last += 1
                    seq = last
                else:
                    del free[alike]
                    seq = alike
            yield line.row, seq

    def _alike(self, line: Line, old: Values) -> bool:
        return all(same(value, old.get(name)) for name, value in line.fields.items() if name in self._lines)


def _compared(fields: Mapping[str, Field], columns: Collection[str], fixed: Collection[str]) -> list[str]:
    return [name for name, about in fields.items() if name in columns and not about.generated and name not in fixed]


def _different(names: Sequence[str], new: Mapping[str, Value], old: Values) -> Values:
    return {name: new.get(name) for name in names if not same(new.get(name), old.get(name))}


def arrived(changes: Changes, found: Reported, seq: str) -> bool:
    """Whether everything that was sent stands in the ERP now."""
    standing = {line.get(seq): line for line in found.lines}
    sent = [(changes.header, found.header), *((line, standing.get(line[seq])) for line in changes.lines)]
    return all(now is not None and all(same(value, now.get(name)) for name, value in values.items()) for values, now in sent)
