"""What stands before and after a sheet's rows: used area, open tab, widths of columns, the link to the drawing of comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.workbook.patch import columns
from importer.workbook.patch.package import STRICT_TYPES, TRANSITIONAL_TYPES
from importer.workbook.patch.scan import TAG_BODY
from importer.workbook.patch.values import UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SELECTED = re.compile(rb"""\stabSelected\s*=\s*(?:"[^"]*"|'[^']*')""")
_SHEET_VIEW = re.compile(rb"<(?:[\w.-]+:)?sheetView(?=[\s/>])")
_DIMENSION = re.compile(rb"""(<(?:[\w.-]+:)?dimension\s+ref\s*=\s*["'])\$?([A-Z]+)\$?(\d+)(?::[^"']*)?(["'])""")
_MERGE = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s[^>]*ref\s*=\s*["'][^"':]*:\$?([A-Z]+)""")
_LEGACY = re.compile(rb"<(?:[\w.-]+:)?legacyDrawing\s[^>]*?(?:/>|>\s*</(?:[\w.-]+:)?legacyDrawing\s*>)")
_PROTECTION = re.compile(
    rb"""<(?:[\w.-]+:)?sheetProtection(?![^>]*\s(?:password|hashValue)\s*=)\s[^>]*?(?:/>|>\s*</(?:[\w.-]+:)?sheetProtection\s*>)"""
)
_FILTER = re.compile(rb"""(<(?:[\w.-]+:)?autoFilter\s(?:[^>]*\s)?ref\s*=\s*["'])\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)""")
_TAG = re.compile(rb"<(/?)((?:[\w.-]+:)?)([\w.-]+)" + TAG_BODY)
_AFTER_LEGACY = b"legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts extLst AlternateContent".split()


def read_cols(head: bytes, prefix: bytes) -> list[columns.Run]:
    """The runs of column widths."""
    match = _cols(prefix).search(head)
    return columns.parse_cols(match[0].decode()) if match else []


def write_cols(head: bytes, prefix: bytes, runs: Sequence[columns.Run]) -> bytes:
    """The head with these runs; `cols` stands right before `sheetData`."""
    bare = _cols(prefix).sub(b"", head)
    at = bare.rindex(b"<" + prefix + b"sheetData")
    return bare[:at] + columns.render_cols(runs, prefix.decode()).encode() + bare[at:]


def write_dimension(head: bytes, last_column: int, last_row: int) -> bytes:
    """The head with the used area's lower right corner at that cell, if it states the area at all."""

    def corner(match: re.Match[bytes]) -> bytes:
        left, top = columns.number(match[2].decode()), int(match[3])
        area = match[2] + match[3]
        if (left, top) != (last_column, last_row):
            area += f":{columns.letters(max(left, last_column))}{max(top, last_row)}".encode()
        return match[1] + area + match[4]

    return _DIMENSION.sub(corner, head, count=1)


def is_selected(head: bytes) -> bool:
    """True if the tab is among those selected in some window."""
    match = _SELECTED.search(head)
    return match is not None and re.search(rb"""["'](?:1|true)["']""", match[0]) is not None


def write_selected(head: bytes, *, selected: bool) -> bytes:
    """The head with the tab selected or not in every window."""
    bare = _SELECTED.sub(b"", head)
    return _SHEET_VIEW.sub(lambda match: match[0] + b' tabSelected="1"', bare) if selected else bare


def last_merged_column(tail: bytes) -> int:
    """The last column of any merged area, 0 if none."""
    return max((columns.number(name.decode()) for name in set(_MERGE.findall(tail))), default=0)


def legacy_drawing(tail: bytes) -> str | None:
    """The relationship id of the drawing of comments, if the sheet has one."""
    link = _LEGACY.search(tail)
    match = re.search(rb""":id\s*=\s*["']([^"']+)["']""", link[0]) if link else None
    return match[1].decode() if match else None


def without_legacy_drawing(tail: bytes) -> bytes:
    """The tail without the link to the drawing of comments."""
    return _LEGACY.sub(b"", tail, count=1)


def filter_end(tail: bytes, label_row: int) -> int | None:
    """The last column of the filter below the labels; None without one."""
    match = _FILTER.search(tail)
    return columns.number(match[4].decode()) if match and int(match[3]) == label_row else None


def write_filter_end(tail: bytes, last_column: int) -> tuple[bytes, str]:
    """The tail with the filter, which must be there, reaching to that column, and the area of the filter with dollars."""
    match = _FILTER.search(tail)
    assert match is not None  # noqa: S101  # filter_end has found it
    first, top, bottom = (match[number].decode() for number in (2, 3, 5))
    last = columns.letters(last_column)
    written = match[1] + f"{first}{top}:{last}{bottom}".encode()
    return tail[: match.start()] + written + tail[match.end() :], f"${first}${top}:${last}${bottom}"


def without_protection(tail: bytes) -> bytes:
    """The tail without a protection that nobody set a password for."""
    return _PROTECTION.sub(b"", tail, count=1)


def with_legacy_drawing(head: bytes, tail: bytes, prefix: bytes, relation_id: str) -> bytes:
    """The tail with a link to the drawing of comments, at the place the schema wants. Raises UnpatchableWorkbook."""
    uris = "|".join(map(re.escape, (TRANSITIONAL_TYPES, STRICT_TYPES)))
    declared = re.search(rb"""\sxmlns:([\w.-]+)\s*=\s*["'](?:%s)["']""" % uris.encode(), head)
    namespace = b"" if declared else b' xmlns:r="%s"' % TRANSITIONAL_TYPES.encode()
    link = b'<%slegacyDrawing%s %s:id="%s"/>' % (prefix, namespace, declared[1] if declared else b"r", relation_id.encode())
    at = next((position for position, name in _top_level(tail) if name in _AFTER_LEGACY or name == b"worksheet"), None)
    if at is None:
        raise UnpatchableWorkbook("the sheet's XML is damaged")
    return tail[:at] + link + tail[at:]


def _top_level(tail: bytes) -> Iterator[tuple[int, bytes]]:
    """Position and local name of the elements after `sheetData`, and of the root's end."""
    depth = 1  # inside sheetData, which the tail closes first
    for tag in _TAG.finditer(tail):
        if tag[1]:
            depth -= 1
            if depth < 0:
                yield tag.start(), tag[3]
        else:
            if depth == 0:
                yield tag.start(), tag[3]
            depth += not tag[4].endswith(b"/")


def _cols(prefix: bytes) -> re.Pattern[bytes]:
    name = re.escape(prefix) + b"cols"
    return re.compile(rb"<%s(?:\s*/>|(?:\s[^>]*)?>.*?</%s\s*>)" % (name, name), re.DOTALL)
