"""Watched folders beside the workers: of all processes that can reach a folder one watches it, and another takes its place.

It is no job of the workers' queue, as a queue hands a job to whichever worker is free, and that one may not see the folder; and a file's
state while it grows is known only to who looked before. That two watch for a moment, after one was frozen, does no harm: files are
claimed in the ledger (see `taking`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from importer.api.opening import ledger_to_write
from importer.errors import LedgerUnavailable
from importer.ledger.owners import LEASE
from importer.watcher.loop import Watched, Watcher

if TYPE_CHECKING:
    from importer.ledger import Ledger
    from importer.watcher.folder import Heard

__all__ = ["on_duty"]

LOOK_S: Final = 1.0  # between looks whether the place is free, or still ours


@contextmanager
def on_duty(watched: Sequence[Watched], *, stop: threading.Event, log: Any, heard: Heard) -> Iterator[None]:
    """Watch each of the folders, or stand by for it, until `stop` is set, and at the end wait for the files under way. PostgreSQL only."""
    threads = [
        threading.Thread(target=_Duty(item, stop=stop, log=log, heard=heard).run, name=f"duty {item.place.root}") for item in watched
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


class _Duty:
    """One folder."""

    def __init__(self, item: Watched, *, stop: threading.Event, log: Any, heard: Heard) -> None:
        self._item = item
        self._stop = stop
        self._log = log
        self._heard = heard

    def run(self) -> None:
        """Until `stop`. A ledger that cannot be used is tried again and again."""
        while not self._stop.is_set():
            try:
                with ledger_to_write(self._item.site) as ledger, ledger.sending_lock():
                    self._stand_by(ledger)
            except LedgerUnavailable as error:
                self._log.error("ledger_unavailable", reason=str(error))
                self._stop.wait(LOOK_S)

    def _stand_by(self, ledger: Ledger) -> None:
        while not self._stop.is_set():
            if self._holds(ledger, holding=0):
                self._log.info("on_duty", folder=str(self._item.place.root))
                try:
                    self._watch(ledger)
                finally:
                    self._log.info("off_duty", folder=str(self._item.place.root))
                self._holds(ledger, holding=0, wanted=0)
            self._stop.wait(LOOK_S)

    def _watch(self, ledger: Ledger) -> None:
        """As long as this process has the place."""
        over = threading.Event()
        fresh = replace(self._item)  # hours and pulse begin now, not when this process began to stand by
        watcher = Watcher([fresh], stop=over, log=self._log, heard=self._heard)
        thread = threading.Thread(target=watcher.forever, name=f"watch {self._item.place.root}")
        thread.start()
        try:
            while not self._stop.wait(LOOK_S) and thread.is_alive():
                self._holds(ledger, holding=1)
        finally:
            over.set()
            thread.join()

    def _holds(self, ledger: Ledger, *, holding: int, wanted: int = 1) -> bool:
        """The place is a limit of one among those who want it; that of a process that died is free when its lease is over."""
        fleet = ledger.fleet
        if fleet is None:
            return False
        name = f"watch {self._item.place.id}"
        share = fleet.share(name, 1, owner=ledger.owner, wanted=wanted, holding=holding, silent_s=LEASE.total_seconds())
        return share.granted > 0
