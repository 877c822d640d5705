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
    def _by_name(self) -> dict[str, tuple[str, Field]]:
        """Wire name or column -> technical name, field."""
        found: dict[str, tuple[str, Field]] = {}
        for mapping in self._mappings:
            for name, field in mapping.fields.items():
                for word in (field.standard or name, field.column):
                    if word:
                        found.setdefault(word, (name, field))
        return found

    @cached_property
    def _parts(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for mapping in self._mappings:
            for name, field in mapping.fields.items():
                for word in (field.standard or name, field.column or ""):
                    found.setdefault(word, set()).add("header" if name in mapping.header else "line")
        return found

    def part(self, name: str, column: str) -> str | None:
        """header or line, where every mapping that has the column or the name agrees."""
        for word in (column, name):
            parts = self._parts.get(word, set()) if word else set()
            if len(parts) == 1:
                return next(iter(parts))
        return None

    def name(self, column: str, part: str) -> str | None:
        """The technical name of a column."""
        found = self._by_name.get(column)
        return found[0] if found and part in self._parts.get(column, set()) else None

    def label(self, name: str, column: str) -> Labels:
        """The labels of a field; empty where no mapping has it."""
        found = self._by_name.get(column) or self._by_name.get(name)
        return dict(found[1].label) if found else {}

    def lookup(self, name: str, column: str) -> str | None:
        """The list of codes of a field."""
        found = self._by_name.get(column) or self._by_name.get(name)
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
