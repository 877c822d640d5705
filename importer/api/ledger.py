"""The ledger itself: how large it is, and what it may forget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from importer.api.opening import Site, ledger_to_write
from importer.errors import ConfigurationError
from importer.messages import N_

__all__ = ["PruneReport", "copy", "prune"]


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


def copy(source: str, target: str) -> tuple[str, str, Mapping[str, int]]:
    """One database's ledger into an empty one: both URLs fit to be shown, and the rows by table, counted in both."""
    from importer.ledger import open_ledger
    from importer.ledger.address import parse, redacted, sqlite_path
    from importer.ledger.copying import copy as copy_ledger

    addresses = parse(source), parse(target)
    path = sqlite_path(addresses[0])
    if addresses[0] == addresses[1]:
        raise ConfigurationError(N_("{ledger}: this is one and the same ledger."), ledger=redacted(source))
    if path is not None and not path.exists():
        raise ConfigurationError(N_("{ledger}: there is no such ledger."), ledger=redacted(source))
    with open_ledger(source) as old, open_ledger(target) as new:
        return old.url, new.url, copy_ledger(old, new)
