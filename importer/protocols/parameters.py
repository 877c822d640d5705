"""What the ten operations ask for: the `parameter` of a request on the standard channel (protocol §2.4, §9).

The values are plain: text, Decimal, date, and lists and tables of them; JSON and XML each write them in their own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from importer.mapping import Mapping as DocumentType
from importer.mapping import Standard
from importer.models import Value
from importer.settings import Wire

__all__ = ["Condition", "create", "keys", "query", "slip_type_field", "standard_part", "wire_names"]

Parameter = dict[str, Any]
Condition = Mapping[str, Any]
"""`{field_name, operator, value}`, or a group `{operator: "and"|"or", fields: [Condition, ...]}`."""


def standard_part(mapping: DocumentType) -> Standard:
    """The mapping's standard section; the caller has made sure that the route needs it and it is there."""
    if mapping.standard is None:
        raise LookupError(f"{mapping.document_type} has no standard channel")
    return mapping.standard


def wire_names(mapping: DocumentType) -> dict[str, str]:
    """Technical name -> name on the standard channel."""
    return {name: field.standard or name for name, field in mapping.fields.items()}


def slip_type_field(mapping: DocumentType) -> str | None:
    """The header field that is the slip type on the wire; None where the document type has none."""
    wanted = standard_part(mapping).doc_type_no
    return next((name for name, field in mapping.header.items() if (field.standard or name) == wanted), None)


def create(mapping: DocumentType, header: Mapping[str, Value], lines: Sequence[Mapping[str, Value]]) -> Parameter:
    """One document with its lines; the number is not sent, the ERP assigns it."""
    part, names = standard_part(mapping), wire_names(mapping)
    document: dict[str, Any] = {names[name]: value for name, value in header.items()}
    document[part.line_list] = [{names[name]: value for name, value in line.items()} for line in lines]
    return {part.header_list: [document]}


def keys(mapping: DocumentType, wire: Wire, *, doc_type_no: str, doc_no: str, header: Mapping[str, Value] = {}) -> Parameter:
    """The key of one document, for read details, delete, approve, disapprove, post, dispost and invalid."""
    part = standard_part(mapping)
    key: dict[str, Any] = {}
    if wire.key_fields != "doc_no" and doc_type_no:
        key[part.doc_type_no] = doc_type_no
    if wire.key_fields != "doc_type_no":
        key[part.doc_no] = doc_no
    key.update({name: header[field] for name, field in wire.extra_key.items() if field in header})
    return {wire.datakeys: [key]}


def query(wire: Wire, conditions: Sequence[Condition], *, page: int = 1) -> Parameter:
    """One page of the list query; all `conditions` hold at once, none means all documents."""
    return {
        "page_no": page,
        "page_size": wire.page_size,
        "use_has_next": True,
        "conditions": {"operator": "and", "fields": list(conditions)} if conditions else {},
        "orders": [],
    }
