"""xl/workbook.xml: the order of sheets, which one is open, defined names, and where the parts are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.workbook.patch import dom
from importer.workbook.patch.package import STRICT, STRICT_TYPES, TRANSITIONAL_TYPES, ContentTypes, Relationships
from importer.workbook.patch.values import UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.workbook.patch.archive import Archive

SUMMARY_MARKER = "_importer_summary"  # hidden defined name that points at our summary sheet
COLUMNS_MARKER = "_importer_columns"  # hidden defined name over our columns where no technical names stand in the sheet
TITLE_LIMIT = 31  # UTF-16 units of a sheet name
_ORDER = (
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "AlternateContent",
    "revisionPtr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
)
_REFERENCE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]+)\$?\d+(?::\$?([A-Z]+)\$?\d+)?$")


class Book:
    """The workbook part as a tree; `save` writes it back if something changed."""

    def __init__(self, archive: Archive) -> None:
        """Raises UnpatchableWorkbook if this is no workbook in XML."""
        found = Relationships(archive, "").of_kind("officeDocument")
        if found is None or found.part.endswith(".bin"):
            raise UnpatchableWorkbook("the file is no .xlsx or .xlsm workbook")
        self._archive = archive
        self.part = found.part
        self._root = dom.parse(archive.read(self.part), self.part)
        self._before = dom.dump(self._root)
        self.relationships = Relationships(archive, self.part)
        self.types = ContentTypes(archive)
        self.namespace = dom.namespace(self._root)
        self.relation_types = STRICT_TYPES if self.namespace.startswith(STRICT) else TRANSITIONAL_TYPES
        self._sheets = dom.child(self._root, "sheets")
        if dom.local(self._root) != "workbook" or self._sheets is None:
            raise UnpatchableWorkbook("the file is no .xlsx or .xlsm workbook")

    @property
    def titles(self) -> list[str]:
        """Sheet names in order."""
        return [sheet.get("name", "") for sheet in dom.children(self._sheets, "sheet")]

    @property
    def views(self) -> int:
        """How many windows the workbook has; every sheet has one view for each."""
        return max(1, len(dom.children(dom.child(self._root, "bookViews"), "workbookView")))

    def part_of(self, title: str) -> str:
        """The part of a worksheet. Raises UnpatchableWorkbook if there is none of that name or it is a chart."""
        for sheet in dom.children(self._sheets, "sheet"):
            if sheet.get("name", "").casefold() == title.casefold():
                found = {r.id: r for r in self.relationships.all()}.get(self._relation_id(sheet))
                if found is not None and found.kind == "worksheet" and found.part in self._archive:
                    return found.part
        raise UnpatchableWorkbook("the workbook has no worksheet {sheet}", sheet=title)

    def other_sheets(self, part: str) -> list[str]:
        """The parts of all sheets, charts too, except `part`."""
        ids = {self._relation_id(sheet) for sheet in dom.children(self._sheets, "sheet")}
        return [r.part for r in self.relationships.all() if r.id in ids and r.part != part and r.part in self._archive]

    def add_first(self, title: str, part: str) -> str:
        """Put a worksheet part in front, open and active; returns the name it got (unique, legal)."""
        assert self._sheets is not None  # noqa: S101  # proven in __init__
        name = self._free_title(title)
        number = max((int(sheet.get("sheetId", "0")) for sheet in self._sheets), default=0) + 1
        id_ = self.relationships.add(f"{self.relation_types}/worksheet", part)
        sheet = dom.add(self._sheets, "sheet", name=name, sheetId=str(number))
        sheet.set(f"{{{self.relation_types}}}id", id_)
        self._sheets.insert(0, sheet)
        self._shift_local_names(0, 1)
        self._open(lambda _index: 0)
        return name

    def remove_summary(self) -> bool:
        """Take the summary sheet of an earlier round away, part and all; True if there was one."""
        title = self._marked_title()
        self.set_name(SUMMARY_MARKER, None)
        if title not in self.titles or len(self.titles) == 1:
            return False
        index = self.titles.index(title)
        assert self._sheets is not None  # noqa: S101  # proven in __init__
        sheet = dom.children(self._sheets, "sheet")[index]
        self._drop_part(self._relation_id(sheet))
        self._sheets.remove(sheet)
        self._shift_local_names(index, -1)
        self._open(lambda active: max(0, active - (active > index)))
        return True

    def activate(self, title: str) -> None:
        """Open the workbook on that sheet."""
        index = self.titles.index(next(t for t in self.titles if t.casefold() == title.casefold()))
        self._open(lambda _index: index)

    def name_range(self, name: str) -> tuple[str, str, str] | None:
        """(sheet, first column letters, last column letters) of a defined name; None without it or if it points nowhere."""
        for element in self._names():
            match = _REFERENCE.match((element.text or "").strip()) if element.get("name") == name else None
            if match:
                return (match[1] or match[2]).replace("''", "'"), match[3], match[4] or match[3]
        return None

    def set_name(self, name: str, reference: str | None) -> None:
        """Set a hidden defined name to e.g. `'Sheet'!$A$1`, or take it away with None."""
        for element in self._names():
            if element.get("name") == name:
                dom.discard(element)
        names = dom.child(self._root, "definedNames")
        if reference is not None:
            names = dom.add_in_order(self._root, "definedNames", _ORDER) if names is None else names
            dom.add(names, "definedName", name=name, hidden="1").text = reference
        elif names is not None and not len(names):
            self._root.remove(names)

    def set_filter(self, title: str, reference: str) -> None:
        """Let the hidden name of a sheet's filter say the same as the sheet."""
        index = next(number for number, known in enumerate(self.titles) if known.casefold() == title.casefold())
        for element in self._names():
            if element.get("name") == "_xlnm._FilterDatabase" and element.get("localSheetId") == str(index):
                element.text = reference

    def rename_areas(self, change: Callable[[str], str]) -> None:
        """Let `change` rewrite what every defined name stands for."""
        for element in self._names():
            if element.text and (text := change(element.text)) != element.text:
                element.text = text

    def save(self) -> None:
        """Write the part back; left byte for byte if nothing changed."""
        after = dom.dump(self._root)
        if after != self._before:
            self._archive.put(self.part, after)

    def _relation_id(self, sheet: dom.Element) -> str:
        return next((str(value) for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")

    def _names(self) -> list[dom.Element]:
        return dom.children(dom.child(self._root, "definedNames"), "definedName")

    def _marked_title(self) -> str:
        found = self.name_range(SUMMARY_MARKER)
        return "" if found is None else found[0]

    def _drop_part(self, id_: str) -> None:
        for relationship in [r for r in self.relationships.all() if r.id == id_]:
            for owned in Relationships(self._archive, relationship.part).all():
                Relationships(self._archive, relationship.part).remove(owned.id)
            self._archive.drop(relationship.part)
            self.types.forget(relationship.part)
        self.relationships.remove(id_)

    def _shift_local_names(self, index: int, by: int) -> None:
        for element in self._names():
            local = element.get("localSheetId")
            if local is None:
                continue
            if by < 0 and int(local) == index:
                dom.discard(element)
            elif int(local) >= index:
                element.set("localSheetId", str(int(local) + by))

    def _open(self, new_index: Callable[[int], int]) -> None:
        views = dom.child(self._root, "bookViews")
        if views is None:
            views = dom.add_in_order(self._root, "bookViews", _ORDER)
        for view in dom.children(views, "workbookView") or [dom.add(views, "workbookView")]:
            view.set("activeTab", str(new_index(int(view.get("activeTab", "0")))))
            view.attrib.pop("firstSheet", "")

    def _free_title(self, title: str) -> str:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", title).strip("'") or "Summary"
        taken = {known.casefold() for known in self.titles}
        name, number = base[:TITLE_LIMIT], 2
        while name.casefold() in taken:
            suffix = f" ({number})"
            name, number = base[: TITLE_LIMIT - len(suffix)] + suffix, number + 1
        return name
