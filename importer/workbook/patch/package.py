"""Relationships and content types of an Open Packaging zip (ECMA-376 part 2): which part belongs to which."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from importer.workbook.patch import dom

if TYPE_CHECKING:
    from importer.workbook.patch.archive import Archive

STRICT = "http://purl.oclc.org/ooxml/"
TRANSITIONAL_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_TYPES = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_EMPTY_RELATIONSHIPS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
_CONTENT_TYPES = "[Content_Types].xml"
_SPREADSHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml."
WORKSHEET_TYPE = _SPREADSHEETML + "worksheet+xml"
COMMENTS_TYPE = _SPREADSHEETML + "comments+xml"
STYLES_TYPE = _SPREADSHEETML + "styles+xml"
VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One arrow from a part to another."""

    id: str  # e.g. "rId3"
    kind: str  # last word of its type, e.g. "comments"
    part: str  # path of the other part in the zip


class Relationships:
    """The arrows that leave one part ("" = the package itself). Changes are written at once."""

    def __init__(self, archive: Archive, part: str) -> None:
        folder, name = posixpath.split(part)
        self._archive = archive
        self._source = part
        self._part = posixpath.join(folder, "_rels", f"{name}.rels")
        data = archive.read(self._part) if self._part in archive else _EMPTY_RELATIONSHIPS
        self._root = dom.parse(data, self._part)

    def all(self) -> list[Relationship]:
        """Every arrow inside the package."""
        inside = [element for element in dom.children(self._root, "Relationship") if element.get("TargetMode") != "External"]
        return [
            Relationship(id=e.get("Id", ""), kind=e.get("Type", "").rpartition("/")[2], part=self._resolve(e.get("Target", "")))
            for e in inside
        ]

    def of_kind(self, kind: str) -> Relationship | None:
        """The first arrow of that kind."""
        return next((found for found in self.all() if found.kind == kind), None)

    def add(self, type_: str, part: str) -> str:
        """A new arrow to `part`; returns its id."""
        taken = {element.get("Id") for element in self._root}
        number = next(n for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        target = posixpath.relpath(part, posixpath.dirname(self._source) or ".")
        dom.add(self._root, "Relationship", Id=f"rId{number}", Type=type_, Target=target)
        self._save()
        return f"rId{number}"

    def remove(self, id_: str) -> None:
        """Take an arrow away; a part without arrows loses its .rels part."""
        for element in [e for e in self._root if e.get("Id") == id_]:
            self._root.remove(element)
        self._save()

    def _save(self) -> None:
        if len(self._root):
            self._archive.put(self._part, dom.dump(self._root))
        else:
            self._archive.drop(self._part)

    def _resolve(self, target: str) -> str:
        if target.startswith("/"):
            return posixpath.normpath(target.lstrip("/"))
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._source), target))


class ContentTypes:
    """The list of what every part is. Changes are written at once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._root = dom.parse(archive.read(_CONTENT_TYPES), _CONTENT_TYPES)

    def declare(self, part: str, type_: str) -> None:
        """State the type of one part."""
        self.forget(part)
        dom.add(self._root, "Override", PartName=f"/{part}", ContentType=type_)
        self._save()

    def declare_extension(self, extension: str, type_: str) -> None:
        """State the type of all parts with that extension, unless one is stated."""
        known = {element.get("Extension", "").lower() for element in dom.children(self._root, "Default")}
        if extension not in known:
            element = dom.add(self._root, "Default", Extension=extension, ContentType=type_)
            self._root.insert(0, element)
            self._save()

    def forget(self, part: str) -> None:
        """The part is no longer there."""
        name = f"/{part}".lower()
        for element in [e for e in dom.children(self._root, "Override") if e.get("PartName", "").lower() == name]:
            self._root.remove(element)
            self._save()

    def _save(self) -> None:
        self._archive.put(_CONTENT_TYPES, dom.dump(self._root))
