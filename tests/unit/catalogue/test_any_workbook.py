"""No workbook, however strange, breaks the reading: what comes out is a mapping that loads, or nothing, and a report."""

from __future__ import annotations

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.catalogue.vendor_books import PREFIX

from importer.catalogue.vendor.reading import read_specification
from importer.mapping import Mapping, load_mappings
from importer.workbook.grid import Cell, Grid

MAPPINGS = list(load_mappings().values())
NAMES = [
    *(
        "doc_no",
        "doc_type_no",
        "item_no",
        "ina01",
        "inb04",
        "_id",
        "doc_key",
        "a.b[].c",
        "  - qty",
        "remark",
        "no",
        "null",
        "seq",
        "DocDate",
    ),
    *(
        "x_data",
        "x_detail",
        "x_file",
        "9lives",
        "true",
        "y*",
        "qty 數量",
        "std_data",
        "__",
        "item_no",
        "line_item_no",
        "單頭",
        "單身",
        "請求",
        "回應",
    ),
]
TYPES = [*("array", "object", "varchar(0)", "N(3,9)", "N(9,3)", "date", "int", "?", "bool", "text", "char", "c", "", "number", "曆法")]
LENGTHS = ["", "0", "5", "15,3", "3,9", "-5", "99999999999", "15.0", "依參數", "４０", "255"]
TEXTS = [
    "",
    "單頭",
    "單身",
    "H",
    "D",
    "1",
    "2",
    "備註",
    "數量",
    "單號",
    "單別",
    "項次",
    ": #",
    "- [{",
    "\u2028",
    "\x07",
    "🙂",
    "'\"",
    "%{}{x}",
    "ina01",
    "x_data",
]
TITLES = [
    "創建",
    "審核",
    "請求",
    "回應",
    "單頭 x_data",
    "單身",
    "CreateMISCIssueData",
    PREFIX + "data.create",
    "tt.oapi.x.y.data.create",
    "單據：甲",
    "aimt301",
]
HEADINGS = ["欄位", "類型", "長度", "必填", "名稱", "說明", "TIPTOP欄位", "單頭/單身"]

FIELD_ROWS = st.tuples(*map(st.sampled_from, (NAMES, TYPES, LENGTHS, ["", "Y", "N", "C", "?"], TEXTS, TEXTS, TEXTS, TEXTS)))
ROWS = st.one_of(
    FIELD_ROWS,
    FIELD_ROWS,
    FIELD_ROWS,
    FIELD_ROWS,
    st.sampled_from(TITLES).map(lambda title: (title,)),
    st.just(tuple(HEADINGS)),
    st.just(()),
    st.lists(st.text(max_size=9), max_size=6).map(tuple),
)


def _grid(rows: list[tuple[str, ...]], indents: list[int], merged: dict[tuple[int, int], tuple[int, int]]) -> Grid:
    cells = {
        (row, column): Cell(text=text, indent=indents[row % len(indents)] if column == 1 else 0, struck=text == "9lives")
        for row, texts in enumerate(rows, 1)
        for column, text in enumerate(texts, 1)
        if text
    }
    return Grid(sheet="S#1", cells=cells, origins=merged, rows=len(rows), columns=len(HEADINGS))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=25),
    indents=st.lists(st.integers(0, 2), min_size=1, max_size=5),
    merged=st.dictionaries(st.tuples(st.integers(2, 25), st.integers(1, 8)), st.just((2, 8)), max_size=3),
)
def test_any_cells_give_a_mapping_that_loads(
    rows: list[tuple[str, ...]], indents: list[int], merged: dict[tuple[int, int], tuple[int, int]]
) -> None:
    """Whatever stands in the cells, the text loads as a mapping with as many fields as are reported, or there is none."""
    grid = _grid([tuple(HEADINGS), *rows], indents, merged)
    found = read_specification([grid], "any_type", "any: #.xlsx", MAPPINGS, "zh_TW")
    assert bool(found.text) == bool(found.fields)
    if found.text:
        mapping = Mapping.model_validate(yaml.safe_load(found.text))
        assert len(mapping.fields) == len(found.fields)
    assert all(item.place.sheet == "S#1" and item.reason for item in found.not_understood)
