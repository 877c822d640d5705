"""How many calls at once an ERP gets that shows by its latency what it can bear."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import Random
from statistics import median

import pytest

from importer.pace import FIRST, Pace


def drive(pace: Pace, capacity: int, *, calls: int = 3000, best_s: float = 0.05, failing: bool = False) -> list[int]:
    """Calls of three kinds to an ERP that works on so many at once: more of them wait, each its share. Returns the limits."""
    limits = []
    for number in range(calls):
        kind = ("create", "approve", "post")[number % 3]
        seconds = best_s * (1 + number % 3) * max(1.0, pace.limit / capacity)
        with pace.turn() as began:
            pass
        pace.note(kind, None if failing and pace.limit > capacity else seconds, began)
        limits.append(pace.limit)
    return limits


@dataclass(frozen=True)
class Underway:
    """A call, its turn, and when it began."""

    step: int  # 0 to 2: create, approve, post
    turn: AbstractContextManager[int]
    began: int
    at_s: float


def queue_at(pace: Pace, capacity: int, *, documents: int, service_s: tuple[float, float, float], seed: int) -> list[int]:
    """An ERP that works on so many calls at once, the others queue, on a clock of its own. Returns the limits.

    Calls overlap here as they do over the network: those that end after the limit changed began before.
    """
    random = Random(seed)
    clock, number, at_once = 0.0, 0, 0
    fresh, ready = documents, deque[int]()
    queue, serving = deque[Underway](), list[tuple[float, int, Underway]]()
    limits = []
    while True:
        while at_once < pace.limit and (ready or fresh):
            fresh -= not ready
            turn = pace.turn()
            at_once += 1
            queue.append(Underway(ready.popleft() if ready else 0, turn, turn.__enter__(), clock))
        while queue and len(serving) < capacity:
            call = queue.popleft()
            number += 1
            heapq.heappush(serving, (clock + service_s[call.step] + random.uniform(0, 0.02), number, call))
        if not serving:
            return limits
        clock, _, call = heapq.heappop(serving)
        at_once -= 1
        call.turn.__exit__(None, None, None)
        pace.note(call.step, clock - call.at_s + random.uniform(0, 0.004), call.began)
        limits.append(pace.limit)
        if call.step < 2:
            ready.append(call.step + 1)


@pytest.mark.parametrize("service_s", [(0.1, 0.1, 0.1), (0.1, 0.2, 0.3), (0.3, 0.2, 0.1)])
@pytest.mark.parametrize("capacity", [1, 3, 8, 20])
def test_the_limit_settles_near_what_an_erp_with_a_queue_works_on(capacity: int, service_s: tuple[float, float, float]) -> None:
    """Steps first met while others wait, calls that overlap a change of the limit, some that wait beside some that do not."""
    for seed in range(5):
        limits = queue_at(Pace(64), capacity, documents=max(80, 20 * capacity), service_s=service_s, seed=seed)
        settled = limits[len(limits) // 2 :]
        assert max(limits) <= 3 * capacity + 1
        assert capacity <= median(settled) <= 5 * capacity / 3 + 2
        assert min(settled) >= max(1, capacity - 1)


@pytest.mark.parametrize("capacity", [1, 4, 10, 24])
def test_the_limit_settles_where_the_erp_is_busy_and_hardly_anything_waits(capacity: int) -> None:
    """Enough calls that the ERP is never idle, and not many more."""
    settled = drive(Pace(64), capacity)[-500:]
    assert min(settled) >= capacity
    assert max(settled) <= 2 * capacity + 2


def test_an_erp_that_can_bear_everything_gets_everything() -> None:
    """The limit is the profile's concurrency, never more."""
    limits = drive(Pace(32), capacity=1000)
    assert limits[0] == FIRST
    assert limits[-1] == max(limits) == 32


def test_an_erp_that_becomes_slower_gets_less_and_one_that_recovers_more() -> None:
    """Backing off while it suffers, coming back when it can again."""
    pace = Pace(64)
    drive(pace, capacity=24)
    assert pace.limit >= 24
    assert max(drive(pace, capacity=4)[-300:]) <= 12
    assert min(drive(pace, capacity=24)[-300:]) >= 20


def test_an_erp_that_is_slower_for_good_is_believed() -> None:
    """Every call takes three times as long as before, whatever we do: after some caution the limit is what it was."""
    pace = Pace(16)
    drive(pace, capacity=100)
    drive(pace, capacity=100, best_s=0.15, calls=2000)
    assert drive(pace, capacity=100, best_s=0.15)[-1] == 16


def test_a_time_out_counts_however_often_the_limit_changed_meanwhile() -> None:
    """Calls that get no answer end long after they began: they count, but only those that began after room was made."""
    pace = Pace(16)
    drive(pace, capacity=100)
    turns = [pace.turn() for _ in range(16)]
    begun = [turn.__enter__() for turn in turns]
    for turn, began in zip(turns, begun, strict=True):
        turn.__exit__(None, None, None)
        pace.note("post", None, began)
    assert pace.limit == 8  # once, not for each handful of them


def test_failures_halve_the_limit() -> None:
    """Time-outs, 429 and 5xx beyond some number of calls: the limit stays near what works."""
    settled = drive(Pace(64), capacity=8, failing=True)[-500:]
    assert max(settled) <= 18


def test_an_erp_of_no_latency_is_not_held_back_by_noise() -> None:
    """Milliseconds of this machine's own say nothing of the ERP."""
    pace = Pace(16)
    for number in range(2000):
        with pace.turn() as began:
            pass
        pace.note("post", 0.001 + 0.002 * (number % 3), began)
    assert pace.limit == 16


def test_no_more_calls_at_once_than_the_limit() -> None:
    """Lanes beyond it wait for their turn, and get it."""
    pace = Pace(8)
    at_once, most, done = 0, 0, 0
    lock = threading.Lock()
    meeting = threading.Barrier(FIRST)

    def lane() -> None:
        nonlocal at_once, most, done
        with pace.turn():
            with lock:
                at_once += 1
                most = max(most, at_once)
            meeting.wait(5)  # FIRST calls are really under way at once
            with lock:
                at_once -= 1
                done += 1

    lanes = [threading.Thread(target=lane) for _ in range(8)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join(10)
    assert (most, done) == (FIRST, 8)
