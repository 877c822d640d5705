"""A template comes from its mapping alone, looks the same on every machine, and is understood by the reader without a word."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import openpyxl
import pytest

from importer.mapping import DOC_KEY, load_mappings, shipped_folder
from importer.mapping import Mapping as DocumentType
from importer.messages import LANGUAGES
from importer.workbook.example import EXAMPLE_SHEETS
from importer.workbook.meta import LISTS_SHEET, META_SHEET
from importer.workbook.reader import read_workbook
from importer.workbook.template import LAST_ROW, main, template_name, write_template

MAPPINGS = load_mappings()
EVERY = [(document_type, language) for document_type in sorted(MAPPINGS) for language in LANGUAGES]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All templates, freshly made by the command."""
    folder = tmp_path_factory.mktemp("templates")
    assert main([str(folder)]) == 0
    return folder


def _parts(path: Path) -> Mapping[str, str]:
    """Canonical XML by part; without the part in which openpyxl names its own version."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: canonicalize(archive.read(name).decode("utf-8"), rewrite_prefixes=True)
            for name in archive.namelist()
            if name != "docProps/app.xml"
        }


def _choices() -> DocumentType:
    """A mapping with a drop-down, as a site may have it."""
    content = MAPPINGS["misc_issue"].model_dump(exclude_unset=True)
    content["lines"]["reason_no"]["choices"] = {"101": {"zh_TW": "報廢", "en": "scrap"}, "102": {"zh_TW": "樣品"}}
    return DocumentType.model_validate(content)


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_shipped_template_is_the_mapping(templates: Path, document_type: str, language: str) -> None:
    """The templates that are shipped say what the mappings say; who changes a mapping has to write them anew."""
    name = template_name(MAPPINGS[document_type], language)
    assert _parts(templates / name) == _parts(shipped_folder("templates_xlsx") / name)


def test_no_other_templates_are_shipped(templates: Path) -> None:
    """No template is left of a document type that is gone."""
    assert {path.name for path in shipped_folder("templates_xlsx").glob("*.xlsx")} == {path.name for path in templates.iterdir()}


def test_same_bytes_every_time(tmp_path: Path) -> None:
    """Two templates of one mapping are the same file, so that a new copy is no change."""
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    write_template(MAPPINGS["transfer"], "zh_TW", first)
    write_template(MAPPINGS["transfer"], "zh_TW", second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_blank_template_is_understood(templates: Path, document_type: str, language: str) -> None:
    """A blank template is recognised, all its columns are found, and nothing is wrong but that it is blank."""
    mapping = MAPPINGS[document_type]
    sheet = read_workbook(templates / template_name(mapping, language), MAPPINGS)
    assert [found.code for found in sheet.issues] == ["no_rows"]
    assert (sheet.document_type, sheet.language, sheet.name_row, sheet.label_row) == (document_type, language, 1, 2)
    assert list(sheet.columns) == [DOC_KEY, *mapping.columns]
    assert sheet.sheet == mapping.title_in(language)


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_what_a_user_sees(templates: Path, document_type: str, language: str) -> None:
    """Guide and data sheet are visible; labels carry stars and comments, codes are text, dates are dates, names are hidden."""
    mapping = MAPPINGS[document_type]
    book = openpyxl.load_workbook(templates / template_name(mapping, language))
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible", "visible", "hidden", "hidden"]
    assert book.sheetnames[2:] == [EXAMPLE_SHEETS[language], LISTS_SHEET, META_SHEET]
    data = book.worksheets[1]
    assert book.active is data
    assert data.row_dimensions[1].hidden
    assert data.freeze_panes == "B3"
    assert data.auto_filter.ref.startswith("A2:")
    assert data.max_row == 2, "no cells below that only carry a style"
    for position, (name, field) in enumerate(mapping.columns.items(), 2):
        cell = data.cell(2, position)
        assert cell.value == field.label_in(language) + ("*" if field.required else "")
        assert all(text in cell.comment.text for text in (field.help_in(language), field.example or ""))
        expected = {"code": "@", "text": "@", "date": "yyyy-mm-dd"}.get(field.type, "General")
        assert data.column_dimensions[cell.column_letter].number_format == expected, name
    fills = {data.cell(2, position).fill.fgColor.rgb for position in range(1, len(mapping.columns) + 2)}
    assert len(fills) == 3


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_guide_names_every_column(templates: Path, document_type: str, language: str) -> None:
    """The guide explains every column by its label and its technical name, with its length."""
    mapping = MAPPINGS[document_type]
    guide = openpyxl.load_workbook(templates / template_name(mapping, language)).worksheets[0]
    texts = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.value]
    for name, field in mapping.columns.items():
        assert name in texts
        assert any(text.strip("*") == field.label_in(language) for text in texts)
    assert any(str(mapping.max_length("remark")) in text for text in texts)
    assert not any("{" in text for text in texts)


def test_every_column_checks_what_is_typed(templates: Path) -> None:
    """Each column tells what it wants when a cell is chosen, down to the last row of the sheet."""
    data = openpyxl.load_workbook(templates / "misc_issue_zh_TW.xlsx").worksheets[1]
    validations = {str(found.sqref): found for found in data.data_validations.dataValidation}
    assert len(validations) == len(MAPPINGS["misc_issue"].columns) + 1
    assert all(place.endswith(str(LAST_ROW)) for place in validations)
    assert all(found.showInputMessage and found.prompt for found in validations.values())
    quantity = next(found for found in validations.values() if found.promptTitle == "數量")
    assert (quantity.type, quantity.operator, quantity.formula1) == ("decimal", "greaterThan", "0")


def test_drop_downs(tmp_path: Path) -> None:
    """A field with choices gets a drop-down of its codes out of a named range."""
    write_template(_choices(), "zh_TW", tmp_path / "choices.xlsx")
    book = openpyxl.load_workbook(tmp_path / "choices.xlsx")
    assert book.defined_names["list_reason_no"].attr_text == f"'{LISTS_SHEET}'!$A$2:$A$3"
    assert [[cell.value for cell in row] for row in book[LISTS_SHEET]["A2:B3"]] == [["101", "報廢"], ["102", "樣品"]]
    lists = [found for found in book.worksheets[1].data_validations.dataValidation if found.type == "list"]
    assert [found.formula1 for found in lists] == ["list_reason_no"]
