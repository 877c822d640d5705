"""How many calls at once are good for the ERP, found by how long it takes to answer (profile setting `adaptive`).

As TCP Vegas does it: with as many calls at once as the ERP works on, each takes as long as a single one does; every further call
only waits in the ERP's queue. So the limit goes up while calls are about as quick as they were at their best, and down when a
good part of their time is waiting: at once to what the ERP works on by Little's law (calls at once = calls per second x seconds of a
call, on the average: of means, for where some wait and some do not, the median is of one that does not), by half at the most.
It is halved when calls fail. Only calls that began under the present limit tell whether it is good: those before had fewer beside them.

Each process finds its own limit, below its share of `concurrency`: all of them see the same ERP become slow, and all of them
make room, as connections that share a line do.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from statistics import fmean
from typing import Final

__all__ = ["FIRST", "Pace"]

FIRST: Final = 2  # calls at once to begin with
WINDOW: Final = 10  # calls at the least between two decisions
NOISE_S: Final = 0.005  # what this machine and the network add to a call, which says nothing of the ERP
FEW, MANY = 0.2, 0.4  # shares of a call's time spent waiting: below the one more calls, above the other fewer
LARGE: Final = 0.1  # a step up, as a share of the limit
KEPT: Final = 3  # samples of a kind of which it is learned how long it takes at its best


class Pace:
    """The limit on calls at once, and who may begin one now. Safe to use from many lanes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = min(FIRST, most)
        self._changes = 0  # of the limit
        self._halved = 0  # the change that was the last for failures
        self._changed = threading.Condition()
        self._under_way = 0
        self._doubling = True  # until the ERP shows for the first time that it has enough
        self._best: dict[Hashable, float] = {}  # seconds of a call of a kind, unhindered
        self._took: dict[Hashable, list[float]] = {}  # of this window
        self._calls = 0
        self._failed = 0

    @property
    def limit(self) -> int:
        """Calls at once at present."""
        return self._limit

    @contextmanager
    def turn(self) -> Iterator[int]:
        """For the length of a call; waits until one more is good for the ERP. Yields what `note` is to be told of its beginning."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._limit)
            self._under_way += 1
            began = self._changes
        try:
            yield began
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify()

    def note(self, kind: Hashable, seconds: float | None, began: int) -> None:
        """How long a call of a kind took; None for one that got no trusted answer. `began` is what its turn yielded."""
        with self._changed:
            if seconds is None:
                if began < self._halved:
                    return  # room has been made for it already
                self._failed += 1
            elif began == self._changes:
                self._took.setdefault(kind, []).append(seconds)
            else:
                return
            self._calls += 1
            if self._calls >= max(WINDOW, 2 * self._limit) or self._failed > max(1, self._limit // 4):
                self._decide()

    def _decide(self) -> None:
        if self._failed > max(1, self._calls // 10):
            self._limit_to(self._limit // 2)
            self._halved = self._changes
        elif self._took:
            waiting = self._waiting()
            if waiting > MANY:
                worked_on = self._limit * (1 - waiting)
                self._limit_to(min(self._limit - 1, max(self._limit // 2, round(worked_on / (1 - (FEW + MANY) / 2)))))
            elif waiting < FEW:
                self._grow()
            else:
                self._doubling = False
        self._took.clear()
        self._calls = self._failed = 0

    def _waiting(self) -> float:
        """The share of a call's time that it waits for others, over all kinds of call of which something is known."""
        if self._limit == 1:
            self._best.clear()  # nothing of ours waits now: an ERP that became slower for good is believed
        means = {kind: fmean(took) for kind, took in self._took.items() if len(took) >= KEPT}
        for kind in means.keys() & self._best.keys():
            self._best[kind] = min(means[kind], self._best[kind])
        known = [(len(took) * (self._best[kind] + NOISE_S), sum(took)) for kind, took in self._took.items() if kind in self._best]
        at_best, took = (sum(column) for column in zip(*known, strict=True)) if known else (0.0, 0.0)
        waiting = max(0.0, 1 - at_best / took) if took else 0.0
        for kind in means.keys() - self._best.keys():
            self._best[kind] = means[kind] * (1 - waiting)  # met for the first time while others wait: it waits as they do
        return waiting

    def _grow(self) -> None:
        more = self._limit if self._doubling else max(1, round(self._limit * LARGE))
        self._set(min(self._most, self._limit + more))
        self._changed.notify_all()

    def _limit_to(self, limit: int) -> None:
        self._doubling = False
        self._set(max(1, limit))

    def _set(self, limit: int) -> None:
        if limit != self._limit:
            self._limit = limit
            self._changes += 1
