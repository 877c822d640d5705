"""Lists of valid codes, as people keep them."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from importer.errors import ConfigurationError
from importer.masterdata import find_lists, load_lists
from importer.workbook.textfile import decoded


def book(path: Path, **sheets: list[list[object]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950"])
def test_a_traditional_list_reads_in_every_encoding_that_excel_saves(tmp_path: Path, encoding: str) -> None:
    """Whatever Excel in Taiwan saved as CSV, the names are readable and the codes whole."""
    text = "倉庫編號,倉庫名稱\n00101,原料倉庫一號\nW2,成品倉\n"
    (tmp_path / "warehouses.csv").write_bytes(text.encode(encoding))
    assert load_lists(tmp_path)["warehouses"].labels == {"00101": "原料倉庫一號", "W2": "成品倉"}


def test_a_simplified_list_in_gb18030_is_not_taken_for_big5(tmp_path: Path) -> None:
    """The same for the mainland, where Excel saves GB 18030."""
    text = "仓库编号,仓库名称\n00101,原料仓库一号\nW2,成品仓\nW3,不良品仓\n"
    (tmp_path / "warehouses.csv").write_bytes(text.encode("gb18030"))
    assert load_lists(tmp_path)["warehouses"].labels == {"00101": "原料仓库一号", "W2": "成品仓", "W3": "不良品仓"}


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file that is no text is not read as rubbish."""
    with pytest.raises(UnicodeDecodeError):
        decoded(b"\xff\x80\xff\x80")


def test_a_workbook_of_lists_has_a_sheet_per_list(tmp_path: Path) -> None:
    """One workbook can hold all lists; a code that Excel made a number is the digits that it shows."""
    book(tmp_path / "lists.xlsx", 料號=[["料號", "品名"], ["A-1", "螺絲"], [101, None]], reasons=[["code"], ["102"]])
    lists = load_lists(tmp_path)
    assert set(lists) == {"items", "reasons"}
    assert lists["items"].labels == {"A-1": "螺絲", "101": ""}


def test_a_location_may_stand_in_several_warehouses(tmp_path: Path) -> None:
    """The same location code in two warehouses is two rows of the list."""
    (tmp_path / "locations.csv").write_text("倉庫,儲位\nW1,L01\nW2,L01\nW2,L02\n", encoding="utf-8")
    locations = load_lists(tmp_path)["locations"]
    assert locations.within == {"L01": frozenset({"W1", "W2"}), "L02": frozenset({"W2"})}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ITEM-1,螺絲\nITEM-2,墊片\n", "first row"),
        ("item_no,name\nITEM-1,螺絲\n,墊片\n", "row 3"),
        ("", "empty"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_with_file_and_row(tmp_path: Path, text: str, told: str) -> None:
    """No heading (which would cost the first code), no code, nothing at all: said with the file's name."""
    (tmp_path / "items.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"items\.csv.*{told}"):
        load_lists(tmp_path)


def test_a_location_without_its_warehouse_is_told(tmp_path: Path) -> None:
    """A list that has a column of warehouses has one on every row."""
    (tmp_path / "locations.csv").write_text("warehouse_no,location_no\nW1,L01\n,L02\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="row 3: L02"):
        load_lists(tmp_path)


def test_an_error_cell_of_a_list_is_told_with_its_cell(tmp_path: Path) -> None:
    """#N/A in a list of codes is no blank."""
    book(tmp_path / "items.xlsx", items=[["item_no"], ["A-1"], ["#N/A"]])
    with pytest.raises(ConfigurationError, match=r"items\.xlsx.*A3.*#N/A"):
        load_lists(tmp_path)


def test_a_number_that_only_looks_like_a_code_with_zeros_is_told(tmp_path: Path) -> None:
    """A cell that shows 00123 and holds 123 cannot be told from the code 123."""
    path = book(tmp_path / "items.xlsx", items=[["item_no"], [123]])
    from openpyxl import load_workbook

    workbook = load_workbook(path)
    workbook["items"]["A2"].number_format = "00000"
    workbook.save(path)
    with pytest.raises(ConfigurationError, match="A2"):
        load_lists(tmp_path)


def test_a_list_in_two_files_is_refused(tmp_path: Path) -> None:
    """Nobody can tell which of two files of one list is the right one."""
    for name in ("items.csv", "items.txt"):
        (tmp_path / name).write_text("code\nA\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"items\.csv.*items\.txt"):
        find_lists(tmp_path)


def test_a_folder_that_is_not_there_has_no_lists(tmp_path: Path) -> None:
    """Who has no lists is not bothered with them."""
    assert load_lists(tmp_path / "none") == {} == load_lists(None)


def test_only_the_wanted_lists_are_read(tmp_path: Path) -> None:
    """A broken list of another document type does not stop this one."""
    (tmp_path / "items.csv").write_text("code\nA\n", encoding="utf-8")
    (tmp_path / "projects.csv").write_text("", encoding="utf-8")
    assert set(load_lists(tmp_path, names={"items"})) == {"items"}


def test_codes_that_excel_was_kept_away_from_stay_whole(tmp_path: Path) -> None:
    """="00123" is how people keep zeros in a CSV file; separators are whatever the file uses."""
    (tmp_path / "items.csv").write_text('料號;品名\n="00123";"M3;10"\n', encoding="utf-8")
    assert load_lists(tmp_path)["items"].labels == {"00123": "M3;10"}
