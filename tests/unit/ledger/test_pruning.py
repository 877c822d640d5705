"""What the ledger forgets when it is asked to, and what it never forgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from unit.ledger.making import ERP, TYPE, batch, created, enqueue, hand_in, post_all, token

from importer.errors import ConfigurationError
from importer.ledger import Ledger
from importer.models import Outcome, Stage, Status

LATER = timedelta(days=1)


def after() -> datetime:
    """A moment before which everything of a test has happened."""
    return datetime.now(UTC) + LATER


def posted(ledger: Ledger, id_: str, names: list[object], **kinds: Any) -> None:
    hand_in(ledger, id_, names, **kinds)
    enqueue(ledger, id_)
    post_all(ledger, id_)


def test_events_and_workbook_of_a_finished_batch_go_and_everything_that_makes_it_known_stays(sending: Ledger) -> None:
    """After years of imports the ledger stays small, and still nothing is imported twice."""
    posted(sending, "b1", [1, 2])
    ids = [member.record.id for member in sending.members("b1")]
    before = [member.record for member in sending.members("b1")]
    assert all(sending.events(id_) for id_ in ids)

    assert sending.prune(after()) == (14, 1)

    assert not any(sending.events(id_) for id_ in ids)
    with pytest.raises(ConfigurationError, match="prune"):
        sending.workbook(batch("b1").sha256)
    assert [member.record for member in sending.members("b1")] == before
    assert [document.token for _, document in sending.documents("b1")] == [token(1), token(2)]
    assert set(sending.known(ERP, [token(1), token(2)])) == {token(1), token(2)}
    assert sending.same_number(ERP, TYPE, before[0].doc_no) is not None
    assert all(member.already for member in hand_in(sending, "b2", [1, 2], content=b"another file"))
    assert enqueue(sending, "b2") == 0
    assert sending.prune(after()) == (0, 1)  # of b2, in which nothing was to be done


def test_recent_batches_are_left_alone(sending: Ledger) -> None:
    """What ended since the moment asked for stays as it is."""
    posted(sending, "b1", [1])
    assert sending.prune(datetime.now(UTC) - LATER) == (0, 0)
    assert sending.workbook(batch("b1").sha256) == b"workbook"


@pytest.mark.parametrize("status", [Status.PENDING, Status.SENDING, Status.UNKNOWN, None])
def test_a_batch_with_anything_left_to_do_is_left_alone(sending: Ledger, status: Status | None) -> None:
    """Pending, being sent, unknown, or created and not carried on (None): its story and its workbook are needed."""
    hand_in(sending, "b1", [1])
    enqueue(sending, "b1")
    if status is not Status.PENDING:
        (claim,) = sending.claim("b1", 1)
        if status is Status.UNKNOWN:
            sending.record(claim, Outcome(status=Status.UNKNOWN)).result()
        if status is None:
            sending.record(claim, created("I01-1")).result()
    assert sending.prune(after()) == (0, 0)
    assert sending.workbook(batch("b1").sha256) == b"workbook"


def test_a_paused_batch_is_left_alone_and_a_cancelled_one_is_not(sending: Ledger) -> None:
    """Somebody means to carry the one on, and gave the other up."""
    for id_, state in (("b1", "paused"), ("b2", "cancelled")):
        hand_in(sending, id_, [id_], content=id_.encode())
        sending.set_state(id_, state)
    assert sending.prune(after()) == (0, 1)
    assert sending.workbook(batch("b1", content=b"b1").sha256) == b"b1"


def test_refused_documents_keep_nothing_alive(sending: Ledger) -> None:
    """A batch that ended with refusals has ended; the refusal itself stays known."""
    hand_in(sending, "b1", [1])
    enqueue(sending, "b1")
    (claim,) = sending.claim("b1", 1)
    sending.record(claim, Outcome(status=Status.REJECTED, code="mfg1201", message="no such item")).result()
    assert sending.prune(after()) == (3, 1)
    (member,) = sending.members("b1")
    assert member.record.entry is not None and member.record.entry.code == "mfg1201"
    assert enqueue(sending, "b1", retry_rejected=True) == 1


def test_a_workbook_that_another_batch_needs_stays(sending: Ledger) -> None:
    """Two batches of one file: it goes with the second."""
    posted(sending, "b1", [1], until=Stage.POSTED)
    hand_in(sending, "b2", [1, 2])
    enqueue(sending, "b2")
    assert sending.prune(after()) == (7, 0)
    post_all(sending, "b2")
    assert sending.prune(after()) == (7, 1)


def test_a_pruned_workbook_that_is_handed_in_again_is_kept_again(sending: Ledger) -> None:
    """Its results can be written like those of any other."""
    posted(sending, "b1", [1])
    sending.prune(after())
    hand_in(sending, "b2", [1])
    assert sending.workbook(batch("b2").sha256) == b"workbook"


def test_the_room_is_given_back(sending: Ledger) -> None:
    """On a disk the file becomes smaller; the sizes are told."""
    posted(sending, "b1", list(range(200)), content=bytes(2_000_000))
    before = sending.sizes()
    assert (before.documents, before.workbooks) == (200, 2_000_000)
    assert before.events == 1400
    sending.prune(after())
    now = sending.sizes()
    assert (now.documents, now.events, now.workbooks) == (200, 0, 0)
    if sending.url.startswith("sqlite"):
        assert now.size < before.size - 2_000_000
