"""How much one person or one address may ask for, kept in memory: guesses at tokens, and workbooks at once."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from importer.errors import TooOften
from importer.messages import N_

__all__ = ["AtOnce", "Guesses"]

REMEMBERED: Final = 10_000  # addresses; the ones that were quiet longest are forgotten first
TOO_OFTEN: Final = N_("Too many tries. Wait a quarter of an hour.")
TOO_MUCH: Final = N_("You have {number} workbooks under way already; wait until one of them is done.")


class Guesses:
    """How often each address was wrong within a window. Safe to use from many threads."""

    def __init__(self, most: int, window_s: float = 900.0) -> None:
        self._most = most
        self._window_s = window_s
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raises TooOften."""
        with self._lock:
            times = self._wrong.get(address, deque())
            while times and times[0] < time.monotonic() - self._window_s:
                times.popleft()
            if len(times) >= self._most:
                raise TooOften(TOO_OFTEN, after_s=int(times[0] + self._window_s - time.monotonic()) + 1)

    def wrong(self, address: str) -> None:
        """One more."""
        with self._lock:
            times = self._wrong.setdefault(address, deque(maxlen=self._most))
            times.append(time.monotonic())
            self._wrong.move_to_end(address)
            while len(self._wrong) > REMEMBERED:
                self._wrong.popitem(last=False)


class AtOnce:
    """How many things one person has under way. Safe to use from many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._now: Counter[str] = Counter()

    @contextmanager
    def one_more(self, person: str) -> Iterator[None]:
        """Raises TooOften."""
        with self._lock:
            if self._now[person] >= self._most:
                raise TooOften(TOO_MUCH, after_s=2, number=self._most)
            self._now[person] += 1
        try:
            yield
        finally:
            with self._lock:
                self._now[person] -= 1
                if not self._now[person]:
                    del self._now[person]
