"""What the ERP reports of a document, as the typed values of a workbook: the way back from the wire (protocol §9.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from importer.channel.calls import ErpDocument
from importer.documents import MARK_CLOSE, MARK_OPEN, TOKEN_LENGTH, without_token
from importer.fieldtypes import plain, trimmed
from importer.mapping import Field
from importer.mapping import Mapping as DocumentType
from importer.models import Value
from importer.protocols.parameters import wire_names
from importer.settings import Wire

__all__ = ["Reported", "reported", "same", "split_token", "typed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A document of the ERP under technical names; None is blank, also where the ERP does not report a field."""

    header: Mapping[str, Value | None]
    lines: tuple[Mapping[str, Value | None], ...]
    token: str  # that stands in the token's field; empty without


def reported(found: ErpDocument, mapping: DocumentType, wire: Wire) -> Reported:
    """Header and lines as people see them: without the token."""
    header = _values(found.header, mapping, mapping.header, wire)
    token = ""
    if mapping.token and isinstance(text := header.get(mapping.token.field), str):
        shown, token = split_token(text)
        header[mapping.token.field] = shown or None
    return Reported(header=header, lines=tuple(_values(line, mapping, mapping.lines, wire) for line in found.lines), token=token)


def _values(row: Mapping[str, object], mapping: DocumentType, fields: Mapping[str, Field], wire: Wire) -> dict[str, Value | None]:
    names = wire_names(mapping)
    return {name: typed(row.get(names[name]), field, wire) for name, field in fields.items()}


def typed(value: object, field: Field, wire: Wire) -> Value | None:
    """One value of an answer. What is not of the field's type stays text, so that a person sees it."""
    text = "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)
    if not trimmed(text):
        return None  # also the one space that a blank location is stored as
    if field.type in ("decimal", "integer"):
        return _number(text)
    if field.type == "date":
        return _date(text.strip(), wire)
    bare = text.split(".")[0].strip()  # the ERP may return `Y.text` for a code of a list (protocol §2.4)
    return bare if field.choices and text not in field.choices and bare in field.choices else text


def _number(text: str) -> Value:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return text
    return number if number.is_finite() else text


def _date(text: str, wire: Wire) -> Value:
    digits = "".join(filter(str.isdigit, text))[:8]
    for form, given in ((wire.date_format, text), (wire.xml_date_format, text), ("%Y%m%d", digits)):
        try:
            return datetime.strptime(given, form).date()
        except ValueError:
            continue
    return text


def split_token(text: str) -> tuple[str, str]:
    """The user's own text and the token of a field that carries one; what somebody typed behind the token is the user's."""
    start = text.find(MARK_OPEN.lstrip())
    end = start + len(MARK_OPEN.lstrip()) + TOKEN_LENGTH
    if start < 0 or text[end : end + 1] != MARK_CLOSE:
        return without_token(text), ""
    behind = text[end + 1 :].strip()
    return f"{without_token(text)} {behind}".strip() if behind else without_token(text), text[end - TOKEN_LENGTH : end]


def same(first: Value | None, second: Value | None) -> bool:
    """Whether two values are the same to a person: text without the blanks around it, numbers as numbers (§9.1 rule 6)."""
    if isinstance(first, str | None) and isinstance(second, str | None):
        return trimmed(first or "") == trimmed(second or "")
    return first == second
