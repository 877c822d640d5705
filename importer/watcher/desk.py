"""What everybody who handles a file needs: the site, the place, the ledger of this session, and who we are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from importer.api.opening import Site
from importer.api.values import Listener
from importer.watcher.place import Place
from importer.watcher.pulse import Pulse

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.ledger.watched import WatchedFiles
    from importer.pipeline.sending import Carry

__all__ = ["Carrier", "Desk"]

Carrier = Callable[[Site, Listener, threading.Event], "Carry"]
"""Makes what sends in place of this process (`importer.worker.following.carrier`)."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One folder in one session: while one ledger stays open."""

    site: Site
    place: Place
    ledger: Ledger
    owner: str  # this watcher, in this session
    lease: timedelta
    log: Any  # structured
    pulse: Pulse
    carry: Carrier | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def files(self) -> WatchedFiles:
        """The ledger's files of watched folders."""
        return self.ledger.watched

    @property
    def language(self) -> str:
        """Of messages, where no workbook says."""
        return self.site.language or self.site.profile.language
