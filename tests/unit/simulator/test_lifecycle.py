from __future__ import annotations

from typing import Any

import pytest
from unit.simulator.erp_drafts import act, codes, created, draft, new_erp

from importer.simulator.erp.documents import Document, Operation, State
from importer.simulator.erp.erp import Erp
from importer.simulator.erp.kinds import KINDS

# Protocol §4, cell by cell: "ok", or the code of the refusal; the ERP's code of "error" cells is unknown.
OPERATIONS = ("update", "delete", "approve", "disapprove", "post", "dispost", "invalid")
ROWS = {
    State.OPEN: ("ok", "ok", "ok", "error", "aba-100", "error", "ok"),
    State.CONFIRMED: ("error", "9023", "9023", "ok", "ok", "error", "9023"),
    State.POSTED: ("error", "9023", "9023", "error", "asf-812", "ok", "9023"),
    State.VOID: ("error", "9024", "9024", "error", "9024", "error", "error"),
    State.IN_FLOW: ("error", "mfg3557", "aws-078", "error", "aba-100", "error", "error"),
}
TABLE = {state: dict(zip(OPERATIONS, row, strict=True)) for state, row in ROWS.items()}
AFTER = {"approve": State.CONFIRMED, "disapprove": State.OPEN, "post": State.POSTED, "dispost": State.CONFIRMED, "invalid": State.VOID}
WAY = {
    State.OPEN: [],
    State.CONFIRMED: ["approve"],
    State.POSTED: ["approve", "post"],
    State.VOID: ["invalid"],
    State.IN_FLOW: ["flow"],
}


def _document_in(erp: Erp, kind: str, state: State) -> Document:
    document = created(erp, draft(kind))
    for step in WAY[state]:
        outcome = erp.set_flow(KINDS[kind], "PLANT1", document.doc_no, "S") if step == "flow" else act(erp, Operation(step), document)
        assert isinstance(outcome, Document)
        document = outcome
    assert document.state is state
    return document


def _do(erp: Erp, operation: str, document: Document) -> Any:
    if operation == "update":
        return erp.update(draft(document.kind, doc_no=document.doc_no, remark="changed"))
    return act(erp, Operation(operation), document)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(("state", "operation"), [(state, operation) for state, row in TABLE.items() for operation in row])
def test_every_cell_of_the_state_table(kind: str, state: State, operation: str) -> None:
    """Each operation in each state does what protocol §4 says, or is refused with its code and changes nothing."""
    erp = new_erp()
    document = _document_in(erp, kind, state)
    stock = erp.stock.snapshot()
    outcome = _do(erp, operation, document)
    now = erp.store.get(KINDS[kind], "PLANT1", document.doc_no)
    expected = TABLE[state][operation]
    if expected == "ok":
        assert codes(outcome) == []
        assert (now.state if now else None) == AFTER.get(operation, None if operation == "delete" else state)
    else:
        assert codes(outcome) == ["sim-state" if expected == "error" else expected]
        assert (now, erp.stock.snapshot()) == (document, stock)


def test_a_slip_with_approval_flow_is_approved_only_after_the_flow_was_granted() -> None:
    """approve answers aws-078 until somebody grants the flow in the ERP (§9.1 7)."""
    erp = new_erp()
    document = created(erp, draft("misc_issue", doc_type_no="I02"))
    assert codes(act(erp, Operation.APPROVE, document)) == ["aws-078"]
    erp.set_flow(KINDS["misc_issue"], "PLANT1", document.doc_no, "1")
    assert codes(act(erp, Operation.DELETE, document)) == ["mfg3557"]
    assert codes(act(erp, Operation.APPROVE, document)) == []


def test_an_unknown_number_is_refused_by_every_operation() -> None:
    """There is nothing to act on: SQL code 100."""
    erp = new_erp()
    for operation in ("approve", "disapprove", "post", "dispost", "invalid", "delete"):
        assert codes(erp.act(Operation(operation), KINDS["transfer"], "PLANT1", "T01-99990001")) == ["100"]
    assert codes(erp.update(draft("transfer", doc_no="T01-99990001"))) == ["100"]


def test_numbers_are_known_to_their_own_document_type_and_plant_only() -> None:
    """An issue cannot be posted through the receipt's service, nor from another plant."""
    erp = new_erp()
    issue = created(erp, draft("misc_issue"))
    assert codes(erp.act(Operation.APPROVE, KINDS["misc_receipt"], "PLANT1", issue.doc_no)) == ["100"]
    assert codes(erp.act(Operation.APPROVE, KINDS["misc_issue"], "PLANT2", issue.doc_no)) == ["100"]


def test_sites_where_create_approves_and_approve_posts() -> None:
    """Both habits of protocol §7 18 can be switched on."""
    erp = new_erp(create_approves=True, approve_posts=True)
    assert created(erp, draft("misc_receipt")).state is State.POSTED
    assert len(erp.stock.movements) == 1
