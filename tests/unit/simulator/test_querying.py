from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from importer.simulator.erp.querying import BadQuery, condition, in_order, page_of

ROWS: list[dict[str, Any]] = [
    {"doc_no": "A", "doc_date": date(2024, 1, 1), "amount": Decimal("1.50"), "remark": "first %", "lot_no": " "},
    {"doc_no": "B", "doc_date": date(2024, 2, 1), "amount": Decimal("10"), "remark": "second [IMP:X]", "lot_no": "L"},
    {"doc_no": "C", "doc_date": None, "amount": Decimal("2"), "remark": None, "lot_no": " "},
]
LINES = {"A": [{"item_no": "I1"}], "B": [{"item_no": "I1"}, {"item_no": "I2"}], "C": []}


def _one(name: str, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"field_name": name, "operator": operator, "value": value, **more}


def _found(conditions: Any) -> str:
    test = condition(conditions, line_list="lines")
    return "".join(row["doc_no"] for row in ROWS if test(row, LINES[row["doc_no"]]))


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        (_one("doc_no", "=", "B"), "B"),
        (_one("doc_no", "<>", "B"), "AC"),
        (_one("amount", ">", 1.5), "BC"),
        (_one("amount", ">=", "1.5"), "ABC"),
        (_one("amount", "=", "1.500"), "A"),
        (_one("amount", "<", 2), "A"),
        (_one("amount", "<=", 2), "AC"),
        (_one("doc_date", "=", "2024-01-01"), "A"),
        (_one("doc_date", ">", "20240115"), "B"),
        (_one("remark", "like", "%[IMP:X]%"), "B"),
        (_one("remark", "like", "[IMP:X]"), ""),
        (_one("remark", "like", "_irst%"), "A"),
        (_one("remark", "=", ""), "C"),
        (_one("lot_no", "=", ""), "AC"),
        (_one("item_no", "=", "I2"), "B"),
        (_one("item_no", "=", "I1", node_name="lines"), "AB"),
        ({"group": {"operator": "or", "fields": [_one("doc_no", "=", "A"), _one("doc_no", "=", "C")]}}, "AC"),
        ({"operator": "or", "fields": [_one("doc_no", "=", "A"), {"operator": "and", "fields": [_one("amount", "=", 2)]}]}, "AC"),
    ],
)
def test_conditions_compare_by_the_type_of_the_stored_value(spec: dict[str, Any], found: str) -> None:
    """Numbers as numbers, dates as dates, text without trailing blanks; % and _ only in `like`; groups nest."""
    assert _found({"operator": "and", "fields": [spec]}) == found


def test_no_conditions_mean_everything() -> None:
    """`conditions: {}` = all (protocol §2.4)."""
    assert _found({}) == _found(None) == _found({"operator": "and", "fields": []}) == "ABC"


@pytest.mark.parametrize(
    "spec",
    [
        [],
        "x",
        {"operator": "AND", "fields": []},
        {"operator": "and", "fields": [_one("doc_no", "LIKE", "x")]},
        {"operator": "and", "fields": 1},
    ],
)
def test_another_dialect_is_refused(spec: Any) -> None:
    """An array, upper-case operators or unknown ones are not guessed at."""
    with pytest.raises(BadQuery):
        condition(spec)


def test_the_array_dialect_is_a_setting() -> None:
    """Where the site wants an array of groups, an object is refused."""
    assert condition([{"operator": "and", "fields": [_one("doc_no", "=", "A")]}], form="array")(ROWS[0], [])
    with pytest.raises(BadQuery):
        condition({}, form="array")


def test_pages_follow_each_other_without_gap_or_overlap() -> None:
    """All pages together are all rows, and only the last says that nothing follows."""
    rows = in_order(ROWS, [{"field_name": "amount", "order_type": "desc"}])
    pages = [page_of(rows, number, 2) for number in (1, 2, 3)]
    assert [[row["doc_no"] for row in page.rows] for page in pages] == [["B", "C"], ["A"], []]
    assert [page.has_next for page in pages] == [True, False, False]


@pytest.mark.parametrize(("number", "size"), [(0, 10), (1, 0), (1, 10_001), ("1", 10)])
def test_impossible_pages_are_refused(number: Any, size: Any) -> None:
    """Pages start at 1 and have up to 10000 rows."""
    with pytest.raises(BadQuery):
        page_of([], number, size)
