from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from importer.mapping import Mapping as DocumentType
from importer.mapping import load_mappings
from importer.workbook.reader import Sheet, read_workbook

NAMES = ["doc_key", "doc_type_no", "doc_date", "item_no", "warehouse_no", "qty", "lot_no"]
LABELS = ["單據鍵值*", "單別*", "單據日期*", "料號*", "倉庫*", "數量*", "批號"]
ROW = ["1", "I01", "2026-01-31", "ITEM-1", "W1", 5, None]


@pytest.fixture(scope="session")
def mappings() -> dict[str, DocumentType]:
    return load_mappings()


@pytest.fixture
def read(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> Callable[..., Sheet]:
    """Write rows as a one-sheet workbook, let `change` do something to it, and read it as a misc. issue."""

    def make(
        rows: Sequence[Sequence[object]],
        *,
        change: Callable[[openpyxl.Workbook], object] = lambda _: None,
        document_type: str | None = "misc_issue",
    ) -> Sheet:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        change(book)
        book.save(tmp_path / "book.xlsx")
        return read_workbook(tmp_path / "book.xlsx", mappings, document_type=document_type)

    return make


@pytest.fixture
def read_xml(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> Callable[..., Sheet]:
    """Read a workbook whose sheet is this XML, for what no library writes."""

    def make(sheet_xml: str, *, namespace: str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", prefix: str = "") -> Sheet:
        write_package(tmp_path / "xml.xlsx", sheet_xml, namespace=namespace, prefix=prefix)
        return read_workbook(tmp_path / "xml.xlsx", mappings, document_type="misc_issue")

    return make


def write_package(path: Path, sheet_xml: str, *, namespace: str, prefix: str) -> None:
    """The smallest package that is a workbook; `{p}` in the XML is the namespace prefix with its colon."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://purl.oclc.org/ooxml/officeDocument" if "purl" in namespace else "http://schemas.openxmlformats.org/officeDocument/2006"
    p = f"{prefix}:" if prefix else ""
    xmlns = f'xmlns:{prefix}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    sheet_xml = sheet_xml.replace("<", f"<{p}").replace(f"<{p}/", f"</{p}")
    sheets = f'<{p}sheets><{p}sheet name="S" sheetId="1" r:id="r1"/></{p}sheets>'

    def relation(kind: str, target: str) -> str:
        one = f'<Relationship Id="r1" Type="{office}/relationships/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{relations}">{one}</Relationships>'

    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relation("officeDocument", "/xl/workbook.xml"),
        "xl/workbook.xml": f'<{p}workbook {xmlns} xmlns:r="{office}/relationships">{sheets}</{p}workbook>',
        "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f"<{p}worksheet {xmlns}><{p}sheetData>{sheet_xml}</{p}sheetData></{p}worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


def text_cells(row: int, texts: Sequence[str]) -> str:
    """A row of inline strings from column A on."""
    cells = "".join(f'<c r="{chr(65 + i)}{row}" t="inlineStr"><is><t>{text}</t></is></c>' for i, text in enumerate(texts))
    return f'<row r="{row}">{cells}</row>'


def codes(sheet: Sheet) -> list[tuple[str, str | None]]:
    return [(found.code, found.cell) for found in sheet.issues]
