"""Which step a lane takes next, with a ledger whose commits are done when the test says so."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from unit.ledger.making import document

from importer.errors import LedgerUnavailable
from importer.flow import UNDER_WAY_PER_LANE, Flow, Ready, Recorded
from importer.models import Claim, Operation, Stage


def claim(number: int, operation: Operation = Operation.CREATE) -> Claim:
    return Claim(
        entry_id=number,
        operation=operation,
        document_id=number,
        document=document(number),
        doc_type_no="I01",
        doc_no="",
        stage=Stage.NEW,
        attempt=1,
    )


class SlowLedger:
    """Claims what it was given; nothing is on disk before the test completes its future."""

    def __init__(self, pending: int, *, at_once: bool = True) -> None:
        self.pending = list(range(1, pending + 1))
        self.at_once = at_once
        self.claims: list[tuple[Future[Sequence[Any]], int]] = []
        self.released: list[int] = []

    def claim_soon(self, batch_id: str, limit: int, *, newest_first: bool = False) -> Future[Sequence[Any]]:
        del batch_id, newest_first
        future: Future[Sequence[Any]] = Future()
        self.claims.append((future, limit))
        if self.at_once:
            self.commit_claims()
        return future

    def commit_claims(self) -> None:
        future, limit = self.claims.pop()
        rows, self.pending = self.pending[:limit], self.pending[limit:]
        future.set_result(rows)

    def opened(self, row: Any) -> Claim:
        return claim(row)

    def release(self, claims: Sequence[Claim]) -> None:
        self.released += [one.entry_id for one in claims]


def flow_over(ledger: SlowLedger, lanes: int = 2) -> tuple[Flow, threading.Event]:
    stop = threading.Event()
    return Flow(ledger, "b", lanes, stop.is_set, newest_first=False, halt=stop.set), stop


def begin(flow: Flow) -> tuple[Ready, Future[Claim | None]]:
    """A lane takes a step and has sent it; its outcome is being written."""
    ready = flow.take()
    assert ready is not None
    future: Future[Claim | None] = Future()
    flow.follow(Recorded(future=future, at=1.0, last=False))
    return ready, future


def test_a_lane_takes_another_document_while_an_outcome_is_written_and_the_next_step_first_after_it() -> None:
    """No lane waits for the disk, and what was begun goes on before anything new is."""
    flow, _ = flow_over(SlowLedger(10))
    first, written = begin(flow)
    second, _ = begin(flow)
    assert (first.claim.document_id, second.claim.document_id) == (1, 2)
    written.set_result(claim(1, Operation.APPROVE))
    following, _ = begin(flow)
    assert (following.claim.document_id, following.claim.operation, following.claimed_at) == (1, Operation.APPROVE, 1.0)


def test_no_more_documents_are_begun_than_a_crash_may_leave_in_doubt() -> None:
    """A disk that is far slower than the ERP holds the lanes back."""
    flow, stop = flow_over(SlowLedger(100))
    begun = [begin(flow) for _ in range(2 * UNDER_WAY_PER_LANE)]
    waiting = threading.Thread(target=lambda: begun.append(begin(flow)))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    begun[0][1].set_result(None)  # ended
    waiting.join(5)
    assert len(begun) == 2 * UNDER_WAY_PER_LANE + 1
    stop.set()


def test_lanes_end_when_everything_has_ended() -> None:
    """Nothing pending, nothing under way: every lane is let go."""
    flow, _ = flow_over(SlowLedger(1))
    _, written = begin(flow)
    ended: list[Ready | None] = []
    lanes = [threading.Thread(target=lambda: ended.append(flow.take())) for _ in range(3)]
    for lane in lanes:
        lane.start()
    written.set_result(None)
    for lane in lanes:
        lane.join(5)
    assert ended == [None] * 3
    flow.finish()


def test_what_was_claimed_and_not_sent_is_given_back() -> None:
    """A stop leaves nothing claimed: neither what was claimed ahead, nor a next step whose intent was just written."""
    ledger = SlowLedger(4)
    flow, stop = flow_over(ledger)
    _, written = begin(flow)
    stop.set()
    assert flow.take() is None
    threading.Timer(0.1, written.set_result, [claim(100, Operation.APPROVE)]).start()
    flow.finish()
    assert sorted(ledger.released) == [2, 3, 4, 100]


def test_claims_that_arrive_after_the_stop_are_given_back_too() -> None:
    """The lanes may have ended while a claim was being written."""
    ledger = SlowLedger(2, at_once=False)
    flow, stop = flow_over(ledger)
    lane = threading.Thread(target=flow.take)
    lane.start()
    while not ledger.claims:
        lane.join(0.01)
    stop.set()
    lane.join(5)
    threading.Timer(0.1, ledger.commit_claims).start()
    flow.finish()
    assert ledger.released == [1, 2]


def test_a_ledger_that_fails_stops_the_lanes_and_is_told() -> None:
    """An outcome that cannot be written: nothing more is sent, and the error is raised."""
    flow, stop = flow_over(SlowLedger(10))
    _, written = begin(flow)
    written.set_exception(LedgerUnavailable("disk full"))
    assert flow.take() is None
    assert stop.is_set()
    with pytest.raises(LedgerUnavailable, match="disk full"):
        flow.finish()
