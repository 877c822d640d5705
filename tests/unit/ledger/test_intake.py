from __future__ import annotations

import dataclasses

import pytest
from unit.ledger.making import ERP, STEPS, TYPE, batch, created, document, enqueue, hand_in, post_all, token

from importer.errors import ConfigurationError, ErpChanged
from importer.ledger import Ledger, RuleBroken
from importer.models import Operation, Outcome, Stage, Status


def test_the_same_content_is_one_document(sending: Ledger) -> None:
    """A workbook that is handed in twice is answered with the documents that are there."""
    first = hand_in(sending, "a", ["x", "y"])
    second = hand_in(sending, "b", ["y", "z"])
    assert second[0].record.id == first[1].record.id
    assert [member.already for member in first + second] == [False] * 4
    assert [member.record.batch_id for member in second] == ["a", "b"]


def test_what_has_reached_the_stage_asked_for_is_already_imported(sending: Ledger) -> None:
    """Handing in a posted document again does nothing; asking for a further stage carries it on."""
    hand_in(sending, "a", ["x"], until=Stage.CREATED)
    enqueue(sending, "a", until=Stage.CREATED)
    (claim,) = sending.claim("a", 1)
    sending.record(claim, created("I01-1")).result()
    (same,) = hand_in(sending, "b", ["x"], until=Stage.CREATED)
    assert same.already
    assert enqueue(sending, "b", until=Stage.CREATED) == 0
    (further,) = hand_in(sending, "c", ["x"], until=Stage.POSTED)
    assert not further.already
    assert enqueue(sending, "c") == 1
    assert [one.operation for one in sending.claim("c", 9)] == [Operation.APPROVE]


def test_members_keep_their_place_and_their_rows(ledger: Ledger) -> None:
    """Each row of the workbook finds its document again, in the order of the workbook, over many pages."""
    names = [str(number) for number in range(2_500)]
    handed = hand_in(ledger, "b", names)
    read = list(ledger.members("b"))
    assert read == handed
    assert [member.position for member in read] == list(range(2_500))
    assert read[1_234].rows == (3 + 2 * 1_234, 4 + 2 * 1_234)
    assert read[1_234].record.token == token("1234")


def test_content_comes_back_as_it_went_in(ledger: Ledger) -> None:
    """The workbook, its issues and its documents are kept byte for byte and value for value."""
    hand_in(ledger, "b", ["x"], content=b"PK\x03\x04")
    stored = ledger.batch("b")
    assert ledger.workbook(stored.sha256) == b"PK\x03\x04"
    assert ledger.issues("b") == b"[]"
    ((_, found),) = ledger.documents("b")
    assert found == document("x")
    assert stored == dataclasses.replace(batch("b", content=b"PK\x03\x04"), created_at=stored.created_at)
    assert stored.created_at is not None


def test_a_pending_step_waits_for_the_batch_that_asked_last(sending: Ledger) -> None:
    """A document that was left in a paused batch is sent when another workbook brings it, by the route asked for then."""
    hand_in(sending, "a", ["x", "y"])
    enqueue(sending, "a")
    sending.set_state("a", "paused")
    hand_in(sending, "b", ["y"])
    combined = {Stage.NEW: (Operation.COMBINED, Stage.POSTED)}
    assert sending.enqueue("b", combined, Stage.POSTED, retry_rejected=False) == 1
    assert sending.enqueue("b", combined, Stage.POSTED, retry_rejected=False) == 0
    assert [(claim.document.key, claim.operation) for claim in sending.claim("b", 9)] == [("Ky", "combined")]
    sending.set_state("a", "open")
    assert [claim.document.key for claim in sending.claim("a", 9)] == ["Kx"]


def test_a_batch_is_found_by_the_beginning_of_its_name(ledger: Ledger) -> None:
    """A few characters of a batch's name are enough as long as they mean one batch, and wildcards mean themselves."""
    for name in ("abc1", "abc2", "abc", "x_z"):
        hand_in(ledger, name, [])
    assert ledger.batch("abc").id == "abc"
    assert ledger.batch("abc2").id == "abc2"
    assert ledger.batch("x").id == "x_z"
    for wrong in ("ab", "", "q", "%", "x%"):
        with pytest.raises(ConfigurationError):
            ledger.batch(wrong)


def test_batches_are_listed_newest_first(ledger: Ledger) -> None:
    """`status` begins with what was handed in last."""
    for name in ("1", "2", "3"):
        hand_in(ledger, name, [name])
    assert [found.id for found in ledger.batches(2)] == ["3", "2"]
    assert ledger.batches(9, "another erp") == []


def test_unfinished_are_those_that_can_still_be_carried_on(sending: Ledger) -> None:
    """`resume` finds every batch with something left to do, and no other."""
    for name in ("done", "refused", "doubt", "open", "paused"):
        hand_in(sending, name, [name])
        enqueue(sending, name)
    post_all(sending, "done")
    for name, status in (("refused", Status.REJECTED), ("doubt", Status.UNKNOWN)):
        (claim,) = sending.claim(name, 1)
        sending.record(claim, Outcome(status=status)).result()
    sending.set_state("paused", "paused")
    assert [found.id for found in sending.unfinished(ERP)] == ["doubt", "open"]
    sending.set_until("done", Stage.CREATED)
    assert [found.id for found in sending.unfinished(ERP)] == ["doubt", "open"]


def test_counts_tell_how_a_batch_stands(sending: Ledger) -> None:
    """The numbers of `status` add up to the documents of the batch."""
    hand_in(sending, "a", ["x"])
    enqueue(sending, "a")
    post_all(sending, "a")
    hand_in(sending, "b", ["x", "y", "z"])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, Outcome(status=Status.REJECTED)).result()
    counts = sending.counts("b")
    assert counts.stages == {Stage.POSTED: 1, Stage.NEW: 2}
    assert counts.entries == {Status.REJECTED: 1, Status.PENDING: 1}
    assert (counts.already, counts.documents) == (1, 3)


def test_known_documents_are_found_by_token_key_and_number(sending: Ledger) -> None:
    """`check` tells what is imported already, under which number, also for more documents than one question takes."""
    hand_in(sending, "b", [str(number) for number in range(1_500)])
    enqueue(sending, "b")
    (claim,) = sending.claim("b", 1)
    sending.record(claim, created("I01-1"), then=STEPS[Stage.CREATED]).result()
    tokens = [token(str(number)) for number in range(2_000)]
    known = sending.known(ERP, tokens)
    assert list(known) != tokens
    assert set(known) == set(tokens[:1_500])
    assert known[token("0")].doc_no == "I01-1"
    assert known[token("0")].entry is not None
    assert sending.known("another erp", tokens) == {}
    key = ("K0", "I01", "2026-01-31")
    assert sending.known_by_key(ERP, TYPE, [key, ("K1", "I02", "2026-01-31")]) == {key: [known[token("0")]]}
    assert sending.same_number(ERP, TYPE, "I01-1") == known[token("0")]
    assert sending.same_number(ERP, TYPE, "") is None
    assert sending.find_document("I01-1") == sending.find_document(token("0"))
    with pytest.raises(ConfigurationError):
        sending.find_document("")


def test_another_erp_behind_the_same_name_is_refused(ledger: Ledger) -> None:
    """A test profile that is pointed at production stops, names both, and goes on only when that is confirmed."""
    new = {"standard_url": "http://production/s", "custom_url": "http://erp/c", "plant": "P1"}
    with pytest.raises(ErpChanged, match=r"http://erp/s.*http://production/s"):
        ledger.confirm_erp(ERP, **new)
    ledger.confirm_erp(ERP, standard_url="http://erp/s", custom_url="http://erp/c", plant="P1")
    ledger.confirm_erp(ERP, **new, accept=True)
    ledger.confirm_erp(ERP, **new)


def test_an_erp_is_settled_when_its_first_batch_has_ended(ledger: Ledger) -> None:
    """A new ledger looks in the ERP before each create until its first batch has ended."""
    assert not ledger.erp_is_settled(ERP)
    assert not ledger.erp_is_settled("never seen")
    ledger.settle_erp(ERP)
    assert ledger.erp_is_settled(ERP)


def test_two_identical_tokens_in_one_batch_are_a_fault_of_code(ledger: Ledger) -> None:
    """Identical documents of a workbook are counted before they come here; none may vanish in another."""
    with pytest.raises(ValueError, match="same token"):
        hand_in(ledger, "b", ["x", "x"])
    hand_in(ledger, "b", ["x"])
    with pytest.raises(RuleBroken):
        hand_in(ledger, "b", ["y"])
    assert ledger.known(ERP, [token("y")]) == {}
