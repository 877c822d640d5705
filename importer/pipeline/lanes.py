"""Work on many documents at once, in order and with bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

__all__ = ["in_lanes"]

AHEAD: Final = 4  # documents per lane that are taken before the first one's result was asked for

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_lanes(work: Callable[[Item], Result], items: Iterable[Item], lanes: int) -> Iterator[Result]:
    """The results of `work`, in the order of the items, done in so many threads. What breaks one item ends all."""
    pool = ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="lane")
    try:
        waiting: deque[Future[Result]] = deque()
        left = iter(items)
        while True:
            waiting.extend(pool.submit(work, item) for item in islice(left, lanes * AHEAD - len(waiting)))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
