"""Text out of bytes that people saved from Excel, an editor or the ERP, in whichever encoding that was."""

from __future__ import annotations

import codecs
from typing import Final

__all__ = ["decoded", "likeness"]

MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SIMPLIFIED_LEADS: Final = range(0xB0, 0xD8)  # GB 2312 level 1: the 3,755 characters that everyday text is made of
TRADITIONAL_LEADS: Final = range(0xA4, 0xC7)  # Big5 level 1: the same for 5,401 traditional characters


def decoded(content: bytes, *, name: str = "") -> str:
    """The text of a file: UTF-8 or UTF-16 with a mark, UTF-8 without, else Big5 (cp950) or GB 18030, whichever it looks like.

    Raises UnicodeDecodeError with `name` as reason where it is none of these.
    """
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    possible = {encoding: text for encoding in ("cp950", "gb18030") if (text := _as(content, encoding)) is not None}
    if not possible:
        raise UnicodeDecodeError("utf-8", content[:1], 0, 1, name or "neither UTF-8, Big5 nor GB 18030")
    return max(possible.items(), key=lambda item: likeness(content, item[0]))[1]


def _as(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def likeness(content: bytes, encoding: str) -> float:
    """How many of the double bytes are everyday characters of an encoding. Of simplified ones no second byte is below 0xA1."""
    leads = TRADITIONAL_LEADS if encoding == "cp950" else SIMPLIFIED_LEADS
    pairs = everyday = position = 0
    while position < len(content) - 1:
        lead, second = content[position], content[position + 1]
        if lead < 0x80:
            position += 1
            continue
        pairs += 1
        everyday += lead in leads and (encoding == "cp950" or second >= 0xA1)
        position += 2
    return everyday / pairs if pairs else 0.0
