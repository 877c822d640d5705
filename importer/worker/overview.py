"""How the workers and their queue stand, for `status` and for the metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importer.api.opening import Site
from importer.ledger.address import libpq
from importer.worker.queue import Queue

if TYPE_CHECKING:
    from importer.ledger.reading import Depth

__all__ = ["asked", "chunks_at"]


def asked(site: Site) -> Callable[[], tuple[Depth, int]]:
    """Asks for open entries by status and for the depth of the queue; connections are opened for it and closed again."""

    def ask() -> tuple[Depth, int]:
        from importer.ledger import open_ledger

        with open_ledger(site.settings.ledger_url, read_only=True) as ledger:
            return ledger.depth(), chunks_at(site.settings.ledger_url)

    return ask


def chunks_at(ledger_url: str) -> int:
    """Chunks in the queue of a PostgreSQL ledger that wait or are being sent."""
    with Queue(libpq(ledger_url) or "") as queue:
        return queue.depth()
