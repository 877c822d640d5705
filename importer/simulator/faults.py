"""Trouble on demand: which faults there are, and which call meets which.

A rule is either a probability (`probability=0.05`, drawn from a seeded generator of its own) or an exact script
(`operation="create", skip=2, times=1`: the third create, and only that one). Rules are asked in order; the first fault that
hits wins, delays add up.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final


class FaultKind(StrEnum):
    """What can go wrong; the name says whether the ERP acted: `*_before` and refusals did not, `*_after` did."""

    # nothing reached the ERP
    RESET_BEFORE = "reset_before"  # TCP RST, no answer
    CLOSE_BEFORE = "close_before"  # connection closed, no answer
    HTTP_429 = "http_429"  # with Retry-After
    HTTP_500_BEFORE = "http_500_before"
    HTTP_502 = "http_502"
    HTTP_503 = "http_503"
    HTML_GB2312 = "html_gb2312"  # HTTP 500 page of a wrong token (protocol §2.3)
    SRVCODE_100 = "srvcode_100"  # the service could not be run
    LOCK_263 = "lock_263"  # refused: row locked, SQL code -263
    FALSE_SUCCESS = "false_success"  # refused, but execution.code is "0" (protocol §2.3)
    MINUS_ZERO = "minus_zero"  # refused with execution.code "-0"
    # the ERP did the work
    LOST_ANSWER = "lost_answer"  # connection closed, no answer
    RESET_AFTER = "reset_after"  # TCP RST, no answer
    HTTP_500_AFTER = "http_500_after"  # HTML page
    HTTP_502_AFTER = "http_502_after"
    TRUNCATED = "truncated"  # half of the body under a whole HTTP answer
    CUT = "cut"  # the connection breaks in the middle of the body
    WRONG_CONTENT_TYPE = "wrong_content_type"  # right body under text/html
    NON_UTF8 = "non_utf8"  # Big5 bytes under charset=utf-8
    HTML_200 = "html_200"  # a login page in place of the answer
    EMPTY_SUCCESS = "empty_success"  # code "0", but success[] does not hold the document
    # the ERP only takes its time
    SLOW = "slow"  # the work is done, the answer waits `delay_ms`
    SLOW_BEFORE = "slow_before"  # the work itself starts after `delay_ms`, whether or not the client still waits
    # of the custom channel
    AWS_086 = "aws_086"  # created, but the confirm/post program did not run (protocol §1.5)


BEFORE: Final = frozenset(
    {
        FaultKind.RESET_BEFORE,
        FaultKind.CLOSE_BEFORE,
        FaultKind.HTTP_429,
        FaultKind.HTTP_500_BEFORE,
        FaultKind.HTTP_502,
        FaultKind.HTTP_503,
        FaultKind.HTML_GB2312,
        FaultKind.SRVCODE_100,
        FaultKind.LOCK_263,
        FaultKind.FALSE_SUCCESS,
        FaultKind.MINUS_ZERO,
    }
)
DELAYS: Final = frozenset({FaultKind.SLOW, FaultKind.SLOW_BEFORE})
# A client that gets one of these knows for certain that nothing happened.
CLEAR_REFUSALS: Final = frozenset(
    {FaultKind.HTTP_429, FaultKind.SRVCODE_100, FaultKind.LOCK_263, FaultKind.FALSE_SUCCESS, FaultKind.MINUS_ZERO}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One kind of trouble and the calls that meet it."""

    kind: FaultKind
    operation: str = "*"  # create, approve, post, ..., "combined" for a custom call; "*" = any, "write" = all but query and read
    service: str = ""  # text that the service name must contain
    probability: float = 1.0
    skip: int = 0  # matching calls that pass unharmed first
    times: int | None = None  # calls that are hit, then the rule is spent; None = for ever
    delay_ms: float = 0.0  # of slow and slow_before
    retry_after_s: int = 1  # of http_429

    def matches(self, operation: str, service: str) -> bool:
        if self.service and self.service not in service:
            return False
        return self.operation in ("*", operation) or (self.operation == "write" and operation not in ("query", "read", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What one call meets."""

    kind: FaultKind | None = None  # None: nothing but delays
    delay_before_s: float = 0.0
    delay_after_s: float = 0.0
    retry_after_s: int = 1


CALM: Final = Trouble()


def rule_from_json(values: dict[str, Any]) -> FaultRule:
    """Raise ValueError for a name that is no setting of a rule, or a kind that is none."""
    unknown = set(values) - {field.name for field in fields(FaultRule)}
    if unknown:
        raise ValueError(f"not a setting of a fault rule: {', '.join(sorted(unknown))}")
    return FaultRule(**{**values, "kind": FaultKind(values.get("kind", ""))})


class Faults:
    """The rules in force, each with its own count and random generator. Not thread-safe: its owner holds the lock."""

    def __init__(self, rules: tuple[FaultRule, ...] = (), *, seed: int = 0) -> None:
        self._seed = seed
        self._serial = 0
        self._active: list[_Active] = []
        for rule in rules:
            self.add(rule)

    def add(self, rule: FaultRule) -> None:
        self._active.append(_Active(rule, random.Random(f"{self._seed}/{self._serial}")))  # noqa: S311  reproducible on purpose
        self._serial += 1

    def replace(self, rules: tuple[FaultRule, ...]) -> None:
        self._active.clear()
        for rule in rules:
            self.add(rule)

    def rules(self) -> tuple[FaultRule, ...]:
        """The rules with what is left of their counts; spent ones are gone."""
        return tuple(active.left() for active in self._active)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self.rules()]

    def draw(self, operation: str, service: str) -> Trouble:
        """Decide what this call meets, and count it."""
        if not self._active:
            return CALM
        trouble = Trouble()
        for active in self._active:
            rule = active.rule
            if rule.kind not in DELAYS and trouble.kind is not None:
                continue
            if rule.matches(operation, service) and active.hits():
                trouble = _joined(trouble, rule)
        self._active = [active for active in self._active if not active.spent]
        return trouble


def _joined(trouble: Trouble, rule: FaultRule) -> Trouble:
    if rule.kind is FaultKind.SLOW:
        return replace(trouble, delay_after_s=trouble.delay_after_s + rule.delay_ms / 1000)
    if rule.kind is FaultKind.SLOW_BEFORE:
        return replace(trouble, delay_before_s=trouble.delay_before_s + rule.delay_ms / 1000)
    return replace(trouble, kind=rule.kind, retry_after_s=rule.retry_after_s)


class _Active:
    __slots__ = ("_random", "_seen", "_used", "rule")

    def __init__(self, rule: FaultRule, generator: random.Random) -> None:
        self.rule = rule
        self._random = generator
        self._seen = 0
        self._used = 0

    @property
    def spent(self) -> bool:
        return self.rule.times is not None and self._used >= self.rule.times

    def left(self) -> FaultRule:
        times = None if self.rule.times is None else self.rule.times - self._used
        return replace(self.rule, times=times, skip=max(0, self.rule.skip - self._seen))

    def hits(self) -> bool:
        self._seen += 1
        if self._seen <= self.rule.skip or self.spent:
            return False
        if self.rule.probability < 1.0 and self._random.random() >= self.rule.probability:
            return False
        self._used += 1
        return True
