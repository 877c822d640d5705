"""Text and numbers as a cell holds them: always text where a formula could be meant, always legal XML."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

CELL_LIMIT = 32_767  # UTF-16 units in one cell (Excel specifications and limits)
NUMBER_DIGITS = 15  # what Excel keeps of a number; longer ones stay whole as text

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def is_risky(text: str) -> bool:
    """True if a spreadsheet could take `text` for a formula when it is typed or pasted (OWASP, CSV injection)."""
    return text.startswith(_RISKY)


def clean(text: str, limit: int = CELL_LIMIT) -> str:
    """`text` with line ends as \\n, control characters made visible (␀ ␁ ...), and cut with … at `limit` UTF-16 units."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _shorten(_ILLEGAL.sub(_visible, text), limit)


def escape(text: str) -> str:
    """`text` as XML character data or attribute value."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def space(text: str) -> str:
    """The attribute that makes Excel keep blanks at the ends of `text` and its line ends; usually nothing."""
    return ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""


@lru_cache(maxsize=16_384)
def cell_body(value: str | int | Decimal, prefix: str) -> str:
    """What follows the style attribute of a `<c>` holding `value`: ` t="inlineStr"><is>...</c>` or `><v>...</c>`."""
    number = _number(value)
    if number is not None:
        return f"><{prefix}v>{number}</{prefix}v></{prefix}c>"
    text = clean(str(value))
    shown = escape(_ESCAPE_LIKE.sub("_x005F_", text))
    return f' t="inlineStr"><{prefix}is><{prefix}t{space(text)}>{shown}</{prefix}t></{prefix}is></{prefix}c>'


def _number(value: str | int | Decimal) -> str | None:
    if isinstance(value, str) or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    plain = format(Decimal(value).normalize(), "f")
    return plain if len(plain.lstrip("-0.").replace(".", "")) <= NUMBER_DIGITS else None


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _shorten(text: str, limit: int) -> str:
    if len(text) * 2 <= limit or len(text.encode("utf-16-le")) // 2 <= limit:
        return text
    kept = text.encode("utf-16-le")[: (limit - 1) * 2]
    return kept.decode("utf-16-le", "ignore") + "…"
