"""The vocabulary of specifications: headings, marks, types and yes or no in the words that vendors use."""

from __future__ import annotations

import pytest

from importer.catalogue.vendor.cells import limits, yes_or_no
from importer.catalogue.vendor.words import direction_in, operation_in, part_in, role_of, steps
from importer.models import Operation

ROLES = {
    "欄位": "field",
    "字段": "field",
    "API欄位名稱": "field",
    "参数": "field",
    "參數 Parameter": "field",
    "Element": "field",
    "欄位代號": "field",
    "欄位名稱": "name",
    "歐名": "name",
    "Field Name": "name",
    "中文名稱": "label",
    "TIPTOP欄位": "column",
    "Column": "column",
    "資料庫欄位": "column",
    "型態": "type",
    "型態(長度)": "type",
    "型態/長度": "type",
    "类型": "type",
    "Data Type": "type",
    "長度": "length",
    "Max. Length": "length",
    "必填": "required",
    "必輸": "required",
    "是否必填*": "required",
    "Mandatory?": "required",
    "Nullable": "optional",
    "說明": "description",
    "欄位說明": "description",
    "Description": "description",
    "單頭/單身": "part",
    "層級": "part",
    "範例值": "example",
    "No.": "number",
    "doc_type_no": None,
    "字串": None,
    "varchar(40)": None,
}
LIMITS = {  # type, length -> type, max_length, digits
    ("varchar(40)", ""): ("code", 40, None),
    ("VARCHAR2(40)", ""): ("code", 40, None),
    ("字串", "40碼"): ("code", 40, None),
    ("String", "255"): ("text", 255, None),
    ("字符串(10)", ""): ("code", 10, None),
    ("numeric(15,3)", ""): ("decimal", None, (15, 3)),
    ("數值", "15.3"): ("decimal", None, (15, 3)),
    ("N15.3", ""): ("decimal", None, (15, 3)),
    ("number", "20, 8"): ("decimal", None, (20, 8)),
    ("number", "5,0"): ("integer", None, None),
    ("number", "5"): ("integer", None, None),
    ("int", ""): ("integer", None, None),
    ("整数", "5"): ("integer", None, None),
    ("DateTime", "8"): ("date", None, None),
    ("日期", "yyyy-mm-dd"): ("date", None, None),
    ("boolean", ""): ("code", 1, None),
    ("字串 String", "４０"): ("code", 40, None),
}


@pytest.mark.parametrize(("heading", "role"), ROLES.items())
def test_headings(heading: str, role: str | None) -> None:
    """A column is understood by its heading in Chinese of either script and in English; contents are no headings."""
    assert role_of(heading) == role


@pytest.mark.parametrize(("texts", "expected"), LIMITS.items())
def test_types_and_lengths(texts: tuple[str, str], expected: tuple[object, ...]) -> None:
    """Types and lengths are read in the spellings of databases, of documents, and of both in one cell."""
    found = limits(*texts, about="x")
    assert (found.type, found.max_length, found.digits) == expected
    assert not (found.unclear_type or found.unclear_length)


def test_quantities_are_no_whole_numbers() -> None:
    """A quantity without stated decimals is never taken as a whole number: that would refuse what the ERP accepts."""
    assert limits("number", "15", about="qty 數量").type == "decimal"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("Y", "是", "V", "必填", "●", "M", "1")),
        *((text, False) for text in ("", "N", "否", "O", "選填", "x", "條件必填", "C")),
        *((text, None) for text in ("看情況", "42")),
    ],
)
def test_yes_or_no(text: str, expected: bool | None) -> None:
    """Marks and words for required are told apart from those for optional, and from what is neither."""
    assert yes_or_no(text)[0] is expected


def test_marks() -> None:
    """Titles say header or line, request or answer, and which operation; HTTP's words and operation names do not mislead."""
    assert [part_in(text) for text in ("單頭", "表体 detail", "Master", "讀取明細", "Request body", "HTTP headers")] == [
        "header",
        "line",
        "header",
        None,
        None,
        None,
    ]
    assert [direction_in(text) for text in ("請求參數", "返回", "Response", "請求與回應")] == ["request", "answer", "answer", None]
    assert operation_in("撤銷審核") is Operation.DISAPPROVE
    assert operation_in("过账还原") is Operation.DISPOST
    assert operation_in("雜發單創建") is Operation.CREATE
    assert operation_in("HTTP method: POST") is None
    assert operation_in("創建、更新") is None


def test_names_in_cells() -> None:
    """Technical names are found behind list marks, in paths and in XPath; prose and numbers are none."""
    assert list(steps("  ├─ item_no (料號)")) == ["item_no"]
    assert list(steps("a_data[].b_data[].qty")) == ["a_data", "b_data", "qty"]
    assert list(steps("Master[@name='ina_file']/Record/Field[@name='ina01']")) == ["ina_file", "Record", "ina01"]
    assert not [text for text in ("料號", "3", "{", "說明 item_no") if list(steps(text))]
