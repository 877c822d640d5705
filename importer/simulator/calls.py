"""The log of calls, how many there were, and how many at once."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One request and what became of it."""

    serial: int
    at: datetime
    channel: str
    service: str
    operation: str
    plant: str
    status: int  # HTTP status, 0 = no answer was sent
    srvcode: str
    code: str  # execution.code
    doc_nos: tuple[str, ...]
    fault: str  # injected one
    duration_ms: float
    delivered: bool  # False: the client was gone, or the connection was cut on purpose
    request: bytes | None = None
    answer: bytes | None = None


class CallLog:
    """Keeps the last calls, and counts all. Not thread-safe: its owner holds the lock."""

    def __init__(self, kept: int) -> None:
        self.recent: deque[CallRecord] = deque(maxlen=kept)
        self.by_operation: Counter[str] = Counter()
        self.now = 0
        self.most_at_once = 0
        self.most_at_once_by: dict[str, int] = {}
        self._now_by: Counter[str] = Counter()
        self._serial = 0

    @property
    def total(self) -> int:
        return self._serial

    def begin(self, operation: str) -> int:
        self._serial += 1
        self.now += 1
        self.by_operation[operation] += 1
        self._now_by[operation] += 1
        self.most_at_once = max(self.most_at_once, self.now)
        self.most_at_once_by[operation] = max(self.most_at_once_by.get(operation, 0), self._now_by[operation])
        return self._serial

    def end(self, operation: str) -> None:
        self.now -= 1
        self._now_by[operation] -= 1

    def keep(self, record: CallRecord) -> None:
        self.recent.append(record)
