"""How many calls at once are good for the ERP, found by how long it takes to answer (profile setting `adaptive`).

As TCP Vegas does it: with as many calls at once as the ERP works on, each takes as long as a single one does; every further call
only waits in the ERP's queue. So the limit goes up while calls are about as quick as they were at their best, and down when a
good part of their time is waiting. It is halved when calls fail. Made for one process; several share `concurrency` all the same.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import Final

__all__ = ["FIRST", "Pace"]

FIRST: Final = 2  # calls at once to begin with
WINDOW: Final = 10  # calls at the least between two decisions
NOISE_S: Final = 0.005  # what this machine and the network add to a call, which says nothing of the ERP
FEW, MANY = 0.2, 0.4  # shares of a call's time spent waiting: below the one more calls, above the other fewer
LARGE: Final = 0.1  # a step, as a share of the limit
KEPT: Final = 3  # samples of a kind that a judgement takes


class Pace:
    """The limit on calls at once, and who may begin one now. Safe to use from many lanes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = min(FIRST, most)
        self._changed = threading.Condition()
        self._under_way = 0
        self._doubling = True  # until the ERP shows for the first time that it has enough
        self._best: dict[Hashable, float] = {}  # seconds of a call of a kind, unhindered
        self._took: dict[Hashable, deque[float]] = {}  # of this window
        self._calls = 0
        self._failed = 0

    @property
    def limit(self) -> int:
        """Calls at once at present."""
        return self._limit

    @contextmanager
    def turn(self) -> Iterator[None]:
        """For the length of a call; waits until one more is good for the ERP."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._limit)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def note(self, kind: Hashable, seconds: float | None) -> None:
        """How long a call of a kind took; None for one that got no trusted answer."""
        with self._changed:
            self._calls += 1
            if seconds is None:
                self._failed += 1
            else:
                self._took.setdefault(kind, deque(maxlen=200)).append(seconds)
            if self._calls >= max(WINDOW, 2 * self._limit) or self._failed > max(1, self._limit // 4):
                self._decide()

    def _decide(self) -> None:
        middle = {kind: median(took) for kind, took in self._took.items() if len(took) >= KEPT}
        step = max(1, round(self._limit * LARGE))
        if self._failed > max(1, self._calls // 10):
            self._limit_to(self._limit // 2)
        elif middle:
            waiting = self._waiting(middle)
            if waiting > MANY:
                self._limit_to(self._limit - step)
            elif waiting < FEW:
                self._grow(step)
            else:
                self._doubling = False
        self._took.clear()
        self._calls = self._failed = 0

    def _waiting(self, middle: Mapping[Hashable, float]) -> float:
        """The share of a call's time that it waits for others, over all kinds of call."""
        if self._limit == 1:
            self._best.clear()  # nothing of ours waits now: an ERP that became slower for good is believed
        shares, weights = 0.0, 0
        for kind, seconds in middle.items():
            best = self._best[kind] = min(seconds, self._best.get(kind, seconds))
            weight = len(self._took[kind])
            shares += weight * max(0.0, 1 - (best + NOISE_S) / max(seconds, NOISE_S))
            weights += weight
        return shares / weights

    def _grow(self, step: int) -> None:
        self._limit = min(self._most, self._limit * 2 if self._doubling else self._limit + step)
        self._changed.notify_all()

    def _limit_to(self, limit: int) -> None:
        self._doubling = False
        self._limit = max(1, limit)
