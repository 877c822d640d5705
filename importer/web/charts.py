"""What the dashboard shows, counted from the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from importer.ledger import Duration, Scope, Standing
from importer.models import Stage, Status, reached
from importer.web.desk import Desk, Who
from importer.web.rights import whole_profiles

__all__ = ["OUTCOMES", "Bar", "Charts", "charts_of", "outcome_of"]

OUTCOMES: Final = ("done", "open", "rejected", "unknown", "gone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: documents by outcome."""

    day: date
    counts: Counter[str]

    @property
    def total(self) -> int:
        """All of the day."""
        return self.counts.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """All of a period."""

    bars: Sequence[Bar]  # one per day, the oldest first
    durations: Sequence[Duration]

    @property
    def most(self) -> int:
        """Documents of the busiest day, at least 1."""
        return max((bar.total for bar in self.bars), default=0) or 1

    @property
    def totals(self) -> Counter[str]:
        """Documents by outcome."""
        return sum((bar.counts for bar in self.bars), Counter())

    @property
    def slowest(self) -> float:
        """Milliseconds of the slowest operation on average, at least 1."""
        return max((found.average_ms for found in self.durations), default=0.0) or 1.0


def charts_of(desk: Desk, who: Who, days: int) -> Charts:
    """Of what the user may see, for so many days up to today."""
    today = datetime.now().astimezone().date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time()).astimezone()
    scope = Scope(profiles=whole_profiles(who.user, desk.settings.profiles), person=who.user.name)
    portal = desk.portal
    return Charts(bars=_bars(portal.standings(scope, since), first, days), durations=portal.durations(scope, since))


def _bars(standings: Iterable[Standing], first: date, days: int) -> list[Bar]:
    by_day: dict[date, Counter[str]] = {first + timedelta(days=offset): Counter() for offset in range(days)}
    for standing in standings:
        day = standing.at.astimezone().date()  # the server's time zone is the office's
        if day in by_day:
            by_day[day][outcome_of(standing)] += standing.documents
    return [Bar(day=day, counts=counts) for day, counts in by_day.items()]


def outcome_of(standing: Standing) -> str:
    """How documents that stand so ended: one of OUTCOMES."""
    if standing.status is Status.REJECTED:
        return "rejected"
    if standing.status is Status.UNKNOWN:
        return "unknown"
    if standing.stage in (Stage.VOID, Stage.DELETED):
        return "gone"
    return "done" if reached(standing.stage, standing.until) else "open"
