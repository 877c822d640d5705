"""What a document says, independent of how it was typed: the digest of its typed values (design §4.1 rule 2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from importer.models import Line, Value

__all__ = ["DIGEST_VERSION", "digest_of", "text_of"]

DIGEST_VERSION: Final = 1
"""Stored beside every digest; a change of the canonical form below needs a new one, and the old one kept."""


def text_of(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value.isoformat() if isinstance(value, date) else value


def digest_of(header: Mapping[str, Value], lines: Iterable[Line]) -> str:
    """SHA-256 over the typed values as read (design §4.1 rule 2): blanks left out, lines as a sorted multiset, 5.0 equal to 5."""
    parts = [_canonical(header), *sorted(_canonical(line.fields) for line in lines)]
    return hashlib.sha256("\x1d".join(parts).encode()).hexdigest()


def _canonical(values: Mapping[str, Value]) -> str:
    return "\x1e".join(sorted(f"{name}\x1f{text_of(value)}" for name, value in values.items() if value != ""))
