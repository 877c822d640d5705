"""What a document says, independent of how it was typed: the digest of its typed values (design §4.1 rule 2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from importer.models import Line, Value

__all__ = ["DIGEST_VERSION", "Digests", "digest_of", "text_of"]

DIGEST_VERSION: Final = 1
"""Stored beside every digest; a change of the canonical form below needs a new one, and the old one kept."""


def text_of(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value.isoformat()


def digest_of(header: Mapping[str, Value], lines: Iterable[Line]) -> str:
    """SHA-256 over the typed values as read (design §4.1 rule 2): blanks left out, lines as a sorted multiset, 5.0 equal to 5."""
    return _digest(header, [_canonical(line.fields) for line in lines])


def _digest(header: Mapping[str, Value], lines: Iterable[str]) -> str:
    return hashlib.sha256("\x1d".join([_canonical(header), *sorted(lines)]).encode()).hexdigest()


def _canonical(values: Mapping[str, Value]) -> str:
    return "\x1e".join([text for name in sorted(values) if (text := _part(name, values[name]))])


def _part(name: str, value: Value | None) -> str:
    return f"{name}\x1f{text_of(value)}" if value is not None and value != "" else ""


class Digests:
    """The same digests for the lines of a whole sheet, from its columns (None is blank): each distinct value is written once."""

    def __init__(self, columns: Mapping[str, Sequence[Value | None]]) -> None:
        self._parts: list[list[str]] = []
        for name in sorted(columns):
            texts = {value: _part(name, value) for value in set(columns[name])}
            self._parts.append(list(map(texts.__getitem__, columns[name])))

    def of(self, header: Mapping[str, Value], positions: Sequence[int]) -> str:
        """`digest_of` the lines at these positions under this header."""
        parts = [[column[position] for position in positions] for column in self._parts]
        return _digest(header, ["\x1e".join(filter(None, line)) for line in zip(*parts, strict=True)] if parts else [""] * len(positions))
