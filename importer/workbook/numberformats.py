"""Number formats that show a code with zeros or letters that are not in the cell (00000 shows 123 as 00123)."""

from __future__ import annotations

import re
from typing import Final

from importer.workbook.package import elements

__all__ = ["hiding_formats", "shown_as"]

_TEXT: Final = re.compile(r'"([^"]*)"|\\(.)')
_NOT_DIGITS: Final = re.compile(r"\[[^\]]*\]|_.|\*.")  # colours and conditions, spacing, filling
_PATTERN: Final = re.compile(r"(?P<before>[^0#?]*)(?P<digits>[0#]+(?:[-/ ]?[0#]+)*)(?P<after>[^0#?]*)")


def hiding_formats(styles: bytes) -> dict[int, str]:
    """From a workbook's styles part: index of cellXfs -> format code, of those styles that may show more than is stored."""
    codes = {int(found["numFmtId"]): found.get("formatCode", "") for found in elements(styles, "numFmt") if "numFmtId" in found}
    if not any(_may_hide(code) for code in codes.values()):
        return {}
    used = [int(found.get("numFmtId", 0)) for found in elements(styles, "xf", inside="cellXfs")]
    return {index: codes[number] for index, number in enumerate(used) if _may_hide(codes.get(number, ""))}


def _may_hide(code: str) -> bool:
    return shown_as(code, "1") not in (None, "1")


def shown_as(code: str, digits: str) -> str | None:
    """How a format shows a whole number, as far as zeros and fixed text go; None for formats that are not of this kind."""
    positive = code.split(";")[0]
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
