"""How many calls at once an ERP gets that shows by its latency what it can bear."""

from __future__ import annotations

import threading

import pytest

from importer.pace import FIRST, Pace


def drive(pace: Pace, capacity: int, *, calls: int = 3000, best_s: float = 0.05, failing: bool = False) -> list[int]:
    """Calls of three kinds to an ERP that works on so many at once: more of them wait, each its share. Returns the limits."""
    limits = []
    for number in range(calls):
        kind = ("create", "approve", "post")[number % 3]
        seconds = best_s * (1 + number % 3) * max(1.0, pace.limit / capacity)
        pace.note(kind, None if failing and pace.limit > capacity else seconds)
        limits.append(pace.limit)
    return limits


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


def test_failures_halve_the_limit() -> None:
    """Time-outs, 429 and 5xx beyond some number of calls: the limit stays near what works."""
    settled = drive(Pace(64), capacity=8, failing=True)[-500:]
    assert max(settled) <= 18


def test_an_erp_of_no_latency_is_not_held_back_by_noise() -> None:
    """Milliseconds of this machine's own say nothing of the ERP."""
    pace = Pace(16)
    for number in range(2000):
        pace.note("post", 0.001 + 0.002 * (number % 3))
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
