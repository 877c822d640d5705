"""Number formats that show something else than what is in the cell: 00000 shows 123 as 00123, 0% shows 5 as 500%, `0,` shows 5000 as 5."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from importer.workbook.package import elements

__all__ = ["as_shown", "shown_as", "shown_number", "telling_formats", "telling_styles"]

BUILT_IN: Final = {9: "0%", 10: "0.00%", 11: "0.00E+00", 48: "##0.0E+0"}  # those of Excel's own formats that tell other than is stored

_TEXT: Final = re.compile(r'"([^"]*)"|\\(.)')
_NOT_DIGITS: Final = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours and conditions, spacing, filling
_SCIENTIFIC: Final = re.compile(r"[#0]+(?:\.([0#]*))?E[+-]0+", re.IGNORECASE)
_LITERAL: Final = re.compile(r'"([^"]*)"')
_SCALED: Final = re.compile(r"[0#,]*[0#](\.[0#]*)?")
_PATTERN: Final = re.compile(r"(?P<before>[^0#?]*)(?P<digits>[0#]+(?:[-/ ]?[0#]+)*)(?P<after>[^0#?]*)")


def telling_formats(styles: bytes) -> dict[int, str]:
    """From a workbook's styles part: index of cellXfs -> format code, of those styles that may show something else than is stored."""
    declared = {_number(found): found.get("formatCode", "") for found in elements(styles, "numFmt")}
    return telling_styles(declared, [_number(found) for found in elements(styles, "xf", inside="cellXfs")])


def telling_styles(declared: Mapping[int, str], used: Sequence[int]) -> dict[int, str]:
    """The same from the declared formats by number, and the number that each style uses."""
    codes = {**BUILT_IN, **declared}
    telling = {number: code for number, code in codes.items() if _may_hide(code) or shown_number(code, Decimal(1)) is not None}
    return {index: telling[number] for index, number in enumerate(used) if number in telling}


def _number(about: dict[str, str]) -> int:
    text = about.get("numFmtId", "")
    return int(text) if text.isdecimal() else 0


def _may_hide(code: str) -> bool:
    return shown_as(code, "1") not in (None, "1")


def as_shown(text: str) -> str:
    """A number format that shows just this text, for files that hold the text instead of the format."""
    return '"' + text + '";'


def shown_number(code: str, value: Decimal) -> str | None:
    """How a format shows a number if that is another number: as a percentage, or in thousands; None for all other formats."""
    first = code.split(";")[0]
    if (literal := _LITERAL.fullmatch(first)) and literal[1].endswith("%"):
        return literal[1]
    bare = _NOT_DIGITS.sub("", _TEXT.sub("", first)).strip()
    if bare.endswith("%") and _SCALED.fullmatch(bare[:-1]):
        return f"{(value * 100).normalize():f}%"
    if bare.endswith(",") and _SCALED.fullmatch(bare.rstrip(",")):
        scaled = value.scaleb(-3 * (len(bare) - len(bare.rstrip(","))))
        return f"{scaled.quantize(Decimal(1).scaleb(-_decimals(bare))):f}"
    return None


def _decimals(code: str) -> int:
    return len(code.partition(".")[2].rstrip("%,"))


def shown_as(code: str, digits: str) -> str | None:
    """How a format shows a whole number, as far as zeros and fixed text go; None for formats that are not of this kind."""
    if match := _SCIENTIFIC.fullmatch(code.split(";")[0]):
        return f"{Decimal(digits):.{len(match[1] or '')}E}"
    positive = code.split(";")[0]
    if literal := _LITERAL.fullmatch(positive):
        return literal[1]
    if (scaled := shown_number(code, Decimal(digits))) is not None:
        return scaled
    texts: list[str] = []

    def keep(match: re.Match[str]) -> str:
        texts.append(match[1] if match[1] is not None else match[2])
        return chr(0xE000 + len(texts) - 1)

    bare = _NOT_DIGITS.sub("", _TEXT.sub(keep, positive))
    match = _PATTERN.fullmatch(bare)
    if not match or re.search(r"[A-Za-z.,%@]", bare):
        return None
    shown = match["before"] + _through(match["digits"], digits) + match["after"]
    return re.sub(r"[\ue000-\uf8ff]", lambda found: texts[ord(found[0]) - 0xE000], shown).strip()


def _through(pattern: str, digits: str) -> str:
    """Digits laid into a pattern from the right: 0 always shows one, # only where there is one, other characters stand."""
    out: list[str] = []
    left = list(digits)
    for place in reversed(pattern):
        if place in "0#":
            out.append(left.pop() if left else ("0" if place == "0" else ""))
        else:
            out.append(place)
    return "".join(left) + "".join(reversed(out))
