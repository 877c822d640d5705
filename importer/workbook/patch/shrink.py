"""What stands around a sheet's rows and points at them, after some rows are gone: areas, rules, tables, pictures, names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.workbook.patch import dom
from importer.workbook.patch.package import Relationships
from importer.workbook.patch.values import UnpatchableWorkbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from importer.workbook.patch.archive import Archive
    from importer.workbook.patch.book import Book
    from importer.workbook.patch.keep import Keep

_ROWS = re.compile(rb"<((?:[\w.-]+:)?)sheetData(?=[\s/>])[^>]*/>")
_AREA_ATTRIBUTES = ("ref", "sqref", "r")  # of elements outside the rows; `r` of cellWatch and inputCells
_FORMULAS = ("formula", "formula1", "formula2", "f")
_LISTS = ("mergeCells", "dataValidations", "hyperlinks", "ignoredErrors", "protectedRanges", "cellWatches", "sparklines", "rowBreaks")
_FILTER_STATE = ("filterColumn", "sortState")


def refuse_pivots(archive: Archive, part: str) -> None:
    """A pivot table between the rows cannot be moved. Raises UnpatchableWorkbook."""
    if Relationships(archive, part).of_kind("pivotTable") is not None:
        raise UnpatchableWorkbook("the sheet holds a pivot table")


def shrink_frame(archive: Archive, book: Book, part: str, sheet: str, xml: bytes, keep: Keep) -> tuple[bytes, bytes]:
    """What stands before and after the rows, from the sheet's XML without them; tables that are wholly gone go with their parts."""
    root = dom.parse(xml, part)
    _scroll_up(root, keep)
    _unmerge(root, keep)
    for element in [found for found in root.iter() if dom.local(found) in _FILTER_STATE]:
        dom.discard(element)
    for setting in dom.children(root, "sheetPr"):
        setting.attrib.pop("filterMode", "")
    for element in list(root.iter()):
        _move(element, sheet, keep)
    for element in dom.children(dom.child(root, "rowBreaks"), "brk"):
        _move_break(element, keep)
    _shrink_tables(archive, book, part, root, keep)
    _recount(root)
    dumped = dom.dump(root)
    rows = _ROWS.search(dumped)
    if rows is None:
        raise UnpatchableWorkbook("the sheet's XML is damaged")
    return dumped[: rows.start()] + rows[0][:-2] + b">", b"</%ssheetData>" % rows[1] + dumped[rows.end() :]


def shrink_neighbours(archive: Archive, book: Book, part: str, sheet: str, keep: Keep) -> None:
    """Threads of comments, pictures and charts on the sheet, defined names; the order of calculation is made anew by Excel."""
    for relationship in Relationships(archive, part).all():
        if relationship.kind == "threadedComment" and relationship.part in archive:
            _edit(archive, relationship.part, lambda root: _move_threads(root, keep))
        elif relationship.kind == "drawing" and relationship.part in archive:
            _edit(archive, relationship.part, lambda root: _move_anchors(root, keep))
    book.rename_areas(lambda text: keep.named(text, sheet))
    if (chain := book.relationships.of_kind("calcChain")) is not None:
        book.relationships.remove(chain.id)
        archive.drop(chain.part)
        book.types.forget(chain.part)


def _scroll_up(root: dom.Element, keep: Keep) -> None:
    """The sheet opens at its first rows: where it was scrolled to may be gone."""
    for element in dom.children(dom.child(root, "sheetViews"), "sheetView"):
        for place in [element, *dom.children(element, "pane")]:
            if (cell := place.get("topLeftCell")) is not None:
                letters = cell.rstrip("0123456789")
                place.set("topLeftCell", f"{letters}{min(int(cell[len(letters) :] or 1), keep.top + 1)}")
        for selection in dom.children(element, "selection"):
            area = keep.area(selection.get("activeCell", "A1")) or f"A{keep.top + 1}"
            selection.set("activeCell", area)
            selection.set("sqref", area)
            selection.attrib.pop("activeCellId", "")


def _unmerge(root: dom.Element, keep: Keep) -> None:
    """Cells that are merged over several data rows are single cells again: each row says by itself what it holds."""
    for element in dom.children(dom.child(root, "mergeCells"), "mergeCell"):
        numbers = [int(number) for number in re.findall(r"\d+", element.get("ref", ""))]
        if len(set(numbers)) > 1 and max(numbers) > keep.top:
            dom.discard(element)


def _move(element: dom.Element, sheet: str, keep: Keep) -> None:
    if not isinstance(element.tag, str) or dom.local(element) in ("dimension", "selection", "row", "c"):
        return
    if dom.local(element) in ("conditionalFormatting", "dataValidation", "sparkline") and element.get("sqref") is None:
        _move_extension(element, sheet, keep)
        return
    for name in _AREA_ATTRIBUTES:
        before = element.get(name)
        if before is None or (name == "r" and dom.local(element) not in ("cellWatch", "inputCells")):
            continue
        after = keep.areas(before)
        if not after:
            dom.discard(element)
            return
        element.set(name, after)
        _move_formulas(element, keep, before, after)


def _move_extension(element: dom.Element, sheet: str, keep: Keep) -> None:
    """Rules and sparklines of newer versions of Excel name their area in an element of its own."""
    area = dom.child(element, "sqref")
    if area is None:
        return
    before = (area.text or "").strip()
    after = keep.areas(before)
    if not after:
        dom.discard(element)
        return
    area.text = after
    if dom.local(element) != "sparkline":
        _move_formulas(element, keep, before, after)
        return
    for source in dom.children(element, "f"):
        source.text = keep.named(source.text or "", sheet)


def _move_formulas(element: dom.Element, keep: Keep, before: str, after: str) -> None:
    if dom.local(element) not in ("conditionalFormatting", "dataValidation"):
        return
    for inner in element.iter():
        if dom.local(inner) in _FORMULAS and inner.text:
            inner.text = keep.formula(inner.text, before, after)


def _move_break(element: dom.Element, keep: Keep) -> None:
    row = keep.row(int(element.get("id", "0")))
    if row is None:
        dom.discard(element)
    else:
        element.set("id", str(row))


def _recount(root: dom.Element) -> None:
    """Lists say how many entries they have; Excel refuses an empty one."""
    for element in [found for found in root.iter() if dom.local(found) in _LISTS or dom.local(found) == "tableParts"]:
        if not len(element):
            parent = element.getparent()
            dom.discard(element)
            if parent is not None and dom.local(parent) == "sparklineGroup":
                dom.discard(parent)
            continue
        for name in ("count", "manualBreakCount"):
            if element.get(name) is not None:
                element.set(name, str(len(element)))
    for groups in [found for found in root.iter() if dom.local(found) in ("conditionalFormattings", "sparklineGroups", "dataValidations")]:
        if not len(groups):
            _discard_extension(groups)
    for extension in [found for found in root.iter() if dom.local(found) == "ext"]:
        if not len(extension):
            _discard_extension(extension)


def _discard_extension(element: dom.Element) -> None:
    parent = element.getparent()
    dom.discard(element)
    if parent is not None and dom.local(parent) in ("ext", "extLst") and not len(parent):
        _discard_extension(parent)


# -- other parts -----------------------------------------------------------------------------------------------------


def _edit(archive: Archive, part: str, change: Callable[[dom.Element], None]) -> None:
    root = dom.parse(archive.read(part), part)
    change(root)
    archive.put(part, dom.dump(root))


def _shrink_tables(archive: Archive, book: Book, part: str, sheet_root: dom.Element, keep: Keep) -> None:
    links = Relationships(archive, part)
    gone = set()
    for relationship in [found for found in links.all() if found.kind == "table" and found.part in archive]:
        root = dom.parse(archive.read(relationship.part), relationship.part)
        if _shrink_table(root, keep):
            archive.put(relationship.part, dom.dump(root))
            continue
        gone.add(relationship.id)
        links.remove(relationship.id)
        archive.drop(relationship.part)
        book.types.forget(relationship.part)
    for element in dom.children(dom.child(sheet_root, "tableParts"), "tablePart"):
        if any(str(value) in gone for value in element.attrib.values()):
            dom.discard(element)


def _shrink_table(table: dom.Element, keep: Keep) -> bool:
    """True if the table is still there: its heading is, and then it has at least one row, empty if need be."""
    before = table.get("ref", "")
    match = re.match(r"^([A-Z]+)(\d+):([A-Z]+)(\d+)$", before)
    top = keep.row(int(match[2])) if match else None
    if match is None or top is None:
        return False
    last = int(match[4])
    if int(table.get("totalsRowCount", "0")) and keep.row(last) is None:
        table.attrib.pop("totalsRowCount")
        table.set("totalsRowShown", "0")
        for column in table.iter():
            for name in ("totalsRowFunction", "totalsRowLabel", "totalsRowDxfId"):
                column.attrib.pop(name, "")
            for formula in dom.children(column, "totalsRowFormula"):
                dom.discard(formula)
    span = keep.span(int(match[2]), last)
    bottom = max(span[1] if span else top, top + int(table.get("headerRowCount", "1")))
    table.set("ref", f"{match[1]}{top}:{match[3]}{bottom}")
    for filter_ in dom.children(table, "autoFilter"):
        filter_.set("ref", f"{match[1]}{top}:{match[3]}{bottom - int(table.get('totalsRowCount', '0'))}")
    for state in [found for found in table.iter() if dom.local(found) in _FILTER_STATE]:
        dom.discard(state)
    return True


def _move_threads(root: dom.Element, keep: Keep) -> None:
    for comment in dom.children(root, "threadedComment"):
        area = keep.area(comment.get("ref", ""))
        if area is None:
            dom.discard(comment)
        else:
            comment.set("ref", area)


def _move_anchors(root: dom.Element, keep: Keep) -> None:
    """A picture stays with its row, in its size; on a row that is gone it stays where that was."""
    for anchor in root:
        rows = [dom.child(dom.child(anchor, end), "row") for end in ("from", "to")]
        numbers = [int(row.text or 0) for row in rows if row is not None]
        if not numbers:
            continue
        moved = keep.nearest(numbers[0] + 1) - 1  # counted from 0 here
        for row, number in zip((row for row in rows if row is not None), numbers, strict=True):
            row.text = str(number + moved - numbers[0])
