"""Example, headings and printing of a template: a help for people, and never in the way of an import."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from ooxml import problems

from importer.fieldtypes import DateFormats
from importer.issue_catalogue import issue
from importer.mapping import DOC_KEY, load_mappings
from importer.messages import LANGUAGES
from importer.models import CodeList, RowStatus, column_letters
from importer.schema import validate
from importer.workbook.describe import columns_of
from importer.workbook.example import EXAMPLE_SHEETS, example_rows
from importer.workbook.meta import META_SHEET
from importer.workbook.patch import strip_results
from importer.workbook.reader import read_workbook
from importer.workbook.results import Facts, RowOutcome, write_results
from importer.workbook.template import LAST_ROW, fill_template, write_template

MAPPINGS = load_mappings()
EVERY = [(document_type, language) for document_type in sorted(MAPPINGS) for language in LANGUAGES]
FACTS = Facts(file="a.xlsx", document_type="x")


def changed(path: Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    """The workbook after somebody did something to it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


# -- the example -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_the_example_is_right(tmp_path: Path, document_type: str, language: str) -> None:
    """Who fills the template in as the example shows gets three documents, and no complaint."""
    mapping = MAPPINGS[document_type]
    fill_template(mapping, language, tmp_path / "as_shown.xlsx", list(example_rows(columns_of(mapping, language), {})))
    sheet = read_workbook(tmp_path / "as_shown.xlsx", MAPPINGS)
    checked = validate(sheet.sheet, sheet.columns, sheet.rows, mapping, formats=DateFormats())
    assert [*sheet.issues, *checked.issues] == []
    keys = sheet.rows[DOC_KEY].tolist()
    assert list(dict.fromkeys(key for key in keys if key)) == ["1", "2", "3"]
    assert keys.count(None) == 2, "rows whose key may stay blank are shown"


@pytest.mark.parametrize(("document_type", "language"), EVERY)
def test_the_example_is_what_the_sheet_shows(tmp_path: Path, document_type: str, language: str) -> None:
    """The sheet has the labels of the data sheet above, and the rows below, each with a remark; nothing can be typed into it."""
    mapping = MAPPINGS[document_type]
    write_template(mapping, language, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet, data = book[EXAMPLE_SHEETS[language]], book.worksheets[1]
    width = len(mapping.columns) + 1
    assert [cell.value for cell in sheet[2]][:width] == [cell.value for cell in data[2]]
    shown = [[cell.value for cell in row[:width]] for row in sheet.iter_rows(min_row=3)]
    expected = [[row.get(name) for name in (DOC_KEY, *mapping.columns)] for row in example_rows(columns_of(mapping, language), {})]
    assert [[value.date() if isinstance(value, datetime) else value for value in row] for row in shown] == expected
    assert all(row[width].value for row in sheet.iter_rows(min_row=3))
    assert sheet.protection.sheet
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)


def test_the_example_has_the_sites_own_codes(tmp_path: Path) -> None:
    """Where a site's lists do not have the mapping's examples, the example shows codes that they have."""
    lists = {
        "warehouses": CodeList(name="warehouses", labels={"A": "", "B": ""}),
        "items": CodeList(name="items", labels={"X-1": "", "X-2": ""}),
    }
    rows = list(example_rows(columns_of(MAPPINGS["transfer"], "en"), lists))
    assert {row["item_no"] for row in rows} == {"X-1", "X-2"}
    assert all({row["out_warehouse_no"], row["in_warehouse_no"]} == {"A", "B"} for row in rows)


def _without_meta(book: openpyxl.Workbook) -> None:
    del book[META_SHEET]


def _example_first(book: openpyxl.Workbook) -> None:
    book.move_sheet(book.worksheets[2], -2)


def _names_swapped(book: openpyxl.Workbook) -> None:
    data, example = book.worksheets[1].title, book.worksheets[2].title
    book.worksheets[1].title = "x"
    book.worksheets[2].title = data
    book.worksheets[1].title = example


def _renamed(book: openpyxl.Workbook) -> None:
    for number, sheet in enumerate(book.worksheets[:3]):
        sheet.title = f"Sheet {number}"


def _all_of_it(book: openpyxl.Workbook) -> None:
    _names_swapped(book)
    _example_first(book)
    _without_meta(book)
    for sheet in book.worksheets:
        sheet.sheet_state = "visible"


CHANGES = (_without_meta, _example_first, _names_swapped, _renamed, _all_of_it)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_is_never_imported(tmp_path: Path, change: Callable[[openpyxl.Workbook], None], language: str) -> None:
    """However sheets are renamed and moved, also without `_meta`: a blank template is blank, a filled one is read from its data sheet."""
    path = tmp_path / "t.xlsx"
    write_template(MAPPINGS["misc_issue"], language, path)
    sheet = read_workbook(changed(path, change), MAPPINGS, document_type="misc_issue")
    assert "no_rows" in [found.code for found in sheet.issues]
    assert len(sheet.rows) == 0

    def fill(book: openpyxl.Workbook) -> None:
        data = next(found for found in book.worksheets if found["A1"].value == DOC_KEY)
        for position, name in enumerate((DOC_KEY, *MAPPINGS["misc_issue"].columns), 1):
            data.cell(3, position, {DOC_KEY: "mine", "item_no": "MINE"}.get(name))

    sheet = read_workbook(changed(path, fill), MAPPINGS, document_type="misc_issue")
    assert sheet.rows[DOC_KEY].tolist() == ["mine"]
    assert sheet.rows["item_no"].tolist() == ["MINE"]


def test_a_workbook_of_nothing_but_the_example(tmp_path: Path) -> None:
    """Who deletes the data sheet is told that it is missing; the example does not take its place."""
    path = tmp_path / "t.xlsx"
    write_template(MAPPINGS["misc_issue"], "en", path)
    changed(path, lambda book: book.remove(book.worksheets[1]))
    assert [found.code for found in read_workbook(path, MAPPINGS).issues] == ["sheet_missing"]


# -- protection ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
def test_only_headings_are_protected(tmp_path: Path, document_type: str) -> None:
    """The heading rows cannot be overwritten; every other cell of the sheet can, and rows can be inserted, deleted, sorted and filtered."""
    write_template(MAPPINGS[document_type], "zh_TW", tmp_path / "t.xlsx")
    data = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[1]
    assert data.protection.sheet
    assert data.protection.password is None
    refused = ("insertRows", "deleteRows", "sort", "autoFilter", "formatCells", "formatColumns", "formatRows", "insertColumns", "objects")
    assert {name: getattr(data.protection, name) for name in refused} == dict.fromkeys(refused, False)
    assert all(cell.protection.locked for row in data["1:2"] for cell in row)
    unlocked = [found for found in data.column_dimensions.values() if not found.protection.locked]
    assert sum(found.max - found.min + 1 for found in unlocked) == 16_384, "rows with a locked cell can be neither deleted nor sorted"


def test_results_can_be_corrected_and_handed_in_again(tmp_path: Path) -> None:
    """A filled template comes back with results in place and without the protection, so that all can be corrected; it reads as before."""
    source, target = tmp_path / "t.xlsx", tmp_path / "r.xlsx"
    mapping = MAPPINGS["misc_issue"]
    fill_template(mapping, "en", source, list(example_rows(columns_of(mapping, "en"), {})))
    sheet = read_workbook(source, MAPPINGS)
    place = sheet.columns["item_no"].column
    wrong = issue("no_rows", sheet=sheet.sheet, row=3, column=place)
    outcomes = {row: RowOutcome(status=RowStatus.CHECK_FAILED, ref=f"T{row}") for row in sheet.rows.index}
    write_results(source, target, sheet=sheet, outcomes=outcomes, issues=[wrong], facts=FACTS, language="en")
    data = openpyxl.load_workbook(target)[sheet.sheet]
    assert not data.protection.sheet
    assert not data.cell(3, place).protection.locked
    last = len(mapping.columns) + 1
    assert [cell.value for cell in data[1]][last:] == [
        *("_result.status", "_result.doc_no", "_result.line_no", "_result.step", "_result.erp_code", "_result.message"),
        "_ref",
    ]
    assert [data.cell(row, last + 1).value for row in sheet.rows.index] == ["check failed"] * len(outcomes)
    again = read_workbook(target, MAPPINGS)
    assert again.rows[list(sheet.rows.columns)].equals(sheet.rows)
    assert again.rows["_ref"].tolist() == [f"T{row}" for row in sheet.rows.index]


def test_sorting_takes_the_results_along(tmp_path: Path) -> None:
    """The filter of a template covers the result columns as well, so that rows keep their results; without results it is as it was."""
    paths = [tmp_path / f"{number}.xlsx" for number in range(4)]
    mapping = MAPPINGS["misc_issue"]
    fill_template(mapping, "en", paths[0], list(example_rows(columns_of(mapping, "en"), {})))
    for source, target in pairwise(paths[:3]):
        sheet = read_workbook(source, MAPPINGS)
        outcomes = {row: RowOutcome(status=RowStatus.POSTED, ref="T") for row in sheet.rows.index}
        write_results(source, target, sheet=sheet, outcomes=outcomes, issues=[], facts=FACTS, language="en")
    strip_results(paths[2], paths[3], sheet=sheet.sheet, name_row=1, label_row=2)
    before, once, twice, after = (openpyxl.load_workbook(path)[sheet.sheet] for path in paths)
    width = len(mapping.columns) + 1
    assert before.auto_filter.ref == after.auto_filter.ref == f"A2:{column_letters(width)}{LAST_ROW}"
    assert once.auto_filter.ref == twice.auto_filter.ref == f"A2:{column_letters(width + 7)}{LAST_ROW}"
    for path, filtered in zip(paths, (before, once, twice, after), strict=True):
        with zipfile.ZipFile(path) as archive:
            areas = re.findall(r'FilterDatabase"[^>]*>[^!]*!([^<]*)<', archive.read("xl/workbook.xml").decode())
        assert [area.replace("$", "") for area in areas] == [filtered.auto_filter.ref]
        assert problems(path) == []


def test_a_password_of_the_user_stays(tmp_path: Path) -> None:
    """A protection that somebody set with a password is theirs: results leave it as it is."""
    source, target = tmp_path / "t.xlsx", tmp_path / "r.xlsx"
    fill_template(MAPPINGS["misc_issue"], "en", source, list(example_rows(columns_of(MAPPINGS["misc_issue"], "en"), {})))
    changed(source, lambda book: book.worksheets[1].protection.set_password("secret"))
    sheet = read_workbook(source, MAPPINGS)
    outcomes = {row: RowOutcome(status=RowStatus.POSTED) for row in sheet.rows.index}
    write_results(source, target, sheet=sheet, outcomes=outcomes, issues=[], facts=FACTS, language="en")
    assert openpyxl.load_workbook(target)[sheet.sheet].protection.sheet


# -- printing --------------------------------------------------------------------------------------------------------


def test_what_is_printed(tmp_path: Path) -> None:
    """Every sheet that people see prints landscape on A4, as wide as the page, with file, sheet and page; lists repeat their labels."""
    write_template(MAPPINGS["transfer"], "zh_TW", tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    for sheet in book.worksheets[:3]:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert (sheet.oddHeader.left.text, sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("&F", "&A", "&P / &N")
    assert [sheet.print_title_rows for sheet in book.worksheets[:3]] == [None, "$2:$2", "$2:$2"]
