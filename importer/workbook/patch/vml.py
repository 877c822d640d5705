"""The boxes of comments in a legacy VML drawing. VML is often not well-formed XML, therefore it is edited as text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.workbook.patch import columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from importer.workbook.patch.comments import Place

_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_EMPTY = '<xml><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{block}"/></o:shapelayout></xml>'
_BOX_TYPE = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_BOX = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;width:{width}pt;height:{height}pt;z-index:{z};'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SHAPE = re.compile(r"<((?:[\w.-]+:)?)shape(?=[\s>]).*?</\1shape\s*>", re.DOTALL)
_ROW = re.compile(r"(<(?:[\w.-]+:)?Row>\s*)\d+")
_ANCHOR = re.compile(r"(<(?:[\w.-]+:)?Anchor>)([\d,\s-]+)")
_ID = re.compile(r"_x0000_s(\d+)")
_IDMAP = re.compile(r"""(<(?:[\w.-]+:)?idmap\b[^>]*\bdata\s*=\s*["'])([\d,\s]*)(["'])""")
_BLOCK = 1_024  # shape numbers come in blocks of this size, listed in the idmap
_PIXEL_PT = 0.75
_NARROW, _LINE, _MARGIN = 7, 16, 14  # pixels: a Latin letter (a Chinese one is twice as wide), a line, both edges
_MIN_WIDTH, _MAX_WIDTH, _MAX_HEIGHT = 130, 330, 480  # pixels


@dataclass(frozen=True, slots=True)
class Grid:
    """Sizes of the sheet's cells, to place boxes on."""

    runs: Sequence[columns.Run]
    default_width: float = columns.DEFAULT_WIDTH  # characters
    row_height: int = 20  # pixels

    def column_pixels(self, column: int) -> int:
        """Width of a 1-based column."""
        width = next((run.width for run in self.runs if run.first <= column <= run.last), self.default_width)
        return round(width * 7 + 5) if width else 0


def with_boxes(vml: str | None, notes: Iterable[tuple[Place, str]], grid: Grid, block: int) -> str:
    """The drawing with one hidden box for each note, sized to its text; `block` numbers the shapes of a new drawing."""
    vml = _with_namespaces(_EMPTY.format(block=block) if vml is None else vml)
    number = max([int(n) for n in _ID.findall(vml)], default=block * _BLOCK)
    first = number + 1
    boxes = []
    if 'id="_x0000_t202"' not in vml and "id='_x0000_t202'" not in vml:
        boxes.append(_BOX_TYPE)
    for number, (place, text) in enumerate(notes, start=first):
        boxes.append(_box(number, place, text, grid))
    end = vml.rindex("</")
    return _with_blocks(vml[:end] + "".join(boxes) + vml[end:], range(first // _BLOCK, number // _BLOCK + 1))


def without_boxes(vml: str, places: Collection[Place]) -> str:
    """The drawing without the boxes of the notes on those cells."""

    return _SHAPE.sub(lambda match: "" if _place_of(match[0]) in places else match[0], vml)


def moved_boxes(vml: str, rows: Mapping[Place, int]) -> str:
    """The drawing with the boxes of those notes in other rows: row and corners move by as much."""

    def moved(match: re.Match[str]) -> str:
        place = _place_of(match[0])
        if place is None or place not in rows:
            return match[0]
        box = _ROW.sub(lambda row: f"{row[1]}{rows[place] - 1}", match[0], count=1)
        return _ANCHOR.sub(lambda anchor: anchor[1] + _lowered(anchor[2], rows[place] - place[0]), box, count=1)

    return _SHAPE.sub(moved, vml) if rows else vml


def _place_of(shape: str) -> Place | None:
    """The cell of a note's box; None if it is something else."""
    row, column = (re.search(rf"<(?:[\w.-]+:)?{name}>\s*(\d+)\s*<", shape) for name in ("Row", "Column"))
    if '"Note"' not in shape.replace("'", '"') or row is None or column is None:
        return None
    return int(row[1]) + 1, int(column[1]) + 1


def _lowered(anchor: str, by: int) -> str:
    """An anchor's numbers with both rows moved down."""
    numbers = [int(number) for number in anchor.split(",")]
    if len(numbers) != 8:  # column, pixels, row, pixels of two corners
        return anchor
    up = max(numbers[2] + by, 0) - numbers[2]
    return ", ".join(str(number + up if index in (2, 6) else number) for index, number in enumerate(numbers))


def is_empty(vml: str) -> bool:
    """True if nothing is drawn."""
    return re.search(r"<(?:[\w.-]+:)?(?:shape|rect|group|line|oval|roundrect|image)(?=[\s>])", vml) is None


def _box(number: int, place: Place, text: str, grid: Grid) -> str:
    row, column = place
    width, height = _size(text)
    anchor = ", ".join(map(str, _anchor(row, column, width, height, grid)))
    return _BOX.format(
        id=number,
        z=number % _BLOCK + 1,
        width=width * _PIXEL_PT,
        height=height * _PIXEL_PT,
        anchor=anchor,
        row=row - 1,
        column=column - 1,
    )


def _size(text: str) -> tuple[int, int]:
    """Width and height in pixels that show all of `text`, within limits."""
    lines = [sum(_NARROW * (1 + (unicodedata.east_asian_width(c) in "WF")) for c in line) for line in text.split("\n")]
    width = min(_MAX_WIDTH, max(_MIN_WIDTH, max(lines) + _MARGIN))
    wrapped = sum(1 + line // (width - _MARGIN) for line in lines)
    return width, min(_MAX_HEIGHT, wrapped * _LINE + _MARGIN)


def _anchor(row: int, column: int, width: int, height: int, grid: Grid) -> tuple[int, int, int, int, int, int, int, int]:
    """(column, pixels, row, pixels) of the upper left and of the lower right corner, 0-based: right of the cell, a little above."""
    left = min(column + 1, columns.LAST_COLUMN)
    right, rest = left, width + 15
    while right < columns.LAST_COLUMN and rest > grid.column_pixels(right):
        rest -= grid.column_pixels(right)
        right += 1
    top = max(row - 1, 1)
    down, below = divmod(height + 4, grid.row_height)
    return left - 1, 15, top - 1, 4, right - 1, rest, top - 1 + down, below


def _with_namespaces(vml: str) -> str:
    root = re.search(r"<xml\b[^>]*", vml)
    if root is None:
        return vml
    missing = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items() if f"xmlns:{prefix}=" not in root[0])
    return vml[: root.start() + len("<xml")] + missing + vml[root.start() + len("<xml") :]


def _with_blocks(vml: str, blocks: Iterable[int]) -> str:
    def listed(match: re.Match[str]) -> str:
        known = [block.strip() for block in match[2].split(",") if block.strip()]
        known += [str(block) for block in blocks if str(block) not in known]
        return match[1] + ",".join(known) + match[3]

    return _IDMAP.sub(listed, vml, count=1)
