"""xl/styles.xml: looks are only added, never changed, and a marked cell remembers its own look.

A marked cell gets a copy of its format with our fill. The copy's named style (`xfId`) is ours, hidden, called
"importer.fill.<n>.<the cell's own named style>", and carries the fill the cell had before. Excel, LibreOffice and openpyxl renumber
formats and colours when they save, but they keep the tie between a cell and its named style, so that the original comes back
whatever it was: pattern, gradient or theme colour.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING

from lxml import etree

from importer.workbook.patch import dom
from importer.workbook.patch.package import STYLES_TYPE
from importer.workbook.patch.values import MARK_COLOURS, STATUS_COLOURS

if TYPE_CHECKING:
    from importer.workbook.patch.archive import Archive
    from importer.workbook.patch.book import Book

_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
_MEMORY = re.compile(r"^importer\.fill\.\d+\.(.*)$", re.DOTALL)
_HEADER_FILL = "FFDDE5F2"
_MINIMAL = (
    '<styleSheet xmlns="{0}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    '<left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0"'
    ' borderId="0"/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_DEFAULTS = {"fillId": "0", "fontId": "0", "borderId": "0", "numFmtId": "0", "xfId": "0", "quotePrefix": "0", "pivotButton": "0"}

Key = tuple[object, ...]


class Styles:
    """The style sheet as a tree. Formats are indexes into `cellXfs`, as in a cell's `s` attribute."""

    def __init__(self, archive: Archive, book: Book) -> None:
        """Creates the part where a workbook has none."""
        found = book.relationships.of_kind("styles")
        if found is None or found.part not in archive:
            self.part = "xl/styles.xml"  # where openpyxl expects it
            book.relationships.add(f"{book.relation_types}/styles", self.part)
            book.types.declare(self.part, STYLES_TYPE)
            archive.put(self.part, _MINIMAL.format(book.namespace).encode())
        else:
            self.part = found.part
        self._source = archive.read(self.part)
        self._root = dom.parse(self._source, self.part)
        self._before = dom.dump(self._root)
        self._keys: dict[str, dict[Key, int]] = {}
        self._plain: dict[tuple[bool, bool, bool, str | None], int] = {}
        self._marked: dict[tuple[int, str], int] = {}
        for name in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles"):
            self._section(name)
        if not len(self._section("cellXfs")):
            self._append("cellXfs", dom.make(self._section("cellXfs"), "xf"))
        self.remembered: dict[int, int] = {}  # formats of marked cells of an earlier round -> the format each cell had before

    def recall(self, *, an_earlier_round: bool) -> None:
        """Fill `remembered`. With `an_earlier_round`, marks that lost the tie to their memory lose at least our colour.

        (openpyxl breaks the tie between cells and named styles in files that LibreOffice saved.)
        """
        names = self._style_names()
        memories = {index: match[1] for index, name in names.items() if (match := _MEMORY.match(name))}
        for index, xf in enumerate(list(self._section("cellXfs"))):
            parent = int(xf.get("xfId", "0"))
            if parent in memories and parent < len(self._section("cellStyleXfs")):
                self.remembered[index] = self._restore(xf, memories[parent])
            elif an_earlier_round and self._colour(xf) in MARK_COLOURS.values():
                self.remembered[index] = self._bleach(xf, parent if parent in names else self._named("Normal"))

    def plain(self, *, bold: bool = False, header: bool = False, quoted: bool = False, severity: str | None = None) -> int:
        """A format of ours on the workbook's default one; an unknown severity has no colour."""
        key = (bold, header, quoted, severity)
        if key not in self._plain:
            self._plain[key] = self._make_plain(
                bold=bold or header, quoted=quoted, colour=_HEADER_FILL if header else STATUS_COLOURS.get(severity or "")
            )
        return self._plain[key]

    def _make_plain(self, *, bold: bool, quoted: bool, colour: str | None) -> int:
        xf = copy.deepcopy(self._section("cellXfs")[0])
        if bold:
            xf.set("fontId", str(self._bold_font(int(xf.get("fontId", "0")))))
            xf.set("applyFont", "1")
        if colour:
            xf.set("fillId", str(self._fill(colour)))
            xf.set("applyFill", "1")
        if quoted:
            xf.set("quotePrefix", "1")
        return self._append("cellXfs", xf)

    def marked(self, base: int, severity: str) -> int:
        """The format `base` with the fill of `severity`, its own fill remembered."""
        known = self._marked.get((base, severity))
        if known is None:
            xf = copy.deepcopy(self._xf(base))
            xf.set("xfId", str(self._memory_of(xf)))
            xf.set("fillId", str(self._fill(MARK_COLOURS[severity])))
            xf.set("applyFill", "1")
            known = self._marked[base, severity] = self._append("cellXfs", xf)
        return known

    def is_header(self, index: int) -> bool:
        """True if the format has the fill of our header cells."""
        return self._colour(self._xf(index)) == _HEADER_FILL

    def dump(self) -> bytes:
        """The part as it is to be written; the source's bytes if nothing was added."""
        for name in ("fonts", "fills", "cellStyleXfs", "cellXfs", "cellStyles"):
            self._section(name).set("count", str(len(self._section(name))))
        after = dom.dump(self._root)
        return self._source if after == self._before else after

    # memories -----------------------------------------------------------------------------------------------------------------

    def _restore(self, marked: dom.Element, style_name: str) -> int:
        xf = copy.deepcopy(marked)
        memory = self._section("cellStyleXfs")[int(marked.get("xfId", "0"))]
        if self._colour(marked) in MARK_COLOURS.values():  # else somebody recoloured the cell since: theirs stays
            xf.set("fillId", memory.get("fillId", "0"))
        xf.set("xfId", str(self._named(style_name)))
        return self._append("cellXfs", xf)

    def _bleach(self, marked: dom.Element, style: int) -> int:
        xf = copy.deepcopy(marked)
        xf.set("fillId", "0")
        xf.set("xfId", str(style))
        return self._append("cellXfs", xf)

    def _memory_of(self, xf: dom.Element) -> int:
        """Index in cellStyleXfs of the hidden named style that carries this format's fill and the name of its own style."""
        own_id = int(xf.get("xfId", "0"))
        names = self._style_names()
        own_name = names.get(own_id, "Normal")
        fill = xf.get("fillId", "0")
        for index, name in names.items():
            match = _MEMORY.match(name)
            if (
                match
                and match[1] == own_name
                and self._fill_key(self._section("cellStyleXfs")[index].get("fillId", "0")) == self._fill_key(fill)
            ):
                return index
        return self._remember(own_id, own_name, fill, names)

    def _remember(self, own_id: int, own_name: str, fill: str, names: dict[int, str]) -> int:
        section = self._section("cellStyleXfs")
        carrier = copy.deepcopy(section[own_id]) if own_id < len(section) else dom.make(section, "xf")
        carrier.set("fillId", fill)
        section.append(carrier)
        number = 1 + sum(1 for name in names.values() if _MEMORY.match(name))
        while any(name.startswith(f"importer.fill.{number}.") for name in names.values()):
            number += 1
        name = f"importer.fill.{number}.{own_name}"
        dom.add(self._section("cellStyles"), "cellStyle", name=name, xfId=str(len(section) - 1), hidden="1")
        return len(section) - 1

    def _style_names(self) -> dict[int, str]:
        return {int(style.get("xfId", "0")): style.get("name", "") for style in self._section("cellStyles")}

    def _named(self, name: str) -> int:
        styles = {style.get("name", ""): int(style.get("xfId", "0")) for style in self._section("cellStyles")}
        normal = [int(s.get("xfId", "0")) for s in self._section("cellStyles") if s.get("builtinId") == "0"]
        return styles.get(name, normal[0] if normal else 0)

    # the tables of the style sheet --------------------------------------------------------------------------------------------

    def _section(self, name: str) -> dom.Element:
        found = dom.child(self._root, name)
        return dom.add_in_order(self._root, name, _ORDER) if found is None else found

    def _xf(self, index: int) -> dom.Element:
        section = self._section("cellXfs")
        return section[index if index < len(section) else 0]

    def _append(self, section_name: str, element: dom.Element) -> int:
        """The index of an equal entry, or of `element` put at the end."""
        section = self._section(section_name)
        keys = self._keys.get(section_name)
        if keys is None:
            keys = self._keys[section_name] = {}
            for index, known in enumerate(section):
                keys.setdefault(_key(known), index)
        key = _key(element)
        if key not in keys:
            section.append(element)
            keys[key] = len(section) - 1
        return keys[key]

    def _fill(self, colour: str) -> int:
        fill = dom.make(self._section("fills"), "fill")
        pattern = dom.add(fill, "patternFill", patternType="solid")
        dom.add(pattern, "fgColor", rgb=colour)
        dom.add(pattern, "bgColor", indexed="64")
        return self._append("fills", fill)

    def _bold_font(self, base: int) -> int:
        fonts = self._section("fonts")
        font = copy.deepcopy(fonts[base]) if base < len(fonts) else dom.make(fonts, "font")
        if dom.child(font, "b") is None:
            font.insert(0, dom.add(font, "b"))
        return self._append("fonts", font)

    def _fill_key(self, index: str) -> Key:
        fills = self._section("fills")
        return _key(fills[int(index)]) if int(index) < len(fills) else ()

    def _colour(self, xf: dom.Element) -> str | None:
        fills = self._section("fills")
        index = int(xf.get("fillId", "0"))
        pattern = dom.child(fills[index], "patternFill") if index < len(fills) else None
        colour = dom.child(pattern, "fgColor")
        return None if colour is None else (colour.get("rgb") or "").upper()


def _key(element: dom.Element) -> Key:
    """Equal for entries that look the same: attribute order and defaults do not count."""
    attributes = {**(_DEFAULTS if dom.local(element) == "xf" else {}), **{str(k): str(v) for k, v in element.attrib.items()}}
    attributes.pop("applyFill", None)  # cells show their fill whether it is set or not
    inner = tuple(_key(child) for child in element if isinstance(child, etree._Element) and isinstance(child.tag, str))
    return (element.tag, tuple(sorted(attributes.items())), inner)
