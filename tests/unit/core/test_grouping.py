"""Rows become documents: by key, wherever the rows stand, split where the ERP needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_folder import shipped

from importer.documents import Grouped, digest_of, group
from importer.mapping import Mapping as DocumentType
from importer.models import Document, Line, Value, column_of, pack, unpack

DAY = date(2026, 1, 31)
HEAD: dict[str, Value] = {"doc_type_no": "I01", "doc_date": DAY}
LINE: dict[str, Value] = {"item_no": "ITEM-1", "warehouse_no": "W1", "qty": Decimal(1)}
IDENTITY = {"document_type": "misc_issue", "key": "A", "digest": "", "token": "", "repeat_mark": "", "occurrence": 1}
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Place:
    column: int
    header: str


def issues_type(max_lines: int = 500, **changes: object) -> DocumentType:
    return shipped()["misc_issue"].model_copy(update={"max_lines": max_lines, **changes})


def grouped(
    *rows: Row,
    keys: Sequence[str] | None = None,
    refs: Sequence[str] | None = None,
    bad: Sequence[tuple[int, str | None]] = (),
    mapping: DocumentType | None = None,
) -> Grouped:
    """Group rows that begin in worksheet row 3; a row's `doc_key` and `_ref` are its key and reference."""
    kind = mapping or issues_type()
    names = {name: number for number, name in enumerate(kind.fields, 1)}
    return group(
        kind,
        sheet="Data",
        rows=range(3, 3 + len(rows)),
        values={name: [row.get(name) for row in rows] for name in names},
        keys=keys if keys is not None else [str(row.get("doc_key", "")) for row in rows],
        refs=refs if refs is not None else [str(row.get("_ref", "")) for row in rows],
        places={name: Place(column, name) for column, name in enumerate(["doc_key", *names])},
        bad_cells=bad,
    )


def row(key: str = "", qty: int | str = 1, *, head: bool = True, ref: str = "", **cells: Value) -> Row:
    return {"doc_key": key, "_ref": ref, **(HEAD if head else {}), **LINE, "qty": Decimal(qty), **cells}


def rows_of(documents: Sequence[Document]) -> list[tuple[int, ...]]:
    return [tuple(document.rows) for document in documents]


def codes(found: Grouped) -> list[tuple[str, int | None, str | None]]:
    """What was found, apart from lines that are the same, as most are here."""
    return [(issue.code, issue.row, issue.field) for issue in found.issues if issue.code != "line_twice"]


def test_rows_of_one_key_are_one_document_wherever_they_stand() -> None:
    """Rows with the same key belong together, adjacent or not, and keep the order of the sheet."""
    found = grouped(row("A"), row("B"), row("A", head=False), row("B", head=False), row("A"))
    assert rows_of(found.documents) == [(3, 5, 7), (4, 6)]
    assert (found.failed, codes(found)) == ([], [])


def test_a_blank_key_means_as_above() -> None:
    """People fill the key on the first row only."""
    found = grouped(row("A"), row("", head=False), row("B"), row("", head=False))
    assert rows_of(found.documents) == [(3, 4), (5, 6)]


def test_header_cells_may_stand_on_any_one_row() -> None:
    """The header is taken from wherever in the document it stands."""
    found = grouped(row("A", head=False), row("", head=False, doc_type_no="I01"), row("", head=False, doc_date=DAY, remark="x"))
    assert [document.header for document in found.documents] == [{**HEAD, "remark": "x"}]


def test_a_header_that_disagrees_is_told_on_the_cell_with_the_other_row() -> None:
    """Two dates within one document: an error on the second cell that names the first, and the document is not sent."""
    found = grouped(row("A"), row("A", doc_date=date(2026, 2, 1)), row("B"))
    assert codes(found) == [("header_disagrees", 4, "doc_date")]
    assert (found.issues[0].value, found.issues[0].values["first"], found.issues[0].values["first_row"]) == ("2026-02-01", "2026-01-31", 3)
    assert (rows_of(found.documents), rows_of(found.failed)) == ([(5,)], [(3, 4)])


def test_a_required_header_cell_that_is_nowhere_is_told_once() -> None:
    """A missing date is one issue, on the document's first row."""
    found = grouped(row("A", head=False, doc_type_no="I01"), row("", head=False))
    assert codes(found) == [("required_missing", 3, "doc_date")]
    assert rows_of(found.failed) == [(3, 4)]


def test_a_wrong_header_cell_is_not_told_again_as_missing() -> None:
    """One mistake, one message: a date that is none was reported when it was read."""
    found = grouped(row("A", head=False, doc_type_no="I01"), bad=[(3, "doc_date")])
    assert (codes(found), rows_of(found.failed)) == ([], [(3,)])


def test_the_first_row_needs_a_key() -> None:
    """Rows before the first key belong to nobody: told, and not sent."""
    found = grouped(row(""), row("", head=False), row("A"))
    assert codes(found) == [("key_missing", 3, "doc_key")]
    assert (rows_of(found.documents), rows_of(found.failed)) == ([(5,)], [(3, 4)])


def test_a_key_that_cannot_be_read_is_not_told_again_as_missing() -> None:
    """An error value in the first key was reported when it was read; its rows are held up all the same."""
    found = grouped(row(""), bad=[(3, "doc_key")])
    assert (codes(found), rows_of(found.failed)) == ([], [(3,)])


def test_an_error_holds_up_its_document_and_no_other() -> None:
    """A document is sent as a whole or not at all."""
    found = grouped(row("A"), row("", head=False), row("B"), bad=[(4, "qty")])
    assert (rows_of(found.documents), rows_of(found.failed)) == ([(5,)], [(3, 4)])


# -- keys of several columns -------------------------------------------------------------------------------------------------


def test_documents_can_be_told_apart_by_header_fields() -> None:
    """A site may group by department and employee instead of a key column; blank parts do not run into one another."""
    kind = issues_type(key=("department_no", "employee_no"))
    found = grouped(row(department_no="X"), row(employee_no="X"), row(department_no="X"), row(), mapping=kind)
    assert rows_of(found.documents) == [(3, 5, 6), (4,)]
    assert [document.key for document in found.documents] == ["X", "X"]


# -- splitting -----------------------------------------------------------------------------------------------------------


def test_a_long_document_is_cut_at_the_limit_and_a_hint_says_so() -> None:
    """Parts are numbered, hold every line once, and carry the whole header."""
    found = grouped(*(row("A", number, head=number == 1) for number in range(1, 8)), mapping=issues_type(3))
    assert rows_of(found.documents) == [(3, 4, 5), (6, 7, 8), (9,)]
    assert [(document.part, document.parts) for document in found.documents] == [(1, 3), (2, 3), (3, 3)]
    assert {document.header["doc_type_no"] for document in found.documents} == {"I01"}
    assert codes(found) == [("document_split", 3, None)]
    assert dict(found.issues[0].values) == {"key": "A", "lines": 7, "parts": 3, "limit": 3}


def test_a_document_at_the_limit_is_not_cut() -> None:
    """Exactly as many lines as allowed are one document."""
    assert len(grouped(*(row("A") for _ in range(3)), mapping=issues_type(3)).documents) == 1


def test_rows_with_a_reference_stay_in_their_part() -> None:
    """A part that was imported keeps its rows when others are deleted or added; only rows without a reference are cut afresh."""
    rows = [row("A", 1, ref="p1"), row("A", 2, ref="p2"), row("A", 3), row("A", 4, ref="p1"), row("A", 5), row("A", 6)]
    found = grouped(*rows, mapping=issues_type(2))
    assert [(document.ref, tuple(document.rows)) for document in found.documents] == [
        ("p1", (3, 6)),
        ("p2", (4,)),
        ("", (5, 7)),
        ("", (8,)),
    ]


def test_new_rows_join_the_one_part_there_is_while_they_fit() -> None:
    """A line added to an imported document makes a changed document, not a second one."""
    found = grouped(row("A", 1, ref="p1"), row("A", 2), mapping=issues_type(2))
    assert [(document.ref, tuple(document.rows)) for document in found.documents] == [("p1", (3, 4))]


def test_an_error_in_one_part_does_not_hold_up_the_others_but_a_wrong_header_does() -> None:
    """Parts are documents of their own; what is wrong with their common header is wrong with each."""
    rows = [row("A", number, head=number == 1) for number in range(1, 5)]
    assert rows_of(grouped(*rows, bad=[(6, "qty")], mapping=issues_type(2)).documents) == [(3, 4)]
    assert grouped(*rows, bad=[(3, "department_no")], mapping=issues_type(2)).documents == []


# -- references ----------------------------------------------------------------------------------------------------------


def test_a_reference_groups_rows_whose_key_is_blank() -> None:
    """Rows whose key cell was cleared are found together by their hidden reference."""
    found = grouped(row("A", ref="r1"), row("B", ref="r2"), row("", head=False, ref="r1"), row("", ref="r3"), row("", head=False, ref="r3"))
    assert [(document.ref, tuple(document.rows)) for document in found.documents] == [("r1", (3, 5)), ("r2", (4,)), ("r3", (6, 7))]


@pytest.mark.parametrize("first_is_wrong", [False, True])
def test_copied_rows_are_a_document_of_their_own(first_is_wrong: bool) -> None:
    """Two documents with one reference: the first keeps it, sound or not, the copy is new."""
    found = grouped(row("A", ref="r1"), row("B", ref="r1"), bad=[(3, "qty")] if first_is_wrong else [])
    first, copy = sorted([*found.documents, *found.failed], key=lambda document: tuple(document.rows))
    assert (first.ref, copy.ref) == ("r1", "")


# -- laws ----------------------------------------------------------------------------------------------------------------

KEYED = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(1, 99)), min_size=1, max_size=30)


def _content(found: Grouped) -> Counter[tuple[str, str]]:
    return Counter((document.key, document.digest) for document in found.documents)


@given(KEYED, st.randoms(use_true_random=False))
def test_documents_do_not_depend_on_the_order_of_rows(cells: list[tuple[str, int]], chance: object) -> None:
    """Sorting a keyed sheet in Excel changes no document."""
    rows = [row(key, qty) for key, qty in cells]
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _content(grouped(*rows)) == _content(grouped(*shuffled))


@given(KEYED, st.integers(1, 7))
def test_no_line_is_lost_or_doubled_by_grouping_and_splitting(cells: list[tuple[str, int]], limit: int) -> None:
    """Rows and quantities of the documents together are those of the sheet, and no part is longer than allowed."""
    found = grouped(*(row(key, qty) for key, qty in cells), mapping=issues_type(limit))
    assert sorted(number for document in found.documents for number in document.rows) == list(range(3, 3 + len(cells)))
    quantities = Counter((document.key, line.fields["qty"]) for document in found.documents for line in document.lines)
    assert quantities == Counter((key, Decimal(qty)) for key, qty in cells)
    assert all(1 <= len(document.lines) <= limit for document in found.documents)


@given(KEYED, st.data())
def test_a_reference_never_stands_on_two_documents(cells: list[tuple[str, int]], data: st.DataObject) -> None:
    """However rows are copied about, one reference ends on at most one document."""
    refs = data.draw(st.lists(st.sampled_from(["", "r1", "r2"]), min_size=len(cells), max_size=len(cells)))
    found = grouped(*(row(key, qty, ref=ref) for (key, qty), ref in zip(cells, refs, strict=True)), mapping=issues_type(3))
    carried = Counter(document.ref for document in found.documents if document.ref)
    assert all(count == 1 for count in carried.values())


def test_key_and_reference_are_no_content() -> None:
    """The same rows under another key are the same content (rule 2)."""
    first, second = grouped(row("A", ref="r"), row("B")).documents
    assert first.digest == second.digest == digest_of(first.header, first.lines)


def test_a_line_that_stands_twice_is_told_with_the_first_of_its_kind() -> None:
    """The third of three equal lines names the first one; 5 and 5.0 are equal, another field or another document is another line."""
    found = grouped(row("A", 5), row("A", 6), row("A", "5.0"), row("A", 5, lot_no="L"), row("A", 5), row("B", 5))
    told = [(issue.code, issue.row, issue.values) for issue in found.issues]
    assert told == [("line_twice", 5, {"first_row": 3}), ("line_twice", 7, {"first_row": 3})]


def test_values_in_other_fields_are_no_repetition() -> None:
    """A lot called L is not a remark that says L, and lines that say nothing say it without being told."""
    found = grouped(row("A", lot_no="L"), row("A", line_remark="L"), *[{"doc_key": "A", **HEAD}] * 2)
    assert "line_twice" not in [issue.code for issue in found.issues]


def test_lines_are_made_of_the_columns_when_they_are_asked_for() -> None:
    """A document of rows that do not stand together says of each line what the sheet does, by row, by field and as a whole."""
    rows = [row("A", 1), row("B", 2), row("A", 3, head=False), row("B", 4), row("B", 5)]
    first, second = (document.lines for document in grouped(*rows).documents)
    assert [line.fields for line in first] == [{**LINE, "qty": Decimal(qty)} for qty in (1, 3)]
    assert [line.row for line in second] == [4, 6, 7] == list(second[0:3].rows)  # type: ignore[attr-defined]
    assert column_of(second, "qty") == [2, 4, 5] == column_of(tuple(second), "qty")
    assert column_of(second, "lot_no") == [None] * 3 == column_of(tuple(second), "lot_no")
    assert second[-1] == second[2] == Line(row=7, fields={**LINE, "qty": Decimal(5)})
    assert second == tuple(second) == unpack(pack(grouped(*rows).documents[1]), **IDENTITY).lines
    assert column_of(unpack(pack(grouped(*rows).documents[1]), **IDENTITY).lines, "qty") == [2, 4, 5]
    assert second != first
