"""What the mappings at hand already know: names, labels, lists of codes. A vendor uses the same words for the next document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from importer.mapping import Field, Labels
from importer.mapping import Mapping as DocumentType
from importer.models import Operation

__all__ = ["Known"]


class Known:
    """The vocabulary of several mappings. A name that they use differently counts as the first of them has it."""

    def __init__(self, mappings: Sequence[DocumentType]) -> None:
        self._mappings = mappings

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], tuple[str, Field]]:
        """Wire name or column, header or line -> technical name, field."""
        found: dict[tuple[str, str], tuple[str, Field]] = {}
        for mapping in self._mappings:
            for name, field in mapping.fields.items():
                part = "header" if name in mapping.header else "line"
                for word in (field.standard or name, field.column):
                    if word:
                        found.setdefault((word, part), (name, field))
        return found

    def _field(self, name: str, column: str, part: str) -> tuple[str, Field] | None:
        other = "line" if part == "header" else "header"
        keys = [(word, where) for where in (part, other) for word in (column, name)]
        return next((self._by_name[key] for key in keys if key in self._by_name), None)

    def part(self, name: str, column: str) -> str | None:
        """header or line, where every mapping that has the column or the name agrees."""
        for word in (column, name):
            parts = [part for part in ("header", "line") if (word, part) in self._by_name]
            if len(parts) == 1:
                return parts[0]
        return None

    def name(self, column: str, part: str) -> str | None:
        """The technical name of a column."""
        found = self._by_name.get((column, part))
        return found[0] if found else None

    def label(self, name: str, column: str, part: str) -> Labels:
        """The labels of a field; empty where no mapping has it."""
        found = self._field(name, column, part)
        return dict(found[1].label) if found else {}

    def lookup(self, name: str, column: str, part: str) -> str | None:
        """The list of codes of a field."""
        found = self._field(name, column, part)
        return found[1].lookup if found else None

    @property
    def doc_nos(self) -> set[str]:
        """Wire names of the document number."""
        return {mapping.standard.doc_no for mapping in self._mappings if mapping.standard}

    @property
    def slip_types(self) -> set[str]:
        """Wire names and columns of the slip type."""
        names = {mapping.standard.doc_type_no for mapping in self._mappings if mapping.standard}
        return names | {mapping.custom.number for mapping in self._mappings if mapping.custom}

    @property
    def suffixes(self) -> Mapping[str, Operation]:
        """Service name after its prefix -> operation."""
        found: dict[str, Operation] = {}
        for mapping in self._mappings:
            for operation, suffix in mapping.standard.operations.items() if mapping.standard else ():
                found.setdefault(suffix.lower(), operation)
        return found

    @property
    def operations(self) -> Mapping[Operation, str]:
        """Operation -> its usual suffix."""
        found: dict[Operation, str] = {}
        for suffix, operation in self.suffixes.items():
            found.setdefault(operation, suffix)
        return found
