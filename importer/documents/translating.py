"""What a document says in the ERP's codes. Its identity and its results stay with the codes of the workbook (design §4.1 rule 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from importer.mapping import Mapping as DocumentType
from importer.models import Document, Value

__all__ = ["in_new_codes", "new_values"]


def new_values(values: Mapping[str, Value], mapping: DocumentType) -> Mapping[str, Value]:
    """Header or line as it travels."""
    tables = mapping.translations
    if tables.isdisjoint(values):
        return values
    return {name: mapping.fields[name].translated(value) if name in tables else value for name, value in values.items()}


def in_new_codes(document: Document, mapping: DocumentType) -> Document:
    """The document as it travels, before defaults; the same one where the mapping has no tables of codes."""
    if not mapping.translations:
        return document
    lines = tuple(replace(line, fields=new_values(line.fields, mapping)) for line in document.lines)
    return replace(document, header=new_values(document.header, mapping), lines=lines)
