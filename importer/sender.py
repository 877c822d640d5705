"""One document along its route, through the ledger: the intention is durable before a request leaves, the outcome after.

A lane is a thread that carries one document at a time. Nothing that may have reached the ERP is ever sent again here.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Final, Protocol

from importer.channel.calls import Call, ErpDocument, refused, unavailable
from importer.channel.route import Route, Step
from importer.documents import in_new_codes
from importer.errors import CallFailed, ErpUnavailable, ImporterError, LedgerUnavailable, NotSent
from importer.flow import CLAIMS_PER_LANE, Flow, FlowLedger, Ready, Recorded
from importer.ledger import LostClaim
from importer.messages import N_, translate
from importer.models import Claim, Document, Line, Operation, Outcome, Refusal, Reply, Stage, Status
from importer.pace import Pace
from importer.protocols.parameters import wire_names
from importer.settings import Profile

__all__ = ["TWICE", "Health", "Look", "Progress", "Sender", "SendingLedger"]

CREATING: Final = (Operation.CREATE, Operation.COMBINED)
STALE_S: Final = 0.3  # a claim older than this is proved again before its request leaves (design §4.2, 3)
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 30.0
AWAY: Final = N_("This process was away for too long; another one has taken its documents over.")
TWICE_TEXT: Final = N_(
    "The ERP has this document under several numbers: {numbers}. Another ledger was sending the same content at the same moment. "
    "Keep {doc_no}, delete the others in the ERP and run again; or keep another one and undo this batch here."
)
PROOFS: Final = 10  # of one claim in a row, where the ledger itself takes longer than STALE_S
PATIENCE: Final = 20  # how often a throttled call (Retry-After) is offered again

TWICE: Final = "token_twice"
"""Code of a document that the ERP holds under several numbers."""


class Look(Protocol):
    """Looks in the ERP where another ledger may be sending the same content (design §4.1 rule 8). Raises CallFailed or ErpUnavailable."""

    def before_create(self, claim: Claim) -> Outcome | None:
        """The document as found, UNKNOWN when it cannot be told, None when it is not there."""

    def numbers(self, claim: Claim) -> Sequence[str]:
        """The numbers under which the ERP has the document now; none where its reference cannot travel."""


class SendingLedger(FlowLedger, Protocol):
    """What sending needs of the ledger."""

    def claim(self, batch_id: str, limit: int, *, newest_first: bool = False) -> list[Claim]:
        """Pending documents, claimed durably for this process."""

    def record(self, claim: Claim, outcome: Outcome, *, then: Step | None = None) -> Future[Claim | None]:
        """Record how a call ended, and claim the next step in the same commit."""

    @property
    def leased(self) -> bool:
        """Whether a claim can be lost while this process is frozen."""

    def prove(self, claim: Claim) -> bool:
        """Whether a claim still stands."""


class Progress(Protocol):
    """Told of every outcome, from many threads."""

    def __call__(self, claim: Claim, outcome: Outcome) -> None:
        """One call has ended."""


class Health:
    """Whether the ERP is worth calling. Stops the run at a refused login, an unreachable ERP, or failures in a row and no sign of life."""

    def __init__(self, limit: int, probe: Callable[[], None], halt: Callable[[], None]) -> None:
        self._limit = limit
        self._probe = probe
        self._halt = halt
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.reason: ErpUnavailable | None = None

    def good(self) -> None:
        """A trusted answer came."""
        self._in_a_row = 0

    def bad(self) -> None:
        """A call ended without one. After several in a row one thread asks the ERP for a sign of life."""
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row < self._limit or self.reason:
                return
            try:
                self._probe()
                self._in_a_row = 0
            except ErpUnavailable as reason:
                self._give_up(reason)

    def down(self, reason: ErpUnavailable) -> None:
        """The ERP cannot be reached, or refuses the login: no further document is tried."""
        with self._lock:
            self._give_up(reason)

    def _give_up(self, reason: ErpUnavailable) -> None:
        self.reason = self.reason or reason
        self._halt()


class _Buffer:
    """Claims taken ahead for all lanes."""

    def __init__(self, ledger: SendingLedger, batch_id: str, size: int, stopping: Callable[[], bool], *, newest_first: bool) -> None:
        self._ledger = ledger
        self._batch_id = batch_id
        self._size = size
        self._newest_first = newest_first
        self._stopping = stopping
        self._lock = threading.Lock()
        self._claims: deque[Claim] = deque()
        self._taken = 0.0

    def take(self) -> tuple[Claim, float] | None:
        """The next claimed document and when it was claimed; None when there is none left or sending stops."""
        with self._lock:
            if self._stopping():
                return None
            if not self._claims:
                self._taken = time.monotonic()  # before the commit: this process may be frozen right after it
                self._claims.extend(self._ledger.claim(self._batch_id, self._size, newest_first=self._newest_first))
            return (self._claims.popleft(), self._taken) if self._claims else None

    def give_back(self) -> None:
        """Release what was claimed ahead and not sent."""
        with self._lock:
            if self._claims:
                self._ledger.release(list(self._claims))
                self._claims.clear()


class _Places:
    """Stock places (item and warehouse, as the mapping's control totals group them) that a document under way is moving."""

    def __init__(self, route: Route) -> None:
        self._mapping = route.mapping
        self._groups = [total.by for total in route.mapping.totals] if route.profile.post_order == "stock" else []
        self._busy: set[tuple[str, ...]] = set()
        self._changed = threading.Condition()

    @contextmanager
    def held(self, document: Document) -> Iterator[None]:
        """Wait until nobody else moves any of the document's places, and keep them for as long as this lasts."""
        moved = in_new_codes(document, self._mapping) if self._groups else document
        wanted = {
            tuple(str(line.fields.get(name, moved.header.get(name, ""))) for name in group)
            for group in self._groups
            for line in moved.lines
        }
        with self._changed:
            self._changed.wait_for(lambda: self._busy.isdisjoint(wanted))
            self._busy |= wanted
        try:
            yield
        finally:
            with self._changed:
                self._busy -= wanted
                self._changed.notify_all()


class Sender:
    """Carries the pending documents of a batch along a route."""

    def __init__(
        self,
        ledger: SendingLedger,
        route: Route,
        *,
        stop: threading.Event,
        stop_on_refusal: bool = False,
        language: str = "en",
        look: Look | None = None,
        pace: Pace | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._ledger = ledger
        self._route = route
        self._profile: Profile = route.profile
        self._wire = wire_names(route.mapping)
        self._places = _Places(route)
        self._stop = stop  # the user's wish
        self._halted = threading.Event()  # what sending itself came upon
        self._stop_on_refusal = stop_on_refusal
        self._language = language  # of what is recorded for people about calls without an answer
        self._look = look
        self._pace = pace  # calls at once, as the ERP bears them; None: as many as there are lanes
        self._progress = progress
        self.health = Health(self._profile.stop_after_failures, route.probe, self._halted.set)
        self.refused = False  # stopped at a refusal
        self.twice = 0  # documents that the ERP has under several numbers
        self.succeeded = 0  # calls that led a document on
        self._error: BaseException | None = None
        self._lock = threading.Lock()

    def run(self, batch_id: str) -> None:
        """Send until nothing is pending, `stop` is set or the ERP is down (`health.reason`).

        Raises what broke a lane, such as LedgerUnavailable; all lanes have ended then.
        """
        lanes, route = self._route.lanes, self._route
        try:
            per_call = route.documents_per_call
            in_any_order = (lanes > 1 or per_call > 1) and self._profile.post_order == "free" and not self._stop_on_refusal
            if in_any_order and route.can_be_asked:
                flow = Flow(
                    self._ledger, batch_id, lanes, self._stopping, newest_first=route.undoing, halt=self._halted.set, per_call=per_call
                )
                self._in_lanes(lanes, lambda: self._send_ready(flow))
                flow.finish()
            else:
                ahead = lanes * CLAIMS_PER_LANE if route.can_be_asked else 1
                buffer = _Buffer(self._ledger, batch_id, ahead, self._stopping, newest_first=route.undoing)
                self._in_lanes(lanes, lambda: self._send_whole(buffer))
                buffer.give_back()
        except LostClaim as error:
            raise LedgerUnavailable(AWAY) from error

    def _in_lanes(self, lanes: int, work: Callable[[], None]) -> None:
        def lane() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - whatever broke this lane stops the others and is raised by run
                with self._lock:
                    self._error = self._error or error
                self._halted.set()

        threads = [threading.Thread(target=lane, name=f"lane-{number}") for number in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # a join without time-out would not let Ctrl-C through
                thread.join(0.2)
        if self._error is not None:
            raise self._error

    def _stopping(self) -> bool:
        return self._stop.is_set() or self._halted.is_set()

    def _paused(self, seconds: float) -> bool:
        """Wait, less when sending stops; whether it does."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._stopping():
            self._stop.wait(min(left, 0.2))
        return self._stopping()

    def _send_ready(self, flow: Flow) -> None:
        """A lane that takes whichever document is ready, and waits for no commit."""
        while (ready := flow.take()) is not None:
            if ready.refused is not None:
                flow.follow(self._left_to_a_person(ready.claim, ready.refused))
            elif others := flow.more(ready, self._route.documents_per_call - 1):
                for recorded in self._steps([ready, *others]):
                    flow.follow(recorded)
            else:
                flow.follow(self._step(ready.claim, ready.claimed_at))

    def _send_whole(self, buffer: _Buffer) -> None:
        """A lane that carries one document to its end before it takes another, where order or places demand it."""
        waiting: Future[Claim | None] | None = None
        while (taken := buffer.take()) is not None:
            with self._places.held(taken[0].document):
                following = self._carry(*taken)
            if waiting is not None:
                waiting.result()
            waiting = following
        if waiting is not None:
            waiting.result()

    def _carry(self, claim: Claim, claimed_at: float) -> Future[Claim | None]:
        """Take one document from step to step; the last outcome's commit is not waited for."""
        while True:
            recorded = self._step(claim, claimed_at)
            if recorded.last or (following := recorded.future.result()) is None:
                return recorded.future
            if recorded.refused is not None:
                return self._left_to_a_person(following, recorded.refused).future
            claim, claimed_at = following, recorded.at

    def _step(self, claim: Claim, claimed_at: float) -> Recorded:
        """One call, and its outcome handed to the ledger with the intent of the next one."""
        return self._recorded(claim, self._attempt(Ready(claim=claim, claimed_at=claimed_at)))

    def _steps(self, several: Sequence[Ready]) -> list[Recorded]:
        """The same for several documents in one call, less those that a look finds in the ERP."""
        outcomes = {ready.claim.entry_id: known for ready in several if (known := self._looked(ready.claim)) is not None}
        left = [ready for ready in several if ready.claim.entry_id not in outcomes]
        if len(left) == 1:
            outcomes[left[0].claim.entry_id] = self._sent(left[0])
        elif left:
            outcomes.update(self._sent_together(left))
        return [self._recorded(ready.claim, outcomes[ready.claim.entry_id]) for ready in several]

    def _recorded(self, claim: Claim, outcome: Outcome) -> Recorded:
        outcome = self._seen_after(claim, outcome)
        self._note(claim, outcome)
        onward, stuck = self._onward(outcome)
        at = time.monotonic()
        future = self._ledger.record(claim, outcome, then=onward)
        return Recorded(
            future=future, at=at, last=onward is None, refused=replace(outcome, status=Status.REJECTED, stage=None) if stuck else None
        )

    def _note(self, claim: Claim, outcome: Outcome) -> None:
        if outcome.status is Status.REJECTED and self._stop_on_refusal:
            self.refused = True
            self._halted.set()
        if outcome.status is Status.SUCCEEDED:
            with self._lock:
                self.succeeded += 1
        if self._progress is not None:
            self._progress(claim, outcome)

    def _onward(self, outcome: Outcome) -> tuple[Step | None, bool]:
        """The next step, and whether it is one that this route has no channel for."""
        stage = outcome.stage
        if outcome.status is not Status.SUCCEEDED or stage is None or self._route.arrived(stage):
            return None, False
        if stage in self._route.steps:
            return (None if self._stopping() else self._route.steps[stage]), False
        return self._route.mapping.scenario.steps.get(stage), True

    def _left_to_a_person(self, claim: Claim, refused_step: Outcome) -> Recorded:
        """Created by the combined call, not posted, and no standard channel to go on with: refused, with its number."""
        self._note(claim, refused_step)
        return Recorded(future=self._ledger.record(claim, refused_step), at=time.monotonic(), last=True)

    # -- one call ------------------------------------------------------------------------------------------------------

    def _attempt(self, ready: Ready) -> Outcome:
        known = self._looked(ready.claim)
        return known if known is not None else self._sent(ready)

    def _sent(self, ready: Ready) -> Outcome:
        (call,) = self._offer([ready])
        return self._failed(call) if call.failure is not None else self._answered(ready.claim, call)

    def _sent_together(self, several: Sequence[Ready]) -> dict[int, Outcome]:
        """By entry. A call without a trusted answer counts once, however many documents were in it."""
        calls = self._offer(several)
        if (failure := calls[0].failure) is not None and all(call.failure is failure for call in calls):
            outcomes = [self._failed(calls[0]), *(self._unanswered(call) for call in calls[1:])]
        else:
            self.health.good()
            outcomes = [
                self._unanswered(call) if call.failure is not None else self._answered(ready.claim, call)
                for ready, call in zip(several, calls, strict=True)
            ]
        return {ready.claim.entry_id: outcome for ready, outcome in zip(several, outcomes, strict=True)}

    def _answered(self, claim: Claim, call: Call) -> Outcome:
        reply = call.reply or Reply(accepted=False)
        if not reply.executed:
            self.health.down(refused(reply))
            return _outcome(Status.PENDING, call, code=reply.code, message=reply.message)
        self.health.good()
        return self._accepted(claim, reply, call) if reply.accepted else self._refused(claim, reply, call)

    def _looked(self, claim: Claim) -> Outcome | None:
        """What a look in the ERP says instead of a call: there already, twice there, or that there is no telling; None: go on.

        Of two ledgers that create the same document at the same moment, one at the least sees both before it goes on from created.
        """
        if self._look is None or claim.stage not in (Stage.NEW, Stage.CREATED):
            return None
        try:
            if claim.operation in CREATING:
                return self._look.before_create(claim)
            twice = self._twice(claim)
        except (CallFailed, ErpUnavailable) as error:
            return self._not_there(error)
        return Outcome(status=Status.REJECTED, code=TWICE, message=twice) if twice else None

    def _twice(self, claim: Claim) -> str:
        """What a person is told of a document that the ERP has under several numbers; empty where it has not."""
        numbers = self._look.numbers(claim) if self._look is not None else ()
        if len(numbers) < 2:
            return ""
        with self._lock:
            self.twice += 1
        return translate(TWICE_TEXT, self._language, numbers=", ".join(numbers), doc_no=claim.doc_no)

    def _seen_after(self, claim: Claim, outcome: Outcome) -> Outcome:
        """A create that ends the document's way is looked at here: it has no further step before which to look."""
        arrived = outcome.status is Status.SUCCEEDED and outcome.stage is not None and self._route.arrived(outcome.stage)
        if self._look is None or claim.operation not in CREATING or not arrived:
            return outcome
        try:
            twice = self._twice(replace(claim, doc_no=outcome.doc_no))
        except (CallFailed, ErpUnavailable):
            return outcome  # created for certain; `importer results --verify` and the next look tell the rest
        return replace(outcome, code=TWICE, message=twice) if twice else outcome

    def _offer(self, several: Sequence[Ready]) -> list[Call]:
        """Send, and send again only what is proven unsent, with growing, jittered waits."""
        claims = [ready.claim for ready in several]
        leaving = _all_of([self._proof(ready.claim, ready.claimed_at) for ready in several]) if self._ledger.leased else None
        tries = 0
        while True:
            calls = self._called(claims, leaving)
            failure = calls[0].failure
            if not isinstance(failure, NotSent) or failure.login:
                return calls
            tries += 1
            limit = PATIENCE if failure.retry_after_s is not None else self._profile.not_sent_retries
            if tries > limit or self._paused(_wait_s(failure, tries)):
                return calls

    def _called(self, claims: Sequence[Claim], leaving: Callable[[], None] | None) -> list[Call]:
        one, route = claims[0], self._route
        with self._pace.turn() if self._pace else nullcontext(0) as began:
            if len(claims) == 1:
                calls = [route.write(one.operation, one.document, doc_type_no=one.doc_type_no, doc_no=one.doc_no, leaving=leaving)]
            else:
                calls = route.write_several(one.operation, claims, leaving=leaving)
        if self._pace:
            answered = any(call.failure is None for call in calls)
            kind = (route.mapping.document_type, one.operation, len(claims))
            self._pace.note(kind, calls[0].duration_ms / 1000 if answered else None, began)
        return calls

    def _proof(self, claim: Claim, claimed_at: float) -> Callable[[], None]:
        """Proves a claim that has grown old, at the last moment: making the request and waiting for its turn take time, too."""

        def prove() -> None:
            nonlocal claimed_at
            for _ in range(PROOFS):
                if time.monotonic() - claimed_at <= STALE_S:
                    return
                asked_at = time.monotonic()  # the age counts from before the commit: this thread may be frozen right after it
                if not self._ledger.prove(claim):
                    raise LedgerUnavailable(AWAY)
                claimed_at = asked_at

        return prove

    def _failed(self, call: Call) -> Outcome:
        failure = call.failure
        assert failure is not None  # noqa: S101 - the caller has looked
        if isinstance(failure, NotSent):
            if not self._stopping():
                self.health.down(unavailable(failure))
        else:
            self.health.bad()
        return self._unanswered(call)

    def _unanswered(self, call: Call) -> Outcome:
        failure = call.failure
        assert failure is not None  # noqa: S101 - the caller has looked
        return _outcome(Status.PENDING if isinstance(failure, NotSent) else Status.UNKNOWN, call, message=self._words(failure))

    def _not_there(self, error: ImporterError) -> Outcome:
        """The look before a create got no answer: nothing was sent."""
        self.health.down(unavailable(error) if isinstance(error, CallFailed) else ErpUnavailable(error.text, **error.values))
        return Outcome(status=Status.PENDING, message=self._words(error))

    def _words(self, error: ImporterError) -> str:
        return translate(error.text, self._language, **error.values)

    def _accepted(self, claim: Claim, reply: Reply, call: Call) -> Outcome:
        stage = self._route.target(claim.operation)
        if claim.operation is Operation.COMBINED:  # code 0 means: no error file was found (protocol §1.5, §9.1 rule 7)
            stage = self._standing(claim, reply, otherwise=stage)
        elif reply.stage is not None and self._route.came_about(claim.operation, reply.stage):
            stage = reply.stage
        return self._succeeded(claim, reply, call, stage)

    def _succeeded(self, claim: Claim, reply: Reply, call: Call, stage: Stage) -> Outcome:
        return _outcome(
            Status.SUCCEEDED,
            call,
            stage=stage,
            doc_no=reply.doc_no or claim.doc_no,
            doc_type_no=reply.doc_type_no or claim.doc_type_no,
            code=reply.code,
            message=reply.message,
        )

    def _refused(self, claim: Claim, reply: Reply, call: Call) -> Outcome:
        if claim.operation in CREATING and reply.doc_no:
            return self._created_anyway(claim, reply, call)
        if claim.doc_no and (done := self._done_already(claim)) is not None:
            return self._succeeded(claim, reply, call, done)
        return self._rejected(claim, reply, call)

    def _rejected(self, claim: Claim, reply: Reply, call: Call) -> Outcome:
        refusal = reply.refusals[0] if reply.refusals else Refusal()
        line = refusal.line or _line_named(refusal, in_new_codes(claim.document, self._route.mapping).lines, self._wire)
        return _outcome(Status.REJECTED, call, code=reply.code, message=reply.message, line=line, field=refusal.field)

    def _created_anyway(self, claim: Claim, reply: Reply, call: Call) -> Outcome:
        """A refusal that names a number: created and not posted, or created and deleted again, as the service is (protocol §1.5)."""
        if reply.stage is Stage.DELETED:
            return self._rejected(claim, reply, call)
        if reply.stage is None and not self._route.can(Operation.READ):
            return _outcome(Status.UNKNOWN, call, code=reply.code, message=reply.message)
        return self._succeeded(claim, reply, call, self._standing(claim, reply, otherwise=Stage.CREATED))

    def _standing(self, claim: Claim, reply: Reply, *, otherwise: Stage) -> Stage:
        """How far a document of the combined call is, read back where the profile can read; created at the least."""
        if not self._route.can(Operation.READ):
            return otherwise
        found = self._read_back(claim, doc_no=reply.doc_no, doc_type_no=reply.doc_type_no or claim.doc_type_no)
        return found.stage if found and found.stage is not None else Stage.CREATED

    def _done_already(self, claim: Claim) -> Stage | None:
        """A refusal to approve or post may mean "done already": the document's state decides, not the code (protocol §6)."""
        if not self._route.can(Operation.READ):
            return None
        try:
            found = self._route.read(claim.document, doc_type_no=claim.doc_type_no, doc_no=claim.doc_no)
        except (CallFailed, ErpUnavailable):
            return None  # then the refusal stands; the next run reads again
        stage = found.stage if found else None
        if not self._route.came_about(claim.operation, stage):
            return None
        return stage or self._route.target(claim.operation)

    def _read_back(self, claim: Claim, *, doc_no: str, doc_type_no: str) -> ErpDocument | None:
        try:
            return self._route.read(claim.document, doc_type_no=doc_type_no, doc_no=doc_no)
        except (CallFailed, ErpUnavailable):
            return None


def _outcome(status: Status, call: Call, **values: Any) -> Outcome:
    return Outcome(
        status=status,
        duration_ms=call.duration_ms,
        payload_digest=call.payload.digest if call.payload else "",
        payload=call.kept_payload,
        answer=call.answer,
        **values,
    )


def _all_of(proofs: Sequence[Callable[[], None]]) -> Callable[[], None]:
    def prove() -> None:
        for proof in proofs:
            proof()

    return prove


def _wait_s(failure: NotSent, tries: int) -> float:
    if failure.retry_after_s is not None:
        return min(failure.retry_after_s, LONGEST_WAIT_S) + random.uniform(0, FIRST_WAIT_S)  # noqa: S311 - jitter
    return random.uniform(0.5, 1.0) * min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (tries - 1))  # noqa: S311 - jitter


def _line_named(refusal: Refusal, lines: Sequence[Line], wire: Mapping[str, str]) -> int | None:
    """The line whose value the refusal echoes, when exactly one has it (protocol §2.3: `data` echoes the input)."""
    if not refusal.field or not refusal.value:
        return None
    names = [name for name, on_wire in wire.items() if on_wire == refusal.field]
    found = [
        number
        for number, line in enumerate(lines, start=1)
        if any(str(line.fields.get(name, "")) == refusal.value.strip() for name in names)
    ]
    return found[0] if len(found) == 1 else None
