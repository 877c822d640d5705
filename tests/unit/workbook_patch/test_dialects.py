"""Every way of writing a sheet's XML that programs in the field use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import openpyxl
import pytest
import python_calamine
from unit.workbook_patch.books import SHEET, VALUES, minimal, parts, patch, rewrite, strip, users_book

from importer.workbook.patch import Mark

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_TYPES = "http://purl.oclc.org/ooxml/officeDocument/relationships"

PLAIN = (
    f'<worksheet xmlns="{MAIN}"><dimension ref="A1:B5"/><sheetData><row r="1"><c r="A1" t="str"><v>item</v></c></row>'
    '<row r="2"><c r="A2" t="str"><v>料</v></c></row><row r="3"/><row r="4"><c r="A4" t="str"><v>a&lt;b</v></c>'
    '<c r="B4" s="1"><v>7</v></c></row><row r="5"><c r="A5" s="1"/></row></sheetData></worksheet>'
)


def implicit(xml: str) -> str:
    """Rows and cells without their places."""
    return re.sub(r' r="\w+"', "", xml)


def prefixed(xml: str) -> str:
    """Every element with a prefix."""
    return re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")


DIALECTS: dict[str, str | bytes] = {
    "plain": PLAIN,
    "declaration": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + PLAIN,
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf-16": ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16"),
    "implicit places": implicit(PLAIN),
    "prefixed": prefixed(PLAIN),
    "single quotes": PLAIN.replace('"', "'"),
    "spread over lines": PLAIN.replace("><", ">\n  <").replace(" r=", "\n r="),
    "comments": PLAIN.replace("<sheetData>", "<!-- <row> --><sheetData><!-- </sheetData> -->"),
    "CDATA": PLAIN.replace("a&lt;b", "<![CDATA[a<b]]>"),
    "greater-than in attributes": PLAIN.replace('<row r="4">', '<row r="4" x="&lt;>/>">'),
    "extensions in rows": PLAIN.replace("<v>7</v></c></row>", '<v>7</v></c><extLst><ext uri="x"/></extLst></row>'),
}
MARKS = (Mark(row=4, column=2, severity="error", text="x"), Mark(row=5, column=2, severity="error", text="y"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_takes_results(tmp_path: Path, dialect: str) -> None:
    """Results, marks and the user's cells are where they belong, whoever wrote the sheet."""
    target = patch(minimal(tmp_path / "a.xlsx", DIALECTS[dialect], styles=True), marks=MARKS)
    page = openpyxl.load_workbook(target)[SHEET]
    assert [page[place].value for place in ("A1", "A2", "A4", "B4", "C2", "C3", "D4", "D9")] == [
        "item",
        "料",
        "a<b",
        7,
        "狀態",
        "posted",
        "=1+1",
        12,
    ]
    assert page["B4"].number_format == "0.00"
    assert page["B4"].comment
    assert page["B5"].comment
    calamine = python_calamine.CalamineWorkbook.from_path(str(target)).get_sheet_by_name(SHEET)
    assert calamine.to_python(skip_empty_area=False)[3][:4] == ["a<b", 7, "refused", "=1+1"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_them_back(tmp_path: Path, dialect: str) -> None:
    """Stripping gives the user's cells and formats again."""
    source = minimal(tmp_path / "a.xlsx", DIALECTS[dialect], styles=True)
    before = openpyxl.load_workbook(source)[SHEET]
    after = openpyxl.load_workbook(strip(patch(source, marks=MARKS)))[SHEET]
    assert [[(c.value, c.number_format) for c in row] for row in after["A1:F9"]] == [
        [(c.value, c.number_format) for c in row] for row in before["A1:F9"]
    ]


def test_strict_workbooks(tmp_path: Path) -> None:
    """A workbook in the strict form of the standard gets strict parts."""
    source = minimal(tmp_path / "a.xlsx", PLAIN.replace(MAIN, STRICT), namespace=STRICT, types=STRICT_TYPES, styles=True)
    content = parts(patch(source, marks=MARKS))
    assert STRICT.encode() in content["xl/comments1.xml"]
    assert MAIN.encode() not in b"".join(data for name, data in content.items() if name.endswith(".xml"))
    assert STRICT_TYPES.encode() + b"/comments" in content["xl/worksheets/_rels/sheet1.xml.rels"]
    calamine = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "patched-a.xlsx"))
    assert calamine.get_sheet_by_name(SHEET).to_python()[2][2:] == list(VALUES[3])


def test_technical_names_as_shared_strings(tmp_path: Path) -> None:
    """Excel moves texts into a list of its own when it saves; old columns are still found."""
    target = patch(minimal(tmp_path / "a.xlsx", PLAIN, styles=True), marks=(), summary=None)
    names = ["_result.status", "_result.message", "_ref"]
    xml = parts(target)["xl/worksheets/sheet1.xml"].decode()
    for index, name in enumerate(names):
        xml = xml.replace(f't="inlineStr"><is><t>{name}</t></is>', f't="s"><v>{index}</v>')
    items = "<si><r><t>_result</t></r><r><t>.status</t></r></si><si><t>_result.message</t></si><si><t>_ref</t></si>"
    relationships = parts(target)["xl/_rels/workbook.xml.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="t" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"'
        b' Target="sharedStrings.xml"/></Relationships>',
    )
    changes = {
        "xl/worksheets/sheet1.xml": xml.encode(),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{items}</sst>'.encode(),
        "xl/_rels/workbook.xml.rels": relationships,
    }
    assert '<c r="C2"' not in parts(strip(rewrite(target, changes)))["xl/worksheets/sheet1.xml"].decode()


def test_rows_longer_than_a_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file is cut when it is read, the outcome is the same."""
    source = users_book(tmp_path / "a.xlsx")
    whole = parts(patch(source))
    monkeypatch.setattr("importer.workbook.patch.archive.CHUNK", 7)
    assert parts(patch(source)) == whole
