"""The ledger itself: how large it is, and what it may forget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from importer.api.opening import Site, ledger_to_write
from importer.errors import ConfigurationError
from importer.messages import N_

__all__ = ["PruneReport", "prune"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What was forgotten, and what is left."""

    ledger: str
    events: int
    workbooks: int
    before_bytes: int
    after_bytes: int
    documents: int  # all that the ledger knows, now as before


def prune(site: Site, *, older_than_days: float) -> PruneReport:
    """Forget events and workbooks of batches that ended so many days ago. ConfigurationError for less than a day."""
    if older_than_days < 1:
        raise ConfigurationError(N_("--older-than: at least 1 day; found {found}."), found=f"{older_than_days:g}")
    with ledger_to_write(site) as ledger:
        before = ledger.sizes()
        events, workbooks = ledger.prune(datetime.now(UTC) - timedelta(days=older_than_days))
        after = ledger.sizes()
        return PruneReport(
            ledger=ledger.url,
            events=events,
            workbooks=workbooks,
            before_bytes=before.size,
            after_bytes=after.size,
            documents=after.documents,
        )
