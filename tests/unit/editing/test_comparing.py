"""What was changed in a workbook, held against the ERP."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from importer.mapping import load_mappings
from importer.models import Document, Line
from importer.pipeline.comparing import Changes, Comparison, arrived
from importer.pipeline.erpvalues import Reported

MAPPING = load_mappings()["misc_issue"]
HEADER = {"doc_type_no": "I01", "department_no": "D10", "remark": "old"}
PLACE = {"item_no": "A", "warehouse_no": "W1"}


def _lines(*quantities: int) -> tuple[dict[str, Any], ...]:
    return tuple({**PLACE, "unit_no": "PCS", "seq": Decimal(n), "qty": Decimal(qty)} for n, qty in enumerate(quantities, 1))


def _document(lines: list[dict[str, Any]], header: dict[str, Any] = HEADER) -> Document:
    numbered = tuple(Line(row=row, fields=fields) for row, fields in enumerate(lines, 3))
    return Document(document_type="misc_issue", key="N", header=header, lines=numbered, digest="", occurrence=1, token="")


def _changes(document: Document, *quantities: int, without: tuple[str, ...] = ()) -> Changes:
    columns = set(MAPPING.columns) - set(without)
    comparison = Comparison(MAPPING, seq="seq", columns=columns, fixed=["doc_type_no"], completed=lambda _, line: line.fields)
    return comparison.changes(document, Reported(header=HEADER, lines=_lines(*quantities), token=""))


def test_nothing_changed_is_nothing_to_send() -> None:
    """A workbook as it was queried changes nothing."""
    assert not _changes(_document([dict(line) for line in _lines(5, 6)]), 5, 6)


def test_only_the_changed_cells_travel() -> None:
    """One quantity edited: the line's number and that quantity, nothing else."""
    changes = _changes(_document([dict(line) for line in _lines(5, 7)]), 5, 6)
    assert (changes.header, changes.lines) == ({}, [{"seq": 2, "qty": 7}])
    assert changes.rows == {4: ["qty"]}


def test_a_cleared_cell_becomes_blank_and_a_missing_column_changes_nothing() -> None:
    """Blank is a wish, a deleted column is none."""
    line = {**_lines(5)[0]}
    del line["unit_no"]
    header = {name: value for name, value in HEADER.items() if name != "remark"}
    changes = _changes(_document([line], header), 5)
    assert (changes.header, changes.lines) == ({"remark": None}, [{"seq": 1, "unit_no": None}])
    assert not _changes(_document([line], header), 5, without=("unit_no", "remark"))


def test_a_document_without_any_header_cell_keeps_its_header() -> None:
    """Whoever deletes the row with the header cells does not clear the header."""
    assert _changes(_document([{**_lines(5, 9)[1]}], {}), 5, 6).lines == [{"seq": 2, "qty": 9}]


def test_a_row_without_a_line_number_is_a_new_line_once() -> None:
    """It gets the next number; when it stands in the ERP already, handing the workbook in again adds nothing."""
    rows = [{**_lines(5)[0]}, {**PLACE, "qty": Decimal(8)}]
    first = _changes(_document(rows), 5)
    assert (first.lines, first.added) == ([{**PLACE, "seq": 2, "qty": 8}], {4})
    again = _changes(_document(rows), 5, 8)
    assert (bool(again), again.numbers) == (False, {3: 1, 4: 2})


def test_two_new_rows_alike_are_two_lines() -> None:
    """Equal rows are all meant, and each finds its own line when the workbook is handed in again."""
    rows = [{**PLACE, "qty": Decimal(8)}, {**PLACE, "qty": Decimal(8)}]
    assert [line["seq"] for line in _changes(_document(rows), 5).lines] == [2, 3]
    assert [line["seq"] for line in _changes(_document(rows), 5, 8).lines] == [3]
    assert not _changes(_document(rows), 5, 8, 8)


def test_an_unknown_line_number_is_a_new_line_of_that_number() -> None:
    """The number that a person typed is kept."""
    changes = _changes(_document([{**PLACE, "seq": Decimal(9), "qty": Decimal(8)}]), 5)
    assert (changes.lines, changes.added) == ([{**PLACE, "seq": 9, "qty": 8}], {3})


def test_arrived_means_every_value_that_was_sent() -> None:
    """After a lost answer an update counts as done only when all of it stands in the ERP."""
    changes = Changes(header={"remark": "new"}, lines=[{"seq": Decimal(1), "qty": Decimal(7)}, {"seq": Decimal(2), "qty": Decimal(8)}])

    def now(remark: str, *quantities: int) -> bool:
        return arrived(changes, Reported(header={"remark": remark}, lines=_lines(*quantities), token=""), "seq")

    assert now("new", 7, 8)
    assert not now("old", 7, 8)
    assert not now("new", 7, 6)
    assert not now("new", 7)
