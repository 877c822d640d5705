"""Many documents at once, in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from importer.pipeline.lanes import AHEAD, in_lanes


def test_results_come_in_the_order_of_the_items() -> None:
    """A document that takes longer does not change its place in the workbook."""
    first_may_go = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert first_may_go.wait(10)
        else:
            first_may_go.set()
        return number * 2

    assert list(in_lanes(work, range(50), 3)) == [number * 2 for number in range(50)]


def test_no_more_is_taken_than_the_lanes_need() -> None:
    """However many documents there are, only a handful is held in memory."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = in_lanes(lambda number: number, items(), 2)
    assert next(results) == 0
    assert taken <= 2 * AHEAD
    results.close()


def test_an_error_ends_all_and_is_raised() -> None:
    """What breaks one document is not swallowed, and what has not begun does not begin."""
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise ValueError("three")
        return number

    with pytest.raises(ValueError, match="three"):
        list(in_lanes(work, range(1000), 2))
    assert len(begun) <= 3 + 2 * AHEAD + 1
