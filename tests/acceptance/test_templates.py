"""`importer templates` at a site that keeps lists: what its drop-downs offer is what the check accepts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from site_folder import SiteFolder

from importer.workbook.example import EXAMPLE_SHEETS
from importer.workbook.meta import LISTS_SHEET

NOWHERE = "http://127.0.0.1:9"
TABLES = {
    "items.csv": "料號,品名\n00123,螺絲\nN-7,螺帽\n",
    "warehouses.csv": "倉庫,名稱\nW1,主倉\n01,外倉\n",
    "locations.csv": "倉庫,儲位\nW1,A1\nW1,A2\n01,B1\n",
}


@pytest.fixture
def site(make_site: Callable[..., SiteFolder]) -> SiteFolder:
    """A site with three lists in its folder."""
    made = make_site("site", NOWHERE, lists="lists", language="zh_TW")
    (made.folder / "lists").mkdir()
    for name, text in TABLES.items():
        (made.folder / "lists" / name).write_text(text, "utf-8")
    return made


def fill(path: Path, cells: Mapping[str, object]) -> None:
    """Type one row into the data sheet."""
    book = openpyxl.load_workbook(path)
    data = book.worksheets[1]
    for cell in data[1]:
        data.cell(3, cell.column).value = cells.get(str(cell.value))
    book.save(path)


ROW = {"doc_key": "1", "doc_type_no": "I01", "doc_date": "2026-01-31", "item_no": "00123", "warehouse_no": "W1", "qty": 1}


def test_drop_downs_from_the_sites_lists(site: SiteFolder) -> None:
    """The template has the codes of the site's lists with their names, says which lists it offers, and its example goes by them."""
    (written,) = site.cli("templates", "misc_issue", "--lang", "zh_TW", "--json").json
    assert written["lists"] == ["items", "warehouses", "locations"]
    book = openpyxl.load_workbook(written["file"])
    shown = {str(value) for row in book[LISTS_SHEET].iter_rows(values_only=True) for value in row if value is not None}
    assert {"00123", "螺絲", "N-7", "螺帽", "W1", "主倉", "01", "外倉", "A1", "A2", "B1"} <= shown
    example = book[EXAMPLE_SHEETS["zh_TW"]]
    column = next(cell.column for cell in book.worksheets[1][1] if cell.value == "item_no")
    assert {row[0].value for row in example.iter_rows(min_row=3, min_col=column, max_col=column)} == {"00123", "N-7"}
    told = site.cli("templates", "misc_issue", "--lang", "en")
    assert (told.code, told.err) == (0, "")
    assert "drop-downs from your lists: items, warehouses, locations" in told.out


@pytest.mark.parametrize(("location", "found"), [("A2", []), ("B1", ["location_no"]), ("A9", ["location_no"])])
def test_what_is_offered_is_what_the_check_accepts(site: SiteFolder, location: str, found: list[str]) -> None:
    """A row of codes from the drop-downs passes the check; a location of another warehouse, or of none, does not."""
    (written,) = site.cli("templates", "misc_issue", "--json").json
    fill(Path(written["file"]), {**ROW, "location_no": location})
    (checked,) = site.cli("check", written["file"], "--json").json
    wrong = [one["field"] for one in checked["issues"] if one["severity"] == "error"]
    assert (checked["rows"], wrong) == (1, found)


def test_a_list_that_cannot_be_read_ends_the_command(site: SiteFolder) -> None:
    """A list without a heading is named; no template with half of the drop-downs is left behind."""
    (site.folder / "lists" / "items.csv").write_text("00123\nN-7\n", "utf-8")
    done = site.cli("templates", "misc_issue", "--lang", "en")
    assert (done.code, list(site.folder.glob("*.xlsx"))) == (2, [])
    assert "items.csv" in done.err
    assert "Traceback" not in done.err


def test_a_template_that_cannot_be_written(site: SiteFolder) -> None:
    """A file in the way is named in a sentence."""
    (site.folder / "misc_issue_en.xlsx").mkdir()
    done = site.cli("templates", "misc_issue", "--lang", "en")
    assert done.code == 2
    assert "misc_issue_en.xlsx" in done.err
    assert "Traceback" not in done.err


def test_old_codes_have_no_drop_down(site: SiteFolder) -> None:
    """Where a site types the codes of its old system, the ERP's own are not offered for them."""
    (site.folder / "translate").mkdir()
    (site.folder / "translate" / "warehouse_no.csv").write_text("old,new\nALT,W1\n", "utf-8")
    site.configure(lists="lists", translate="translate")
    (written,) = site.cli("templates", "misc_issue", "--json").json
    assert written["lists"] == ["items", "locations"]
    rules = openpyxl.load_workbook(written["file"]).worksheets[1].data_validations.dataValidation
    assert sorted(str(rule.formula1) for rule in rules if rule.type == "list") == ["codes_items", "codes_locations"]
