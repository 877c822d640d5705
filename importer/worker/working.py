"""One chunk: some documents of one batch, through the same Sender as everywhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from importer.api.opening import Site
from importer.channel.route import Route, Step
from importer.client import Client
from importer.errors import ErpUnavailable, ImporterError, LedgerLost
from importer.messages import N_
from importer.models import Batch, Claim, Outcome
from importer.pace import Pace
from importer.pipeline.limits import Limits, limits_of
from importer.reconciler import Reconciler
from importer.sender import Sender
from importer.worker.chunks import Chunk
from importer.worker.telling import Telling

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.ledger.fleet import Fleet

__all__ = ["Working", "lock_of"]

SLICE_S: Final = 2.0  # after so long a lane puts the rest of its chunk back, so that nobody waits long for a turn
DOWN_S: Final = 10.0  # before an ERP that is down is tried again
ODD_S: Final = 30.0  # before a chunk is tried again that broke

Notice = Callable[..., None]


def lock_of(site: Site) -> str | None:
    """What chunks have in common that must not be sent at once: with an order among documents one chunk follows the other."""
    profile = site.profile
    return None if profile.post_order == "free" else f"order {profile.erp_id}"


class _Turn(threading.Event):
    """A lane's time with a chunk: over when it is set, or when the worker is told to stop."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        """See Event."""
        return self._stop.is_set() or super().is_set()


class _Place:
    """One profile of this worker's configuration, and its limits."""

    def __init__(self, site: Site, limits: Limits, lanes: int) -> None:
        self.site = site
        self.limits = limits
        most = min(lanes, site.profile.concurrency)
        self.pace = Pace(most) if site.profile.adaptive and most > 1 else None  # of all lanes
        self.down_until = 0.0  # time.monotonic


class Working:
    """Carries chunks, from many threads at once, for as long as one session with the ledger lasts."""

    def __init__(self, site: Site, ledger: Ledger, *, lanes: int, stop: threading.Event, telling: Telling, notice: Notice) -> None:
        self._site = site
        self._ledger = ledger
        self._lanes = lanes
        self._stop = stop
        self._telling = telling
        self._notice = notice
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._turns: set[_Turn] = set()  # of lanes that carry a chunk of a large batch
        self._open = ExitStack()
        self.lost: LedgerLost | None = None  # the session is over

    def close(self) -> None:
        """Give up the shares of the limits."""
        self._open.close()

    def make_room(self) -> None:
        """A small batch waits: lanes with a larger one's chunk end after their present call."""
        with self._lock:
            for turn in self._turns:
                turn.set()

    def __call__(self, chunk: Chunk) -> float | None:
        """None when the chunk is done, else the seconds after which what is left is to be tried again."""
        if self._stopping():
            return 0.0
        try:
            with self._telling.busy():
                return self._carry(chunk)
        except LedgerLost as error:
            self.lost = self.lost or error
            return 1.0
        except ImporterError as error:
            self._notice(error.text, **error.values)
        except Exception as error:  # noqa: BLE001 - told, and the chunk is tried again
            self._notice(N_("A chunk of batch {batch} broke and will be tried again: {reason}"), batch=chunk.batch, reason=repr(error))
        return ODD_S

    def _stopping(self) -> bool:
        return self._stop.is_set() or self.lost is not None

    def _carry(self, chunk: Chunk) -> float | None:
        batch = self._ledger.batch(chunk.batch)
        if batch.state != "open" or self._refused(chunk):
            return None
        place = self.place(batch)
        if (left := place.down_until - time.monotonic()) > 0:
            return left
        with self._turn(chunk) as turn:
            reason = self._send(batch, chunk, place, turn)
        if reason is not None:
            place.down_until = time.monotonic() + DOWN_S
            self._notice(reason.text, **reason.values)
            return DOWN_S
        return 0.0 if self._left(chunk) else None

    @contextmanager
    def _turn(self, chunk: Chunk) -> Iterator[_Turn]:
        turn = _Turn(self._stop)
        with self._lock:
            if not chunk.urgent:
                self._turns.add(turn)
        try:
            yield turn
        finally:
            with self._lock:
                self._turns.discard(turn)

    def _send(self, batch: Batch, chunk: Chunk, place: _Place, turn: _Turn) -> ErpUnavailable | None:
        profile = place.site.profile
        mapping = place.site.mapping(batch.document_type)
        client = Client(profile)
        try:
            route = Route(
                profile,
                mapping,
                client,
                name=batch.route,
                until=batch.until,
                turn=place.limits.call,
                custom_turn=place.limits.post,
                lanes=1 if profile.post_order == "free" else self._lanes,
            )
            sender = Sender(
                _ChunkLedger(self._ledger, chunk, over=self._over(chunk, turn)),
                route,
                stop=turn,
                stop_on_refusal=batch.policy == "stop",
                language=batch.language,
                look=Reconciler(self._ledger, route) if self._looks_first(place.site) else None,
                pace=place.pace,
                progress=self._telling.progress(batch),
            )
            sender.run(batch.id)
            if turn.is_set() or sender.health.reason:  # documents in the middle of their way wait for their next step
                self._ledger.enqueue(batch.id, route.steps, route.until, retry_rejected=False, documents=chunk.documents)
            return sender.health.reason
        except ErpUnavailable as error:
            return error
        finally:
            client.close()

    def _over(self, chunk: Chunk, turn: _Turn) -> Callable[[], bool]:
        """Whether no further document of a chunk is begun now."""
        end = time.monotonic() + SLICE_S
        return lambda: time.monotonic() > end or turn.is_set() or self._stopping() or self._refused(chunk)

    def _refused(self, chunk: Chunk) -> bool:
        """With policy `stop`: the ERP has refused a document, at whichever worker."""
        return chunk.stop_at is not None and self._fleet.rejected(chunk.batch) >= chunk.stop_at

    def _left(self, chunk: Chunk) -> bool:
        return not self._refused(chunk) and self._fleet.is_pending(chunk.batch, chunk.documents)

    def _looks_first(self, site: Site) -> bool:
        asked = site.profile.ask_before_create
        return asked == "always" or (asked == "auto" and not self._ledger.erp_is_settled(site.profile.erp_id))

    @property
    def _fleet(self) -> Fleet:
        fleet = self._ledger.fleet
        assert fleet is not None  # noqa: S101 - a worker's ledger is a PostgreSQL database
        return fleet

    def place(self, batch: Batch) -> _Place:
        """The batch's profile as this worker's configuration has it. Raises ConfigurationError where it has none, or means another ERP."""
        with self._lock:
            if batch.profile not in self._places:
                profile = self._site.settings.profile(batch.profile)
                self._ledger.confirm_erp(
                    profile.erp_id, standard_url=profile.standard_url, custom_url=profile.custom_url, plant=profile.plant
                )
                limits = self._open.enter_context(limits_of(self._ledger, profile))
                self._places[batch.profile] = _Place(replace(self._site, profile=profile), limits, self._lanes)
            return self._places[batch.profile]


class _ChunkLedger:
    """The ledger as a Sender sees it that has one chunk to send, and no longer than its turn lasts."""

    def __init__(self, ledger: Ledger, chunk: Chunk, *, over: Callable[[], bool]) -> None:
        self._ledger = ledger
        self._documents = tuple(chunk.documents)
        self._over = over

    @property
    def leased(self) -> bool:
        return self._ledger.leased

    def claim(self, batch_id: str, limit: int, *, newest_first: bool = False) -> list[Claim]:
        if self._over():
            return []
        return self._ledger.claim(batch_id, limit, documents=self._documents, newest_first=newest_first)

    def claim_soon(self, batch_id: str, limit: int, *, newest_first: bool = False) -> Future[Sequence[Any]]:
        if not self._over():
            return self._ledger.claim_soon(batch_id, limit, documents=self._documents, newest_first=newest_first)
        nothing: Future[Sequence[Any]] = Future()
        nothing.set_result(())
        return nothing

    def opened(self, row: Any) -> Claim:
        return self._ledger.opened(row)

    def record(self, claim: Claim, outcome: Outcome, *, then: Step | None = None) -> Future[Claim | None]:
        return self._ledger.record(claim, outcome, then=then)

    def release(self, claims: Sequence[Claim]) -> None:
        self._ledger.release(claims)

    def prove(self, claim: Claim) -> bool:
        return self._ledger.prove(claim)
