"""Everything that a mapping demands is checked on every row, all at once, and exactly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from importer.fieldtypes import FIELD_TYPES, UNREADABLE, DateFormats
from importer.mapping import DOC_KEY, load_mappings
from importer.mapping import Mapping as DocumentType
from importer.models import CodeList, Issue
from importer.schema import Checked, Known, validate
from importer.workbook.header import ColumnPlace

MAPPINGS = load_mappings()
ISSUE = {"doc_key": "1", "doc_type_no": "I01", "doc_date": date(2026, 1, 31), "item_no": "ITEM-1", "warehouse_no": "W1", "qty": 5.0}
TRANSFER = {
    "doc_key": "1",
    "doc_type_no": "T01",
    "doc_date": date(2026, 1, 31),
    "item_no": "ITEM-1",
    "out_warehouse_no": "W1",
    "out_qty": 5.0,
    "in_warehouse_no": "W2",
}


def check(rows: list[Mapping[str, Any]], mapping: DocumentType = MAPPINGS["misc_issue"], first_row: int = 3, **options: Any) -> Checked:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: ColumnPlace(column=position, header=name.upper()) for position, name in enumerate(names, 1)}
    index = range(first_row, first_row + len(rows))
    frame = pd.DataFrame([[row.get(name) for name in names] for row in rows], columns=names, index=index, dtype=object)
    return validate("雜發單", columns, frame, mapping, formats=DateFormats(), **options)


def found(checked: Checked) -> list[tuple[str, int | None, str | None]]:
    return [(issue.code, issue.row, issue.field) for issue in checked.issues]


def only(checked: Checked) -> Issue:
    (issue,) = checked.issues
    return issue


def altered(mapping: DocumentType, name: str, **changes: Any) -> DocumentType:
    """The mapping with one line field changed, as a site's file would."""
    content = mapping.model_dump(exclude_unset=True)
    content["lines"][name].update(changes)
    return DocumentType.model_validate(content)


def test_clean_rows_come_out_typed() -> None:
    """Good rows have no issues; dates are dates, quantities exact decimals, blanks nothing."""
    checked = check([ISSUE, {**ISSUE, "qty": 0.1 + 0.2, "lot_no": None}, {**ISSUE, "doc_date": "2026/02/01", "qty": "1,234.500"}])
    assert checked.issues == []
    assert checked.bad_rows == set()
    assert checked.rows == [3, 4, 5]
    assert checked.values["qty"] == [Decimal(5), Decimal("0.3"), Decimal("1234.500")]
    assert checked.values["doc_date"] == [date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 1)]
    assert checked.values[DOC_KEY] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("name", "cell", "code"),
    [
        ("item_no", None, "required_missing"),
        ("item_no", "   ", "required_missing"),
        ("item_no", "X" * 41, "too_long"),
        ("item_no", 1.5, "code_not_whole"),
        ("item_no", date(2026, 1, 3), "not_a_code"),
        ("item_no", "A\nB", "control_character"),
        ("item_no", "A\x0bB", "control_character"),
        ("remark", "see [IMP:ABC]", "token_in_text"),
        ("qty", "five", "not_a_number"),
        ("qty", True, "not_a_number"),
        ("qty", float("nan"), "not_a_number"),
        ("qty", 0.0, "not_positive"),
        ("qty", -3.0, "not_positive"),
        ("qty", 1.2345, "too_many_decimals"),
        ("qty", "1000000000000", "too_many_digits"),
        ("qty", 1e300, "too_many_digits"),
        ("doc_date", "soon", "not_a_date"),
        ("doc_date", "01/02/2026", "date_ambiguous"),
        ("doc_date", 46000.0, "date_as_number"),
        ("doc_date", 46000.5, "date_as_number"),
        ("doc_date", "2026111", "not_a_date"),
        ("doc_date", "0115-01-31", "not_a_date"),
        ("doc_date", "115/01/31", "date_roc"),
        ("doc_date", "民國115年1月31日", "date_roc"),
        ("doc_date", 1150131.0, "date_roc"),
        ("doc_date", "115/02/30", "not_a_date"),
        ("item_no", "4.71E+12", "code_scientific"),
        ("doc_date", float("inf"), "not_a_date"),
        ("doc_key", "K" * 65, "too_long"),
    ],
)
def test_one_wrong_cell(name: str, cell: object, code: str) -> None:
    """Each kind of mistake is found on its cell, with what was found, and only once."""
    checked = check([ISSUE, {**ISSUE, name: cell}])
    issue = only(checked)
    assert (issue.code, issue.row, issue.field, issue.header) == (code, 4, name, name.upper())
    assert checked.bad_rows == {4}


def test_all_mistakes_at_once_in_reading_order() -> None:
    """Several mistakes in several cells, also in one cell, come out together, from top to bottom and left to right."""
    checked = check([{**ISSUE, "qty": -1.2345, "item_no": None}, ISSUE, {**ISSUE, "doc_date": "?", "warehouse_no": "W" * 11}])
    assert found(checked) == [
        ("required_missing", 3, "item_no"),
        ("not_positive", 3, "qty"),
        ("too_many_decimals", 3, "qty"),
        ("not_a_date", 5, "doc_date"),
        ("too_long", 5, "warehouse_no"),
    ]
    assert checked.bad_rows == {3, 5}


@pytest.mark.parametrize(
    "cell",
    ["115/01/31", "115-1-31", "115.01.31", "1150131", 1150131.0, "民國115年1月31日", "民國 115 年 01 月 31 日", "１１５／０１／３１"],
)
def test_years_of_the_republic(cell: object) -> None:
    """Where a site declares them, dates with years of the Republic (民國) are read; western dates remain what they are."""
    formats = DateFormats(text=("%Y-%m-%d", "roc"))
    for value in (cell, "2026-01-31"):
        assert FIELD_TYPES["date"].parse(value, formats) == (date(2026, 1, 31), None)
    assert FIELD_TYPES["date"].parse("民國99年12月31日", formats)[0] == date(2010, 12, 31)
    _, finding = FIELD_TYPES["date"].parse("99/12/31", formats)
    assert finding is not None and finding.code == "not_a_date", "99 may be 1999"


@pytest.mark.parametrize(
    ("cell", "has_time"),
    [
        ("2026-01-31 00:00:00", False),
        ("2026-01-31T00:00:00", False),
        ("2026/1/31 上午 12:00:00", False),
        ("2026-01-31 08:30", True),
        ("2026/1/31 下午 03:15:00", True),
        ("2026年1月31日", False),
    ],
)
def test_text_dates_of_other_systems(cell: str, has_time: bool) -> None:
    """A date that another system wrote with a time of day is that date; only a time that is not midnight is worth a word."""
    day, finding = FIELD_TYPES["date"].parse(cell, DateFormats())
    assert day == date(2026, 1, 31)
    assert (finding.code if finding else None) == ("date_with_time" if has_time else None)


def test_full_width_codes() -> None:
    """A code typed in full-width characters is taken as it is, with a warning that shows the half-width one."""
    checked = check([{**ISSUE, "item_no": "ＩＴＥＭ－１"}])
    issue = only(checked)
    assert (issue.code, issue.values["text"]) == ("code_full_width", "ITEM-1")
    assert (checked.values["item_no"], checked.bad_rows) == (["ＩＴＥＭ－１"], set())


def test_exact_limits_pass() -> None:
    """The longest text, the largest number and the finest decimal that the ERP takes are taken; trailing zeros are no decimals."""
    rows = [{**ISSUE, "item_no": "X" * 40, "qty": "999999999999.999"}, {**ISSUE, "qty": 0.001}, {**ISSUE, "qty": "5.0000000"}]
    assert check(rows).issues == []


def test_room_for_the_reference() -> None:
    """The remark's limit is its column less what the importer appends; one character more is an error, nothing is cut."""
    limit = MAPPINGS["misc_issue"].max_length("remark")
    assert limit == 255 - len(" [IMP:ABCDEFGHIJKLMNOP]")
    assert check([{**ISSUE, "remark": "備" * limit}]).issues == []
    issue = only(check([{**ISSUE, "remark": "備" * (limit + 1)}]))
    assert (issue.code, issue.values) == ("too_long", {"length": limit + 1, "limit": limit})


def test_lengths_in_bytes() -> None:
    """Where the ERP counts bytes, a Chinese character counts as three."""
    rows = [{**ISSUE, "lot_no": "批" * 8}, {**ISSUE, "lot_no": "批" * 9}]
    assert check(rows).issues == []
    issue = only(check(rows, text_bytes=True))
    assert (issue.code, issue.row, issue.values) == ("too_long_bytes", 4, {"length": 27, "limit": 24})


def test_required_header_fields_are_left_to_the_documents() -> None:
    """Header cells may stand on the first row of a document only, so a blank one is no issue of the row."""
    assert check([ISSUE, {**ISSUE, "doc_type_no": None, "doc_date": None, "doc_key": None}]).issues == []


def test_code_typed_as_number() -> None:
    """A code typed as a whole number is accepted with a warning; the user's own key is not worth one."""
    checked = check([{**ISSUE, "item_no": 123.0, "doc_key": 7.0}])
    assert found(checked) == [("code_as_number", 3, "item_no")]
    assert checked.bad_rows == set()
    assert (checked.values["item_no"], checked.values[DOC_KEY]) == (["123"], ["7"])


def test_warnings_do_not_make_a_row_bad() -> None:
    """A date with a time of day is used without it."""
    checked = check([{**ISSUE, "doc_date": datetime(2026, 1, 31, 8, 30)}])
    assert found(checked) == [("date_with_time", 3, "doc_date")]
    assert (checked.bad_rows, checked.values["doc_date"]) == (set(), [date(2026, 1, 31)])


def test_unreadable_cells_are_not_reported_twice() -> None:
    """A cell that the reader has reported makes its row bad, and is not also called blank."""
    checked = check([ISSUE, {**ISSUE, "qty": UNREADABLE}])
    assert checked.issues == []
    assert checked.bad_rows == {4}


def test_lookups() -> None:
    """Codes are held against the lists that are known; a list that is not known is not checked."""
    rows = [ISSUE, {**ISSUE, "item_no": "ITEM-2", "warehouse_no": "W9"}]
    issue = only(check(rows, known=Known(lists={"items": CodeList(name="items", labels={"ITEM-1": ""})})))
    assert (issue.code, issue.row, issue.field, issue.values["allowed"]) == ("not_in_list", 4, "item_no", ["ITEM-1"])


def test_choices_and_ranges_of_a_site() -> None:
    """A site's own choices and limits are held, without a line of Python."""
    choices = altered(MAPPINGS["misc_issue"], "lot_no", choices={"A": {"en": "first"}, "B": {"en": "second"}})
    assert found(check([{**ISSUE, "lot_no": "A"}, {**ISSUE, "lot_no": "C"}], choices)) == [("not_in_list", 4, "lot_no")]
    ranged = altered(MAPPINGS["misc_issue"], "qty", min_exclusive=None, min_inclusive=1, max_inclusive=10)
    rows = [{**ISSUE, "qty": number} for number in (1.0, 10.0, 0.999, 10.001)]
    assert found(check(rows, ranged)) == [("too_small", 5, "qty"), ("too_large", 6, "qty")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, []),
        ({"in_unit_no": "PCS"}, []),
        ({"conversion_rate": 1.0, "in_qty": 5.0}, []),
        ({"in_unit_no": "BOX", "conversion_rate": 0.1, "in_qty": 0.5}, []),
        ({"in_unit_no": "BOX", "conversion_rate": "0.33333333", "in_qty": 1.667}, []),
        ({"in_unit_no": "BOX"}, [("conversion_missing", "conversion_rate"), ("conversion_missing", "in_qty")]),
        ({"in_unit_no": "BOX", "conversion_rate": 0.1}, [("conversion_missing", "in_qty")]),
        ({"in_unit_no": "BOX", "in_qty": 0.5}, [("conversion_missing", "conversion_rate")]),
        ({"in_unit_no": "BOX", "conversion_rate": 0.1, "in_qty": 50.0}, [("conversion_differs", "in_qty")]),
        ({"in_unit_no": "BOX", "conversion_rate": "0.33333333", "in_qty": 1.666}, [("conversion_differs", "in_qty")]),
        ({"conversion_rate": 2.0}, [("conversion_not_one", "conversion_rate")]),
        ({"conversion_rate": 2.0, "in_qty": 10.0}, [("conversion_not_one", "conversion_rate")]),
        ({"in_unit_no": "PCS", "in_qty": 6.0}, [("conversion_differs", "in_qty")]),
        ({"in_unit_no": "BOX", "conversion_rate": "x", "in_qty": 0.5}, [("not_a_number", "conversion_rate")]),
    ],
)
def test_conversion(cells: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """Different units need a rate and an in-quantity that add up; equal units convert one to one."""
    blank = dict.fromkeys(["in_unit_no", "conversion_rate", "in_qty"])
    rows = [{**TRANSFER, "out_unit_no": "PCS", **blank, "lot": None, **cells}]
    rows[0].pop("lot")
    assert [(code, field) for code, _, field in found(check(rows, MAPPINGS["transfer"]))] == expected


def test_conversion_without_its_columns() -> None:
    """Where the sheet lacks the column of the rate, a line that needs it is still found."""
    checked = check([{**TRANSFER, "out_unit_no": "PCS", "in_unit_no": "BOX"}], MAPPINGS["transfer"])
    assert {code for code, _, _ in found(checked)} == {"conversion_missing"}
    assert {issue.column for issue in checked.issues} == {None}


@pytest.mark.parametrize(
    ("cells", "same"),
    [
        ({"in_warehouse_no": "W1"}, True),
        ({"in_warehouse_no": " W1 "}, True),
        ({"in_warehouse_no": "W1", "out_location_no": "", "in_location_no": "  "}, True),
        ({"in_warehouse_no": "W1", "in_location_no": "L2"}, False),
        ({"in_warehouse_no": "W1", "out_location_no": "L1", "in_location_no": "L2"}, False),
        ({"in_warehouse_no": "W1", "out_lot_no": "A", "in_lot_no": "B"}, False),
        ({"in_warehouse_no": "W2"}, False),
    ],
)
def test_same_place(cells: dict[str, Any], same: bool) -> None:
    """A transfer from a place to itself is refused; another location or lot is another place."""
    places = dict.fromkeys(["out_location_no", "out_lot_no", "in_location_no", "in_lot_no"])
    expected = [("same_place", 3, "in_warehouse_no")] if same else []
    assert found(check([{**TRANSFER, **places, **cells}], MAPPINGS["transfer"])) == expected


def test_many_mistakes_are_all_found() -> None:
    """Ten thousand wrong cells are ten thousand issues, each on its cell."""
    rows = [{**ISSUE, "qty": -float(number + 1)} for number in range(10_000)]
    checked = check(rows)
    assert [issue.row for issue in checked.issues] == list(range(3, 10_003))
    assert checked.issues[99].value == "-100"
    assert len(checked.bad_rows) == 10_000


@pytest.mark.parametrize("document_type", sorted(MAPPINGS))
def test_no_rows(document_type: str) -> None:
    """A sheet without rows has nothing wrong with its rows."""
    mapping = MAPPINGS[document_type]
    frame = pd.DataFrame({name: pd.Series([], dtype=object) for name in mapping.columns})
    columns: Mapping[str, ColumnPlace] = {name: ColumnPlace(column=1, header=name) for name in mapping.columns}
    checked = validate("S", columns, frame, mapping, formats=DateFormats())
    assert (list(checked.issues), checked.bad_rows, list(checked.rows)) == ([], set(), [])
