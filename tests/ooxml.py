"""A strict reader of workbooks: everything that makes Excel offer a repair, found without Excel.

openxml-audit knows the schema as Microsoft's Open XML SDK does; what Excel demands beyond the schema is looked after here.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import etree
from openxml_audit import OpenXmlValidator, ValidationSeverity

__all__ = ["problems"]

MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
LEGAL_NAME: Final = re.compile(r"^[^\W\d][\w.]*$|^_xlnm\.\w+$")
LOOKS_LIKE_CELL: Final = re.compile(r"^([A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*)$")
AREA: Final = re.compile(r"^\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")
WORD: Final = re.compile(r"[^\W\d][\w.]*(?![\w.(!'])")
LONGEST: Final = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}  # characters of an input message
SCHEMA: Final = OpenXmlValidator()

Parts = Mapping[str, bytes]


def problems(path: Path) -> list[str]:
    """What is wrong with a workbook, one sentence each; nothing for one that opens without a word."""
    with zipfile.ZipFile(path) as archive:
        twice = [name for name, count in Counter(archive.namelist()).items() if count > 1]
        parts = {name: archive.read(name) for name in archive.namelist()}
    found = [f"{name}: twice in the package" for name in twice]
    found += [str(error) for error in SCHEMA.validate(path).errors if error.severity == ValidationSeverity.ERROR]
    if not found:
        found += [*_package(parts), *_workbook(parts)]
        for part in _sheets(parts).values():
            found += [f"{part}: {text}" for text in _sheet(part, parts)]
    return found


def _package(parts: Parts) -> Iterator[str]:
    """Every part has a content type, every relationship a target, every part somebody who refers to it."""
    types = etree.fromstring(parts["[Content_Types].xml"])
    known = {element.get("PartName", "").lstrip("/") for element in types if element.tag.endswith("}Override")}
    extensions = {element.get("Extension", "").lower() for element in types if element.tag.endswith("}Default")}
    for name in known - set(parts):
        yield f"{name}: has a content type and is not there"
    referred = set()
    for name in parts:
        if name == "[Content_Types].xml":
            continue
        if name not in known and name.rpartition(".")[2].lower() not in extensions:
            yield f"{name}: has no content type"
        if name.endswith(".rels"):
            folder = posixpath.dirname(posixpath.dirname(name))
            for target in _targets(parts, name, folder).values():
                referred.add(target)
                if target not in parts:
                    yield f"{name}: {target} is not there"
    for name in parts:
        if name not in referred and not name.endswith(".rels") and name != "[Content_Types].xml":
            yield f"{name}: nobody refers to it"


def _targets(parts: Parts, relations: str, folder: str) -> dict[str, str]:
    """Relationship id -> part, external ones left out."""
    if relations not in parts:
        return {}
    return {
        element.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
        for element in etree.fromstring(parts[relations])
        if element.get("TargetMode") != "External"
    }


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _sheets(parts: Parts) -> dict[str, str]:
    """Sheet name -> part."""
    targets = _targets(parts, _relations_of("xl/workbook.xml"), "xl")
    book = etree.fromstring(parts["xl/workbook.xml"])
    return {sheet.get("name", ""): targets.get(sheet.get(f"{OFFICE}id", ""), "") for sheet in book.iter(f"{MAIN}sheet")}


def _workbook(parts: Parts) -> Iterator[str]:
    """Sheets and defined names: unique, legal, pointing at what is there; the open sheet is one that can be seen."""
    book = etree.fromstring(parts["xl/workbook.xml"])
    sheets = list(book.iter(f"{MAIN}sheet"))
    titles = [sheet.get("name", "") for sheet in sheets]
    for key in ("name", "sheetId"):
        values = [sheet.get(key, "").casefold() for sheet in sheets]
        if len(set(values)) < len(values):
            yield f"two sheets of one {key}"
    for title in titles:
        if not 0 < len(title) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", title):
            yield f"sheet name {title!r}"
    active = next((int(view.get("activeTab", "0")) for view in book.iter(f"{MAIN}workbookView")), 0)
    if active >= len(sheets) or sheets[active].get("state", "visible") != "visible":
        yield "the open sheet cannot be seen"
    names = Counter((name.get("name", "").casefold(), name.get("localSheetId")) for name in book.iter(f"{MAIN}definedName"))
    yield from (f"name {name} twice" for (name, _), count in names.items() if count > 1)
    for name in book.iter(f"{MAIN}definedName"):
        label, reference = name.get("name", ""), name.text or ""
        if not LEGAL_NAME.match(label) or LOOKS_LIKE_CELL.match(label) or len(label) > 255:
            yield f"name {label!r} is not legal"
        if int(name.get("localSheetId", "0")) >= len(sheets):
            yield f"name {label} belongs to no sheet"
        for quoted, bare in re.findall(r"(?:'((?:[^']|'')+)'|([\w.]+))!", reference):
            if (quoted.replace("''", "'") or bare) not in titles:
                yield f"name {label} points at {quoted or bare}, which is no sheet"
        if "#REF!" in reference:
            yield f"name {label} points nowhere"


def _sheet(part: str, parts: Parts) -> Iterator[str]:
    root = etree.fromstring(parts[part])
    yield from _cells(root, parts)
    yield from _areas(root)
    yield from _validations(root, parts)
    yield from _comments(part, root, parts)


def _cells(root: etree._Element, parts: Parts) -> Iterator[str]:
    """Rows and cells in order, each once, with styles that there are; columns that do not overlap."""
    styles = len(etree.fromstring(parts["xl/styles.xml"]).find(f"{MAIN}cellXfs"))
    last_row = 0
    for row in root.iter(f"{MAIN}row"):
        number = int(row.get("r", last_row + 1))
        if not last_row < number <= 1_048_576:
            yield f"row {number} after row {last_row}"
        last_row, last_column = number, 0
        for cell in row.iter(f"{MAIN}c"):
            place = cell.get("r", "")
            match = AREA.match(place)
            column = _number(match[1]) if match else 0
            if match is None or int(match[2]) != number or column <= last_column:
                yield f"cell {place} out of place"
            last_column = column
            if int(cell.get("s", "0")) >= styles:
                yield f"cell {place} has no style {cell.get('s')}"
    end = 0
    for run in root.iter(f"{MAIN}col"):
        if not end < int(run.get("min", "0")) <= int(run.get("max", "0")) <= 16_384:
            yield f"columns {run.get('min')} to {run.get('max')} after {end}"
        if int(run.get("style", "0")) >= styles:
            yield f"columns {run.get('min')}: no style {run.get('style')}"
        end = int(run.get("max", "0"))


def _areas(root: etree._Element) -> Iterator[str]:
    """Areas within the sheet."""
    for element in root.iter():
        for area in f"{element.get('ref') or ''} {element.get('sqref') or ''}".split():
            match = AREA.match(area)
            rows, columns = ((match[2], match[4] or "1"), (match[1], match[3] or "A")) if match else ((), ())
            if not match or max(map(int, rows)) > 1_048_576 or max(map(_number, columns)) > 16_384:
                yield f"area {area}"


def _validations(root: etree._Element, parts: Parts) -> Iterator[str]:
    """Messages and formulas no longer than Excel takes, formulas of names that there are, no cell with two."""
    names = {name.get("name", "") for name in etree.fromstring(parts["xl/workbook.xml"]).iter(f"{MAIN}definedName")}
    taken: set[str] = set()
    rules = list(root.iter(f"{MAIN}dataValidation"))
    if rules and root.find(f"{MAIN}dataValidations").get("count", str(len(rules))) != str(len(rules)):
        yield "count of validations"
    for rule in rules:
        place = rule.get("sqref", "")
        long = [key for key, limit in LONGEST.items() if len(rule.get(key, "").encode("utf-16-le")) > 2 * limit]
        yield from (f"{key} of {place} is too long" for key in long)
        if place in taken:
            yield f"two validations of {place}"
        taken.add(place)
        for formula in (element.text or "" for element in rule if element.tag in (f"{MAIN}formula1", f"{MAIN}formula2")):
            if not 0 < len(formula) <= 255 or formula.startswith("="):
                yield f"formula of {place}: {formula!r}"
            if formula.count("(") != formula.count(")"):
                yield f"brackets in the formula of {place}"
            words = set(WORD.findall(re.sub(r'"[^"]*"|\$?[A-Z]{1,3}\$?\d+|\d+E[+-]?\d+', " ", formula)))
            yield from (f"formula of {place}: there is no name {word}" for word in words - names)


def _comments(part: str, root: etree._Element, parts: Parts) -> Iterator[str]:
    """Every comment has one box in the drawing that the sheet links to, and every box a comment."""
    folder = posixpath.dirname(part)
    targets = _targets(parts, _relations_of(part), folder)
    linked = {element.get(f"{OFFICE}id", "") for element in root.iter() if element.get(f"{OFFICE}id")}
    yield from (f"no relationship {identity}" for identity in linked - set(targets))
    comments = [
        comment.get("ref", "")
        for target in targets.values()
        if "comments" in target.lower() and target.endswith(".xml")
        for comment in etree.fromstring(parts[target]).iter(f"{MAIN}comment")
    ]
    link = root.find(f"{MAIN}legacyDrawing")
    boxes = [] if link is None else list(_boxes(parts[targets[link.get(f"{OFFICE}id", "")]]))
    if len(set(comments)) < len(comments):
        yield "two comments on one cell"
    if sorted(comments) != sorted(boxes):
        yield f"comments without box or boxes without comment: {sorted(set(comments) ^ set(boxes))}"


def _boxes(drawing: bytes) -> Iterator[str]:
    """The cells that the notes of a VML drawing belong to."""
    excel = "{urn:schemas-microsoft-com:office:excel}"
    for data in etree.fromstring(drawing).iter(f"{excel}ClientData"):
        if data.get("ObjectType") == "Note":
            row, column = (int(data.findtext(f"{excel}{name}") or -1) for name in ("Row", "Column"))
            yield f"{_letters(column + 1)}{row + 1}"


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
