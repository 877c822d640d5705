"""What a profile allows at once and per second: within this process, or together with all others that send from one PostgreSQL ledger."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, Protocol

from importer.errors import LedgerUnavailable
from importer.settings import Profile

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.ledger.fleet import Fleet, Share

__all__ = ["Gate", "Limits", "OwnLimits", "SharedLimits", "limits_of"]

RENEW_S: Final = 0.5  # between looks at what the others want
HUNGRY_S: Final = 0.05  # the same while calls wait and none is allowed
AHEAD_S: Final = 0.25  # of calls per second that are taken from the database at once
SILENT_S: Final = 5.0  # longer than a heartbeat takes to be written


class Limits(Protocol):
    """Entered for the length of each call."""

    def call(self) -> AbstractContextManager[object]:
        """Any call."""

    def post(self) -> AbstractContextManager[object]:
        """A call over the custom channel, whose posting program reports through a file that all posts of one ERP user share (design §5)."""


@contextmanager
def limits_of(ledger: Ledger, profile: Profile) -> Iterator[Limits]:
    """The profile's limits for what is sent from this ledger. Inside its sending lock."""
    if ledger.fleet is None:
        yield OwnLimits(profile)
        return
    shared = SharedLimits(ledger.fleet, profile, owner=lambda: ledger.owner)
    try:
        yield shared
    finally:
        shared.close()


class OwnLimits:
    """Of one process, which keeps to the calls at once by the number of its lanes."""

    def __init__(self, profile: Profile) -> None:
        self._pace = _own_pace(profile)

    def call(self) -> AbstractContextManager[object]:
        """See Limits."""
        self._pace()
        return nullcontext()

    post = call


def _own_pace(profile: Profile) -> Callable[[], None]:
    """Waits until the profile's calls per second allow one more."""
    if not profile.calls_per_second:
        return lambda: None
    from pyrate_limiter import Duration, Limiter, Rate

    per_second = profile.calls_per_second
    rate = Rate(round(per_second), Duration.SECOND) if per_second >= 1 else Rate(1, round(Duration.SECOND.value / per_second))
    limiter = Limiter(rate)

    def acquire() -> None:
        limiter.try_acquire(profile.erp_id, blocking=True)

    return acquire


class SharedLimits:
    """Of all processes on one ledger: calls at once and calls per second per profile, custom calls at once per ERP user."""

    def __init__(self, fleet: Fleet, profile: Profile, *, owner: Callable[[], str]) -> None:
        silent_s = self._silent_s(profile)
        self._calls = Gate(fleet, f"calls {profile.name}", profile.concurrency, owner=owner, silent_s=silent_s)
        self._posts = Gate(fleet, f"posts {profile.erp_id}/{profile.user}", profile.custom_posts_at_once, owner=owner, silent_s=silent_s)
        self._pace = _SharedPace(fleet, f"pace {profile.name}", profile.calls_per_second) if profile.calls_per_second else None

    @staticmethod
    def _silent_s(profile: Profile) -> float:
        """A process that was killed may have left calls behind at which the ERP is still at work."""
        from importer.ledger.owners import LEASE

        return max(LEASE.total_seconds(), profile.timeout_s) + min(SILENT_S, LEASE.total_seconds())

    @contextmanager
    def call(self) -> Iterator[None]:
        """See Limits."""
        with self._calls.held():
            if self._pace is not None:
                self._pace.wait()
            yield

    @contextmanager
    def post(self) -> Iterator[None]:
        """See Limits."""
        with self._posts.held(), self.call():
            yield

    def close(self) -> None:
        """Give up the share; no call is under way any more."""
        self._calls.close()
        self._posts.close()


class Gate:
    """One limit on calls at once: this process's share of it, handed on in the order of asking.

    A thread of its own asks for more and gives back what others wait for, so that no call pays for it.
    """

    def __init__(self, fleet: Fleet, name: str, limit: int, *, owner: Callable[[], str], silent_s: float) -> None:
        self._fleet = fleet
        self._name = name
        self._limit = limit
        self._owner = owner
        self._silent_s = silent_s
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)  # for the keeper
        self._waiting: deque[threading.Event] = deque()
        self._under_way = 0
        self._granted = 0  # what the database knows of
        self._allowed = 0  # what may be begun: never more than granted
        self._peak = 0  # calls under way or waiting at once since the last look
        self._asked = 0  # wanted at the last look
        self._error: LedgerUnavailable | None = None
        self._keeper: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """For the length of a call. Raises LedgerUnavailable when the database cannot be asked any more."""
        self._enter()
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._admit()
                if self._granted > self._allowed:
                    self._changed.notify_all()

    def close(self) -> None:
        """Give the share back."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()
        if self._keeper is not None:
            self._keeper.join()

    def _enter(self) -> None:
        mine = threading.Event()
        with self._lock:
            self._begin()
            self._waiting.append(mine)
            self._peak = max(self._peak, self._under_way + len(self._waiting))
            self._admit()
            more_than_known = self._under_way + len(self._waiting) > self._asked < self._limit
            if not mine.is_set() and (more_than_known or not self._under_way):
                self._changed.notify_all()
        mine.wait()
        if self._error is not None:
            with self._lock:
                self._under_way -= 1
            raise type(self._error)(self._error.text, **self._error.values)

    def _begin(self) -> None:
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name=f"limit {self._name}", daemon=True)
            self._keeper.start()

    def _admit(self) -> None:
        """Let in whoever may; everybody once the database is gone, to be told of it."""
        while self._waiting and (self._error is not None or self._under_way < self._allowed):
            self._under_way += 1
            self._waiting.popleft().set()

    def _keep(self) -> None:
        try:
            while self._look():
                pass
        except LedgerUnavailable as error:
            with self._lock:
                self._error = error
                self._allowed = 0
                self._admit()

    def _look(self) -> bool:
        """One question to the database, and the wait before the next; whether there is to be one."""
        with self._lock:
            wanted = max(self._peak, self._under_way + len(self._waiting)) if not self._closed else 0
            self._peak = 0
            self._asked = wanted
            self._allowed = min(self._allowed, self._granted)
            holding = 0 if self._closed else max(self._under_way, min(self._allowed, wanted))
            self._allowed = holding  # bound to it until the answer is there
            ask = bool(wanted or holding or self._granted)
        if ask:
            share = self._fleet.share(self._name, self._limit, owner=self._owner(), wanted=wanted, holding=holding, silent_s=self._silent_s)
            self._take(share)
        with self._lock:
            if self._closed:
                return False
            self._changed.wait(self._pause_s())
        return True

    def _take(self, share: Share) -> None:
        with self._lock:
            self._granted = share.granted
            self._allowed = min(share.granted, max(share.fair, 0))
            self._admit()

    def _pause_s(self) -> float | None:
        """Until the next look. None: until somebody comes."""
        if self._waiting and not self._under_way:
            return HUNGRY_S
        if self._waiting or self._under_way or self._granted:
            return RENEW_S
        return None


class _SharedPace:
    """Calls per second over all processes: each call has its moment, taken from the database some at a time.

    A moment that passes unused is lost, so that calls never bunch up.
    """

    def __init__(self, fleet: Fleet, name: str, per_second: float) -> None:
        self._fleet = fleet
        self._name = name
        self._per_second = per_second
        self._lock = threading.Lock()
        self._due: deque[float] = deque()  # moments, time.monotonic

    def wait(self) -> None:
        """Until the next call may leave."""
        due = self._next()
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)

    def _next(self) -> float:
        with self._lock:
            late = time.monotonic() - 1 / self._per_second
            while self._due and self._due[0] < late:
                self._due.popleft()
            if not self._due:
                number = max(1, int(self._per_second * AHEAD_S))
                asked = time.monotonic()
                first = asked + self._fleet.tokens(self._name, number, self._per_second)
                self._due.extend(first + place / self._per_second for place in range(number))
            return self._due.popleft()
