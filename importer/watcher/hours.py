"""When: cron expressions, quiet hours and the hour of posting, in this machine's local time."""

from __future__ import annotations

from datetime import datetime, time

from cronsim import CronSim

from importer.unattended import FolderRules

__all__ = ["Hours", "is_quiet", "next_hit"]


def next_hit(cron: str, now: datetime) -> datetime:
    """The first moment after `now` that a cron expression names."""
    local = now.astimezone().replace(tzinfo=None)
    return next(CronSim(cron, local)).astimezone()


def is_quiet(spans: tuple[str, ...], now: datetime) -> bool:
    """Whether `now` lies within spans of hours such as 22:00-06:00."""
    moment = now.astimezone().time()
    for span in spans:
        start, end = (time.fromisoformat(part.strip()) for part in span.split("-", 1))
        if (start <= moment < end) if start <= end else (moment >= start or moment < end):
            return True
    return False


class Hours:
    """When one folder is worked on."""

    def __init__(self, rules: FolderRules, now: datetime) -> None:
        self._rules = rules
        self._next = next_hit(rules.cron, now) if rules.cron else None

    def may_send(self, now: datetime) -> bool:
        """Outside of quiet hours."""
        return not is_quiet(self._rules.quiet, now)

    def may_take(self, now: datetime) -> bool:
        """Whether new files are taken in this round: always, or once at each moment of the cron expression."""
        if self._next is None:
            return True
        if now < self._next:
            return False
        self._next = next_hit(self._rules.cron, now)
        return True

    def post_at(self, now: datetime) -> datetime | None:
        """When what is created now is posted; None when it is not left for later."""
        return next_hit(self._rules.post_at, now) if self._rules.post_at else None
