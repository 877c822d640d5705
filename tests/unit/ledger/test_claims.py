from __future__ import annotations

import pytest
from unit.ledger.making import STEPS, UNDO, created, enqueue, hand_in, post_all, succeeded, token

from importer.ledger import IllegalTransition, Ledger, LostClaim, NotSending, open_ledger
from importer.models import Operation, Outcome, Stage, Status


def test_claims_come_in_the_order_of_the_workbook(sending: Ledger) -> None:
    """Documents reach the ERP in the order in which the user wrote them."""
    hand_in(sending, "b", range(5))
    enqueue(sending, "b")
    names = [claim.document.key for claim in sending.claim("b", 3) + sending.claim("b", 3)]
    assert names == ["K0", "K1", "K2", "K3", "K4"]


def test_a_claim_carries_the_document_as_it_was_handed_in(sending: Ledger) -> None:
    """What is sent is what the workbook said, to the last decimal."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    assert (claim.operation, claim.stage, claim.attempt, claim.doc_type_no) == (Operation.CREATE, Stage.NEW, 1, "I01")
    assert claim.document.token == token("x")
    assert [str(line.fields["qty"]) for line in claim.document.lines] == ["1.50", "1.50"]


def test_nothing_is_claimed_twice(sending: Ledger) -> None:
    """Two lanes never send the same document."""
    hand_in(sending, "b", range(4))
    enqueue(sending, "b")
    first, second = sending.claim("b", 4), sending.claim("b", 4)
    assert len(first) == 4
    assert second == []
    assert enqueue(sending, "b", retry_rejected=True) == 0


def test_a_step_that_succeeded_is_the_intent_of_the_next(sending: Ledger) -> None:
    """After a create the approve is already claimed, so that a crash between them is seen."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    following = sending.record(claim, created("I01-1"), then=STEPS[Stage.CREATED]).result()
    assert following is not None
    assert (following.operation, following.doc_no, following.stage, following.attempt) == (Operation.APPROVE, "I01-1", Stage.CREATED, 1)
    record = sending.find_document("I01-1")
    assert record.stage is Stage.CREATED
    assert record.entry is not None
    assert (record.entry.id, record.entry.status) == (following.entry_id, Status.SENDING)


def test_every_step_leaves_its_event(sending: Ledger) -> None:
    """What happened to a document can be read afterwards, step by step, with who did it."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    post_all(sending, "b")
    told = sending.events(sending.find_document(token("x")).id)
    assert [(event.kind, event.operation, event.status) for event in told] == [
        ("enqueue", "create", "pending"),
        ("claim", "create", "sending"),
        ("record", "create", "succeeded"),
        ("continue", "approve", "sending"),
        ("record", "approve", "succeeded"),
        ("continue", "post", "sending"),
        ("record", "post", "succeeded"),
    ]
    assert all("@" in event.actor and event.batch_id == "b" and event.at.tzinfo for event in told)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.UNKNOWN])
def test_only_a_new_run_returns_what_was_rejected_and_nothing_returns_what_is_unknown(sending: Ledger, status: Status) -> None:
    """A refused document is sent again only when the user hands it in again; a doubtful one never without asking."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, Outcome(status=status, code="aim-100", message="料號不存在", line=2, field="ina04")).result()
    assert enqueue(sending, "b") == 0
    assert enqueue(sending, "b", retry_rejected=True) == (status is Status.REJECTED)
    again = sending.claim("b", 1)
    assert [one.attempt for one in again] == ([2] if status is Status.REJECTED else [])


def test_a_refusal_is_kept_in_the_words_of_the_erp(sending: Ledger) -> None:
    """The user reads the ERP's own reason and its line, even with characters that no database takes."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, Outcome(status=Status.REJECTED, code="aim-100", message="料號\0不存在\ud800", line=2, answer="\0")).result()
    entry = sending.find_document(token("x")).entry
    assert entry is not None
    assert (entry.code, entry.message, entry.line) == ("aim-100", "料號\ufffd不存在?", 2)
    assert entry.since is not None


def test_what_was_proven_not_sent_or_given_back_is_free_again(sending: Ledger) -> None:
    """A refused connection or a stopped run costs nothing: the document is sent later."""
    hand_in(sending, "b", ["x", "y"])
    enqueue(sending, "b")
    first, second = sending.claim("b", 2)
    sending.record(first, Outcome(status=Status.PENDING, message="no DNS")).result()
    sending.release([second])
    assert [(claim.document.key, claim.attempt) for claim in sending.claim("b", 5)] == [("Kx", 2), ("Ky", 2)]


def test_a_number_of_another_document_is_a_doubt_not_a_success(sending: Ledger) -> None:
    """When the ERP answers with a number that it gave before, a person looks at it, and the rest of the run goes on."""
    hand_in(sending, "b", ["x", "y", "z"])
    enqueue(sending, "b")
    first, second, third = sending.claim("b", 3)
    answers = [
        sending.record(first, created("I01-1"), then=STEPS[Stage.CREATED]),
        sending.record(second, created("I01-1"), then=STEPS[Stage.CREATED]),
        sending.record(third, created("I01-3"), then=STEPS[Stage.CREATED]),
    ]
    assert [answer.result() is not None for answer in answers] == [True, False, True]
    ((record, _),) = sending.unknowns()
    assert record.token == token("y")
    assert record.stage is Stage.NEW
    assert record.entry is not None
    assert "I01-1" in record.entry.message
    assert "Kx" in record.entry.message


def test_a_lost_claim_records_nothing_but_what_it_heard(sending: Ledger) -> None:
    """A process that was thought dead cannot overwrite what others did since; its answer is kept to be looked at."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, Outcome(status=Status.UNKNOWN, message="time-out")).result()
    with pytest.raises(LostClaim):
        sending.record(claim, created("I01-1")).result()
    with pytest.raises(LostClaim):
        sending.release([claim])
    assert not sending.prove(claim)
    record = sending.find_document(token("x"))
    assert (record.stage, record.doc_no) == (Stage.NEW, "")
    assert record.entry is not None
    assert record.entry.status is Status.UNKNOWN
    assert [event.kind for event in sending.events(record.id)][-1] == "late"


def test_an_earlier_claim_of_the_same_entry_is_no_claim(ledger: Ledger) -> None:
    """After a take-over and a second claim, only the second can record, also when it was the same program that claimed both."""
    hand_in(ledger, "b", ["x"])
    enqueue(ledger, "b")
    with ledger.sending_lock():
        (first,) = ledger.claim("b", 1)
    with ledger.sending_lock():
        ledger.take_over(None)
        ledger.settle(first.entry_id, Outcome(status=Status.PENDING), actor="reconcile", reason="not there")
        (second,) = ledger.claim("b", 1)
        assert (second.entry_id, second.attempt) == (first.entry_id, 2)
        assert not ledger.prove(first)
        with pytest.raises(LostClaim):
            ledger.release([first])
        with pytest.raises(LostClaim):
            ledger.record(first, created("I01-1")).result()
        assert ledger.prove(second)
        ledger.record(second, created("I01-2")).result()
    assert ledger.find_document(token("x")).doc_no == "I01-2"


@pytest.mark.parametrize("status", [Status.SENDING, Status.UNKNOWN, Status.REJECTED])
def test_another_workbook_changes_nothing_that_is_under_way(sending: Ledger, status: Status) -> None:
    """What is being sent, doubtful or refused keeps its step, whatever route the next workbook with that document asks for."""
    hand_in(sending, "a", ["x"])
    enqueue(sending, "a")
    (claim,) = sending.claim("a", 1)
    if status is not Status.SENDING:
        sending.record(claim, Outcome(status=status)).result()
    before = sending.find_document(token("x"))
    hand_in(sending, "b", ["x"])
    combined = {Stage.NEW: (Operation.COMBINED, Stage.POSTED)}
    assert sending.enqueue("b", combined, Stage.POSTED, retry_rejected=False) == 0
    assert sending.find_document(token("x")) == before
    assert sending.claim("b", 1) == []


def test_a_bad_change_fails_alone(sending: Ledger) -> None:
    """One document's trouble does not take back the outcomes that are written together with it."""
    hand_in(sending, "b", range(20))
    enqueue(sending, "b")
    claims = sending.claim("b", 20)
    sending.record(claims[7], Outcome(status=Status.UNKNOWN)).result()
    answers = [sending.record(claim, created(f"I01-{claim.document_id}")) for claim in claims]
    failed = [at for at, answer in enumerate(answers) if answer.exception()]
    assert failed == [7]
    assert sending.counts("b").stages == {Stage.NEW: 1, Stage.CREATED: 19}


@pytest.mark.parametrize("state", ["paused", "cancelled"])
def test_a_batch_that_is_not_open_sends_nothing(sending: Ledger, state: str) -> None:
    """Pause and cancel stop a batch before its next claim."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    sending.set_state("b", state)
    assert sending.claim("b", 5) == []
    sending.set_state("b", "open")
    assert len(sending.claim("b", 5)) == 1


def test_claims_are_taken_only_inside_the_sending_lock(ledger: Ledger) -> None:
    """No part of the program can send, or judge others dead, without holding the lock."""
    hand_in(ledger, "b", ["x"])
    enqueue(ledger, "b")
    with pytest.raises(NotSending):
        ledger.claim("b", 1)
    with pytest.raises(NotSending):
        ledger.take_over(None)
    with ledger.sending_lock():
        assert len(ledger.claim("b", 1)) == 1


def test_what_a_session_left_behind_becomes_unknown_in_the_next(ledger: Ledger, url: str) -> None:
    """What was claimed and never recorded is asked about, never sent again."""
    hand_in(ledger, "b", ["x", "y"])
    enqueue(ledger, "b")
    with ledger.sending_lock():
        assert len(ledger.claim("b", 1)) == 1
        assert ledger.take_over(None) == 0
    with open_ledger(url) as other, other.sending_lock():
        assert other.take_over("another batch") == 0
        assert other.take_over("b") == 1
        ((record, document),) = other.unknowns("b")
        assert document.key == "Kx"
        assert record.entry is not None
        assert record.entry.message
        assert [claim.document.key for claim in other.claim("b", 5)] == ["Ky"]


@pytest.mark.parametrize(
    ("outcome", "stage", "pending"),
    [
        (created("I01-9"), Stage.CREATED, 1),
        (Outcome(status=Status.PENDING), Stage.NEW, 0),
        (Outcome(status=Status.REJECTED, code="x"), Stage.NEW, 0),
    ],
)
def test_an_unknown_entry_is_settled_once(sending: Ledger, outcome: Outcome, stage: Stage, pending: int) -> None:
    """What the ERP or a person tells about a doubtful document is taken at its word, once, with the name of who said it."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, Outcome(status=Status.UNKNOWN)).result()
    sending.settle(claim.entry_id, outcome, actor="王小明", reason="seen in aint301")
    with pytest.raises(IllegalTransition):
        sending.settle(claim.entry_id, outcome, actor="王小明", reason="twice")
    record = sending.find_document(token("x"))
    assert (record.stage, record.doc_no) == (stage, outcome.doc_no)
    assert enqueue(sending, "b") == pending
    told = sending.events(record.id)
    settled = next(event for event in told if event.kind == "settle")
    assert (settled.actor, settled.message) == ("王小明", "seen in aint301")


@pytest.mark.parametrize(
    "outcome",
    [Outcome(status=Status.SENDING), Outcome(status=Status.SUCCEEDED), Outcome(status=Status.SUCCEEDED, stage=Stage.NEW)],
)
def test_an_impossible_outcome_changes_nothing(sending: Ledger, outcome: Outcome) -> None:
    """A fault in the program is loud and leaves the ledger as it was."""
    hand_in(sending, "b", ["x"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    with pytest.raises(IllegalTransition):
        sending.record(claim, outcome).result()
    assert sending.prove(claim)
    sending.record(claim, succeeded(claim)).result()


def test_claims_can_be_asked_for_by_document(sending: Ledger) -> None:
    """A worker that was handed some documents claims those and no others."""
    members = hand_in(sending, "b", range(4))
    enqueue(sending, "b")
    wanted = [members[1].record.id, members[3].record.id]
    assert [claim.document_id for claim in sending.claim("b", 9, documents=wanted)] == wanted


def test_undo_leads_back_what_this_batch_brought(sending: Ledger) -> None:
    """Undo takes back the batch's own documents step by step and leaves those of other batches alone; a number is free again."""
    hand_in(sending, "a", ["old"])
    enqueue(sending, "a")
    post_all(sending, "a")
    hand_in(sending, "b", ["old", "new"])
    enqueue(sending, "b")
    post_all(sending, "b")
    assert sending.enqueue("b", UNDO, Stage.DELETED, retry_rejected=True, own_only=True) == 1
    (claim,) = sending.claim("b", 9)
    number = claim.doc_no
    operations = []
    at = claim
    while at:
        operations.append(at.operation)
        outcome = succeeded(at)
        at = sending.record(at, outcome, then=UNDO.get(outcome.stage or Stage.NEW)).result()
    assert operations == ["dispost", "disapprove", "delete"]
    assert sending.find_document(token("new")).stage is Stage.DELETED
    assert sending.find_document(token("old")).stage is Stage.POSTED
    assert sending.same_number("test", "misc_issue", number) is None
    assert enqueue(sending, "b", retry_rejected=True) == 0
