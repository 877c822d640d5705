"""What a document says, independent of how it was typed: the digest of its typed values (design §4.1 rule 2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from importer.models import Line, Value, picked

__all__ = ["DIGEST_VERSION", "LineTexts", "digest_of", "digest_of_texts", "text_of"]

DIGEST_VERSION: Final = 1
"""Stored beside every digest; a change of the canonical form below needs a new one, and the old one kept."""
BETWEEN: Final = "\x1e"  # the values of a line
WITHIN: Final = "\x1f"  # a field's name and its value
SURELY_EXACT: Final = 28  # characters; normalize() rounds to as many digits


def text_of(value: Value) -> str:
    if isinstance(value, str):
        return value
    return _decimal_text(value) if isinstance(value, Decimal) else value.isoformat()


def _decimal_text(value: Decimal) -> str:
    """`format(value.normalize(), "f")`, which most numbers are without the work of it."""
    text = str(value)
    if value and not text.endswith("0") and len(text) <= SURELY_EXACT and "E" not in text:
        return text
    return format(value.normalize(), "f") if value else "0"


def digest_of(header: Mapping[str, Value], lines: Iterable[Line]) -> str:
    """SHA-256 over the typed values as read (design §4.1 rule 2): blanks left out, lines as a sorted multiset, 5.0 equal to 5."""
    return digest_of_texts(header, [_canonical(line.fields) for line in lines])


def digest_of_texts(header: Mapping[str, Value], lines: Iterable[str]) -> str:
    """The same digest, with the lines as `LineTexts` has them."""
    return hashlib.sha256("\x1d".join([_canonical(header), *sorted(lines)]).encode()).hexdigest()


def _canonical(values: Mapping[str, Value]) -> str:
    return BETWEEN.join([text for name in sorted(values) if (text := _part(name, values[name]))])


def _part(name: str, value: Value | None) -> str:
    return f"{name}{WITHIN}{text_of(value)}" if value is not None and value != "" else ""


class LineTexts:
    """What the lines of a sheet say, from its columns (None is blank): each distinct value is written once."""

    def __init__(self, columns: Mapping[str, Sequence[Value | None]]) -> None:
        parts = []
        for name in sorted(columns):
            texts: dict[Value | None, str] = {None: "", "": ""}
            for value in set(columns[name]).difference(texts):
                texts[value] = f"{_part(name, value)}{BETWEEN}"
            if len(texts) > 2:  # else the column is blank
                parts.append(map(texts.__getitem__, columns[name]))
        self._texts = [text[:-1] for text in map("".join, zip(*parts, strict=True))]

    def at(self, positions: Sequence[int]) -> Sequence[str]:
        """Of the lines at these positions: equal texts for equal lines, an empty one for a blank line."""
        return picked(self._texts, positions) if self._texts else [""] * len(positions)
