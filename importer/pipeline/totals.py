"""Control totals: what a workbook holds per item and warehouse, and what of it has been done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from importer import documents
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Line, Value, column_of
from importer.workbook.controls import ControlTotal

__all__ = ["Totals"]

Group = tuple[Value | None, ...]
"""The values by which is summed."""


class Totals:
    """The sums that a mapping asks for, document by document."""

    def __init__(self, mapping: DocumentType) -> None:
        self._mapping = mapping.untranslated()  # by the user's own codes, as everything in results is
        self._sums: list[dict[Group, list[Decimal]]] = [defaultdict(lambda: [Decimal(0), Decimal(0)]) for _ in mapping.totals]
        fields = {name for total in mapping.totals for name in (total.sum, *total.by)}
        self._as_read = not any(mapping.fields[name].default or mapping.fields[name].generated for name in fields)

    def add(self, document: Document, *, done: bool) -> None:
        """Count a document; `done` if it has reached the stage asked for."""
        if not self._mapping.totals:
            return
        header, lines = document.header, document.lines
        if not self._as_read:
            header, filled = documents.complete(document, self._mapping, {})
            lines = [Line(row=0, fields=fields) for fields in filled]
        for spec, sums in zip(self._mapping.totals, self._sums, strict=True):
            columns = [_filled(column_of(lines, name), header.get(name)) for name in spec.by]
            groups = zip(*columns, strict=True) if columns else [()] * len(lines)
            for amount, group in zip(column_of(lines, spec.sum), groups, strict=True):
                if isinstance(amount, Decimal):
                    pair = sums[group]
                    pair[0] += amount
                    if done:
                        pair[1] += amount

    def result(self, language: str) -> list[ControlTotal]:
        """The sums under their headings."""
        return [
            ControlTotal(
                field=spec.sum,
                by=spec.by,
                headings=[self._mapping.fields[name].label_in(language) for name in (*spec.by, spec.sum)],
                sums={_shown(group): (whole, done) for group, (whole, done) in sums.items()},
            )
            for spec, sums in zip(self._mapping.totals, self._sums, strict=True)
        ]


def _filled(column: Sequence[Value | None], above: Value | None) -> Sequence[Value | None]:
    """A column of lines, with the header's value where it is blank."""
    return column if above is None or None not in column else [above if value is None else value for value in column]


def _shown(group: Group) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in group)
