"""How the workers and their queue stand, for `status` and for the metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from importer.api.opening import Site
from importer.ledger.address import libpq
from importer.worker.queue import Queue

if TYPE_CHECKING:
    from importer.ledger.fleet import Depth

__all__ = ["asked"]


def asked(site: Site) -> Callable[[], tuple[Depth, int]]:
    """Asks for open entries by status and for the depth of the queue; connections are opened for it and closed again."""
    conninfo = libpq(site.settings.ledger_url) or ""

    def ask() -> tuple[Depth, int]:
        from importer.ledger import open_ledger
        from importer.ledger.fleet import Depth

        with open_ledger(site.settings.ledger_url, read_only=True) as ledger, Queue(conninfo) as queue:
            depth = ledger.fleet.depth() if ledger.fleet else Depth(pending=0, sending=0, unknown=0)
            return depth, queue.depth()

    return ask
