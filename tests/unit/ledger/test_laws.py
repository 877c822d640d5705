"""Any order of events, crashes among them, against an ERP that acts whatever becomes of its answers."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit.ledger.making import ERP, STEPS, confirm, enqueue, hand_in, succeeded, token

from importer.ledger import Ledger, LostClaim, open_ledger
from importer.ledger.transitions import TRANSITIONS, Cause
from importer.models import Claim, Operation, Outcome, Stage, Status

NAMES = "abcdefg"
PROVEN_NOT_THERE = {("record", "pending"), ("release", "pending"), ("settle", "pending"), ("record", "rejected"), ("settle", "rejected")}


class Laws(RuleBasedStateMachine):
    """One sending process after another, each of which may die at any moment."""

    @initialize()
    def begin(self) -> None:
        self.held = ExitStack()
        folder = self.held.enter_context(tempfile.TemporaryDirectory())
        self.url = f"sqlite:///{folder}/ledger.db"
        self.erp: dict[str, list[str]] = {}  # token -> the operations that the ERP did, whoever heard of it
        self.numbers: dict[str, str] = {}
        self.handed: dict[str, set[str]] = {}  # batch -> tokens
        self.claims: list[Claim] = []
        self.stale: list[Claim] = []
        self.ledger: Ledger
        self.start()
        confirm(self.ledger)

    def start(self) -> None:
        self.process = ExitStack()
        self.ledger = self.process.enter_context(open_ledger(self.url))
        self.process.enter_context(self.ledger.sending_lock(wait=False))

    def teardown(self) -> None:
        if hasattr(self, "process"):
            self.process.close()
            self.held.close()

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True), retry=st.booleans())
    def run(self, names: list[str], retry: bool) -> None:
        id_ = f"batch{len(self.handed)}"
        hand_in(self.ledger, id_, names)
        self.handed[id_] = {token(name) for name in names}
        enqueue(self.ledger, id_, retry_rejected=retry)

    @precondition(lambda self: self.handed)
    @rule(data=st.data(), limit=st.integers(1, 4))
    def claim(self, data: st.DataObject, limit: int) -> None:
        self.claims += self.ledger.claim(data.draw(st.sampled_from(sorted(self.handed))), limit)

    @precondition(lambda self: self.handed)
    @rule(data=st.data(), state=st.sampled_from(["open", "paused", "cancelled"]))
    def set_state(self, data: st.DataObject, state: str) -> None:
        self.ledger.set_state(data.draw(st.sampled_from(sorted(self.handed))), state)

    @precondition(lambda self: self.handed)
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        enqueue(self.ledger, data.draw(st.sampled_from(sorted(self.handed))))

    @precondition(lambda self: self.claims)
    @rule(end=st.sampled_from(["answered", "answered", "last step", "lost answer", "not done", "refused", "not sent", "released"]))
    def send(self, end: str) -> None:
        claim = self.claims.pop(0)
        if end in ("answered", "last step", "lost answer"):
            self.act(claim)
        self.tell(claim, end)

    @precondition(lambda self: len(self.claims) > 1)
    @rule()
    def send_all_at_once(self) -> None:
        for claim in self.claims:
            self.act(claim)
        answers = [self.record(claim, last=False) for claim in self.claims]
        self.claims = [following for answer in answers if (following := answer.result())]

    def act(self, claim: Claim) -> None:
        """The ERP does what the request says, as often as it comes."""
        self.erp.setdefault(claim.document.token, []).append(claim.operation)
        self.numbers.setdefault(claim.document.token, f"N{len(self.numbers)}")

    def record(self, claim: Claim, *, last: bool):
        outcome = succeeded(claim)
        outcome = Outcome(status=outcome.status, stage=outcome.stage, doc_no=self.numbers[claim.document.token])
        return self.ledger.record(claim, outcome, then=None if last else STEPS.get(outcome.stage or Stage.NEW))

    def tell(self, claim: Claim, end: str) -> None:
        if end == "released":
            self.ledger.release([claim])
        elif end in ("answered", "last step"):
            following = self.record(claim, last=end == "last step").result()
            self.claims += [following] if following else []
        else:
            status = {"refused": Status.REJECTED, "not sent": Status.PENDING}.get(end, Status.UNKNOWN)
            self.ledger.record(claim, Outcome(status=status)).result()

    @rule(acted=st.integers(0, 4))
    def crash(self, acted: int) -> None:
        """The process dies; the ERP got some of what it had claimed, and nobody heard the answers."""
        for claim in self.claims[:acted]:
            self.act(claim)
        self.stale, self.claims = self.claims, []
        self.process.close()
        self.start()

    @rule(batch=st.booleans())
    def take_over(self, batch: bool) -> None:
        self.ledger.take_over(sorted(self.handed)[0] if batch and self.handed else None)

    @precondition(lambda self: self.stale)
    @rule()
    def wake_up(self) -> None:
        """A process that was thought dead tells what it heard; its claim is another's now."""
        claim = self.stale.pop()
        before = self.ledger.known(ERP, [claim.document.token])
        assert not self.ledger.prove(claim)
        with pytest.raises(LostClaim):
            self.ledger.record(claim, Outcome(status=Status.UNKNOWN)).result()
        assert self.ledger.known(ERP, [claim.document.token]) == before

    @rule()
    def reconcile(self) -> None:
        """Ask the ERP about everything that is unknown."""
        for record, document in self.ledger.unknowns():
            entry = record.entry
            assert entry is not None
            if entry.operation in self.erp.get(document.token, []):
                stage = {Operation.CREATE: Stage.CREATED, Operation.APPROVE: Stage.APPROVED, Operation.POST: Stage.POSTED}[entry.operation]
                outcome = Outcome(status=Status.SUCCEEDED, stage=stage, doc_no=self.numbers[document.token])
            else:
                outcome = Outcome(status=Status.PENDING)
            self.ledger.settle(entry.id, outcome, actor="reconcile", reason="asked")

    @invariant()
    def the_erp_did_nothing_twice(self) -> None:
        for done in getattr(self, "erp", {}).values():
            assert max(Counter(done).values()) == 1
            assert done == ["create", "approve", "post"][: len(done)]

    @invariant()
    def no_document_is_lost(self) -> None:
        for id_, tokens in getattr(self, "handed", {}).items():
            assert {member.record.token for member in self.ledger.members(id_)} == tokens
            assert self.ledger.counts(id_).documents == len(tokens)

    @invariant()
    def no_create_is_claimed_again_without_proof(self) -> None:
        for record in self.records():
            told = [event for event in self.ledger.events(record.id) if event.operation == "create" and event.kind != "late"]
            claims = [at for at, event in enumerate(told) if event.kind == "claim"]
            for first, second in pairwise(claims):
                assert {(event.kind, event.status) for event in told[first:second]} & PROVEN_NOT_THERE

    @invariant()
    def every_entry_went_a_legal_way(self) -> None:
        for record in self.records():
            status: dict[int, Status | None] = {}
            for event in self.ledger.events(record.id):
                if event.kind == "late":
                    continue
                before, after = TRANSITIONS[Cause(event.kind)]
                assert status.get(event.entry_id) is before
                assert event.status in after
                status[event.entry_id] = event.status
            if record.entry:
                assert status[record.entry.id] is record.entry.status

    def records(self):
        return self.ledger.known(ERP, [token(name) for name in NAMES]).values() if hasattr(self, "handed") else []


Laws.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


class TestLaws(Laws.TestCase):
    """Whatever happens in whatever order, no document reaches the ERP twice and none is lost."""
