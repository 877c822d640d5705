"""Control totals: what a workbook holds per item and warehouse, and what of it has been done."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from importer import documents
from importer.mapping import Mapping as DocumentType
from importer.models import Document
from importer.workbook.results import ControlTotal

__all__ = ["Totals"]


class Totals:
    """The sums that a mapping asks for, document by document."""

    def __init__(self, mapping: DocumentType) -> None:
        self._mapping = mapping.untranslated()  # by the user's own codes, as everything in results is
        self._sums: list[dict[tuple[str, ...], list[Decimal]]] = [defaultdict(lambda: [Decimal(0), Decimal(0)]) for _ in mapping.totals]
        fields = {name for total in mapping.totals for name in (total.sum, *total.by)}
        self._as_read = not any(mapping.fields[name].default or mapping.fields[name].generated for name in fields)

    def add(self, document: Document, *, done: bool) -> None:
        """Count a document; `done` if it has reached the stage asked for."""
        if not self._mapping.totals:
            return
        header = document.header
        lines = [line.fields for line in document.lines] if self._as_read else documents.complete(document, self._mapping, {})[1]
        for spec, sums in zip(self._mapping.totals, self._sums, strict=True):
            by, summed = spec.by, spec.sum
            for line in lines:
                amount = line.get(summed)
                if isinstance(amount, Decimal):
                    pair = sums[tuple([str(line[name] if name in line else header.get(name, "")) for name in by])]
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
                sums={group: (whole, done) for group, (whole, done) in sums.items()},
            )
            for spec, sums in zip(self._mapping.totals, self._sums, strict=True)
        ]
