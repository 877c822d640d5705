"""Text files are read as what people meant when they saved them, or refused with the row that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from importer.errors import UnreadableWorkbook
from importer.mapping import Mapping as DocumentType
from importer.workbook.reader import Sheet, read_workbook

from .conftest import codes

TRADITIONAL = "單據鍵值,單別,單據日期,料號,倉庫,數量,備註\n1,I01,2026-01-31,ITEM-1,W1,5,部門領用\n"
SIMPLIFIED = "单据键值,单别,单据日期,料号,仓库,数量,备注\n1,I01,2026-01-31,ITEM-1,W1,5,部门领用\n"
NAMED = "doc_key,doc_type_no,doc_date,item_no,warehouse_no,qty,remark\n1,I01,2026-01-31,ITEM-1,W1,5,{remark}\n"


@pytest.fixture
def read_text(tmp_path: Path, mappings: Mapping[str, DocumentType]) -> Callable[..., Sheet]:
    """Read bytes as a text file of misc. issues."""

    def make(content: bytes | str, name: str = "一月.csv") -> Sheet:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_workbook(path, mappings, document_type="misc_issue")

    return make


@pytest.mark.parametrize(
    ("text", "encoding", "remark"),
    [
        (TRADITIONAL, "utf-8", "部門領用"),
        (TRADITIONAL, "utf-8-sig", "部門領用"),
        (TRADITIONAL, "utf-16", "部門領用"),
        (TRADITIONAL, "cp950", "部門領用"),
        (TRADITIONAL, "gb18030", "部門領用"),
        (SIMPLIFIED, "gb18030", "部门领用"),
        (SIMPLIFIED, "gb2312", "部门领用"),
        (NAMED.format(remark="研發部門領用之測試材料"), "cp950", "研發部門領用之測試材料"),
        (NAMED.format(remark="研发部门领用的测试材料"), "gb18030", "研发部门领用的测试材料"),
    ],
)
def test_encodings(read_text: Callable[..., Sheet], text: str, encoding: str, remark: str) -> None:
    """Whatever Excel of Taiwan or the mainland saved, the Chinese in it is right."""
    sheet = read_text(text.encode(encoding))
    assert codes(sheet) == []
    assert sheet.rows.loc[2].tolist() == ["1", "I01", "2026-01-31", "ITEM-1", "W1", "5", remark]
    assert sheet.sheet == "一月"


@pytest.mark.parametrize(
    "content",
    [
        NAMED.format(remark="測試").encode("cp950"),  # the same bytes are two other words in GB 18030
        NAMED.format(remark="caf\u00e9").encode("latin-1"),
        NAMED.format(remark="x").encode("utf-16")[:-1],
    ],
)
def test_encodings_that_nobody_can_tell(read_text: Callable[..., Sheet], content: bytes) -> None:
    """Where the bytes can mean two texts, or none, nothing is guessed."""
    with pytest.raises(UnreadableWorkbook) as refused:
        read_text(content)
    assert refused.value.code == "csv_encoding_unknown"
    assert refused.value.values["found"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
def test_separators(read_text: Callable[..., Sheet], separator: str, first: str) -> None:
    """Comma, semicolon, tab or bar; Excel's own line that names it is no row."""
    text = first.format(separator) + TRADITIONAL.replace(",", separator).replace("\n", "\r\n")
    assert read_text(text, "x.txt").rows.loc[2, "item_no"] == "ITEM-1"


def test_rows_are_those_of_a_spreadsheet_program(read_text: Callable[..., Sheet]) -> None:
    """A line break within quotation marks begins no new row, a blank line is one: issues stand where Excel shows them."""
    text = TRADITIONAL + '1,I01,2026-01-31,"ITEM,2",W1,"1,000","two\r\nlines"\n\n,,,,,,\n2,I01,2026-01-31,#N/A,W1,=1+1,\n'
    sheet = read_text(text)
    assert sheet.rows.index.tolist() == [2, 3, 6]
    assert sheet.rows.loc[3, ["item_no", "qty"]].tolist() == ["ITEM,2", "1,000"]
    assert codes(sheet) == [("error_cell", "D6"), ("formula_without_value", "F6")]


def test_zeros_are_kept(read_text: Callable[..., Sheet]) -> None:
    """Codes keep their zeros, also those that were written so that Excel keeps them."""
    sheet = read_text(TRADITIONAL + '1,I01,2026-01-31,00123,="007",5,\n1,I01,2026-01-31,"=""009""",W1,5,12" pipe\n')
    assert sheet.rows["item_no"].tolist() == ["ITEM-1", "00123", "009"]
    assert sheet.rows["warehouse_no"].tolist() == ["W1", "007", "W1"]
    assert sheet.rows.loc[4, "remark"] == '12" pipe'


def test_rows_of_other_lengths(read_text: Callable[..., Sheet]) -> None:
    """An unquoted comma moves all cells behind it: that row is refused. Rows that end early are read, and named."""
    sheet = read_text(TRADITIONAL + "1,I01,2026-01-31,ITEM-1,W1,1,000,x\n1,,,ITEM-1,W1,5\n1,,,ITEM-1,W1,5,000,\n")
    assert [(found.code, found.row) for found in sheet.issues] == [("row_too_long", 3), ("rows_short", 4), ("row_too_long", 5)]
    assert (sheet.issues[0].values, sheet.issues[1].values["rows"]) == ({"cells": 8, "columns": 7}, [4])


@pytest.mark.parametrize(
    ("line", "at", "found"),
    [
        ('1,I01,2026-01-31,"ITEM"-1,W1,5,\n', 3, '1,I01,2026-01-31,"ITEM"-1,W1,5,'),
        ('1,,,"ITEM-1,W1,5,\n1,,,ITEM-2,W1,5,\n', 3, '1,,,"ITEM-1,W1,5,'),
        ("1,,,ITEM\0-1,W1,5,\n", 3, "NUL"),
        ('1,,,"' + "x" * 200_000 + '",W1,5,\n', 3, '1,,,"' + "x" * 10),
    ],
)
def test_broken_text_files(read_text: Callable[..., Sheet], line: str, at: int, found: str) -> None:
    """Quotation marks that do not end where they should, and bytes of zero, are refused with their row and what stands there."""
    with pytest.raises(UnreadableWorkbook) as refused:
        read_text(TRADITIONAL + line)
    assert (refused.value.code, refused.value.values["at"]) == ("csv_broken", at)
    assert str(refused.value.values["found"]).startswith(found)


def test_technical_names_above_labels(read_text: Callable[..., Sheet]) -> None:
    """A template saved as text has its hidden row of technical names, too."""
    names = "doc_key,doc_type_no,doc_date,item_no,warehouse_no,qty,remark\n"
    assert read_text(names + TRADITIONAL).rows.index.tolist() == [3]
