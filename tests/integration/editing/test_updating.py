"""`update`: what was edited in a queried workbook, and nothing else, in the ERP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from site_folder import TYPES, clean, sound_rows

from importer.api.editing import update
from importer.errors import ErpUnavailable
from importer.simulator import FaultKind, FaultRule
from importer.simulator.erp.documents import Document

AWKWARD = [
    "R&D <b>\"x\" 'y'",
    "漢字、简体、ひらがな",
    "emoji 🏭👩🏽‍🔧",
    "=1+1",
    "+886-2",
    "@here",
    "-5",
    "00123",
    "_x0041_",
    "back\\slash; --",
    "two  blanks",
]


def _contents(editing: Any) -> dict[str, Document]:
    return {document.doc_no: document for document in editing.erp.documents()}


def _counts(report: Any) -> tuple[int, int, int, int]:
    return report.updated, report.unchanged, report.refused, report.unknown


def _with_line(document: Document, seq: int, **values: Any) -> Document:
    return replace(document, lines=tuple({**line, **values} if line["seq"] == seq else line for line in document.lines))


# -- what is sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document_type", TYPES)
def test_a_workbook_as_queried_changes_nothing(editing: Any, document_type: str) -> None:
    """Of every document type: handing back what was queried sends no update and leaves every byte of the ERP's documents."""
    editing.fill(document_type)
    before = _contents(editing)
    editing.query(document_type=document_type)
    report = editing.update("q.xlsx")
    assert (_counts(report), report.exit_code, editing.updates()) == ((0, 3, 0, 0), 0, 0)
    assert _contents(editing) == before


@pytest.mark.parametrize("form", ["json", "xml"])
def test_one_edited_quantity_changes_one_line(editing: Any, form: str) -> None:
    """One cell edited, one call, one line changed; all other documents, lines and fields stay as they were."""
    editing.site.configure(format=form)
    numbers = editing.fill()
    editing.site.configure(format=form)
    before = _contents(editing)
    editing.query()
    editing.edit({6: {"qty": 7.125}})
    report = editing.update()
    assert (_counts(report), report.exit_code, editing.updates()) == ((1, 2, 0, 0), 0, 1)
    assert _contents(editing) == {**before, numbers[1]: _with_line(before[numbers[1]], 2, qty=Decimal("7.125"))}
    clean(editing.erp)


def test_awkward_texts_survive_unchanged(editing: Any, look: Callable) -> None:
    """Markup, emoji, Chinese, formula-like texts and leading zeros go from the ERP to the workbook and back without an update."""
    rows = [
        {**row, "remark": text, "project_no": "00123"}
        for row, text in zip(sound_rows(documents=len(AWKWARD), lines=1), AWKWARD, strict=True)
    ]
    editing.fill(rows=rows)
    before = _contents(editing)
    shown = [(unescape(row["remark"]), row["project_no"]) for row in look(editing.query().file)]
    assert shown == [(text, "00123") for text in AWKWARD]
    editing.edit({})  # opened and saved by another program
    for name in ("q.xlsx", "edited.xlsx"):
        assert _counts(editing.update(name)) == (0, len(AWKWARD), 0, 0)
    assert (_contents(editing), editing.updates()) == (before, 0)


def test_an_edited_remark_keeps_its_token(editing: Any) -> None:
    """The importer's reference that stood behind the remark stands there again, so the document is still found by it."""
    (number,) = editing.fill(documents=1)
    (before,) = editing.erp.documents()
    editing.query()
    editing.edit({3: {"remark": "corrected 更正"}})
    assert _counts(editing.update()) == (1, 0, 0, 0)
    (after,) = editing.erp.documents()
    assert after.header["remark"] == f"corrected 更正 [IMP:{before.tokens[0]}]"
    assert after == replace(before, header={**before.header, "remark": after.header["remark"]})
    editing.query()
    editing.edit({3: {"remark": None}})
    assert _counts(editing.update()) == (1, 0, 0, 0)
    assert editing.erp.document(number).header["remark"] == f"[IMP:{before.tokens[0]}]"


def test_a_document_keyed_in_by_hand_gets_no_token(editing: Any) -> None:
    """A remark without a reference gets none by an update."""
    editing.fill(documents=1)
    (document,) = editing.erp.documents()
    kind = editing.erp.world.services.named("misc_issue")
    editing.erp.world.erp.store.put(kind, replace(document, header={**document.header, "remark": "by hand"}, tokens=()))
    editing.query()
    editing.edit({3: {"remark": "by hand, too"}})
    assert _counts(editing.update()) == (1, 0, 0, 0)
    assert editing.erp.documents()[0].header["remark"] == "by hand, too"


def test_a_cleared_cell_becomes_blank(editing: Any) -> None:
    """Text and numbers can be taken out again."""
    rows = [{**row, "unit_price": Decimal("3.5"), "reason_no": "101"} for row in sound_rows("misc_receipt", documents=1, lines=2)]
    editing.fill("misc_receipt", rows)
    editing.query(document_type="misc_receipt")
    editing.edit({3: {"unit_price": None}, 4: {"reason_no": None}})
    assert _counts(editing.update()) == (1, 0, 0, 0)
    first, second = editing.erp.documents()[0].lines
    assert (first["unit_price"], first["reason_no"]) == (None, "101")
    assert (second["unit_price"], second["reason_no"]) == (Decimal("3.5"), "")
    clean(editing.erp)


def test_deleted_rows_are_left_alone(editing: Any) -> None:
    """Only lines that are in the workbook are compared, also when the row with the header cells is gone; nothing is removed or cleared."""
    numbers = editing.fill(documents=2, lines=3)
    before = _contents(editing)
    editing.query()
    editing.edit({3: None, 4: None, 5: {"qty": 9}, 6: None, 7: None, 8: None})
    report = editing.update()
    assert (report.documents, _counts(report)) == (1, (1, 0, 0, 0))
    assert _contents(editing) == {**before, numbers[0]: _with_line(before[numbers[0]], 3, qty=Decimal(9))}


def test_a_row_without_a_line_number_adds_a_line_once(editing: Any) -> None:
    """A row typed below a document becomes its next line; handing in the same workbook, or its results, again adds nothing."""
    (number,) = editing.fill(documents=1)
    editing.query()
    new = {"item_no": "ITEM-0007", "warehouse_no": "W1", "qty": 2}
    path = editing.edit({})
    _append(path, new)
    first = editing.update()
    assert _counts(first) == (1, 0, 0, 0)
    lines = editing.erp.document(number).lines
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert (lines[2]["item_no"], lines[2]["qty"]) == ("ITEM-0007", 2)
    added = editing.results(first)[-1]
    assert (added["_result.message"], added["_result.line_no"]) == ("updated: line added", 3)
    for again in ("edited.xlsx", first.results):
        assert _counts(editing.update(again)) == (0, 1, 0, 0)
    assert editing.updates() == 1


def _append(path: Any, cells: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    names = [cell.value for cell in sheet[1]]
    sheet.append([cells.get(name) for name in names])
    book.save(path)


# -- what is not sent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["approved", "posted", "void"])
def test_only_open_documents_are_changed(editing: Any, state: str) -> None:
    """An edited document that is approved, posted or void is refused without a call, and the message says what to do first."""
    (number,) = editing.fill(documents=1)
    for operation in {"approved": ["approve"], "posted": ["approve", "post"], "void": ["invalid"]}[state]:
        editing.erp.act(operation, number)
    before = _contents(editing)
    editing.query()
    assert _counts(editing.update("q.xlsx")) == (0, 1, 0, 0)
    editing.edit({4: {"qty": 7}})
    report = editing.update()
    assert (_counts(report), report.exit_code, editing.updates()) == ((0, 0, 1, 0), 1, 0)
    assert _contents(editing) == before
    messages = {row["_result.message"] for row in editing.results(report)}
    assert len(messages) == 1
    assert ("void" if state == "void" else "disapprove it first") in messages.pop()


def test_what_the_erp_refuses_is_told_on_its_rows(editing: Any) -> None:
    """A refusal carries the ERP's own code and words; the other documents are updated."""
    editing.fill(documents=2)
    editing.query()
    editing.edit({3: {"item_no": "NO-SUCH"}, 5: {"qty": 3}})
    report = editing.update()
    assert (_counts(report), report.exit_code) == ((1, 0, 1, 0), 1)
    rows = editing.results(report)
    assert [row["_result.status"] for row in rows] == ["refused", "refused", "created", "created"]
    assert rows[0]["_result.erp_code"] and rows[0]["_result.erp_code"] in rows[0]["_result.message"]
    assert [row["_result.message"] for row in rows[2:]] == ["updated: Quantity", "unchanged"]


def test_number_and_slip_type_cannot_be_changed(editing: Any) -> None:
    """A number that the ERP does not have, and a slip type that is not the number's, are refused without a call."""
    editing.fill(documents=2)
    editing.query()
    editing.edit({3: {"_doc_no": "I01-99999999", "qty": 3}, 4: {"_doc_no": "I01-99999999"}, 5: {"doc_type_no": "I02"}})
    report = editing.update()
    assert (_counts(report), editing.updates()) == ((0, 0, 2, 0), 0)
    messages = [row["_result.message"] for row in editing.results(report)]
    assert "has no document I01-99999999" in messages[0]
    assert "slip type" in messages[2]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({3: {"qty": -1}, 6: {"item_no": None}}, [("not_positive", "M3", "qty"), ("required_missing", "H6", "item_no")]),
        ({4: {"_seq": 1}}, [("not_in_list", "P4", "_seq")]),
        ({4: {"_seq": "two"}}, [("not_a_number", "P4", "_seq")]),
        ({4: {"_seq": 0}}, [("not_positive", "P4", "_seq")]),
        ({3: {"doc_date": None}}, [("required_missing", "C3", "doc_date")]),
        ({4: {"remark": "other"}, 3: {"remark": "one"}}, [("header_disagrees", "G4", "remark")]),
        ({3: {"remark": "a [IMP:ABCDEFGHIJKLMNOP]"}}, [("token_in_text", "G3", "remark")]),
        ({3: {"_doc_no": None, "doc_key": None}}, [("key_missing", "A3", "doc_key")]),
        ({1: {"_seq": "other"}, 2: {"_seq": "other"}}, [("column_missing", None, "_seq")]),
    ],
)
def test_nothing_is_sent_while_there_is_an_error(editing: Any, changes: dict, expected: list) -> None:
    """Every mistake of the workbook is found at once, on its cell, before a single call; the results workbook marks the rows."""
    editing.fill()
    editing.query()
    header = {row: cells for row, cells in changes.items() if row < 3}
    path = editing.edit({**{row: cells for row, cells in changes.items() if row >= 3}, 7: {"qty": 99}})
    if header:
        _rename(path, "_seq", "other")
    calls = editing.erp.call_counts()
    report = editing.update()
    found = [(item.code, item.cell if item.column else None, item.field) for item in report.issues if item.severity.value == "error"]
    assert found == expected
    assert (report.exit_code, _counts(report)) == (1, (0, 0, 0, 0))
    assert editing.erp.call_counts() == calls
    statuses = {row["_row"]: row["_result.status"] for row in editing.results(report)}
    wrong = {int(cell[1:]) for _, cell, _ in expected if cell}
    assert {row for row, status in statuses.items() if status == "check failed"} >= wrong
    assert "not sent" in statuses.values()


def _rename(path: Any, name: str, other: str) -> None:
    book = openpyxl.load_workbook(path)
    for cells in book.worksheets[1].iter_rows(max_row=2):
        for cell in cells:
            cell.value = other if cell.value in (name, "Line") else cell.value
    book.save(path)


def test_a_template_is_no_workbook_to_update_from(editing: Any) -> None:
    """A template lacks the numbers, which is said once per column and not once per row."""
    editing.site.workbook(sound_rows(), name="edited.xlsx")
    report = editing.update()
    assert [(item.code, item.header) for item in report.issues] == [("column_missing", "Document number"), ("column_missing", "Line")]
    assert report.exit_code == 1


def test_a_missing_column_changes_nothing(editing: Any) -> None:
    """Whoever deletes optional columns to have a narrow sheet clears nothing in the ERP."""
    editing.fill(rows=[{**row, "reason_no": "101"} for row in sound_rows(documents=1)])
    before = _contents(editing)
    editing.query()
    path = editing.edit({})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    for column in range(sheet.max_column, 0, -1):
        if sheet.cell(1, column).value in ("reason_no", "department_no", "unit_no"):
            sheet.delete_cols(column)
    book.save(path)
    assert _counts(editing.update()) == (0, 1, 0, 0)
    assert _contents(editing) == before


# -- trouble -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["lost_answer", "reset_after", "http_500_after", "truncated", "cut", "html_200", "non_utf8", "empty_success"]
)
def test_a_lost_answer_is_settled_by_reading_back(editing: Any, kind: str) -> None:
    """The ERP acted and its answer got lost: the document is read, found as wanted, and reported as updated; nothing is sent twice."""
    (number,) = editing.fill(documents=1)
    editing.query()
    path = editing.edit({3: {"remark": "new"}, 4: {"qty": 7}})
    _append(path, {"item_no": "ITEM-0007", "warehouse_no": "W1", "qty": 2})
    editing.erp.add_faults(FaultRule(kind=FaultKind(kind), operation="update"))
    report = editing.update()
    assert (_counts(report), report.exit_code, editing.updates()) == ((1, 0, 0, 0), 0, 1)
    document = editing.erp.document(number)
    assert [line["qty"] for line in document.lines][1:] == [7, 2]
    assert document.header["remark"].startswith("new [IMP:")


@pytest.mark.parametrize("kind", ["close_before", "reset_before", "http_502", "http_503"])
def test_an_outcome_that_nobody_knows_stays_unknown(editing: Any, kind: str) -> None:
    """Without an answer and without the new values in the ERP the update is unknown, exit 3, and is never sent again blindly."""
    editing.fill(documents=2)
    before = _contents(editing)
    editing.query()
    editing.edit({4: {"qty": 7}})
    editing.erp.add_faults(FaultRule(kind=FaultKind(kind), operation="update"))
    report = editing.update()
    assert (_counts(report), report.exit_code) == ((0, 1, 0, 1), 3)
    assert editing.updates() == 1
    assert _contents(editing) == before
    rows = editing.results(report)
    assert [row["_result.status"] for row in rows] == ["unknown", "unknown", "created", "created"]
    assert "looks in the ERP first" in rows[0]["_result.message"]
    editing.erp.clear_faults()
    assert _counts(editing.update()) == (1, 1, 0, 0)


def test_when_reading_back_fails_too_the_outcome_is_unknown(editing: Any) -> None:
    """The ERP goes away in the middle of an update: unknown, not lost and not guessed."""
    editing.fill(documents=1)
    editing.query()
    editing.edit({4: {"qty": 7}})
    editing.erp.add_faults(
        FaultRule(kind=FaultKind.LOST_ANSWER, operation="update"), FaultRule(kind=FaultKind.HTTP_503, operation="read", skip=1)
    )
    report = editing.update()
    assert (_counts(report), report.exit_code, editing.updates()) == ((0, 0, 0, 1), 3, 1)
    editing.erp.clear_faults()
    assert _counts(editing.update()) == (0, 1, 0, 0)


def test_what_is_proven_unsent_is_sent_again(editing: Any) -> None:
    """An ERP that says "too many calls" has done nothing, so the same update goes out once more and counts once."""
    (number,) = editing.fill(documents=1)
    editing.query()
    editing.edit({4: {"qty": 7}})
    editing.erp.add_faults(FaultRule(kind=FaultKind.HTTP_429, operation="update", times=1, retry_after_s=0))
    assert _counts(editing.update()) == (1, 0, 0, 0)
    assert [line["qty"] for line in editing.erp.document(number).lines][1] == 7


@pytest.mark.parametrize("kind", ["lock_263", "false_success", "minus_zero"])
def test_a_refusal_in_any_form_is_a_refusal(editing: Any, kind: str) -> None:
    """Also a refusal that calls itself a success."""
    editing.fill(documents=1)
    before = _contents(editing)
    editing.query()
    editing.edit({4: {"qty": 7}})
    editing.erp.add_faults(FaultRule(kind=FaultKind(kind), operation="update"))
    report = editing.update()
    assert (_counts(report), report.exit_code) == ((0, 0, 1, 0), 1)
    assert _contents(editing) == before


@pytest.mark.parametrize(("operation", "kind"), [("read", "http_503"), ("update", "srvcode_100"), ("update", "http_429")])
def test_an_erp_that_goes_away_ends_the_update(editing: Any, operation: str, kind: str) -> None:
    """The documents that are left are not begun; exit 4, and the same command later does the rest."""
    editing.fill(documents=4)
    editing.site.configure(concurrency=1, not_sent_retries=1)
    editing.query()
    editing.edit({row: {"qty": row} for row in range(3, 11)})
    editing.erp.add_faults(FaultRule(kind=FaultKind(kind), operation=operation, skip=1, retry_after_s=0))
    report = editing.update()
    assert (report.exit_code, _counts(report)) == (4, (1, 0, 0, 0))
    assert [row["_result.status"] for row in editing.results(report)] == ["created"] * 2 + ["not sent"] * 6
    editing.erp.clear_faults()
    assert _counts(editing.update()) == (3, 1, 0, 0)


def test_an_erp_that_is_not_there_is_told_at_once(editing: Any) -> None:
    """Nothing is begun without a sign of life."""
    editing.fill(documents=1)
    editing.query()
    editing.erp.stop()
    with pytest.raises(ErpUnavailable):
        editing.update("q.xlsx")


def test_an_interrupted_update_says_what_was_not_sent(editing: Any) -> None:
    """Ctrl-C ends after the calls under way; what was not begun is `not sent`, exit 130."""
    editing.fill(documents=2)
    editing.query()
    editing.edit({3: {"qty": 7}})
    stop = threading.Event()
    stop.set()
    report = update(editing.site.folder / "edited.xlsx", editing.site.site(), stop=stop)
    assert (report.exit_code, _counts(report), editing.updates()) == (130, (0, 0, 0, 0), 0)
    assert {row["_result.status"] for row in editing.results(report)} == {"not sent"}
