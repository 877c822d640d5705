"""LibreOffice opens our templates, keeps what they are made of, and calculates the drop-downs as we mean them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from unit.template.site_lists import LISTS, WITHIN

from importer.mapping import DOC_KEY, load_mappings, shipped_folder
from importer.mapping import Mapping as DocumentType
from importer.models import column_letters
from importer.workbook.reader import read_workbook
from importer.workbook.template import template_name, write_template

MAPPINGS = load_mappings()
SOFFICE = shutil.which("soffice")
MOST = max(map(len, WITHIN.values())) + 1

pytestmark = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed")


def through_libreoffice(paths: Sequence[Path], folder: Path) -> dict[str, Path]:
    """The workbooks as LibreOffice saves them after opening and calculating, by name."""
    folder.mkdir()
    home = f"-env:UserInstallation=file://{folder}/profile"
    command = [str(SOFFICE), home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return {path.name: folder / path.name for path in paths}


def contents(sheet: Worksheet) -> dict[str, object]:
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_shipped_templates_come_through(tmp_path: Path) -> None:
    """Every shipped template opens in LibreOffice and comes out with the same texts, comments, rules, protection, and no row of data."""
    sources = sorted(shipped_folder("templates_xlsx").glob("*.xlsx"))
    saved = through_libreoffice(sources, tmp_path / "saved")
    for source in sources:
        before, after = openpyxl.load_workbook(source), openpyxl.load_workbook(saved[source.name])
        assert before.sheetnames == after.sheetnames
        assert [sheet.sheet_state for sheet in before] == [sheet.sheet_state for sheet in after]
        assert [contents(sheet) for sheet in before] == [contents(sheet) for sheet in after]
        data, kept = before.worksheets[1], after.worksheets[1]
        assert [cell.comment.text for cell in data[2]] == [cell.comment.text for cell in kept[2]]
        assert prompts(data) == prompts(kept)
        assert (kept.protection.sheet, kept.row_dimensions[1].hidden, kept.auto_filter.ref) == (True, True, data.auto_filter.ref)
        read = read_workbook(saved[source.name], MAPPINGS)
        assert [found.code for found in read.issues] == ["no_rows"]
        assert source.name == template_name(MAPPINGS[str(read.document_type)], str(read.language))


def prompts(sheet: Worksheet) -> set[tuple[str | None, str | None]]:
    return {(rule.promptTitle, rule.prompt) for rule in sheet.data_validations.dataValidation}


def header_warehouse() -> DocumentType:
    """A document type of one warehouse per document, whose lines have locations in it."""
    content = MAPPINGS["misc_issue"].model_dump(exclude_unset=True)
    content["header"]["warehouse_no"] = content["lines"].pop("warehouse_no")
    return DocumentType.model_validate(content)


CASES: Mapping[str, tuple[DocumentType, str, str]] = {  # mapping, field of the location, of its warehouse
    "issue": (MAPPINGS["misc_issue"], "location_no", "warehouse_no"),
    "from": (MAPPINGS["transfer"], "out_location_no", "out_warehouse_no"),
    "to": (MAPPINGS["transfer"], "in_location_no", "in_warehouse_no"),
    "head": (header_warehouse(), "location_no", "warehouse_no"),
}


def test_the_drop_down_of_a_location_follows_its_warehouse(tmp_path: Path) -> None:
    """For every warehouse, whatever its code looks like, LibreOffice finds exactly its locations; for an unknown one or none a blank.

    What the drop-down offers is calculated as a formula of cells beside it, in the row of each warehouse.
    """
    warehouses = [*WITHIN, None, "EMPTY", None, "unknown", None]
    paths = []
    for case, (mapping, location, warehouse) in CASES.items():
        paths.append(tmp_path / f"{case}.xlsx")
        write_template(mapping, "zh_TW", paths[-1], lists=LISTS)
        ask(paths[-1], mapping, location, warehouse, warehouses)
    saved = through_libreoffice(paths, tmp_path / "saved")
    for case, (mapping, _, warehouse) in CASES.items():
        rules = openpyxl.load_workbook(saved[f"{case}.xlsx"]).worksheets[1].data_validations.dataValidation
        assert any(rule.type == "list" and rule.formula1.startswith("OFFSET(codes_locations,") for rule in rules), "the drop-down is kept"
        meant = warehouses
        if warehouse in mapping.header:  # a blank cell of the document head means what stands above
            meant = list(accumulate(warehouses, lambda above, code: code or above))
        assert answered(saved[f"{case}.xlsx"], len(meant)) == [sorted(WITHIN.get(code or "", [])) for code in meant], case


def ask(path: Path, mapping: DocumentType, location: str, warehouse: str, warehouses: Sequence[str | None]) -> None:
    """Fill in the warehouses, and let cells at the right calculate how many codes the location's drop-down has, and each of them."""
    book = openpyxl.load_workbook(path)
    data = book.worksheets[1]
    names = [DOC_KEY, *mapping.columns]
    letter = column_letters(names.index(location) + 1)
    (source,) = (rule.formula1 for rule in data.data_validations.dataValidation if str(rule.sqref).startswith(f"{letter}3:"))
    for row, code in enumerate(warehouses, 3):
        cell = data.cell(row, names.index(warehouse) + 1)
        cell.value = code
        cell.data_type = "s"  # text, also where it begins with =
        here = re.sub(r"(\$[A-Z]+)3\b", rf"\g<1>{row}", source)
        data.cell(row, 40).value = f"=ROWS({here})"
        for number in range(1, MOST + 1):
            data.cell(row, 40 + number).value = f'=IF({number}>ROWS({here}),"",INDEX({here},{number})&"")'
    book.save(path)


def answered(path: Path, rows: int) -> list[list[str]]:
    """By row what the drop-down offers."""
    data = openpyxl.load_workbook(path, data_only=True).worksheets[1]
    found = []
    for row in range(3, 3 + rows):
        count = data.cell(row, 40).value
        found.append([text for number in range(1, int(str(count)) + 1) if (text := data.cell(row, 40 + number).value)])
    return found
