"""What travels: new codes, defaults, line numbers, and the token in its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from importer.documents.translating import in_new_codes
from importer.mapping import Default
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Value

__all__ = ["MARK_CLOSE", "MARK_OPEN", "complete", "with_token", "without_token"]

MARK_OPEN: Final = " [IMP:"
MARK_CLOSE: Final = "]"


def with_token(text: str, token: str) -> str:
    """The text of the token's field as it travels: the user's text, then the token. Nothing is cut."""
    return f"{text}{MARK_OPEN}{token}{MARK_CLOSE}".lstrip()


def without_token(text: str) -> str:
    """The user's own text of a field that carries a token."""
    start = text.find(MARK_OPEN.lstrip())
    return text[:start].rstrip() if start >= 0 else text


def complete(document: Document, mapping: DocumentType, constants: Mapping[str, str]) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """Header and lines in the ERP's codes with defaults, line numbers and the token filled in, in the mapping's field order.

    `constants` are the settings that a default may name (`user`, `plant`). Blank fields without a default are left out.
    """
    document = in_new_codes(document, mapping)
    header = _filled(document.header, mapping, mapping.header, document.header, constants)
    if mapping.token and mapping.token.field in mapping.header:
        name = mapping.token.field
        header[name] = with_token(str(header.get(name, "")), document.token)
        header = {field_name: header[field_name] for field_name in mapping.header if field_name in header}
    lines = []
    for number, line in enumerate(document.lines, start=1):
        filled = _filled(line.fields, mapping, mapping.lines, {**document.header, **line.fields}, constants, number)
        lines.append(filled)
    return header, lines


def _filled(
    values: Mapping[str, Value],
    mapping: DocumentType,
    names: Iterable[str],
    sources: Mapping[str, Value],
    constants: Mapping[str, str],
    number: int = 0,
) -> dict[str, Value]:
    filled: dict[str, Value] = {}
    for name in names:
        spec = mapping.fields[name]
        if spec.generated == "line_number":
            filled[name] = Decimal(number)
        elif name in values:
            filled[name] = values[name]
        elif spec.default and (value := _default(spec.default, spec.type, sources, constants)) is not None:
            filled[name] = value
    return filled


def _default(default: Default, type_name: str, sources: Mapping[str, Value], constants: Mapping[str, str]) -> Value | None:
    if default.copy_of:
        return sources.get(default.copy_of)
    text = constants.get(default.profile) if default.profile else default.value
    if not text:
        return None
    if type_name in ("decimal", "integer"):
        return Decimal(text)
    return date.fromisoformat(text) if type_name == "date" else text
